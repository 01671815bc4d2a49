"""Callers who agreed to be remembered, and which calls were theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "callers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("number", sa.String(32)),
        sa.Column("customer", sa.String(64)),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("open_matters", sa.JSON, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.UniqueConstraint("profile", "number"),
        sa.UniqueConstraint("profile", "customer"),
    )
    op.create_table(
        "caller_calls",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("caller_id", sa.String(32), sa.ForeignKey("callers.id", ondelete="CASCADE"), nullable=False),
        sa.Index("caller_calls_by_caller", "caller_id"),
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("caller_calls")
    op.drop_table("callers")
