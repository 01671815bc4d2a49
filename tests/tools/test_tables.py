"""The restaurant's tools on a real book, on a Friday noon; Saturday at seven is full."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest

from agent.call.call import Call
from agent.config import ROOT
from agent.errors import NotFound, Refused
from agent.profile.profile import load_profile
from backends import tables
from backends.seating import Area
from backends.tables import Tables
from tests.fakes.calls import NOON, recorded_call
from tests.fakes.contexts import context_of
from tools.tables import book_table, cancel_booking, change_booking, check_booking, find_tables

SATURDAY, SUNDAY, TUESDAY = date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 24)
SEVEN = time(19)
ALEX = ("Alex Morgan", "212 555 0101")
MakeCall = Callable[[str], Call]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A seeded book of its own."""
    tables.prepare(f"sqlite:///{tmp_path / 'book.db'}", lambda: NOON)
    return tmp_path / "book.db"


@pytest.fixture
def make_call(path: Path) -> MakeCall:
    """New calls to the restaurant, each with a connection of its own."""
    profile = load_profile("restaurant", ROOT / "profiles")

    def make(name: str = "call-1") -> Call:
        call, _ = recorded_call(profile, backends={Tables: tables.connect(f"sqlite:///{path}", lambda: NOON)})
        call.id = name
        return call

    return make


@pytest.fixture
def call(make_call: MakeCall) -> Call:
    """One call."""
    return make_call("call-1")


def booked(path: Path, where: str) -> list[tuple[object, ...]]:
    """Name, party and start (UTC) of the standing bookings."""
    with sqlite3.connect(path) as book:
        query = f"SELECT name, party, starts_at FROM table_bookings WHERE cancelled_at IS NULL AND {where}"
        return book.execute(query).fetchall()


async def test_a_table_is_booked_and_told(call: Call, path: Path) -> None:
    """The number is kept as E.164, and the reference is said digit by digit."""
    said = await book_table(context_of(call), 4, TUESDAY, SEVEN, "Ann Miller", "212 555 0177", Area.TERRACE)
    assert said.startswith("Done, I have booked a table for four on the terrace, on Tuesday, November 24")
    assert [row[:2] for row in booked(path, "phone = '+12125550177'")] == [("Ann Miller", 4)]


async def test_what_will_do_is_looked_for(call: Call) -> None:
    """Within days, within a day, at a time on any of some days; what is full is said."""
    assert "on Wednesday, November 25" in await find_tables(
        context_of(call), 2, within="2026-11-23..2026-11-29 mon,wed,thu,fri,sat,sun 17:00.."
    )
    assert await find_tables(context_of(call), 2, TUESDAY, within="18:00..18:30") == (
        "For two I have, for example, 6 PM, or 6:15 PM, or 6:30 PM."
    )
    at_eight = await find_tables(context_of(call), 2, at=time(20), within="wed,thu")
    assert at_eight == "For two I have, for example, 8 PM on Wednesday, November 25."
    with pytest.raises(Refused, match="Which other day or time would suit you"):
        await find_tables(context_of(call), 2, TUESDAY, within="23:00..")


async def test_the_same_request_books_once(call: Call, path: Path) -> None:
    """A retry, or a caller who says it again, hears the same reference."""
    first = await book_table(context_of(call), 4, TUESDAY, SEVEN, "Ann Miller", "212 555 0177")
    assert await book_table(context_of(call), 4, TUESDAY, SEVEN, "Ann Miller", "+1 212-555-0177") == first
    assert len(booked(path, "name = 'Ann Miller'")) == 1


async def test_who_hears_no_hears_what_is_free(call: Call, path: Path) -> None:
    """The alternatives are parted by "or", with their day where it is another."""
    with pytest.raises(Refused) as refused:
        await book_table(context_of(call), 2, SATURDAY, SEVEN, "Ann Miller", "212 555 0177")
    assert refused.value.sentence == (
        "I have no table then. I have 5:30 PM, or 8:30 PM, or 7 PM on Sunday, November 22. Which one would suit you?"
    )
    assert not booked(path, "name = 'Ann Miller'")


