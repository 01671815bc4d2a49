"""The bank: customers, what they have, what moved, and how they were checked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAMES = ("attempts", "lockouts", "payments", "payees", "deposits", "postings", "cards", "accounts", "customers")


def upgrade() -> None:
    """Make all nine tables."""
    op.create_table(
        "bank_customers",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("given_key", sa.String(20), nullable=False, index=True),
        sa.Column("family_key", sa.String(20), nullable=False, index=True),
        sa.Column("date_of_birth", sa.Date, nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("phone", sa.String(16), nullable=False, index=True),
    )
    op.create_table(
        "bank_accounts",
        sa.Column("number", sa.String(12), primary_key=True),
        _customer(),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("balance_minor", sa.BigInteger, nullable=False),
        sa.Column("daily_limit_minor", sa.BigInteger, nullable=False),
        sa.CheckConstraint("balance_minor >= 0", name="bank_no_overdraft"),
    )
    op.create_table(
        "bank_cards",
        sa.Column("id", sa.String(12), primary_key=True),
        _customer(),
        _account(),
        sa.Column("last_four", sa.String(4), nullable=False, index=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True)),
        sa.Column("block_reason", sa.String(20)),
    )
    op.create_table(
        "bank_postings",
        sa.Column("id", sa.Integer, primary_key=True),
        _customer(),
        _account(is_indexed=True),
        sa.Column("booked_on", sa.Date, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("merchant", sa.String(60), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
    )
    op.create_table(
        "bank_deposits",
        sa.Column("number", sa.String(8), primary_key=True),
        _customer(),
        _account(),
        sa.Column("principal_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("rate_bps", sa.Integer, nullable=False),
        sa.Column("penalty_bps", sa.Integer, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("matures_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("payout_minor", sa.BigInteger),
        sa.Column("closing_key", sa.String(64)),
    )
    op.create_table(
        "bank_payees",
        sa.Column("id", sa.String(12), primary_key=True),
        _customer(),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("account_ending", sa.String(4), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.UniqueConstraint("customer_id", "name", name="bank_one_payee_of_a_name"),
    )
    op.create_table(
        "bank_payments",
        sa.Column("customer_id", sa.String(12), sa.ForeignKey("bank_customers.id"), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        _account(),
        sa.Column("payee_id", sa.String(12), sa.ForeignKey("bank_payees.id"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date, nullable=False, index=True),
        sa.Column("balance_minor", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="bank_pays_something"),
    )
    op.create_table(
        "bank_lockouts",
        sa.Column("customer_id", sa.String(12), sa.ForeignKey("bank_customers.id"), primary_key=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "bank_attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.String(12), index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
    )


def downgrade() -> None:
    """Drop them, those that refer to others first."""
    for name in NAMES:
        op.drop_table(f"bank_{name}")


def _customer() -> sa.Column[str]:
    return sa.Column("customer_id", sa.String(12), sa.ForeignKey("bank_customers.id"), nullable=False, index=True)


def _account(is_indexed: bool = False) -> sa.Column[str]:
    return sa.Column(
        "account_number", sa.String(12), sa.ForeignKey("bank_accounts.number"), nullable=False, index=is_indexed
    )
