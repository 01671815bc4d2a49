"""The restaurant's book in a real SQLite and a real Postgres: the same suite, on the seed as it is on a Friday noon."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from agent.errors import NotFound, Refused, Unavailable
from backends import tables
from backends.database import make_engine
from backends.seating import Area, Booking, Guest, Wish
from backends.slots import NotBooked, Offer, Reason, Within, request_key
from backends.tables import Tables
from backends.tables_rows import claims
from tests.fakes.clocks import StandingClock
from tests.fakes.databases import locked

FRIDAY, SATURDAY, TUESDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 24)
THANKSGIVING, MONDAY = date(2026, 11, 26), date(2026, 11, 23)
SEVEN = time(19)
ROUND_FOUR = ["Tue 17:30 main room", "Tue 14:00 main room", "Wed 17:30 main room"]
ROUND_TEN_PAST = ["Tue 19:15 main room", "Tue 19:00 main room", "Wed 19:15 main room"]
ANN = Guest("Ann Lee", "+12125550199")


@pytest.fixture
def clock() -> StandingClock:
    """Friday, November 20, 2026, noon in New York."""
    return StandingClock()


@pytest.fixture
def url(empty_url: str, clock: StandingClock) -> str:
    """A seeded database of each kind."""
    tables.prepare(empty_url, clock)
    return empty_url


@pytest.fixture
async def house(url: str, clock: StandingClock) -> AsyncIterator[Tables]:
    """The book in it."""
    house = tables.connect(url, clock)
    yield house
    await house.aclose()


def guest(number: int) -> Guest:
    """One of many, each with a telephone of their own."""
    return Guest(f"Guest {number}", f"+1212556{number:04d}")


def said(offers: Sequence[Offer]) -> list[str]:
    """Offers in short."""
    return [f"{offer.starts_at:%a %H:%M} {offer.place}" for offer in offers]


async def refused(work: Awaitable[object]) -> NotBooked:
    """What a wish was refused with; its sentence can be said aloud."""
    with pytest.raises(NotBooked) as error:
        await work
    assert not set("0123456789:/&%_") & set(error.value.sentence)
    assert error.value.sentence[-1] in ".?"
    return error.value


async def test_a_table_is_booked_with_everything_of_it(house: Tables) -> None:
    """The smallest table that fits; times are aware and those of the house's clock."""
    booking = await house.book("key", Wish(2, TUESDAY, SEVEN), ANN)
    assert (booking.guest, booking.party, booking.table, booking.area) == (ANN, 2, 1, Area.MAIN_ROOM)
    assert booking.starts_at.isoformat() == "2026-11-24T19:00:00-05:00"
    assert booking.ends_at - booking.starts_at == timedelta(minutes=90)
    assert len(booking.reference) == 6 and booking.reference.isdecimal()
    assert await house.find("Ann Lee", ANN.phone) == (booking,)


@pytest.mark.parametrize(("party", "minutes"), [(1, 90), (2, 90), (3, 120), (4, 120), (5, 150), (8, 150)])
async def test_a_larger_party_stays_longer(house: Tables, party: int, minutes: int) -> None:
    """As the house has it."""
    booking = await house.book("key", Wish(party, TUESDAY, SEVEN), ANN)
    assert booking.ends_at - booking.starts_at == timedelta(minutes=minutes)


async def test_the_area_is_kept(house: Tables) -> None:
    """Whoever asks for the terrace sits there, whoever does not mind sits inside."""
    outside = await house.book("a", Wish(2, TUESDAY, SEVEN, Area.TERRACE), guest(1))
    inside = await house.book("b", Wish(2, TUESDAY, SEVEN), guest(2))
    assert (outside.area, inside.area) == (Area.TERRACE, Area.MAIN_ROOM)


