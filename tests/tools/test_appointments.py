"""The practice's tools on a real diary, on a Friday noon; on Wednesday doctor Okafor has no minute left."""

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
from backends import appointments
from backends.appointments import Appointments
from backends.rota import PartOfDay
from tests.fakes.calls import NOON, recorded_call
from tests.fakes.contexts import context_of
from tools.appointments import book_appointment, check_opening, find_appointment_times
from tools.own_appointments import cancel_appointment, check_appointment, find_times_to_move, move_appointment

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
THANKSGIVING = date(2026, 11, 26)
TEN = time(10)
MARIA = ("Maria Santos", date(1984, 3, 5))
BEN = ("Ben Stone", "518 555 0177", date(1970, 5, 3))
MakeCall = Callable[[str], Call]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A seeded diary of its own."""
    appointments.prepare(f"sqlite:///{tmp_path / 'diary.db'}", lambda: NOON)
    return tmp_path / "diary.db"


@pytest.fixture
def make_call(path: Path) -> MakeCall:
    """New calls to the practice, each with a connection of its own."""
    profile = load_profile("dental", ROOT / "profiles")

    def make(name: str) -> Call:
        diary = appointments.connect(f"sqlite:///{path}", lambda: NOON)
        call, _ = recorded_call(profile, backends={Appointments: diary})
        call.id = name
        return call

    return make


@pytest.fixture
def call(make_call: MakeCall) -> Call:
    """One call."""
    return make_call("call-1")


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """What the diary holds."""
    with sqlite3.connect(path) as diary:
        return diary.execute(query).fetchall()


async def test_a_new_patient_is_written_down_with_the_appointment(call: Call, path: Path) -> None:
    """Asked twice, both are there once."""
    first = await book_appointment(context_of(call), "check-up", MONDAY, TEN, *BEN, dentist="Lindgren")
    assert first.startswith("Done, you have a check-up with Doctor Lindgren on Monday, November 23 at 10 AM.")
    assert await book_appointment(context_of(call), "check-up", MONDAY, TEN, *BEN, dentist="Lindgren") == first
    assert rows(path, "SELECT count(*) FROM patients WHERE name = 'Ben Stone'") == [(1,)]
    assert rows(path, "SELECT count(*) FROM appointments WHERE patient_id > 13") == [(1,)]


async def test_who_hears_no_hears_what_is_free(call: Call) -> None:
    """Another dentist at that time, and the next day of that one."""
    with pytest.raises(Refused) as refused:
        await book_appointment(context_of(call), "check-up", WEDNESDAY, TEN, *BEN, dentist="Okafor")
    assert refused.value.sentence == (
        "I have nothing free then. I have 10 AM with Doctor Lindgren, or 10 AM on Friday, November "
        "27 with Doctor Okafor. Which one would suit you?"
    )


async def test_free_times_are_found_by_day_part_and_dentist(call: Call) -> None:
    """Three of a day, a yes for one, the nearest when that one is taken, and the holiday by its name."""
    context = context_of(call)
    assert (await find_appointment_times(context, "filling", MONDAY, part=PartOfDay.MORNING)).startswith(
        "For a filling on Monday, November 23 I have "
    )
    assert (await find_appointment_times(context, "check-up", MONDAY, TEN, dentist="Lindgren")).startswith("Yes, 10 AM")
    with pytest.raises(Refused, match=r"I have nothing free then\. I have .* Reyes, or .* Which one"):
        await find_appointment_times(context, "cleaning", TUESDAY, time(9, 15), dentist="Reyes")
    with pytest.raises(Refused, match="closed for Thanksgiving Day"):
        await find_appointment_times(context, "cleaning", THANKSGIVING)
    with pytest.raises(Refused, match="Doctor Lindgren doesn't do that"):
        await find_appointment_times(context, "root canal", dentist="Lindgren")


async def test_an_appointment_is_moved_and_keeps_its_dentist(call: Call, path: Path) -> None:
    """Asked twice, it is moved once."""
    for _ in range(2):
        said = await move_appointment(context_of(call), *MARIA, TUESDAY, time(14))
        assert said == "Done, you now have a cleaning with Doctor Reyes on Tuesday, November 24 at 2 PM."
    assert rows(path, "SELECT count(*) FROM appointments WHERE reference = '311207' AND cancelled_at IS NULL") == [(1,)]


async def test_it_is_said_to_what_times_an_appointment_could_be_moved(call: Call, path: Path) -> None:
    """With its dentist and for its treatment, on the first day that will do; nothing is changed."""
    before = rows(path, "SELECT * FROM appointments ORDER BY reference")
    said = await find_times_to_move(context_of(call), *MARIA, within="2026-11-30..2026-12-06 ..11:59")
    assert said.startswith("For that I have 8 AM on Tuesday, December 1 with Doctor Reyes")
    assert " PM" not in said
    assert rows(path, "SELECT * FROM appointments ORDER BY reference") == before


async def test_nobody_else_hears_of_moves_or_cancels_an_appointment(call: Call, path: Path) -> None:
    """A wrong birthday and somebody who is no patient get the same sentence."""
    before = rows(path, "SELECT * FROM appointments ORDER BY reference")
    said = set[str]()
    for name, born_on in ((MARIA[0], date(1984, 3, 6)), ("Peter Unknown", MARIA[1])):
        for attempt in (
            check_appointment(context_of(call), name, born_on),
            cancel_appointment(context_of(call), name, born_on),
            move_appointment(context_of(call), name, born_on, MONDAY, TEN),
            find_times_to_move(context_of(call), name, born_on, MONDAY),
        ):
            with pytest.raises(NotFound) as refused:
                await attempt
            said.add(refused.value.sentence)
    assert said == {"I can't find a patient with those details."}
    assert rows(path, "SELECT * FROM appointments ORDER BY reference") == before


async def test_two_who_could_be_meant_are_told_apart_by_their_number(call: Call) -> None:
    """Ann and Anna Lee were born on the same day."""
    ann = ("Ann Lee", date(1988, 2, 29))
    with pytest.raises(Refused, match="one more detail"):
        await check_appointment(context_of(call), *ann)
    with pytest.raises(NotFound, match="no coming appointment"):
        await check_appointment(context_of(call), *ann, "518 555 0112")


async def test_opening_hours_are_those_of_the_diary(call: Call) -> None:
    """Holidays and absences count, and the hours are those of the wall."""
    said = await check_opening(context_of(call), MONDAY, "Lindgren")
    assert said.startswith("Doctor Lindgren is in on Monday, November 23 from 9 AM to 1 PM and from 2 PM")
    assert await check_opening(context_of(call), THANKSGIVING) == "We are closed on Thursday, November 26."
    assert (await check_opening(context_of(call), date(2027, 3, 15))).startswith("We are open on Monday, March 15")


async def test_fifty_calls_for_one_chair_are_one_yes_and_forty_nine_ways_out(make_call: MakeCall, path: Path) -> None:
    """All at once, through the tool, by patients whom the practice knows."""
    people = [(f"{'ABCDEFGHIJ'[n // 5]}bel Stone", f"518 556 {n:04d}", date(1970, 5, 3)) for n in range(50)]
    diary = make_call("front desk").backend(Appointments)  # type: ignore[type-abstract]  # a Protocol is the key
    for name, phone, born_on in people:
        await diary.register(name, f"+1{phone.replace(' ', '')}", born_on)
    wish = ("check-up", MONDAY, TEN)
    calls = [make_call(f"call-{n}") for n in range(50)]
    asked = [
        book_appointment(context_of(call), *wish, *who, dentist="Lindgren")
        for call, who in zip(calls, people, strict=True)
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    assert [str(a)[:5] for a in answers if not isinstance(a, BaseException)] == ["Done,"]
    assert len(refusals) == 49
    assert all("I have nothing free then. I have " in refusal.sentence for refusal in refusals)
    booked = "SELECT count(*) FROM appointments WHERE patient_id > 13"
    assert rows(path, booked) == [(1,)]
