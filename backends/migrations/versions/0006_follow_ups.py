"""What somebody must do after a call."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "follow_ups",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("call_id", sa.String(80), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("about", sa.String(300), nullable=False),
        sa.Column("summary", sa.String(1000), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("follow_ups_by_call", "follow_ups", ["call_id"])
    op.create_index("follow_ups_by_number", "follow_ups", ["number"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("follow_ups")