@pytest.mark.parametrize(
    ("wish", "reason", "offers"),
    [
        (Wish(2, SATURDAY, SEVEN), Reason.TAKEN, ["Sat 17:30 main room", "Sat 20:30 main room", "Sun 19:00 main room"]),
        (Wish(4, SATURDAY, SEVEN), Reason.TAKEN, ["Sat 21:00 main room", "Sun 19:00 main room"]),
        (Wish(2, MONDAY, SEVEN), Reason.CLOSED, ["Tue 19:00 main room"]),
        (Wish(2, THANKSGIVING, SEVEN), Reason.CLOSED, ["Fri 19:00 main room"]),
        (Wish(2, TUESDAY, time(16)), Reason.CLOSED, ROUND_FOUR),
        (Wish(2, TUESDAY, time(22)), Reason.CLOSED, ["Tue 21:30 main room", "Wed 21:30 main room"]),
        (Wish(2, FRIDAY, time(11)), Reason.PAST, ["Fri 12:30 main room", "Sat 11:00 main room"]),
        (Wish(2, FRIDAY, time(12, 15)), Reason.PAST, ["Fri 12:30 main room", "Sat 12:15 main room"]),
        (Wish(2, date(2026, 11, 17), SEVEN), Reason.PAST, ["Fri 19:00 main room"]),
        (Wish(2, date(2027, 1, 20), SEVEN), Reason.TOO_FAR, []),
        (Wish(9, TUESDAY, SEVEN), Reason.TOO_LARGE, []),
        (Wish(0, TUESDAY, SEVEN), Reason.TOO_SMALL, []),
        (Wish(2, TUESDAY, time(19, 10)), Reason.OFF_GRID, ROUND_TEN_PAST),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)  # fmt: skip
async def test_what_cannot_be_had_is_refused_with_a_way_out(
    house: Tables, wish: Wish, reason: Reason, offers: list[str]
) -> None:
    """Nearest before and after on the day, then another day; booking and asking agree."""
    for refusal in (await refused(house.check(wish)), await refused(house.book("key", wish, ANN))):
        assert (refusal.reason, said(refusal.offers)) == (reason, offers)
        assert isinstance(refusal, Refused)
    with pytest.raises(NotFound):
        await house.find(ANN.name, ANN.phone)


async def test_when_the_terrace_is_full_another_area_is_offered_before_another_day(house: Tables) -> None:
    """Both two-seat tables of the terrace and the larger ones are taken; inside there is room."""
    for number, party in enumerate((2, 2, 4, 4, 6)):
        await house.book(f"{number}", Wish(party, TUESDAY, SEVEN, Area.TERRACE), guest(number))
    refusal = await refused(house.book("key", Wish(2, TUESDAY, SEVEN, Area.TERRACE), ANN))
    assert said(refusal.offers) == [
        "Tue 17:30 terrace", "Tue 20:30 terrace", "Tue 19:00 main room", "Wed 19:00 terrace",
    ]  # fmt: skip


async def test_every_offer_can_be_booked(house: Tables) -> None:
    """Nobody is sent from one refusal to the next."""
    refusal = await refused(house.check(Wish(2, SATURDAY, SEVEN, Area.TERRACE)))
    assert refusal.offers
    for number, offer in enumerate(refusal.offers):
        wish = Wish(2, offer.starts_at.date(), offer.starts_at.time(), Area(offer.place))
        assert await house.check(wish) == offer
        assert (await house.book(f"{number}", wish, guest(number))).starts_at == offer.starts_at


async def test_the_free_times_of_a_day_are_those_that_can_be_booked(house: Tables) -> None:
    """On the full Saturday, four people find a table until five to two hours before seven, and from nine on."""
    free = await house.free(4, SATURDAY)
    assert {f"{offer.starts_at:%H:%M}" for offer in free if offer.starts_at.hour >= 15} == {
        "21:00", "21:15", "21:30", "21:45", "22:00",
    }  # fmt: skip
    assert not await house.free(4, SATURDAY, Area.BAR)


async def test_of_the_days_that_will_do_the_first_with_a_table_is_told(house: Tables) -> None:
    """An evening next week but on Tuesday: Monday is closed, so it is Wednesday; on the full Saturday none is left."""
    evening = Within(first=MONDAY, last=date(2026, 11, 29), weekdays=frozenset({0, 2, 3, 4, 5, 6}), since=time(18))
    free = await house.soonest(2, evening)
    assert {offer.starts_at.date() for offer in free} == {date(2026, 11, 25)}
    assert free[0].starts_at.time() == time(18)
    seven = Within(first=SATURDAY, last=SATURDAY, since=SEVEN, until=SEVEN)
    assert not await house.soonest(4, seven)
    await refused(house.soonest(9, evening))


@pytest.mark.parametrize(("party", "day"), [(2, MONDAY), (2, date(2026, 11, 17)), (9, TUESDAY)])
async def test_a_day_on_which_nothing_could_be_free_says_why(house: Tables, party: int, day: date) -> None:
    """Closed, past, too many people."""
    await refused(house.free(party, day))


async def test_asking_twice_books_once(house: Tables) -> None:
    """A retry of the same request finds what it did; another request of the same call is another booking."""
    key = request_key("call-1", "book", TUESDAY, SEVEN)
    first = await house.book(key, Wish(2, TUESDAY, SEVEN), ANN)
    assert await house.book(key, Wish(2, TUESDAY, SEVEN), ANN) == first
    other = await house.book(request_key("call-1", "book", TUESDAY, time(12)), Wish(2, TUESDAY, time(12)), ANN)
    assert await house.find(ANN.name, ANN.phone) == (other, first)


async def test_a_retry_while_the_first_attempt_still_runs_books_once(house: Tables) -> None:
    """As when a caller interrupts, and the tool is called again at once."""
    made = await asyncio.gather(*(house.book("key", Wish(2, TUESDAY, SEVEN), ANN) for _ in range(8)))
    assert len({booking.reference for booking in made}) == 1
    assert len(await house.find(ANN.name, ANN.phone)) == 1


async def test_a_call_that_is_made_again_does_not_double_the_booking(house: Tables) -> None:
    """Another call, so another key; the number holds a table at that time already."""
    await house.book("call-1", Wish(2, TUESDAY, SEVEN), ANN)
    assert (await refused(house.book("call-2", Wish(2, TUESDAY, time(19, 30)), ANN))).reason is Reason.DOUBLE


async def test_nobody_is_offered_a_time_at_which_they_have_a_table(house: Tables) -> None:
    """Half past five is free on the full Saturday, but they eat there until seven."""
    await house.book("early", Wish(2, SATURDAY, time(17, 30)), ANN)
    refusal = await refused(house.book("late", Wish(2, SATURDAY, SEVEN), ANN))
    assert said(refusal.offers) == ["Sat 20:30 main room", "Sun 19:00 main room"]


async def test_who_cancelled_and_thinks_again_gets_a_new_booking(house: Tables) -> None:
    """In the same call, in the same words."""
    first = await house.book("key", Wish(2, TUESDAY, SEVEN), ANN)
    await house.cancel(first.reference)
    again = await house.book("key", Wish(2, TUESDAY, SEVEN), ANN)
    assert again.reference != first.reference and not again.is_cancelled


async def test_a_change_keeps_what_was_not_mentioned(house: Tables) -> None:
    """Later, and then one more person; reference and area stay."""
    booking = await house.book("key", Wish(2, TUESDAY, SEVEN, Area.TERRACE), ANN)
    later = await house.change(booking.reference, at=time(20))
    assert (later.reference, later.party, later.area) == (booking.reference, 2, Area.TERRACE)
    assert later.starts_at.time() == time(20)
    larger = await house.change(booking.reference, party=3)
    assert (larger.starts_at, larger.area) == (later.starts_at, Area.TERRACE)
    assert larger.ends_at - larger.starts_at == timedelta(minutes=120)
    assert await house.find(ANN.name, ANN.phone) == (larger,)


async def test_a_change_may_overlap_what_it_replaces(house: Tables) -> None:
    """On the full Saturday a party moves by half an hour on its own table."""
    (full,) = await house.find("Anika Joshi", "+12125550123")
    moved = await house.change(full.reference, at=time(19, 30))
    assert (moved.table, moved.starts_at.time()) == (full.table, time(19, 30))


async def test_a_change_that_is_asked_twice_is_made_once(house: Tables) -> None:
    """It says what should be, so a retry finds it so."""
    booking = await house.book("key", Wish(2, TUESDAY, SEVEN), ANN)
    first = await house.change(booking.reference, at=time(20))
    assert await house.change(booking.reference, at=time(20)) == first


async def test_a_change_that_cannot_be_had_leaves_the_booking_as_it_was(house: Tables) -> None:
    """The old table is only given up for a new one; its own time counts as free in the offers."""
    booking = await house.book("key", Wish(2, TUESDAY, SEVEN), ANN)
    refusal = await refused(house.change(booking.reference, day=SATURDAY))
    assert refusal.reason is Reason.TAKEN and refusal.offers
    for change in ({"day": MONDAY}, {"party": 12}, {"at": time(3)}, {"day": date(2026, 11, 19)}):
        await refused(house.change(booking.reference, **change))
    assert await house.find(ANN.name, ANN.phone) == (booking,)


async def test_what_was_cancelled_is_free_at_once(house: Tables) -> None:
    """One table of the full Saturday."""
    (full,) = await house.find("Rosa", "+12125550125")
    assert (await house.cancel(full.reference)).is_cancelled
    assert (await house.cancel(full.reference)).is_cancelled, "a second time changes nothing"
    assert (await house.book("key", Wish(7, SATURDAY, SEVEN), ANN)).table == full.table
    assert (await refused(house.change(full.reference, at=time(20)))).reason is Reason.GONE


async def test_a_booking_that_has_begun_is_left_alone(house: Tables, clock: StandingClock) -> None:
    """Neither changed nor cancelled; it is still found until it ends."""
    booking = await house.book("key", Wish(2, TUESDAY, SEVEN), ANN)
    clock.at = booking.starts_at
    assert (await refused(house.cancel(booking.reference))).reason is Reason.TOO_LATE
    assert (await refused(house.change(booking.reference, party=3))).reason is Reason.TOO_LATE
    assert await house.find(ANN.name, ANN.phone) == (booking,)
    clock.at = booking.ends_at
    with pytest.raises(NotFound):
        await house.find(ANN.name, ANN.phone)


@pytest.mark.parametrize("name", ["Alex Morgan", "alex morgan", "Alec Morgan", "Morgan", "Morgan Alex"])
async def test_a_name_may_be_misheard_or_half(house: Tables, name: str) -> None:
    """The number has to be right."""
    (booking,) = await house.find(name, "+12125550101")
    assert (booking.reference, booking.area) == ("482913", Area.TERRACE)


@pytest.mark.parametrize(
    ("name", "phone"), [("Priya Raman", "+12125550101"), ("Alex Morgan", "+12125550102"), ("", "+12125550101")]
)
async def test_a_wrong_name_or_number_finds_nothing(house: Tables, name: str, phone: str) -> None:
    """And the sentence does not say which one is wrong."""
    with pytest.raises(NotFound, match="under that name and number"):
        await house.find(name, phone)


@pytest.mark.parametrize("reference", ["000000", "", "'; DROP TABLE table_bookings; --"])
async def test_a_reference_that_is_not_there_is_not_found(house: Tables, reference: str) -> None:
    """Whatever it looks like, it is only compared."""
    with pytest.raises(NotFound):
        await house.change(reference, party=3)
    with pytest.raises(NotFound):
        await house.cancel(reference)


async def test_the_hours_of_a_day_are_told(house: Tables) -> None:
    """Lunch and dinner, nothing on a Monday."""
    assert [(f"{s.start:%H:%M}", f"{s.end:%H:%M}") for s in await house.hours(TUESDAY)] == [
        ("17:00", "20:00"), ("22:30", "03:30"),
    ], "in UTC"  # fmt: skip
    assert not await house.hours(MONDAY)


@pytest.fixture
def crowd(url: str, clock: StandingClock) -> Callable[[int], list[Tables]]:
    """Callers who each have connections of their own, as calls in processes of their own do."""
    return lambda count: [tables.connect(url, clock) for _ in range(count)]


async def test_of_fifty_callers_for_the_last_table_one_wins(crowd: Callable[[int], list[Tables]], url: str) -> None:
    """The others hear what is free instead; nobody hears a traceback, and nobody is told of a table that is gone."""
    (last,) = crowd(1)
    await last.cancel("557140")  # table 9 on the full Saturday, for four to six people
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(50))
    lines = asyncio.Semaphore(50 if url.startswith("sqlite") else 15)  # the tests' Postgres takes twenty connections

    async def call(number: int, house: Tables) -> Booking | BaseException:
        async with lines:
            try:
                return await house.book(f"call-{number}", Wish(5, SATURDAY, SEVEN), guest(number))
            except NotBooked as refusal:
                return refusal
            finally:
                await house.aclose()

    ended = await asyncio.gather(*(call(number, house) for number, house in enumerate(crowd(50))))
    won = [end for end in ended if isinstance(end, Booking)]
    lost = [end for end in ended if isinstance(end, NotBooked)]
    assert (len(won), len(lost)) == (1, 49)
    assert won[0].table == 9
    assert all(end.reason is Reason.TAKEN and said(end.offers)[0] == "Sat 21:30 main room" for end in lost)
    await last.aclose()


