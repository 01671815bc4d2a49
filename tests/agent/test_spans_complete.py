"""No span is lost, however a call ends: what a real worker exports is what its calls' pages were told."""

import asyncio
import signal
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from agent.events import TurnEnded
from agent.observers.spans import stages
from evals.caller import Caller
from evals.servers import LiveKit, end, start_worker
from tests.agent.calls import ANSWER_S, greeted, kinds
from tests.agent.test_telling import answered
from tests.fakes.otlp import Collector, collector

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(180)]
OURS = ("voice.call", "voice.turn", "voice.stt", "voice.llm", "voice.tts", "voice.tool")


def expected(callers: list[Caller]) -> Counter[str]:
    """Our spans, by what the pages were told: a call that was taken up has two."""
    found = Counter({"voice.call": len(callers)})
    for caller in callers:
        found["voice.call"] += len(kinds(caller, "taken_up"))
        found["voice.turn"] += len(kinds(caller, "caller_spoke"))
        found["voice.tool"] += len(kinds(caller, "tool_called"))
        for told in kinds(caller, "turn_ended"):
            event = TurnEnded(**{field.name: told[field.name] for field in fields(TurnEnded)})  # type: ignore[arg-type]
            found.update(f"voice.{role}" for role in stages(event))
    return found


def exported(kept: Collector) -> Counter[str]:
    """Our spans that came, each once."""
    return Counter(span.name for span in {span.span_id: span for span in kept.spans}.values() if span.name in OURS)


async def test_spans_are_whole_after_a_goodbye_a_crash_and_a_drain(livekit_server: LiveKit, tmp_path: Path) -> None:
    """One caller says goodbye, one's job is killed and another goes on, one is in a call when the worker is stopped."""
    async with collector() as kept:
        worker = await asyncio.to_thread(
            lambda: start_worker(livekit_server, tmp_path, agent_name="whole", OTEL_EXPORTER_OTLP_ENDPOINT=kept.url)
        )
        try:
            async with worker.join() as first, worker.join() as second, worker.join() as third:
                callers = [first, second, third]
                await asyncio.gather(*(greeted(caller) for caller in callers))
                await asyncio.gather(*(answered(caller, "where is my order 4571") for caller in callers))
                await first.write("goodbye")
                await asyncio.wait_for(first.is_disconnected.wait(), ANSWER_S)
                await asyncio.sleep(1)  # what has just happened is told within milliseconds
                worker.job_of(second.room.name).kill()
                await second.until(lambda c: kinds(c, "taken_up"), ANSWER_S, "the call to be taken up")
                await answered(second, "where is my order 1001")
                await second.write("goodbye")
                await asyncio.wait_for(second.is_disconnected.wait(), ANSWER_S)
                worker.process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(third.is_disconnected.wait(), ANSWER_S)
            await asyncio.to_thread(worker.process.wait, ANSWER_S)
        finally:
            await asyncio.to_thread(end, worker.process)
    assert [kinds(caller, "call_ended")[-1]["reason"] for caller in (first, third)] == [
        "caller_goodbye",
        "worker_stopped",
    ]
    assert exported(kept) == expected(callers)
