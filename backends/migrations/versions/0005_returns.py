"""Where orders go, and which ones come back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "order_addresses",
        sa.Column("order_number", sa.String(10), sa.ForeignKey("orders.number"), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("street", sa.String(120), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("postal_code", sa.String(10), nullable=False),
    )
    op.create_table(
        "order_returns",
        sa.Column("order_number", sa.String(10), sa.ForeignKey("orders.number"), primary_key=True),
        sa.Column("code", sa.String(6), nullable=False, unique=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("order_returns")
    op.drop_table("order_addresses")
