"""What calls have left in the systems of record goes again, in SQLite and Postgres: after its time, or when whoever it
is about is forgotten. What the house put there itself stays, and nothing goes before it has taken place."""

import importlib
import pkgutil
from datetime import UTC, date, datetime, time, timedelta

import pytest

import backends
from agent.errors import NotFound, Refused
from backends import appointments, bank, follow_ups, orders, tables
from backends.bank_records import Attempt
from backends.database import make_engine
from backends.follow_ups import FollowUp, Kind
from backends.rota import Wish as Visit
from backends.seating import Booking, Guest, Wish
from backends.shipping import Address
from evals.records import Snapshot, columns, snapshot
from tests.fakes.clocks import StandingClock

SATURDAY, TUESDAY = date(2026, 11, 21), date(2026, 11, 24)
AFTER = datetime(2026, 11, 26, tzinfo=UTC)  # all of that is over
ANN, BOB = Guest("Ann Lee", "+12125550199"), Guest("Bob Ray", "+12125550198")
HOME = Address("Zadie Quill", "9 Nowhere Lane", "Elmira", "New York", "14901")


@pytest.fixture
def clock() -> StandingClock:
    """Friday, November 20, 2026, noon in New York."""
    return StandingClock()


def rows(url: str) -> Snapshot:
    """Every row of every table."""
    columns()
    return snapshot(url)


def holds(url: str, *values: str) -> list[str]:
    """Which of these stand anywhere."""
    text = str(rows(url))
    return [value for value in values if value in text]


async def booked(url: str, clock: StandingClock, guest: Guest, day: date) -> Booking:
    """A table for two at two that a call has booked."""
    house = tables.connect(url, clock)
    booking = await house.book(f"{guest.phone} {day}", Wish(2, day, time(14)), guest)
    await house.aclose()
    return booking


async def test_a_wish_is_kept_until_it_is_due_and_old(empty_url: str, clock: StandingClock) -> None:
    """A reminder for next month outlives a retention of days; a transfer is due at once."""
    follow_ups.prepare(empty_url)
    records = follow_ups.connect(empty_url, clock)
    for kind, days in ((Kind.TRANSFER, None), (Kind.CALLBACK, 1), (Kind.REMINDER, 40)):
        due_at = clock() + timedelta(days=days) if days else None
        await records.note(FollowUp(kind=kind, call_id=f"c-{kind}", number="+15550100200", due_at=due_at))
    await records.aclose()
    assert follow_ups.expire(empty_url, clock() - timedelta(days=1)) == 0
    assert follow_ups.expire(empty_url, clock() + timedelta(days=10)) == 2
    assert [row["kind"] for row in rows(empty_url)["follow_ups"]] == ["reminder"]
    assert follow_ups.expire(empty_url, clock() + timedelta(days=41)) == 1


@pytest.mark.parametrize("said", ["+15550100200", "5550100200", "15550100200"])
async def test_a_wish_is_found_by_its_number_however_it_was_said(
    empty_url: str, clock: StandingClock, said: str
) -> None:
    """And no other's: neither one digit away, nor the end of it, nor none at all."""
    follow_ups.prepare(empty_url)
    records = follow_ups.connect(empty_url, clock)
    for number in (said, "5550100201", "0100200", ""):
        await records.note(FollowUp(kind=Kind.TRANSFER, call_id=f"c{number}", number=number))
    await records.aclose()
    assert [follow_ups.forget(empty_url, known_by) for known_by in ("", "C1003", "+15550100200")] == [0, 0, 1]
    assert len(rows(empty_url)["follow_ups"]) == 3


async def test_a_wish_is_found_by_the_customer(empty_url: str, clock: StandingClock) -> None:
    """Who was verified and showed no number."""
    follow_ups.prepare(empty_url)
    records = follow_ups.connect(empty_url, clock)
    for customer in ("C1003", "C1004", ""):
        await records.note(FollowUp(kind=Kind.TRANSFER, call_id=f"c{customer}", customer=customer))
    await records.aclose()
    assert follow_ups.forget(empty_url, "C1003") == 1
    assert {row["customer"] for row in rows(empty_url)["follow_ups"]} == {"C1004", ""}


