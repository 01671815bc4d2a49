"""What is older than the retention goes, again and again."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.errors import Unavailable
from agent.memory.callers import Callers
from agent.memory.retention import Rule, keep_to
from agent.memory.store import Store, StoredCall
from tests.fakes.databases import locked

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)


async def test_old_calls_go_at_the_start_and_later_ones_when_their_day_comes(tmp_path: Path) -> None:
    """The clock is looked at each time; a store that is locked for once is asked again."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    store = Store(url)
    store.prepare()
    for days in (1, 40):
        start = NOW - timedelta(days=days)
        store.save(StoredCall(id=f"call-{days}", profile="shop", channel="phone", started_at=start), [])
    clock = [NOW]
    with locked(tmp_path / "parley.db"):
        keeping = asyncio.create_task(keep_to([Rule("calls", 30, Callers(url).expire)], lambda: clock[0], every_s=0.01))
        await asyncio.sleep(0.05)
    await until(lambda: [call.id for call in store.recent()] == ["call-1"])
    clock[0] += timedelta(days=30)
    await until(lambda: not store.recent())
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


async def test_a_database_that_fails_keeps_no_other_from_its_turn_and_all_is_reported(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Each kind has days of its own."""
    told: list[datetime] = []

    def fails(_: datetime) -> int:
        raise Unavailable("I can't reach our system right now.")

    def deletes(before: datetime) -> int:
        told.append(before)
        return 1

    caplog.set_level(logging.INFO)
    rules = [Rule("notes", 30, fails), Rule("calls", 30, deletes), Rule("words", 7, deletes)]
    report = tmp_path / "var" / "retention.jsonl"
    keeping = asyncio.create_task(keep_to(rules, lambda: NOW, report, every_s=60))
    await until(lambda: len(told) == 2)
    await until(report.is_file)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    assert told == [NOW - timedelta(days=30), NOW - timedelta(days=7)]
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert [(line["kind"], line["count"]) for line in lines] == [("notes", None), ("calls", 1), ("words", 1)]
    assert caplog.messages == ["retention failed", "retention"]


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, for ten seconds at most."""
    for _ in range(1000):
        if await asyncio.to_thread(is_so):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be so")
