"""A whole call on a real worker with a collector listening: everything is told, and no word of the caller."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from agent.memory.store import Store, StoredCall
from evals.caller import Caller
from evals.servers import LiveKit, RunningWorker, end, start_worker
from tests.agent.calls import ANSWER_S, greeted, spoken
from tests.fakes.otlp import Collector, collector, labels_of

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(150)]
CANARY = "flibbertigibbet"
PRIVATE = "212 555 0147"
AGENT = "parley-told"


async def one_call(worker: RunningWorker) -> None:
    """The caller writes, so that we know each word that was said, asks for an order and says goodbye."""
    async with worker.join() as caller:
        await greeted(caller)
        for line in ("where is my order 4571", f"my {CANARY} is broken, call me at +1 {PRIVATE}", "goodbye"):
            await answered(caller, line)
        await asyncio.wait_for(caller.is_disconnected.wait(), ANSWER_S)


async def answered(caller: Caller, line: str) -> None:
    """Write a line and wait for what the agent says to it."""
    before = len(spoken(caller))
    await caller.write(line)
    await caller.until(lambda c: len(spoken(c)) > before, ANSWER_S, f"an answer to {line}")


async def closed(worker: RunningWorker) -> StoredCall:
    """The call's row, once it is closed."""
    store = Store(f"sqlite:///{worker.var / 'parley.db'}")
    for _ in range(100):
        if (calls := await asyncio.to_thread(store.recent, 1)) and calls[0].ended_at:
            return calls[0]
        await asyncio.sleep(0.2)
    pytest.fail("the call's record was not closed in 20 s")


async def sent(kept: Collector) -> Counter[str]:
    """The names of our spans, once the job's process has gone."""
    for _ in range(100):
        if any(span.name == "voice.call" for span in kept.spans):
            break
        await asyncio.sleep(0.2)
    return Counter(span.name for span in kept.spans)


def files(folder: Path) -> bytes:
    """All that a worker left on disk."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_call_is_told_to_store_and_collector_without_a_word_of_the_caller(
    livekit_server: LiveKit, tmp_path: Path
) -> None:
    """Row, spans, metrics, LiveKit's own; not even the order's number, which was a tool's argument."""
    async with collector() as kept:
        worker = await asyncio.to_thread(
            lambda: start_worker(
                livekit_server,
                tmp_path,
                agent_name=AGENT,
                OTEL_EXPORTER_OTLP_ENDPOINT=kept.url,
                PARLEY_LOG_LEVEL="DEBUG",
            )
        )
        try:
            await one_call(worker)
            row, names = await closed(worker), await sent(kept)
        finally:
            await asyncio.to_thread(end, worker.process)
    assert (row.profile, row.channel, row.end_reason) == ("shop", "browser", "caller_goodbye")
    assert row.turns == 3
    assert row.tool_calls == names["voice.tool"] == 2
    assert (names["voice.call"], names["voice.turn"]) == (1, 3)
    assert len({span.trace_id for span in kept.spans if span.name in {"voice.call", "agent_session"}}) == 1
    ids = {span.span_id for span in kept.spans}
    assert not [span.name for span in kept.spans if span.parent_span_id and span.parent_span_id not in ids]
    figures = {metric.name for metric in kept.metrics}
    assert {"voice.calls.total", "voice.turns", "voice.tools", "voice.calls.capacity"} <= figures
    assert any(name.startswith("lk.") for name in figures), "LiveKit's own metrics go the same way"
    assert "agent_session" in names, "and its spans"
    assert not {"room_id", "job_id"} & {label for metric in kept.metrics for label in labels_of(metric)}
    events = Store(f"sqlite:///{worker.var / 'parley.db'}").events(row.id)
    for where, told in {"log": worker.logged(), "record": str(events), "OpenTelemetry": str(kept.raw)}.items():
        assert CANARY not in told, where
        assert "order 4571" not in told, where
    for where, content in {"disk and log": files(tmp_path), "OpenTelemetry": kept.raw}.items():
        assert PRIVATE.encode() not in content, f"{where}: words are in the audit log alone, and private ones nowhere"