async def test_two_changes_for_one_table_end_with_one_of_them(crowd: Callable[[int], list[Tables]]) -> None:
    """The loser keeps its old table."""
    one, two = crowd(2)
    first = await one.book("a", Wish(8, TUESDAY, time(12)), guest(1))
    second = await two.book("b", Wish(8, date(2026, 11, 25), time(12)), guest(2))
    ended = await asyncio.gather(
        one.change(first.reference, day=TUESDAY, at=SEVEN),
        two.change(second.reference, day=TUESDAY, at=SEVEN),
        return_exceptions=True,
    )
    assert sorted(type(end).__name__ for end in ended) == ["Booking", "NotBooked"]
    kept = [await one.find("Guest 1", guest(1).phone), await one.find("Guest 2", guest(2).phone)]
    assert sorted(booking.starts_at.time() for (booking,) in kept) == [time(12), SEVEN]
    for house in (one, two):
        await house.aclose()


def test_the_database_itself_refuses_to_hold_a_table_twice(url: str) -> None:
    """Whatever a program forgets: table 9 on the full Saturday at seven."""
    at = datetime.fromisoformat("2026-11-21T19:00:00-05:00")
    engine = make_engine(url)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(claims).values(at=at, table_number=9, reference="482913"))
    engine.dispose()


