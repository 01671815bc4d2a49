"""A program that counts as a worker does, and whose child process lives one call, as a job does, and leaves without
flushing anything.

`python -m tests.fakes.telling_job TURNS [killed|outlives]`: with `killed` the child dies in the middle of its last
turn, with `outlives` it stands there still when the program stops.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event as Signal

from agent.config import Settings
from agent.events import (
    CallEnded,
    CallerSpoke,
    CallJoined,
    EndReason,
    Event,
    Outcome,
    ToolCalled,
    ToolReturned,
    TurnEnded,
)
from agent.observers.bus import Bus
from agent.observers.counting import counting
from agent.observers.telemetry import for_job
from agent.observers.telling import TALLY_VARIABLE, Telling, belongs, traceparent

START = datetime(2026, 11, 20, 17, tzinfo=UTC)


def at(milliseconds: int) -> float:
    """That long after the start, in seconds since the epoch."""
    return START.timestamp() + milliseconds / 1000


def call_of(turns: int) -> list[Event]:
    """A call whose every turn asks a tool; CANARY is what the caller and the tool said. 100 ms between events."""
    events: list[Event] = [CallJoined(profile="shop", channel="browser")]
    for turn in range(1, turns + 1):
        spoke = 100 * len(events)
        events += [
            CallerSpoke(turn=turn, words=1, text="CANARY", began_at=at(spoke - 900), ended_at=at(spoke - 200)),
            ToolCalled(tool_call=f"t{turn}", tool="lookup_order", arguments="CANARY"),
            ToolReturned(
                tool_call=f"t{turn}", tool="lookup_order", outcome=Outcome.OK, duration_ms=3.0, sentence="CANARY"
            ),
            TurnEnded(
                turn=turn, endpointing_ms=210.0, stt_ms=130.0, llm_ttft_ms=30.0, tts_ttfb_ms=140.0, e2e_ms=510.0,
                had_tools=True, speech_ended_at=at(spoke - 200), spoke_at=at(spoke + 310),
            ),
        ]  # fmt: skip
    return [*events, CallEnded(reason=EndReason.CALLER_GOODBYE, duration_s=30.0, turns=turns)]


def job(turns: int, end: str, has_told: Signal) -> None:
    """The child: tells a call, with as many spans of LiveKit's own, and returns at once."""
    exporter = for_job()
    bus = Bus([Telling(os.environ[TALLY_VARIABLE])])
    events = call_of(turns)
    if exporter:
        tracer = exporter.tracer_provider.get_tracer("livekit")
        with tracer.start_as_current_span("job_entrypoint"):
            belongs("call-1", traceparent())
            for _ in range(turns):
                tracer.start_span("agent_turn").end()
    for index, event in enumerate(events[:-2] if end else events):
        bus.publish("call-1", START + timedelta(milliseconds=100 * index), event)
    if end:
        bus.flush()
        has_told.set()
    if end == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if end == "outlives":
        time.sleep(60)


async def work(turns: int, end: str) -> None:
    """The parent: count until the child is gone, or told to stop."""
    settings = Settings.model_validate({"metrics_port": os.environ.get("METRICS_PORT", "0")})
    async with counting(settings, {}, lambda: START + timedelta(minutes=1)):
        context = multiprocessing.get_context("forkserver")
        has_told = context.Event()
        child = context.Process(target=job, args=(turns, end, has_told))
        child.start()
        await asyncio.to_thread(has_told.wait if end == "outlives" else child.join)
    child.kill()


if __name__ == "__main__":
    asyncio.run(work(int(sys.argv[1]), "".join(sys.argv[2:])))
