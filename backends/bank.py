"""The bank: who its customers are, what they have and owe, and what may be done with it. Says nothing aloud.

Whether a caller may ask is decided before: every method but `candidates` and `note` takes a verified customer's id.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal, Protocol, TypeVar

from sqlalchemy import BigInteger, Connection, Engine, cast, func, or_, select, update

from agent.errors import NotFound
from backends import bank_identity, bank_ledger
from backends.bank_deposits import Deposit, Quote, quote
from backends.bank_records import Account, Attempt, Card, Known, Payee, Payment, Posting, Receipt, Spent
from backends.bank_seed import seed_when_empty
from backends.bank_tables import READABLE, accounts, cards, deposits, payees, postings
from backends.database import make_engine, prepare_database, speakable, tidying, writing
from backends.readonly import ReadOnly, Rows, grant
from backends.seeding import utc_now

T = TypeVar("T")
Clock = Callable[[], datetime]


class Bank(Protocol):
    """The bank's system of record. Every method raises Unavailable when it cannot be asked."""

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """What a statement for `query` must be written in."""
        ...

    async def candidates(self, phone: str | None, name: str | None, last_four: str | None) -> tuple[Known, ...]:
        """Whom a caller may be; empty when nobody fits. Being the only one found proves nothing."""
        ...

    async def note(self, attempt: Attempt) -> None:
        """Write a check of identity into the audit, and lock whom it locks."""
        ...

    async def accounts(self, customer: str) -> tuple[Account, ...]:
        """With their balances."""
        ...

    async def recent(self, customer: str, count: int, account_number: str | None = None) -> tuple[Posting, ...]:
        """The newest transactions first, of one account or of all."""
        ...

    async def spending(self, customer: str, since: date, until: date, merchant: str | None = None) -> tuple[Spent, ...]:
        """What went out from `since` to `until`, both included, by merchant; the most first. `merchant` is a part of
        the name, in any case."""
        ...

    async def outgoing(
        self,
        customer: str,
        since: date,
        until: date,
        names: Sequence[str] = (),
        *,
        count: int = 1,
        smallest_first: bool = False,
    ) -> tuple[Posting, ...]:
        """The `count` largest single payments from `since` to `until`, both included, or the smallest; of some
        merchants and categories, or of all."""
        ...

    async def deposits(self, customer: str) -> tuple[Deposit, ...]:
        """The fixed deposits, the closed ones too."""
        ...

    async def quote_break(self, customer: str, number: str) -> Quote:
        """What breaking a deposit today would pay. Raises NotFound or Refused."""
        ...

    async def break_deposit(self, customer: str, number: str, payout_minor: int, key: str) -> Quote:
        """Break it for exactly that payout, once for a key. Raises NotFound or Refused."""
        ...

    async def payees(self, customer: str) -> tuple[Payee, ...]:
        """Whom the customer has set up to be paid."""
        ...

    async def pay(self, customer: str, payment: Payment) -> Receipt:
        """Pay once for a key. Raises NotFound or Refused."""
        ...

    async def cards(self, customer: str) -> tuple[Card, ...]:
        """The debit cards."""
        ...

    async def block_card(self, customer: str, last_four: str, reason: str) -> Card:
        """Block a card; one that is blocked stays as it is. Raises NotFound."""
        ...

    async def query(self, customer: str, sql: str, max_rows: int) -> Rows:
        """Run a statement that was scoped to its owner. Raises Refused."""
        ...

    async def aclose(self) -> None:
        """Give back every connection."""
        ...


