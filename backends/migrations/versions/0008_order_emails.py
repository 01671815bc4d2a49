"""The e-mail address that an order was placed with."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of orders that are there, nobody knows it."""
    op.add_column("orders", sa.Column("email", sa.String(254)))
    op.create_index("orders_by_email", "orders", ["email"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("orders_by_email", "orders")
    op.drop_column("orders", "email")
