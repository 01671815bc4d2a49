"""The audit log: records that hang on each other, and the signed head of each day."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "audit_records",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("call_id", sa.String(64), index=True),
        sa.Column("kind", sa.String(32)),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("written_at", sa.DateTime(timezone=True)),
        sa.Column("body", sa.Text),
        sa.Column("salt", sa.String(32)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "audit_heads",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("audit_heads")
    op.drop_table("audit_records")
