"""What is still to be done after a call, in SQLite and Postgres."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.errors import Refused, Unavailable
from backends.database import make_engine
from backends.follow_ups import FollowUp, Kind, connect, follow_ups, prepare
from tests.fakes.calls import NOON
from tests.fakes.databases import locked

SOON = NOON + timedelta(days=1)
CALLBACK = FollowUp(kind=Kind.CALLBACK, call_id="c1", number="5550100200", due_at=SOON, about="the lamp")


def kept(url: str) -> list[tuple[str, str]]:
    """Kind and number of every row."""
    engine = make_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(select(follow_ups.c.kind, follow_ups.c.number).order_by(follow_ups.c.key)).all()
    engine.dispose()
    return [(row.kind, row.number) for row in rows]


async def test_the_same_wish_is_kept_once(empty_url: str) -> None:
    """A retry, an interruption or a second "yes" doubles nothing; another call's wish is its own."""
    prepare(empty_url)
    records = connect(empty_url, lambda: NOON)
    again = FollowUp(kind=Kind.CALLBACK, call_id="c1", number="5550100200", due_at=SOON, about="The  Lamp")
    other = FollowUp(kind=Kind.CALLBACK, call_id="c2", number="5550100200", due_at=SOON, about="the lamp")
    assert await records.note(CALLBACK) == CALLBACK
    assert await records.note(again) == CALLBACK
    assert await records.note(other) == other
    assert kept(empty_url) == [("callback", "5550100200")] * 2
    await records.aclose()


async def test_wishes_of_one_moment_are_kept_once(empty_url: str) -> None:
    """Several workers, or one that was killed and asked again."""
    prepare(empty_url)
    records = connect(empty_url, lambda: NOON)
    assert set(await asyncio.gather(*(records.note(CALLBACK) for _ in range(8)))) == {CALLBACK}
    assert len(kept(empty_url)) == 1
    await records.aclose()


async def test_one_call_is_passed_on_once(empty_url: str) -> None:
    """Who asks three times for a person is one caller waiting."""
    prepare(empty_url)
    records = connect(empty_url, lambda: NOON)
    first = FollowUp(kind=Kind.TRANSFER, call_id="c1", about="wants a person", summary="x" * 2000)
    await records.note(first)
    second = await records.note(FollowUp(kind=Kind.TRANSFER, call_id="c1", about="is angry"))
    assert second.about == "wants a person" and len(second.summary) == 1000
    assert kept(empty_url) == [("transfer", "")]
    await records.aclose()


@pytest.mark.parametrize("due_at", [NOON, NOON - timedelta(minutes=1), NOON + timedelta(days=366)])
async def test_a_time_that_cannot_be_is_refused(empty_url: str, due_at: datetime) -> None:
    """With a sentence, and nothing is kept."""
    prepare(empty_url)
    records = connect(empty_url, lambda: NOON)
    with pytest.raises(Refused):
        await records.note(FollowUp(kind=Kind.REMINDER, call_id="c1", number="1", due_at=due_at))
    assert kept(empty_url) == []
    await records.aclose()


async def test_a_retry_after_its_time_still_finds_what_was_kept(empty_url: str) -> None:
    """The first answer was lost, not the wish."""
    prepare(empty_url)
    early, late = connect(empty_url, lambda: NOON), connect(empty_url, lambda: SOON + timedelta(hours=1))
    await early.note(CALLBACK)
    assert await late.note(CALLBACK) == CALLBACK
    await early.aclose()
    await late.aclose()


async def test_a_database_that_is_locked_is_unavailable(tmp_path: Path) -> None:
    """Then nothing was noted, and the caller hears so."""
    path = tmp_path / "follow_ups.db"
    prepare(f"sqlite:///{path}")
    records = connect(f"sqlite:///{path}", lambda: NOON)
    with locked(path), pytest.raises(Unavailable):
        await records.note(CALLBACK)
    await records.aclose()
