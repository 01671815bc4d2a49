"""Callbacks and reminders on a real database."""

from datetime import date, time
from pathlib import Path

import pytest

from agent.call.call import Call
from agent.errors import Refused
from agent.profile.choices import ReminderChoice
from backends import follow_ups
from backends.follow_ups import FollowUps
from evals.records import columns, snapshot
from tests.fakes.calls import NOON, recorded_call
from tests.fakes.contexts import context_of
from tools.reminders import request_callback, set_reminder

SATURDAY = date(2026, 11, 21)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database of one's own."""
    columns()
    follow_ups.prepare(f"sqlite:///{tmp_path / 'f.db'}")
    return f"sqlite:///{tmp_path / 'f.db'}"


@pytest.fixture
def call(url: str) -> Call:
    """A call that may note something."""
    return recorded_call(backends={FollowUps: follow_ups.connect(url, lambda: NOON)})[0]


async def test_a_callback_is_noted_and_read_back(call: Call, url: str) -> None:
    """Number and time; twice wished is one call, in the profile's zone."""
    for _ in range(2):
        said = await request_callback(context_of(call), SATURDAY, time(15, 30), "5550100200")
    assert said == ("I have noted it: we will call you on Saturday, November 21 at 3:30 PM at 555 010 0200.")
    rows = snapshot(url)["follow_ups"]
    assert [(row["kind"], row["number"], row["call_id"]) for row in rows] == [("callback", "5550100200", "call-1")]
    assert str(rows[0]["due_at"]) == "2026-11-21 20:30:00+00:00"


async def test_a_reminder_keeps_what_it_is_about(call: Call, url: str) -> None:
    """In the caller's words."""
    said = await set_reminder(context_of(call), " the parcel ", SATURDAY, time(9), "+15550100200")
    assert said == (
        "I have noted the reminder on Saturday, November 21 at 9 AM, and will tell you when you next call from "
        "+1 555 010 0200."
    )
    assert [(row["kind"], row["about"]) for row in snapshot(url)["follow_ups"]] == [("reminder", "the parcel")]


async def test_a_time_that_has_passed_is_refused(call: Call, url: str) -> None:
    """Eleven in the morning, at noon."""
    with pytest.raises(Refused, match="passed already"):
        await request_callback(context_of(call), date(2026, 11, 20), time(11), "5550100200")
    assert snapshot(url)["follow_ups"] == ()


async def test_a_reminder_is_for_a_number_that_a_line_can_show(call: Call, url: str) -> None:
    """As E.164, or it could never be told; where reminders are sent, that is said."""
    with pytest.raises(Refused, match="whole phone number"):
        await set_reminder(context_of(call), "the parcel", SATURDAY, time(9), "5550100")
    sent = ReminderChoice(webhook="https://x.example/hook", secret_variable="S")
    call.profile = call.profile.model_copy(update={"reminders": sent})
    said = await set_reminder(context_of(call), "the parcel", SATURDAY, time(9), "555 010 0200")
    assert "and we will remind you at 555 010 0200" in said
    assert [row["number"] for row in snapshot(url)["follow_ups"]] == ["+15550100200"]