async def test_a_second_start_adds_nothing_and_moves_nothing(url: str, clock: StandingClock) -> None:
    """Also when it is days later."""
    clock.forward(timedelta(days=3))
    tables.prepare(url, clock)
    house = tables.connect(url, clock)
    (booking,) = await house.find("Elena Rossi", "+12125550104")
    assert booking.starts_at.date() == date(2026, 11, 28)
    await house.aclose()


@pytest.mark.parametrize("days", range(0, 400, 33))
async def test_whenever_it_is_seeded_next_saturday_at_seven_is_full(tmp_path: Path, days: int) -> None:
    """Unless the house is closed then; what the seed promises is counted from the day of the seeding."""
    clock = StandingClock()
    clock.forward(timedelta(days=days))
    url = f"sqlite:///{tmp_path / 'later.db'}"
    tables.prepare(url, clock)
    house = tables.connect(url, clock)
    saturday = clock.at.date() + timedelta(days=(4 - clock.at.weekday()) % 7 + 1)
    assert saturday.weekday() == 5
    assert (await refused(house.check(Wish(2, saturday, SEVEN)))).reason in {Reason.TAKEN, Reason.CLOSED}


async def test_a_locked_book_is_unavailable_in_time(tmp_path: Path, clock: StandingClock) -> None:
    """Who reads gives up within two seconds, who writes within six, and then it works again."""
    path = tmp_path / "tables.db"
    tables.prepare(f"sqlite:///{path}", clock)
    house = tables.connect(f"sqlite:///{path}", clock)
    with locked(path):
        async with asyncio.timeout(2):
            with pytest.raises(Unavailable):
                await house.free(2, TUESDAY)
        async with asyncio.timeout(6):
            with pytest.raises(Unavailable):
                await house.book("key", Wish(2, TUESDAY, SEVEN), ANN)
    assert (await house.book("key", Wish(2, TUESDAY, SEVEN), ANN)).party == 2
    await house.aclose()


async def test_a_process_that_dies_between_the_writing_and_the_answer_has_booked_once(
    tmp_path: Path, clock: StandingClock
) -> None:
    """The answer is lost on its way; the retry, from another process, finds the booking."""
    url = f"sqlite:///{tmp_path / 'tables.db'}"
    tables.prepare(url, clock)
    house = tables.connect(url, clock)
    task = asyncio.create_task(house.book("key", Wish(2, TUESDAY, SEVEN), ANN))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    again = await tables.connect(url, clock).book("key", Wish(2, TUESDAY, SEVEN), ANN)
    with sqlite3.connect(tmp_path / "tables.db") as connection:
        held = connection.execute("SELECT reference FROM table_bookings WHERE request_key = 'key'").fetchall()
    assert held == [(again.reference,)]
    await house.aclose()
