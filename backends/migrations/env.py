"""Alembic's entry: runs the versions on the connection that backends/database.py hands over, wherever it points to."""

from alembic import context

from backends.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="backends_version",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
