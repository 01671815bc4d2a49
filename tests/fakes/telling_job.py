"""A program whose child process lives one call, as a worker's job does, and leaves without flushing anything.

`python -m tests.fakes.telling_job TURNS`: the parent waits for the child and exits with its code.
"""

import multiprocessing
import sys
from datetime import UTC, datetime, timedelta

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
from agent.observers import telemetry
from agent.observers.bus import Bus

START = datetime(2026, 11, 20, 17, tzinfo=UTC)


def call_of(turns: int) -> list[Event]:
    """A call whose every turn asks a tool; CANARY is what the caller and the tool said."""
    events: list[Event] = [CallJoined(profile="shop", channel="browser")]
    for turn in range(1, turns + 1):
        events += [
            CallerSpoke(turn=turn, words=1, text="CANARY"),
            ToolCalled(tool_call=f"t{turn}", tool="lookup_order", arguments="CANARY"),
            ToolReturned(
                tool_call=f"t{turn}", tool="lookup_order", outcome=Outcome.OK, duration_ms=3.0, sentence="CANARY"
            ),
            TurnEnded(
                turn=turn, endpointing_ms=210.0, stt_ms=130.0, llm_ttft_ms=30.0, tts_ttfb_ms=140.0, e2e_ms=510.0,
                had_tools=True,
            ),
        ]  # fmt: skip
    return [*events, CallEnded(reason=EndReason.CALLER_GOODBYE, duration_s=30.0, turns=turns)]


def job(turns: int) -> None:
    """The child: tells a call and returns at once."""
    exporter = telemetry.install()
    bus = Bus([exporter.observer] if exporter else [])
    for index, event in enumerate(call_of(turns)):
        bus.publish("call-1", START + timedelta(milliseconds=100 * index), event)


if __name__ == "__main__":
    child = multiprocessing.get_context("forkserver").Process(target=job, args=(int(sys.argv[1]),))
    child.start()
    child.join()
    sys.exit(child.exitcode)
