"""Calls that we make, every decision about them, who wants none and who agreed to some."""

import sqlalchemy as sa
from alembic import op

revision = "0004_dialled"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "dials",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("list", sa.String(64), nullable=False),
        sa.Column("row", sa.String(64), nullable=False),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("number", sa.String(32), nullable=False, index=True),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(32)),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("list", "row"),
    )
    op.create_table(
        "dial_decisions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _of_dial(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
    )
    op.create_table(
        "dial_attempts",
        sa.Column("id", sa.String(32), primary_key=True),
        _of_dial(),
        sa.Column("number", sa.String(32), nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("has_rung", sa.Integer, nullable=False),
        sa.Column("answered_by", sa.String(16)),
        sa.Column("outcome", sa.String(32)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "dial_claims",
        sa.Column("number", sa.String(32), primary_key=True),
        sa.Column("attempt_id", sa.String(32), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "opt_outs",
        sa.Column("number", sa.String(32), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
    )
    op.create_table(
        "call_consents",
        sa.Column("number", sa.String(32), primary_key=True),
        sa.Column("profile", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(40), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("call_consents", "opt_outs", "dial_claims", "dial_attempts", "dial_decisions", "dials"):
        op.drop_table(table)


def _of_dial() -> "sa.Column[str]":
    return sa.Column(
        "dial_id", sa.String(32), sa.ForeignKey("dials.id", ondelete="CASCADE"), nullable=False, index=True
    )