class SqlBank:
    """The bank in SQLite or Postgres. Everything runs in a thread, so the call's event loop never waits for a disk."""

    def __init__(self, engine: Engine, questions: ReadOnly, clock: Clock) -> None:
        self._engine = engine
        self._questions = questions
        self._clock = clock

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """What a statement for `query` must be written in."""
        return self._questions.dialect

    async def candidates(self, phone: str | None, name: str | None, last_four: str | None) -> tuple[Known, ...]:
        """Whom a caller may be; empty when nobody fits. Being the only one found proves nothing."""
        now = self._clock()
        return await self._read(lambda found: bank_identity.candidates(found, phone, name, last_four, now))

    async def note(self, attempt: Attempt) -> None:
        """Write a check of identity into the audit, and lock whom it locks."""
        now = self._clock()
        await self._write(lambda connection: bank_identity.note(connection, attempt, now))

    async def accounts(self, customer: str) -> tuple[Account, ...]:
        """With their balances."""
        columns = [accounts.c[name] for name in Account.__slots__]
        statement = select(*columns).where(accounts.c.customer_id == customer).order_by(accounts.c.number)
        return await self._read(lambda found: tuple(Account(**row._asdict()) for row in found.execute(statement)))

    async def recent(self, customer: str, count: int, account_number: str | None = None) -> tuple[Posting, ...]:
        """The newest transactions first, of one account or of all."""
        columns = [postings.c[name] for name in Posting.__slots__]
        statement = select(*columns).where(postings.c.customer_id == customer)
        if account_number is not None:
            statement = statement.where(postings.c.account_number == account_number)
        statement = statement.order_by(postings.c.booked_on.desc(), postings.c.id.desc()).limit(count)
        return await self._read(lambda found: tuple(Posting(**row._asdict()) for row in found.execute(statement)))

    async def spending(self, customer: str, since: date, until: date, merchant: str | None = None) -> tuple[Spent, ...]:
        """What went out from `since` to `until`, both included, by merchant; the most first. `merchant` is a part of
        the name, in any case."""
        out = cast(-func.sum(postings.c.amount_minor), BigInteger)  # Postgres adds such up to a Decimal
        statement = (
            select(
                postings.c.merchant,
                postings.c.category,
                postings.c.currency,
                out.label("amount_minor"),
                func.count().label("count"),
            )
            .where(postings.c.customer_id == customer, postings.c.amount_minor < 0, postings.c.category != "deposit")
            .where(postings.c.booked_on.between(since, until))
            .group_by(postings.c.merchant, postings.c.category, postings.c.currency)
            .order_by(out.desc(), postings.c.merchant)
        )
        if merchant is not None:
            statement = statement.where(postings.c.merchant.icontains(merchant, autoescape=True))
        return await self._read(lambda found: tuple(Spent(**row._asdict()) for row in found.execute(statement)))

    async def outgoing(
        self,
        customer: str,
        since: date,
        until: date,
        names: Sequence[str] = (),
        *,
        count: int = 1,
        smallest_first: bool = False,
    ) -> tuple[Posting, ...]:
        """The `count` largest single payments from `since` to `until`, both included, or the smallest; of some
        merchants and categories, or of all."""
        amount = postings.c.amount_minor  # negative: the largest payment is the least of them
        statement = (
            select(*(postings.c[name] for name in Posting.__slots__))
            .where(postings.c.customer_id == customer, amount < 0, postings.c.category != "deposit")
            .where(postings.c.booked_on.between(since, until))
            .order_by(amount.desc() if smallest_first else amount, postings.c.booked_on.desc(), postings.c.id)
            .limit(count)
        )
        if names:
            statement = statement.where(or_(postings.c.merchant.in_(names), postings.c.category.in_(names)))
        return await self._read(lambda found: tuple(Posting(**row._asdict()) for row in found.execute(statement)))

    async def deposits(self, customer: str) -> tuple[Deposit, ...]:
        """The fixed deposits, the closed ones too."""
        statement = select(deposits).where(deposits.c.customer_id == customer).order_by(deposits.c.number)
        return await self._read(lambda found: tuple(map(bank_ledger.as_deposit, found.execute(statement))))

    async def quote_break(self, customer: str, number: str) -> Quote:
        """What breaking a deposit today would pay. Raises NotFound or Refused."""
        for deposit in await self.deposits(customer):
            if deposit.number == number:
                return quote(bank_ledger.running(deposit), self._clock().date())
        raise NotFound("I can't find that deposit.")

    async def break_deposit(self, customer: str, number: str, payout_minor: int, key: str) -> Quote:
        """Break it for exactly that payout, once for a key. Raises NotFound or Refused."""
        now = self._clock()
        return await self._write(
            lambda connection: bank_ledger.break_deposit(connection, customer, number, payout_minor, key, now)
        )

    async def payees(self, customer: str) -> tuple[Payee, ...]:
        """Whom the customer has set up to be paid."""
        columns = [payees.c[name] for name in Payee.__slots__]
        statement = select(*columns).where(payees.c.customer_id == customer).order_by(payees.c.name)
        return await self._read(lambda found: tuple(Payee(**row._asdict()) for row in found.execute(statement)))

    async def pay(self, customer: str, payment: Payment) -> Receipt:
        """Pay once for a key. Raises NotFound or Refused."""
        now = self._clock()
        return await self._write(lambda connection: bank_ledger.pay(connection, customer, payment, now))

    async def cards(self, customer: str) -> tuple[Card, ...]:
        """The debit cards."""
        return await self._read(lambda connection: _cards(connection, customer))

    async def block_card(self, customer: str, last_four: str, reason: str) -> Card:
        """Block a card; one that is blocked stays as it is. Raises NotFound."""
        now = self._clock()
        return await self._write(lambda connection: _block(connection, customer, last_four, reason, now))

    async def query(self, customer: str, sql: str, max_rows: int) -> Rows:
        """Run a statement that was scoped to its owner. Raises Refused."""
        return await self._questions.run(sql, customer, max_rows)

    async def aclose(self) -> None:
        """Give back every connection."""
        await asyncio.to_thread(self._engine.dispose)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self._reading, work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        # a thread that has begun ends, whoever stops waiting: money moves as a whole or not at all, and the key tells
        return await asyncio.to_thread(self._writing, work)

    def _reading(self, work: Callable[[Connection], T]) -> T:
        with speakable("bank"), self._engine.connect() as connection:
            return work(connection)

    def _writing(self, work: Callable[[Connection], T]) -> T:
        with writing(self._engine, "bank") as connection:
            return work(connection)


