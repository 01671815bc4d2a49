"""Reminders that remind: told at the next call, or sent, and never twice."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.afterwards.reminding import keep_sending, outboxes, send_due, tell_due
from agent.errors import VoiceAgentError
from agent.sending import Reminder, Unsent
from backends import follow_ups
from backends.database import make_engine
from backends.follow_ups import FollowUp, FollowUps, Kind, SqlFollowUps
from tests.fakes.calls import recorded_call, shop
from tests.fakes.databases import locked

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
ANNA, BOB = "+15550100200", "+15550100201"


class Clock:
    """A clock that is set forward by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """As it was set."""
        return self.now


class Post:
    """Takes what is sent, after refusing it so many times."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.tried: list[str] = []
        self.taken: list[str] = []

    async def __call__(self, due: Reminder) -> None:
        """Raises Unsent as long as it refuses."""
        self.tried.append(due.about)
        if self.refusals:
            self.refusals -= 1
            raise Unsent("not today")
        self.taken.append(due.about)


@pytest.fixture
def clock() -> Clock:
    """At noon."""
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with a reminder of Anna's for one o'clock, one of Bob's, and a call back that nobody reminds of."""
    url = f"sqlite:///{tmp_path / 'f.db'}"
    follow_ups.prepare(url)
    return url


async def keep(outbox: FollowUps) -> None:
    """One of Anna's, one of Bob's, one call back."""
    for kind, number, about in (
        (Kind.REMINDER, ANNA, "to water the plants."),
        (Kind.REMINDER, BOB, "the lamp"),
        (Kind.CALLBACK, ANNA, "a call back"),
    ):
        due_at = NOON + timedelta(hours=1)
        await outbox.note(FollowUp(kind=kind, call_id="first", number=number, due_at=due_at, about=about))


async def told(outbox: object, number: str, *, is_private: bool = False) -> list[str]:
    """What a call from that number hears."""
    profile = shop()
    profile = profile.model_copy(update={"memory": profile.memory.model_copy(update={"is_private": is_private})})
    call, _ = recorded_call(profile, backends={FollowUps: outbox}, number=number)
    heard: list[str] = []

    async def say(text: str) -> None:
        heard.append(text)

    await tell_due(call, say)
    return heard


async def test_a_reminder_is_told_at_the_next_call_once_it_is_due(url: str, clock: Clock) -> None:
    """Once, to its number, and to nobody whose number is not shown."""
    outbox = SqlFollowUps(make_engine(url), clock)
    await keep(outbox)
    assert await told(outbox, ANNA) == []
    clock.now += timedelta(hours=2)
    assert await told(outbox, "") == []
    assert await told(outbox, ANNA) == ["You asked me to remind you of this: to water the plants."]
    assert await told(outbox, ANNA) == []
    assert await told(outbox, BOB) == ["You asked me to remind you of this: the lamp."]


async def test_a_number_is_no_proof_where_the_memory_is_private(url: str, clock: Clock) -> None:
    """Nothing is said, and nothing is used up."""
    outbox = SqlFollowUps(make_engine(url), clock)
    await keep(outbox)
    clock.now += timedelta(hours=2)
    assert await told(outbox, ANNA, is_private=True) == []
    assert len(await told(outbox, ANNA)) == 1


async def test_a_database_that_fails_costs_the_reminder_and_not_the_call(
    url: str, clock: Clock, tmp_path: Path
) -> None:
    """It is told the next time."""
    outbox = SqlFollowUps(make_engine(url), clock)
    await keep(outbox)
    clock.now += timedelta(hours=2)
    with locked(tmp_path / "f.db"):
        assert await told(outbox, ANNA) == []
    assert len(await told(outbox, ANNA)) == 1


async def test_two_senders_never_send_one_twice(url: str, clock: Clock) -> None:
    """Two workers on one database, both looking at once, and calls besides."""
    boxes = [SqlFollowUps(make_engine(url), clock) for _ in range(3)]
    await keep(boxes[0])
    clock.now += timedelta(hours=2)
    claims = await asyncio.gather(*(box.claim() for box in boxes for _ in range(3)), return_exceptions=True)
    lent = [reminder.key for claim in claims if not isinstance(claim, BaseException) for reminder in claim]
    assert len(lent) == len(set(lent)) == 2
    assert await told(boxes[1], ANNA) == [], "it is in somebody's hands"


async def test_what_was_refused_is_sent_again_after_longer_and_longer_pauses(url: str, clock: Clock) -> None:
    """Half a minute, one, two; and once it is taken, never again."""
    outbox, post = SqlFollowUps(make_engine(url), clock), Post(refusals=3)
    due_at = NOON + timedelta(minutes=1)
    await outbox.note(FollowUp(kind=Kind.REMINDER, call_id="x", number=ANNA, due_at=due_at, about="the lamp"))
    tries = []
    for second in range(0, 600, 5):
        clock.now = due_at + timedelta(seconds=second)
        before = len(post.tried)
        await send_due(outbox, post)
        tries += [second] * (len(post.tried) - before)
    assert tries == [0, 30, 90, 210]
    assert post.taken == ["the lamp"]


async def test_whoever_sends_is_cancelled_and_the_reminder_is_free_again_later(url: str, clock: Clock) -> None:
    """Of a worker that died in the middle."""
    outbox = SqlFollowUps(make_engine(url), clock)
    await keep(outbox)
    clock.now += timedelta(hours=2)
    assert len(await outbox.claim()) == 2
    assert await outbox.claim() == ()
    clock.now += timedelta(minutes=6)
    assert len(await outbox.claim()) == 2


async def test_an_outbox_that_cannot_be_read_is_asked_again() -> None:
    """The loop outlives it."""
    asked: list[str] = []

    class Away:
        async def claim(self, number: str = "") -> Sequence[Reminder]:
            asked.append(number)
            raise VoiceAgentError("away")

        async def sent(self, key: str) -> None:
            raise AssertionError

        async def later(self, key: str) -> None:
            raise AssertionError

    loop = asyncio.create_task(keep_sending(Away(), Post(), every_s=0.01))
    await asyncio.sleep(0.1)
    loop.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await loop
    assert len(asked) > 1
    assert outboxes({Away: Away(), int: 1}) and not outboxes({int: 1})
