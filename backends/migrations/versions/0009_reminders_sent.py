"""Which department a wish is for, and which reminders have been told or sent."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("follow_ups", sa.Column("department", sa.String(40), nullable=False, server_default=""))
    op.add_column("follow_ups", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("follow_ups", sa.Column("not_before", sa.DateTime(timezone=True)))
    op.add_column("follow_ups", sa.Column("done_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Drop them."""
    for name in ("done_at", "not_before", "attempts", "department"):
        op.drop_column("follow_ups", name)