KIND = Bank


def connect(url: str, clock: Clock) -> Bank:
    """The bank in the database at `url`; opens nothing yet. Raises ConfigError for a URL that cannot be one."""
    return SqlBank(make_engine(url), ReadOnly(url, READABLE.values()), clock)


def prepare(url: str, clock: Clock = utc_now) -> None:  # noqa: ARG001  # its days are fixed
    """Migrate to head, let questions read what they may, and seed an empty database. Raises ConfigError."""
    prepare_database(url, _furnish)


def expire(url: str, before: datetime) -> int:
    """Delete the audit of checks from before then, and locks that ended; payments are the bank's books and stay. How
    many rows that were. Blocking. Raises Unavailable."""
    with tidying(url, "bank") as connection:
        return bank_identity.expire(connection, before)


def _furnish(connection: Connection) -> None:
    grant(connection, READABLE.values())
    seed_when_empty(connection)


def _cards(connection: Connection, customer: str) -> tuple[Card, ...]:
    columns = [cards.c[name] for name in Card.__slots__]
    found = connection.execute(select(*columns).where(cards.c.customer_id == customer).order_by(cards.c.id))
    return tuple(Card(**row._asdict()) for row in found)


def _block(connection: Connection, customer: str, last_four: str, reason: str, now: datetime) -> Card:
    connection.execute(
        update(cards)
        .where(cards.c.customer_id == customer, cards.c.last_four == last_four, cards.c.blocked_at.is_(None))
        .values(blocked_at=now, block_reason=reason)
    )
    for card in _cards(connection, customer):
        if card.last_four == last_four:
            return card
    raise NotFound("I can't find a card with those digits.")
