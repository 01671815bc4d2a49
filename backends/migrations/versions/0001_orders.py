"""Orders and what is in them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "orders",
        sa.Column("number", sa.String(10), primary_key=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("shipping_cents", sa.Integer, nullable=False),
        sa.Column("carrier", sa.String(40)),
        sa.Column("tracking_code", sa.String(40)),
        sa.Column("shipped_at", sa.DateTime(timezone=True)),
        sa.Column("expected_on", sa.Date),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "order_lines",
        sa.Column("order_number", sa.String(10), sa.ForeignKey("orders.number"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("unit_cents", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("order_lines")
    op.drop_table("orders")
