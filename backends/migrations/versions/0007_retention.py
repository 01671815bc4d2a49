"""Which rows calls have made, so that they can go again: those of the house itself stay."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ADDED = {
    "follow_ups": ("customer",),
    "table_bookings": ("is_from_call",),
    "appointments": ("is_from_call",),
    "patients": ("registered_at",),
    "order_addresses": ("changed_at", "changed_by"),
}


def upgrade() -> None:
    """Add the columns; whoever booked by a call before this is known by the request's key."""
    op.add_column("follow_ups", sa.Column("customer", sa.String(64), nullable=False, server_default=""))
    for table in ("table_bookings", "appointments"):
        is_from_call = sa.Column("is_from_call", sa.Boolean, nullable=False, server_default=sa.false())
        op.add_column(table, is_from_call)
        rows = sa.table(table, sa.column("request_key"), sa.column("is_from_call"))
        op.execute(rows.update().where(rows.c.request_key.is_not(None)).values(is_from_call=True))
    op.add_column("patients", sa.Column("registered_at", sa.DateTime(timezone=True)))
    op.add_column("order_addresses", sa.Column("changed_at", sa.DateTime(timezone=True)))
    op.add_column("order_addresses", sa.Column("changed_by", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop them."""
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
