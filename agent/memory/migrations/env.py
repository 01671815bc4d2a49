"""Alembic's entry: runs the versions on the connection that agent.memory.store.py hands over, wherever it points to."""

from alembic import context

from agent.memory.store import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="store_version",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
