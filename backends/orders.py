"""Orders: what was bought, where it is, what it cost, and what may still be done with it. Tools make the sentences."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Engine,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    insert,
    select,
    update,
)

from agent.errors import NotFound
from backends.database import UtcDateTime, make_engine, metadata, prepare_database, speakable, tidying, writing
from backends.seeding import fill, is_empty, utc_now
from backends.shipping import Address, Return, Status, no_new_address, no_return
from backends.slots import new_reference


@dataclass(frozen=True, slots=True)
class Line:
    """One article of an order; `unit_cents` is the price of one piece in the order's currency."""

    title: str
    quantity: int
    unit_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order. Times are UTC; `closed_at` is when it was delivered, cancelled or returned."""

    number: str
    status: Status
    placed_at: datetime
    currency: str
    shipping_cents: int
    lines: tuple[Line, ...]
    carrier: str | None = None
    tracking_code: str | None = None
    shipped_at: datetime | None = None
    expected_on: date | None = None
    closed_at: datetime | None = None

    @property
    def total_cents(self) -> int:
        """What the buyer paid: all pieces and the shipping."""
        return self.shipping_cents + sum(line.quantity * line.unit_cents for line in self.lines)


class Orders(Protocol):
    """The shop's system of record for orders."""

    async def find(self, order_number: str) -> Order:
        """The order of that number. Raises NotFound or Unavailable."""
        ...

    async def under_email(self, email: str) -> tuple[Order, ...]:
        """All orders that were placed with this address, the newest first; letters' case does not count. Raises
        Unavailable."""
        ...

    async def is_going_to(self, order_number: str, postal_code: str) -> bool:
        """Whether that is the postal code of the order's address: a fact that only its buyer knows."""
        ...

    async def start_return(self, order_number: str) -> Return:
        """The return of an order, started now unless it was before. Raises NotFound, Refused."""
        ...

    async def change_address(self, order_number: str, address: Address, number: str = "") -> None:
        """Send an order elsewhere, as a caller of that number asks; a second time changes nothing. Raises NotFound,
        Refused."""
        ...

    async def aclose(self) -> None:
        """Give back every connection."""
        ...


