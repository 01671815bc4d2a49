"""Orders: what was bought, where it is and what it cost. Says nothing aloud; tools/orders.py makes the sentences."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Column, Connection, Date, Engine, ForeignKey, Integer, Row, String, Table, select

from agent.errors import NotFound
from backends.database import UtcDateTime, make_engine, metadata, prepare_database, speakable
from backends.seeding import fill, is_empty


class Status(StrEnum):
    """Where an order is on its way."""

    PROCESSING = "processing"
    PACKED = "packed"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out for delivery"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


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


class SqlOrders:
    """Orders in SQLite or Postgres. Every query runs in a thread, so the call's event loop never waits for a disk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def find(self, order_number: str) -> Order:
        """The order of that number. Raises NotFound or Unavailable."""
        return await asyncio.to_thread(self._find, order_number)

    async def aclose(self) -> None:
        """Give back every connection."""
        await asyncio.to_thread(self._engine.dispose)

    def _find(self, order_number: str) -> Order:
        with speakable("orders"), self._engine.connect() as connection:
            row = connection.execute(select(orders).where(orders.c.number == order_number)).one_or_none()
            if row is None:
                raise NotFound("I can't find an order with that number.")
            of_order = select(order_lines).where(order_lines.c.order_number == order_number)
            return _order(row, connection.execute(of_order.order_by(order_lines.c.position)).all())


KIND = Orders


def connect(url: str, clock: Callable[[], datetime]) -> Orders:
    """The orders in the database at `url`; opens nothing yet. Raises ConfigError for a URL that cannot be one."""
    _ = clock  # orders are only read; backends that book or cancel need it
    return SqlOrders(make_engine(url))


def prepare(url: str) -> None:
    """Migrate to head, and seed an empty database. Raises ConfigError."""
    prepare_database(url, _seed_when_empty)


def _order(row: Row[Any], lines: Any) -> Order:
    values = row._asdict() | {"status": Status(row.status)}
    return Order(**values, lines=tuple(Line(line.title, line.quantity, line.unit_cents) for line in lines))


def _seed_when_empty(connection: Connection) -> None:
    if is_empty(connection, orders):
        fill(connection, orders)
        fill(connection, order_lines)