async def test_a_booking_goes_after_it_was_over_and_those_of_the_house_stay(
    empty_url: str, clock: StandingClock
) -> None:
    """Not while it is to come, however old it is; a cancelled one needs no day to pass."""
    tables.prepare(empty_url, clock)
    seeded = rows(empty_url)
    await booked(empty_url, clock, ANN, TUESDAY)
    gone = await booked(empty_url, clock, BOB, TUESDAY)
    house = tables.connect(empty_url, clock)
    await house.cancel(gone.reference)
    await house.aclose()
    assert tables.expire(empty_url, clock()) == 0
    assert tables.expire(empty_url, clock() + timedelta(hours=1)) == 1
    assert holds(empty_url, ANN.name, BOB.name) == [ANN.name]
    assert tables.expire(empty_url, AFTER) == 1
    assert rows(empty_url) == seeded


async def test_a_forgotten_guest_leaves_a_table_that_stays_held(empty_url: str, clock: StandingClock) -> None:
    """Past bookings go; of the coming one only name and number do, so that nobody else gets the table."""
    tables.prepare(empty_url, clock)
    past, coming = await booked(empty_url, clock, ANN, SATURDAY), await booked(empty_url, clock, ANN, TUESDAY)
    other = await booked(empty_url, clock, BOB, TUESDAY)
    clock.forward(timedelta(days=2))
    held = [row for row in rows(empty_url)["table_claims"] if row["reference"] != past.reference]
    assert tables.forget(empty_url, ANN.phone, clock) == 2
    assert holds(empty_url, ANN.name, ANN.phone, past.reference, BOB.phone) == [BOB.phone]
    assert holds(empty_url, coming.reference, other.reference) == [coming.reference, other.reference]
    assert list(rows(empty_url)["table_claims"]) == held
    house = tables.connect(empty_url, clock)
    with pytest.raises(NotFound):
        await house.find(ANN.name, ANN.phone)
    await house.aclose()
    assert tables.expire(empty_url, AFTER) == 2
    assert tables.forget(empty_url, ANN.phone, clock) == 0


async def test_a_bookings_own_number_and_the_houses_rows_decide(empty_url: str, clock: StandingClock) -> None:
    """A guest who was in the book before anybody called stays in it."""
    tables.prepare(empty_url, clock)
    seeded = rows(empty_url)
    numbers = {str(row["phone"]) for row in seeded["table_bookings"]}
    assert sum(tables.forget(empty_url, number, clock) for number in numbers) == 0
    assert tables.expire(empty_url, AFTER + timedelta(days=400)) == 0
    assert rows(empty_url) == seeded


async def test_a_patient_goes_with_the_last_appointment(empty_url: str, clock: StandingClock) -> None:
    """Whom a call has written down; whoever the practice knew stays, and only what calls made for them goes."""
    appointments.prepare(empty_url, clock)
    seeded = rows(empty_url)
    diary = appointments.connect(empty_url, clock)
    known = await diary.find_patient("Maria Santos", phone="+15185550101")
    new = await diary.register("Zadie Quill", "+15185550177", date(1990, 2, 3))
    for patient, at in ((known, time(15)), (new, time(10))):
        await diary.book(f"k{patient.id}", patient.id, Visit(treatment="cleaning", day=TUESDAY, at=at))
    await diary.aclose()
    assert appointments.expire(empty_url, clock() + timedelta(days=1)) == 0
    assert holds(empty_url, "Zadie Quill") == ["Zadie Quill"]
    assert appointments.expire(empty_url, AFTER) == 3
    assert rows(empty_url) == seeded