orders = Table(
    "orders",
    metadata,
    Column("number", String(10), primary_key=True),
    Column("status", String(20), nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("shipping_cents", Integer, nullable=False),
    Column("carrier", String(40)),
    Column("tracking_code", String(40)),
    Column("shipped_at", UtcDateTime),
    Column("expected_on", Date),
    Column("closed_at", UtcDateTime),
    Column("email", String(254), index=True),  # in lower case
)
order_lines = Table(
    "order_lines",
    metadata,
    Column("order_number", String(10), ForeignKey("orders.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("title", String(80), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_cents", Integer, nullable=False),
)
order_addresses = Table(
    "order_addresses",
    metadata,
    Column("order_number", String(10), ForeignKey("orders.number"), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("street", String(120), nullable=False),
    Column("city", String(80), nullable=False),
    Column("state", String(40), nullable=False),
    Column("postal_code", String(10), nullable=False),
    Column("changed_at", UtcDateTime),  # by a call, of that number; none for the shop's own
    Column("changed_by", String(16), nullable=False, default=""),
)
order_returns = Table(
    "order_returns",
    metadata,
    Column("order_number", String(10), ForeignKey("orders.number"), primary_key=True),
    Column("code", String(6), nullable=False, unique=True),
    Column("started_at", UtcDateTime, nullable=False),
)


class SqlOrders:
    """Orders in SQLite or Postgres. Every query runs in a thread, so the call's event loop never waits for a disk."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    async def find(self, order_number: str) -> Order:
        """The order of that number. Raises NotFound or Unavailable."""
        return await asyncio.to_thread(self._find, order_number)

    async def under_email(self, email: str) -> tuple[Order, ...]:
        """All orders that were placed with this address, the newest first. Raises Unavailable."""
        return await asyncio.to_thread(self._under_email, email)

    async def is_going_to(self, order_number: str, postal_code: str) -> bool:
        """Whether that is the postal code of the order's address."""
        return await asyncio.to_thread(self._is_going_to, order_number, postal_code)

    async def start_return(self, order_number: str) -> Return:
        """The return of an order, started now unless it was before. Raises NotFound, Refused."""
        return await asyncio.to_thread(self._start_return, order_number)

    async def change_address(self, order_number: str, address: Address, number: str = "") -> None:
        """Send an order elsewhere; a second time changes nothing. Raises NotFound, Refused."""
        await asyncio.to_thread(self._change_address, order_number, address, number)

    async def aclose(self) -> None:
        """Give back every connection."""
        await asyncio.to_thread(self._engine.dispose)

    def _find(self, order_number: str) -> Order:
        with speakable("orders"), self._engine.connect() as connection:
            return _order(_row(connection, order_number), connection)

    def _under_email(self, email: str) -> tuple[Order, ...]:
        mine = select(orders).where(orders.c.email == email.lower()).order_by(orders.c.placed_at.desc())
        with speakable("orders"), self._engine.connect() as connection:
            return tuple(_order(row, connection) for row in connection.execute(mine).all())

    def _is_going_to(self, order_number: str, postal_code: str) -> bool:
        query = select(order_addresses.c.postal_code).where(order_addresses.c.order_number == order_number)
        with speakable("orders"), self._engine.connect() as connection:
            known = connection.execute(query).scalar_one_or_none()
        # an order that is not there takes as long as a wrong code
        return hmac.compare_digest(_code(known or "none"), _code(postal_code)) and known is not None

    def _start_return(self, order_number: str) -> Return:
        with writing(self._engine, "orders") as connection:
            row, now = _row(connection, order_number, is_locked=True), self._clock()
            begun = select(order_returns).where(order_returns.c.order_number == order_number)
            if there := connection.execute(begun).one_or_none():
                return Return(there.order_number, there.code, there.started_at)
            if refused := no_return(Status(row.status), row.closed_at, now):
                raise refused
            taken = select(order_returns.c.code)
            code = new_reference(
                lambda c: connection.execute(taken.where(order_returns.c.code == c)).first() is not None
            )
            started = Return(order_number, code, now)
            connection.execute(insert(order_returns).values(order_number=order_number, code=code, started_at=now))
            return started

    def _change_address(self, order_number: str, address: Address, number: str) -> None:
        mine = order_addresses.c.order_number == order_number
        values = asdict(address) | {"changed_at": self._clock(), "changed_by": number}
        with writing(self._engine, "orders") as connection:
            row = _row(connection, order_number, is_locked=True)
            there = connection.execute(select(order_addresses).where(mine)).one_or_none()
            if there and Address(*(getattr(there, part) for part in asdict(address))) == address:
                return  # a retry whose first attempt came through, perhaps just before the parcel left
            if refused := no_new_address(Status(row.status), address):
                raise refused
            change = update(order_addresses).where(mine) if there else insert(order_addresses)
            connection.execute(change.values(order_number=order_number, **values))


KIND = Orders


def connect(url: str, clock: Callable[[], datetime]) -> Orders:
    """The orders in the database at `url`; opens nothing yet. Raises ConfigError for a URL that cannot be one."""
    return SqlOrders(make_engine(url), clock)


def prepare(url: str, clock: Callable[[], datetime] = utc_now) -> None:  # noqa: ARG001  # its days are fixed
    """Migrate to head, and seed an empty database. Raises ConfigError."""
    prepare_database(url, _seed_when_empty)


def forget(url: str, known_by: str, clock: Callable[[], datetime] = utc_now) -> int:  # noqa: ARG001  # all of it
    """Delete the addresses that were given by calls of that number, and the number alone where the parcel has not
    arrived: it is still to go there. How many that were. Blocking. Raises Unavailable."""
    given = (order_addresses.c.changed_by == known_by) & (order_addresses.c.changed_by != "")
    with tidying(url, "orders") as connection:
        count = _blank(connection, given)
        rest = update(order_addresses).where(given).values(changed_by="")
        return count + int(connection.execute(rest).rowcount)


def held(url: str, known_by: str) -> dict[str, list[dict[str, object]]]:
    """The addresses that calls of that number have given. Blocking. Raises Unavailable."""
    given = (order_addresses.c.changed_by == known_by) & (order_addresses.c.changed_by != "")
    with tidying(url, "orders") as connection:
        rows = connection.execute(select(order_addresses).where(given))
        return {"order_addresses": [row._asdict() for row in rows]}


def expire(url: str, before: datetime) -> int:
    """Delete the addresses that were given by calls for orders that were closed before then. How many that were.
    Blocking. Raises Unavailable."""
    with tidying(url, "orders") as connection:
        return _blank(connection, order_addresses.c.changed_at < before, orders.c.closed_at < before)


def _blank(connection: Connection, given: ColumnElement[bool], closed: ColumnElement[bool] | None = None) -> int:
    """All but state and postal code, by which the buyer is still known."""
    is_closed = orders.c.closed_at.is_not(None) if closed is None else closed
    theirs = order_addresses.c.order_number.in_(select(orders.c.number).where(is_closed))
    nobody = {"name": "", "street": "", "city": "", "changed_at": None, "changed_by": ""}
    return int(connection.execute(update(order_addresses).where(given, theirs).values(**nobody)).rowcount)


def _row(connection: Connection, order_number: str, *, is_locked: bool = False) -> Row[Any]:
    query = select(orders).where(orders.c.number == order_number)
    row = connection.execute(query.with_for_update() if is_locked else query).one_or_none()
    if row is None:
        raise NotFound("I can't find an order with that number.")
    return row


def _code(postal_code: str) -> bytes:
    return "".join(postal_code.upper().split()).encode()


def _order(row: Row[Any], connection: Connection) -> Order:
    mine = select(order_lines).where(order_lines.c.order_number == row.number).order_by(order_lines.c.position)
    lines = tuple(Line(line.title, line.quantity, line.unit_cents) for line in connection.execute(mine))
    values = {key: value for key, value in row._asdict().items() if key != "email"}
    return Order(**values | {"status": Status(row.status)}, lines=lines)


def _seed_when_empty(connection: Connection) -> None:
    if is_empty(connection, orders):
        fill(connection, orders)
        fill(connection, order_lines)
        fill(connection, order_addresses)
