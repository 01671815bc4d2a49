"""A real Postgres is stopped while calls go on: nobody waits for it, and afterwards every record is there."""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.events import AgentSpoke, CallEnded, CallerSpoke, CallJoined, EndReason
from agent.memory.ledger import Ledger
from agent.memory.store import Store
from agent.observers.audit.spill import Spill
from agent.observers.audit.writer import Audit
from agent.observers.bus import Bus
from evals.databases import running_postgres
from evals.observers import turns_missing
from tests.conftest import find_program

pytestmark = [pytest.mark.needs("postgres"), pytest.mark.timeout(120)]
CALLS, TURNS, PAUSE_S = 5, 60, 0.02
SLOW_S = 1.0  # a machine that is full; whoever waited for this database would wait for the rest of the test
CAUGHT_UP_S = 40


async def talk(bus: Bus, call_id: str, slowest: list[float]) -> None:
    """One call: how long each of its events kept it."""
    spoken = [
        event
        for turn in range(1, TURNS + 1)
        for event in (
            CallerSpoke(turn=turn, words=1, text=f"turn {turn}"),
            AgentSpoke(turn=turn, words=1, is_whole=True, text="yes"),
        )
    ]
    end = CallEnded(reason=EndReason.CALLER_LEFT, duration_s=1.0, turns=TURNS)
    for event in (CallJoined(profile="shop", channel="browser"), *spoken, end):
        began = time.monotonic()
        bus.publish(call_id, datetime.now(UTC), event)
        slowest.append(time.monotonic() - began)
        await asyncio.sleep(PAUSE_S)


def recorded(ledger: Ledger) -> int:
    """How many turns of callers the log has."""
    return sum('"caller_spoke"' in (link.body or "") for link in ledger.all())


def caught_up(ledger: Ledger) -> None:
    """Wait until it has all of them, or long enough. Blocking."""
    until = time.monotonic() + CAUGHT_UP_S
    while recorded(ledger) < CALLS * TURNS and time.monotonic() < until:
        time.sleep(0.5)


async def test_no_call_waits_for_a_database_that_is_gone_and_no_record_is_lost(tmp_path: Path) -> None:
    """Stopped in the middle, started when the calls are over."""
    program = find_program("postgres")
    assert program is not None
    with running_postgres(program) as database:
        await asyncio.to_thread(Store(database.url).prepare)
        ledger, spill = Ledger(database.url, "a" * 32), Spill(tmp_path / "audit")
        bus, slowest = Bus([Audit(ledger, spill)]), list[float]()
        calls = [asyncio.create_task(talk(bus, f"call-{number}", slowest)) for number in range(CALLS)]
        await asyncio.sleep(0.5)
        await asyncio.to_thread(database.stop)
        await asyncio.gather(*calls)
        await asyncio.to_thread(bus.flush, CAUGHT_UP_S)
        waited = [
            json.loads(line)
            for path in (tmp_path / "audit").glob("*.jsonl")
            for line in path.read_text().split("\n")
            if line
        ]
        await asyncio.to_thread(database.start)
        await asyncio.to_thread(caught_up, ledger)
        assert len(waited) > CALLS * TURNS, "most of it was said while the database was gone"
        assert await asyncio.to_thread(recorded, ledger) == CALLS * TURNS
        assert await asyncio.to_thread(turns_missing, ledger) == 0
        assert await asyncio.to_thread(ledger.verify) == []
        assert max(slowest) < SLOW_S
        await bus.aclose()
        ledger.close()
