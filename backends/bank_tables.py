"""The bank's tables, and which of their columns a question in SQL may read. Money is integer minor units."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Integer, String, Table, UniqueConstraint

from backends.database import UtcDateTime, metadata
from backends.readonly import Readable


def _owner() -> Column[str]:
    return Column("customer_id", String(12), ForeignKey("bank_customers.id"), nullable=False, index=True)


customers = Table(
    "bank_customers",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("given_key", String(20), nullable=False, index=True),  # how the names sound, to find who was misheard
    Column("family_key", String(20), nullable=False, index=True),
    Column("date_of_birth", Date, nullable=False),
    Column("city", String(40), nullable=False),
    Column("phone", String(16), nullable=False, index=True),  # several may share one
)
accounts = Table(
    "bank_accounts",
    metadata,
    Column("number", String(12), primary_key=True),
    _owner(),
    Column("kind", String(10), nullable=False),
    Column("currency", String(3), nullable=False),
    Column(
        "balance_minor", BigInteger, CheckConstraint("balance_minor >= 0", name="bank_no_overdraft"), nullable=False
    ),
    Column("daily_limit_minor", BigInteger, nullable=False),
)
cards = Table(
    "bank_cards",
    metadata,
    Column("id", String(12), primary_key=True),
    _owner(),
    Column("account_number", String(12), ForeignKey("bank_accounts.number"), nullable=False),
    Column("last_four", String(4), nullable=False, index=True),
    Column("blocked_at", UtcDateTime),
    Column("block_reason", String(20)),
)
postings = Table(
    "bank_postings",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner(),
    Column("account_number", String(12), ForeignKey("bank_accounts.number"), nullable=False, index=True),
    Column("booked_on", Date, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),  # out of the account is negative
    Column("currency", String(3), nullable=False),
    Column("merchant", String(60), nullable=False),
    Column("category", String(20), nullable=False),
)
deposits = Table(
    "bank_deposits",
    metadata,
    Column("number", String(8), primary_key=True),
    _owner(),
    Column("account_number", String(12), ForeignKey("bank_accounts.number"), nullable=False),  # where it is paid out
    Column("principal_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("rate_bps", Integer, nullable=False),
    Column("penalty_bps", Integer, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("matures_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("payout_minor", BigInteger),
    Column("closing_key", String(64)),
)
payees = Table(
    "bank_payees",
    metadata,
    Column("id", String(12), primary_key=True),
    _owner(),
    Column("name", String(60), nullable=False),
    Column("account_ending", String(4), nullable=False),
    Column("currency", String(3), nullable=False),
    UniqueConstraint("customer_id", "name", name="bank_one_payee_of_a_name"),
)
payments = Table(
    "bank_payments",
    metadata,
    Column("customer_id", String(12), ForeignKey("bank_customers.id"), primary_key=True),
    Column("key", String(64), primary_key=True),  # the caller's own: the same key pays once
    Column("account_number", String(12), ForeignKey("bank_accounts.number"), nullable=False),
    Column("payee_id", String(12), ForeignKey("bank_payees.id"), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor > 0", name="bank_pays_something"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_on", Date, nullable=False, index=True),
    Column("balance_minor", BigInteger, nullable=False),  # of the account, right after
)
lockouts = Table(
    "bank_lockouts",
    metadata,
    Column("customer_id", String(12), ForeignKey("bank_customers.id"), primary_key=True),
    Column("until", UtcDateTime, nullable=False),
)
attempts = Table(
    "bank_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("customer_id", String(12), index=True),  # none when nobody came near
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(20), nullable=False),
)

READABLE: Mapping[str, Readable] = MappingProxyType(
    {
        "accounts": Readable("bank_accounts", "customer_id", ("number", "kind", "currency", "balance_minor")),
        "transactions": Readable(
            "bank_postings",
            "customer_id",
            ("account_number", "booked_on", "amount_minor", "currency", "merchant", "category"),
        ),
        "deposits": Readable(
            "bank_deposits",
            "customer_id",
            (
                "number",
                "principal_minor",
                "currency",
                "rate_bps",
                "opened_on",
                "matures_on",
                "closed_on",
                "payout_minor",
            ),
        ),
        "payments": Readable(
            "bank_payments", "customer_id", ("account_number", "payee_id", "amount_minor", "currency", "made_on")
        ),
        "payees": Readable("bank_payees", "customer_id", ("id", "name", "account_ending", "currency")),
    }
)
