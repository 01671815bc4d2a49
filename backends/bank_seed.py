"""Fills an empty bank: a dozen invented customers and three years of their transactions, the same in every database.

Who they are stands in seed/bank_*.csv. What they spend is drawn from a generator that starts anew for each account.
"""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Table, func, insert, select

from backends.bank_identity import sound
from backends.bank_tables import accounts, cards, customers, deposits, payees, postings

SEED = Path(__file__).parent / "seed"
FIRST, LAST = date(2023, 11, 21), date(2026, 11, 20)
_PER_MILLE = 1000
_DAYS_A_MONTH = 30.4

Row = dict[str, Any]


def seed_when_empty(connection: Connection) -> None:
    """Nothing where there is a customer already."""
    if connection.execute(select(func.count()).select_from(customers)).scalar_one():
        return
    connection.execute(insert(customers), [_customer(row) for row in _rows("customers")])
    booked = {row["number"]: list(_postings(row)) for row in _rows("accounts")}
    found = [_account(row, booked[row["number"]]) for row in _rows("accounts")]
    connection.execute(insert(accounts), found)
    for table in (cards, deposits, payees):
        connection.execute(insert(table), [_typed(row, table) for row in _rows(table.name.removeprefix("bank_"))])
    by_day = sorted((row for rows in booked.values() for row in rows), key=lambda row: row["booked_on"])
    connection.execute(insert(postings), by_day)


def _postings(account: Row) -> Iterator[Row]:
    """An account's life: what it began with, the money put into deposits, then income and spending day by day."""
    draw = random.Random(account["number"])
    yield _posting(account, FIRST, int(account["opening_minor"]), "Opening balance", "opening")
    for row in _rows("deposits"):
        if row["account_number"] == account["number"]:
            put_in = -int(row["principal_minor"])
            yield _posting(account, date.fromisoformat(row["opened_on"]), put_in, f"Deposit {row['number']}", "deposit")
    income = int(account["income_minor"])
    spent_at = [row for row in _rows("merchants") if row["currency"] == account["currency"]] if income else []
    for number in range(1, (LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        if income and day.day == 1:
            yield _posting(account, day, income, "Monthly pay", "income")
        for merchant in spent_at:
            if amount := _spent(merchant, income, day, draw):
                # every third purchase was made online: what a category and an account add up to stays the same
                shop = merchant["online"] if merchant["online"] and day.toordinal() % 3 == 0 else merchant["merchant"]
                yield _posting(account, day, -amount, shop, merchant["category"])


def _spent(merchant: Row, income: int, day: date, draw: random.Random) -> int:
    """What one day costs there: bills come on the fifth, the rest as the draw falls. In per mille of the income."""
    low, high = int(merchant["share_low"]), int(merchant["share_high"])
    chance, size = draw.random(), draw.random()
    is_bill = merchant["category"] in {"rent", "utilities"}
    is_due = day.day == 5 if is_bill else chance < float(merchant["times_a_month"]) / _DAYS_A_MONTH
    return int(income * (low + size * (high - low)) / _PER_MILLE) if is_due else 0


def _posting(account: Row, day: date, amount_minor: int, merchant: str, category: str) -> Row:
    return {
        "customer_id": account["customer_id"],
        "account_number": account["number"],
        "booked_on": day,
        "amount_minor": amount_minor,
        "currency": account["currency"],
        "merchant": merchant,
        "category": category,
    }


def _account(row: Row, booked: list[Row]) -> Row:
    kept = {key: row[key] for key in ("number", "customer_id", "kind", "currency", "daily_limit_minor")}
    return _typed(kept | {"balance_minor": sum(posting["amount_minor"] for posting in booked)}, accounts)


def _customer(row: Row) -> Row:
    names = row["name"].replace("-", " ").split()
    return _typed(row | {"given_key": sound(names[0]), "family_key": sound(names[-1])}, customers)


def _typed(row: Row, table: Table) -> Row:
    return {key: _value(value, table.c[key].type) for key, value in row.items()}


def _value(value: Any, kind: Any) -> Any:
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return int(value) if kind.python_type is int else value


def _rows(name: str) -> Iterator[Row]:
    with (SEED / f"bank_{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
