"""Who a caller may be, by number, name or account, and the audit of the checks; agent/rules/identity.py decides."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import jellyfish
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert, or_, select

from backends.bank_records import Attempt, Known
from backends.bank_tables import accounts, attempts, cards, customers, lockouts

MOST = 8  # more than that with one name: the caller has to say another factor
FAILED = "failed"
MEMORY = timedelta(hours=24)


def candidates(
    connection: Connection, phone: str | None, name: str | None, last_four: str | None, now: datetime
) -> tuple[Known, ...]:
    """Whoever has the number, sounds like the name, or has an account or card that ends so; at most MOST.

    Whoever fits two of the three comes first, so that a common name hides nobody. Nothing to go by finds nobody.
    """
    found: dict[str, tuple[int, Row[Any]]] = {}
    for condition in (_by_phone(phone), _by_name(name), _by_last_four(last_four)):
        for row in connection.execute(select(customers).where(condition).order_by(customers.c.id).limit(50 * MOST)):
            found[row.id] = (found.get(row.id, (0, row))[0] - 1, row)
    rows = [row for _, row in sorted(found.values(), key=lambda entry: (entry[0], entry[1].id))[:MOST]]
    return _known(connection, rows, now)


def note(connection: Connection, attempt: Attempt, now: datetime) -> None:
    """Write a check into the audit, a line for each customer that it concerned, and lock whom it locks."""
    for customer in attempt.customers or (None,):
        line = {"call_id": attempt.call, "customer_id": customer, "at": now, "outcome": attempt.outcome}
        connection.execute(insert(attempts).values(line))
    for customer in attempt.locked if attempt.locks_until else ():
        connection.execute(delete(lockouts).where(lockouts.c.customer_id == customer))
        connection.execute(insert(lockouts).values(customer_id=customer, until=attempt.locks_until))


def expire(connection: Connection, before: datetime) -> int:
    """Delete checks and locks that were over before then. How many rows that were."""
    old = (delete(attempts).where(attempts.c.at < before), delete(lockouts).where(lockouts.c.until < before))
    return sum(int(connection.execute(one).rowcount) for one in old)


def sound(word: str) -> str:
    """How a part of a name sounds: "Catherine" and "Kathryn" are one."""
    return jellyfish.metaphone("".join(letter for letter in word.lower() if letter.isalpha()))[:20]


def _by_phone(phone: str | None) -> ColumnElement[bool]:
    return customers.c.phone == (phone or "")


def _by_name(name: str | None) -> ColumnElement[bool]:
    keys = {sound(word) for word in (name or "").split()} - {""}
    return customers.c.given_key.in_(keys) & customers.c.family_key.in_(keys)


def _by_last_four(last_four: str | None) -> ColumnElement[bool]:
    digits = last_four if last_four and len(last_four) == 4 and last_four.isascii() and last_four.isdigit() else "none"
    of_account = select(accounts.c.customer_id).where(accounts.c.number.endswith(digits))
    of_card = select(cards.c.customer_id).where(cards.c.last_four == digits)
    return or_(customers.c.id.in_(of_account), customers.c.id.in_(of_card))


def _known(connection: Connection, rows: Collection[Row[Any]], now: datetime) -> tuple[Known, ...]:
    """The same queries whoever was found, so that an unknown caller costs what a known one does."""
    ids = [row.id for row in rows]
    numbers, fours = _of(connection, accounts, ids), _of(connection, cards, ids)
    locks = {row.customer_id: row.until for row in _of(connection, lockouts, ids) if row.until > now}
    of_late = (attempts.c.outcome == FAILED) & (attempts.c.at > now - MEMORY)
    failed = _of(connection, attempts, ids, of_late)
    return tuple(
        Known(
            customer=row.id,
            name=row.name,
            date_of_birth=row.date_of_birth,
            city=row.city,
            account_last_fours=tuple(account.number[-4:] for account in numbers if account.customer_id == row.id),
            card_last_fours=tuple(card.last_four for card in fours if card.customer_id == row.id),
            failed_at=tuple(attempt.at for attempt in failed if attempt.customer_id == row.id),
            locked_until=locks.get(row.id),
        )
        for row in rows
    )


def _of(
    connection: Connection, table: Table, ids: list[str], condition: ColumnElement[bool] | None = None
) -> list[Row[Any]]:
    wanted = select(table).where(table.c.customer_id.in_(ids))
    return list(connection.execute(wanted if condition is None else wanted.where(condition)))
