"""What the bank says and is told: frozen records. Money is integer minor units with a currency, days are UTC's."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A customer as a check of identity needs them: the factors, and how earlier checks went. Never spoken."""

    customer: str
    name: str
    date_of_birth: date
    city: str
    account_last_fours: tuple[str, ...]
    card_last_fours: tuple[str, ...]
    failed_at: tuple[datetime, ...] = ()
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One check of identity, for the audit: what came of it and whom it concerned, never what was said."""

    call: str
    outcome: str
    customers: tuple[str, ...]
    locks_until: datetime | None = None
    locked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account; `daily_limit_minor` is the most that payments may take out of it in a day."""

    number: str
    kind: str
    currency: str
    balance_minor: int
    daily_limit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A transaction; what leaves the account is negative."""

    account_number: str
    booked_on: date
    amount_minor: int
    currency: str
    merchant: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What went to one merchant in one currency; both figures are positive."""

    merchant: str
    category: str
    currency: str
    amount_minor: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Somebody the customer has set up to be paid. New ones are not made by telephone."""

    id: str
    name: str
    account_ending: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A debit card; `blocked_at` is None while it works."""

    id: str
    account_number: str
    last_four: str
    blocked_at: datetime | None = None
    block_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """An order to pay. The same `key` pays once, however often it is asked; with other figures it is refused."""

    key: str
    account_number: str
    payee_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A payment that was made; `balance_minor` is what was left right after it."""

    payment: Payment
    made_at: datetime
    balance_minor: int
