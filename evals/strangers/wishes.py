"""What people who call a profile wish for, made from its tables, so that names, numbers and bookings exist; which times
are free nobody knows beforehand.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from evals.records import Row, Snapshot
from evals.strangers import own
from evals.strangers.goals import Goal, a_day, a_time, left_open, moment

_DINNER, _OFFICE = (12, 13, 18, 19, 19, 20), (8, 9, 10, 11, 13, 14, 15)
_TABLE_DAYS, _OFFICE_DAYS = frozenset({1, 2, 3, 4, 5, 6}), frozenset({0, 1, 2, 3, 4})
_TREATMENTS = ("check-up", "cleaning", "filling", "root canal", "crown")


class NobodyThere(LookupError):
    """No row of the tables is as the wish needs it."""


def make(profile: str, rng: random.Random, content: Snapshot, now: datetime) -> Goal:
    """A wish of somebody who calls that profile at that moment. One that nobody can have, such as a return when every
    order is too old, gives way to another. Raises NobodyThere."""
    kinds = list(_MAKERS[profile])
    while kinds:
        kind = rng.choice(kinds)
        try:
            return kind(rng, content, now)
        except NobodyThere:
            kinds = [other for other in kinds if other is not kind]
    raise NobodyThere(f"nobody of the tables of {profile} has a wish")


def _one_of(rng: random.Random, rows: Sequence[Row]) -> Row:
    if not rows:
        raise NobodyThere("no such row")
    return rng.choice(rows)


def _phone(rng: random.Random, area: str) -> str:
    return f"{area}555{rng.randrange(200, 9999):04d}"


def _book_table(rng: random.Random, _: Snapshot, now: datetime) -> Goal:
    values = {
        "party": rng.choice((2, 2, 3, 4, 4, 5, 6)),
        "day": a_day(rng, now, _TABLE_DAYS),
        "at": a_time(rng, _DINNER, (0, 0, 30, 15)),
        "name": rng.choice(own.NAMES),
        "phone": _phone(rng, "212"),
    }
    return Goal(
        "restaurant",
        ("book_table",),
        "ReserveRestaurant",
        values,
        "table_bookings",
        lambda wanted: {
            "starts_at": moment(wanted),
            "party": wanted["party"],
            "name": wanted["name"],
            "phone": f"+1{wanted['phone']}",
            "asked_area": None,
            "cancelled_at": None,
        },
        side_tables=frozenset({"table_claims"}),
    )


def _guest(rng: random.Random, content: Snapshot, now: datetime) -> Row:
    there = content["table_bookings"]
    return _one_of(rng, [row for row in there if _is_coming(row, now) and _is_alone(row, content)])


def _is_coming(row: Row, now: datetime) -> bool:
    starts = row["starts_at"]
    assert isinstance(starts, datetime)
    return row["cancelled_at"] is None and starts > now + timedelta(days=2)


def _is_alone(row: Row, content: Snapshot) -> bool:
    return sum(other["phone"] == row["phone"] for other in content["table_bookings"]) == 1


def _cancel_table(rng: random.Random, content: Snapshot, now: datetime) -> Goal:
    booking = _guest(rng, content, now)
    return Goal(
        "restaurant",
        ("cancel_booking",),
        "",
        {},
        "table_bookings",
        lambda _: {"reference": booking["reference"], "cancelled_at": "*"},
        {"name": booking["name"], "phone": str(booking["phone"])[2:], "booked_for": _day_of(booking, now)},
        frozenset({"table_claims"}),
    )


def _day_of(row: Row, now: datetime) -> date:
    """The day of what exists, which its owner knows."""
    starts = row["starts_at"]
    assert isinstance(starts, datetime)
    return starts.astimezone(now.tzinfo).date()


def _change_table(rng: random.Random, content: Snapshot, now: datetime) -> Goal:
    booking = _guest(rng, content, now)
    starts = booking["starts_at"]
    assert isinstance(starts, datetime)
    local = starts.astimezone(now.tzinfo)
    values: dict[str, object] = {"day": a_day(rng, now, _TABLE_DAYS), "at": a_time(rng, _DINNER)}
    return Goal(
        "restaurant",
        ("change_booking",),
        "",
        values if values["day"] != local.date() else {"at": time(20, 30)},
        "table_bookings",
        lambda wanted: {
            "reference": booking["reference"],
            "starts_at": moment({"day": local.date(), "at": local.time(), **wanted}),
            "party": booking["party"],
        },
        {"name": booking["name"], "phone": str(booking["phone"])[2:], "booked_for": local.date()},
        frozenset({"table_claims"}),
    )


def _book_dentist(rng: random.Random, content: Snapshot, now: datetime) -> Goal:
    patient = rng.choice(content["patients"])
    is_known = rng.random() < 0.5
    values = {
        "treatment": rng.choice(_TREATMENTS),
        "day": a_day(rng, now, _OFFICE_DAYS),
        "at": a_time(rng, _OFFICE),
        "name": patient["name"] if is_known else rng.choice(own.NAMES),
        "phone": str(patient["phone"])[2:] if is_known else _phone(rng, "518"),
        "born_on": patient["born_on"] if is_known else date(rng.randrange(1945, 2004), rng.randrange(1, 13), 7),
    }
    ids = [row["id"] for row in content["patients"]]
    return Goal(
        "dental",
        ("book_appointment",),
        "BookAppointment",
        values,
        "appointments",
        lambda wanted: {
            "starts_at": moment(wanted),
            "treatment": wanted["treatment"],
            "patient_id": patient["id"] if is_known else max(ids) + 1,  # type: ignore[type-var,operator]
            "cancelled_at": None,
        },
        side_tables=frozenset({"dentist_claims", *(() if is_known else ("patients",))}),
    )


def _book_loosely(rng: random.Random, content: Snapshot, now: datetime) -> Goal:
    exact = _book_dentist(rng, content, now)
    values = {name: value for name, value in exact.values.items() if name not in {"day", "at"}}
    return replace(exact, values=values, loose=rng.choice(left_open(now)))


def _patient_with_one(rng: random.Random, content: Snapshot, now: datetime) -> tuple[Row, Row]:
    coming = [row for row in content["appointments"] if _is_coming(row, now)]
    single = [row for row in coming if sum(other["patient_id"] == row["patient_id"] for other in coming) == 1]
    chosen = _one_of(rng, single)
    return chosen, next(row for row in content["patients"] if row["id"] == chosen["patient_id"])


def _cancel_dentist(rng: random.Random, content: Snapshot, now: datetime) -> Goal:
    appointment, patient = _patient_with_one(rng, content, now)
    return Goal(
        "dental",
        ("cancel_appointment",),
        "",
        {},
        "appointments",
        lambda _: {"reference": appointment["reference"], "cancelled_at": "*"},
        {**_who(patient), "booked_for": _day_of(appointment, now)},
        frozenset({"dentist_claims"}),
    )


def _move_dentist(rng: random.Random, content: Snapshot, now: datetime) -> Goal:
    appointment, patient = _patient_with_one(rng, content, now)
    return Goal(
        "dental",
        ("move_appointment",),
        "",
        {"day": a_day(rng, now, _OFFICE_DAYS), "at": a_time(rng, _OFFICE)},
        "appointments",
        lambda wanted: {"reference": appointment["reference"], "starts_at": moment(wanted), "cancelled_at": None},
        {**_who(patient), "booked_for": _day_of(appointment, now)},
        frozenset({"dentist_claims"}),
    )


def _who(patient: Row) -> dict[str, object]:
    return {"name": patient["name"], "born_on": patient["born_on"], "phone": str(patient["phone"])[2:]}


def _customer(rng: random.Random, content: Snapshot) -> tuple[Row, Row, dict[str, object]]:
    customer = rng.choice([row for row in content["bank_customers"] if "Jones" not in str(row["name"])])
    account = rng.choice([row for row in content["bank_accounts"] if row["customer_id"] == customer["id"]])
    card = next(row for row in content["bank_cards"] if row["customer_id"] == customer["id"])
    first = next(row for row in content["bank_accounts"] if row["customer_id"] == customer["id"])
    return (
        customer,
        account,
        {
            "name": customer["name"],
            "date_of_birth": customer["date_of_birth"],
            "account_last_four": str(first["number"])[-4:],
            "card_last_four": card["last_four"],
            "city": customer["city"],
        },
    )


def _balance(rng: random.Random, content: Snapshot, _now: datetime) -> Goal:
    _, account, proofs = _customer(rng, content)
    return Goal(
        "bank",
        ("check_balance",),
        "CheckBalance",
        {"kind": _kind(account)},
        proofs=proofs,
        side_tables=frozenset({"bank_attempts"}),
    )


def _payment(rng: random.Random, content: Snapshot, _now: datetime) -> Goal:
    customer, account, proofs = _customer(rng, content)
    while account["currency"] != "USD":
        customer, account, proofs = _customer(rng, content)
    payee = rng.choice([row for row in content["bank_payees"] if row["customer_id"] == customer["id"]])
    there = [row for row in content["bank_accounts"] if row["customer_id"] == customer["id"]]
    values: dict[str, object] = {"payee": payee["name"], "amount": rng.choice((40, 55, 60, 75, 120, 250, 310))}
    if len([row for row in there if row["currency"] == payee["currency"]]) > 1:
        values["kind"] = _kind(there[0])
    return Goal(
        "bank",
        ("make_payment",),
        "TransferMoney",
        values,
        "bank_payments",
        lambda wanted: {"payee_id": payee["id"], "amount_minor": _cents(wanted), "customer_id": customer["id"]},
        proofs,
        frozenset({"bank_attempts", "bank_accounts", "bank_postings"}),
    )


def _kind(account: Row) -> str:
    """As people call it."""
    return {"current": "current account"}.get(str(account["kind"]), str(account["kind"]))


def _cents(wanted: Mapping[str, object]) -> int:
    amount = wanted["amount"]
    assert isinstance(amount, int)
    return amount * 100


def _parcel(rng: random.Random, content: Snapshot, _now: datetime) -> Goal:
    order = rng.choice(content["orders"])
    return Goal("shop", ("check_shipping", "lookup_order"), "", {"order_number": order["number"]})


def _return(rng: random.Random, content: Snapshot, now: datetime) -> Goal:
    gone = {row["order_number"] for row in content["order_returns"]}
    orders = [row for row in content["orders"] if _is_returnable(row, now) and row["number"] not in gone]
    homes = {row["order_number"]: str(row["postal_code"]) for row in content["order_addresses"]}
    order = _one_of(rng, [row for row in orders if homes.get(row["number"], "").isdigit()])
    return Goal(
        "shop",
        ("start_return",),
        "",
        {"order_number": order["number"]},
        "order_returns",
        lambda wanted: {"order_number": wanted["order_number"]},
        {"postal_code": homes[order["number"]]},
    )


def _is_returnable(order: Row, now: datetime) -> bool:
    closed = order["closed_at"]
    return (
        str(order["status"]).endswith("delivered")
        and isinstance(closed, datetime)
        and closed > now - timedelta(days=25)
    )


_MAKERS: Mapping[str, tuple[Callable[[random.Random, Snapshot, datetime], Goal], ...]] = {
    "restaurant": (_book_table, _book_table, _book_table, _cancel_table, _change_table),
    "dental": (_book_dentist, _book_dentist, _book_loosely, _cancel_dentist, _move_dentist),
    "bank": (_balance, _payment),
    "shop": (_parcel, _return),
}