async def test_half_a_number_is_asked_for_again(call: Call) -> None:
    """Nothing is written under a number that cannot be called."""
    with pytest.raises(Refused, match="whole phone number"):
        await book_table(context_of(call), 2, TUESDAY, SEVEN, "Ann Miller", "555 0177")


async def test_looking_says_yes_no_or_some_times(call: Call) -> None:
    """With a time, without one, and where one wants to sit."""
    assert (await find_tables(context_of(call), 2, TUESDAY, SEVEN)).startswith(
        "Yes, a table for two is free on Tuesday"
    )
    assert (await find_tables(context_of(call), 2, TUESDAY)).startswith("For two I have, for example, ")
    with pytest.raises(Refused, match=r"I have no table then\. I have .* on the terrace"):
        await find_tables(context_of(call), 4, SATURDAY, SEVEN, Area.TERRACE)
    with pytest.raises(Refused, match="more than eight people"):
        await find_tables(context_of(call), 12, TUESDAY)


async def test_a_booking_is_told_to_who_knows_name_and_number(call: Call) -> None:
    """One of the two is not enough."""
    assert "a table for four on the terrace" in await check_booking(context_of(call), *ALEX)
    for name, phone in (("Alex Morgan", "212 555 0102"), ("Tom Baker", "212 555 0101")):
        with pytest.raises(NotFound, match="under that name and number"):
            await check_booking(context_of(call), name, phone)


async def test_only_what_is_given_changes(call: Call, path: Path) -> None:
    """Another hour keeps day, party and place, and asked twice it is changed once."""
    for _ in range(2):
        said = await change_booking(context_of(call), *ALEX, at=time(20, 30))
        assert "a table for four on the terrace, on Friday, November 27 at 8:30 PM" in said
    assert len(booked(path, "reference = '482913'")) == 1


async def test_nobody_else_changes_or_cancels_a_booking(call: Call, path: Path) -> None:
    """Code decides it, whatever an LLM passes on."""
    before = booked(path, "1 = 1")
    for name, phone in (("Alex Morgan", "212 555 0199"), ("Elena Rossi", "212 555 0101")):
        with pytest.raises(NotFound):
            await cancel_booking(context_of(call), name, phone)
        with pytest.raises(NotFound):
            await change_booking(context_of(call), name, phone, party=2)
    assert booked(path, "1 = 1") == before


async def test_of_several_bookings_the_day_decides(call: Call, path: Path) -> None:
    """Without it the caller is asked, and nothing is done."""
    await book_table(context_of(call), 2, SUNDAY, SEVEN, *ALEX)
    with pytest.raises(Refused, match="Which day is that booking for"):
        await cancel_booking(context_of(call), *ALEX)
    assert "on Sunday" in await cancel_booking(context_of(call), *ALEX, booked_for=SUNDAY)
    assert len(booked(path, "phone = '+12125550101'")) == 1


async def test_fifty_calls_for_the_last_table_are_one_yes_and_forty_nine_ways_out(
    make_call: MakeCall, path: Path
) -> None:
    """All at once, through the tool: nobody is booked twice, and each no says what is free."""
    wish = (8, TUESDAY, time(20))  # one table seats eight
    free = await find_tables(context_of(make_call("look")), *wish)
    calls = [make_call(f"call-{n}") for n in range(50)]
    asked = [
        book_table(context_of(one), *wish, f"Guest {'abcdefghij'[n // 5]}", f"212 556 {n:04d}")
        for n, one in enumerate(calls)
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    assert free.startswith("Yes, a table for eight")
    assert [str(a)[:5] for a in answers if not isinstance(a, BaseException)] == ["Done,"]
    assert len(refusals) == 49
    assert all("I have no table then. I have " in refusal.sentence for refusal in refusals)
    assert len(booked(path, "phone LIKE '+1212556%'")) == 1