async def test_a_forgotten_patients_time_stays_held(empty_url: str, clock: StandingClock) -> None:
    """Without name, number and date of birth; when nothing is to come, nothing is left."""
    appointments.prepare(empty_url, clock)
    diary = appointments.connect(empty_url, clock)
    for number, name in enumerate(("Zadie Quill", "Omar Vance")):
        patient = await diary.register(name, f"+1518555017{number}", date(1990, 2, 3 + number))
        await diary.book(f"k{number}", patient.id, Visit(treatment="cleaning", day=TUESDAY, at=time(9 + number)))
    held = rows(empty_url)["dentist_claims"]
    assert appointments.forget(empty_url, "+15185550170", clock) == 1
    assert holds(empty_url, "Zadie Quill", "+15185550170", "1990, 2, 3", "Omar Vance") == ["Omar Vance"]
    assert rows(empty_url)["dentist_claims"] == held
    with pytest.raises((NotFound, Refused)):
        await diary.find_patient("Zadie Quill", phone="+15185550170")
    await diary.aclose()
    clock.forward(timedelta(days=6))
    assert appointments.forget(empty_url, "+15185550171", clock) == 2
    assert holds(empty_url, "Omar Vance", "+15185550171") == []


async def test_an_address_given_by_phone_goes_once_the_parcel_has_arrived(empty_url: str, clock: StandingClock) -> None:
    """It is needed until then; the shop's own stay, and whoever is forgotten leaves no number meanwhile."""
    orders.prepare(empty_url)
    seeded = rows(empty_url)
    shop = orders.connect(empty_url, clock)
    number = next(str(row["number"]) for row in seeded["orders"] if row["status"] == "processing")
    await shop.change_address(number, HOME, "+12125550199")
    await shop.change_address(number, HOME, "+12125550199")
    assert orders.expire(empty_url, AFTER) == 0
    assert orders.forget(empty_url, "+12125550199") == 1
    assert holds(empty_url, HOME.street, "+12125550199") == [HOME.street]
    close(empty_url, number, clock())
    assert orders.expire(empty_url, clock()) == 0
    assert orders.expire(empty_url, AFTER) == 1
    assert holds(empty_url, HOME.name, HOME.street, HOME.city) == []
    assert await shop.is_going_to(number, HOME.postal_code)
    await shop.aclose()
    others = [row for row in rows(empty_url)["order_addresses"] if row["order_number"] != number]
    assert others == [row for row in seeded["order_addresses"] if row["order_number"] != number]


async def test_the_audit_of_checks_is_kept_as_long_as_calls_are(empty_url: str, clock: StandingClock) -> None:
    """Nobody shortens it by being forgotten: it counts failures."""
    bank.prepare(empty_url)
    desk = bank.connect(empty_url, clock)
    locks_until = clock() + timedelta(hours=1)
    await desk.note(
        Attempt(call="c1", outcome="failed", customers=("C1001",), locks_until=locks_until, locked=("C1001",))
    )
    await desk.aclose()
    assert bank.expire(empty_url, clock()) == 0
    assert bank.expire(empty_url, AFTER) == 2
    assert bank.expire(empty_url, AFTER) == 0


def test_what_can_be_forgotten_has_an_end_too() -> None:
    """Every system of record that answers to `forget` answers to `expire`."""
    modules = [importlib.import_module(f"backends.{entry.name}") for entry in pkgutil.iter_modules(backends.__path__)]
    forgetting = {module.__name__ for module in modules if hasattr(module, "forget")}
    assert forgetting == {"backends.appointments", "backends.follow_ups", "backends.orders", "backends.tables"}
    assert forgetting <= {module.__name__ for module in modules if hasattr(module, "expire")}


def close(url: str, number: str, at: datetime) -> None:
    """The parcel arrives."""
    engine = make_engine(url)
    with engine.begin() as connection:
        done = orders.orders.update().where(orders.orders.c.number == number)
        connection.execute(done.values(status="delivered", closed_at=at))
    engine.dispose()
