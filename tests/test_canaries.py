"""Sixty private values are said, and nobody finds one afterwards: in no file, log line, span, metric or export."""

import asyncio
import io
import json
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent import held
from agent.events import AgentSpoke, CallEnded, CallerSpoke, CallJoined, EndReason
from agent.memory.ledger import Ledger
from agent.memory.store import Store
from agent.observers.audit.__main__ import main as audit
from agent.observers.audit.spill import Spill
from agent.observers.audit.writer import Audit
from agent.observers.bus import Bus
from agent.observers.metrics import Instruments, Metrics
from agent.observers.plugged import Observer
from agent.observers.record import CallRecord
from agent.observers.spans import Spans
from agent.redaction.door import Door
from evals.private_values import CANARIES, found_in
from evals.servers import LiveKit, RunningWorker, end, start_worker
from tests.agent.calls import ANSWER_S, greeted, kinds, profiles_with
from tests.fakes.calls import recorded_call
from tests.fakes.otlp import collector

AT = datetime(2026, 11, 20, 17, tzinfo=UTC)
KEYED = "5105105105105100"
TOGETHER = 3  # values in a message: somebody who tells all of it at once


def exports(*arguments: tuple[str, ...]) -> Iterator[str]:
    """What the audit log's command line prints."""
    for each in arguments:
        out = io.StringIO()
        audit([*each], out)
        yield out.getvalue()


def wait_for_end(worker: RunningWorker) -> None:
    """Until the call's last record is in the audit log. Blocking."""
    log, until = Ledger(f"sqlite:///{worker.var / 'parley.db'}", "a" * 32), time.monotonic() + ANSWER_S
    while "CALL_END" not in [link.kind for link in log.all()]:
        assert time.monotonic() < until, "the call did not end"
        time.sleep(0.2)


def messages() -> list[str]:
    """All that is written: values in one turn several together, values in pieces by themselves."""
    whole = [canary.said[0] for canary in CANARIES if len(canary.said) == 1]
    pieces = [turn for canary in CANARIES if len(canary.said) > 1 for turn in canary.said]
    return [". ".join(whole[at : at + TOGETHER]) for at in range(0, len(whole), TOGETHER)] + pieces


def files_in(folder: Path) -> dict[str, str]:
    """Whatever is in each file, by its name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes().decode(errors="ignore") for path in files}


def sounds_in(folder: Path) -> set[str]:
    """The kept sound of phrases. Megabytes of samples hold any four digits by chance: which phrases they are is looked
    at, not what stands in them."""
    return {name for name in files_in(folder) if name.endswith(".phrase")}


async def all_phrases(folder: Path) -> set[str]:
    """Those of the profile, which are kept behind the first calls: until none was added for five seconds."""
    before, kept = set[str](), sounds_in(folder)
    while kept != before:
        await asyncio.sleep(5)
        before, kept = kept, sounds_in(folder)
    return kept


def test_the_search_finds_what_was_said() -> None:
    """Otherwise it would prove nothing."""
    assert len(CANARIES) == 60 and len({canary.kind for canary in CANARIES}) == 12
    for canary in CANARIES:
        assert found_in(" ".join(canary.said), [canary]), canary


async def test_no_observer_note_or_export_holds_a_value_that_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each on its own, and the agent reads it back."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("PARLEY_VAR_DIR", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    store = Store(url)
    store.prepare()
    spans, provider, reader = InMemorySpanExporter(), TracerProvider(), InMemoryMetricReader()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    sinks: list[Observer] = [
        CallRecord(store),
        Spans(provider.get_tracer("test")),
        Metrics(Instruments(MeterProvider([reader]).get_meter("test"))),
    ]
    bus = Bus([*sinks, Audit(Ledger(url, "a" * 32), Spill(tmp_path / "audit"))])
    call, record = recorded_call()
    bus.open("call-1", Door(call.discretion), call.flag)
    call.publish = lambda _id, at, event: bus.publish("call-1", at, event)
    call.emit(CallJoined(profile="shop", channel="browser"))
    for canary in CANARIES:
        for turn in canary.said:
            call.emit(CallerSpoke(turn=1, words=1, text=turn))
            call.emit(AgentSpoke(turn=1, words=1, is_whole=True, text=f"I have heard {turn}, is that right?"))
    call.emit(CallEnded(reason=EndReason.CALLER_LEFT, duration_s=1.0, turns=1))
    await bus.aclose(60)
    note = call.for_people(". ".join(turn for canary in CANARIES for turn in canary.said))
    out = [
        *exports(("verify",), ("export",), ("export", "--for", "training"), ("show", "call-1")),
        held.main(["call-1"]),
    ]
    assert out[0].startswith("whole: ") and not record.events
    told = [*out, note, str(reader.get_metrics_data()), *(span.to_json() for span in spans.get_finished_spans())]
    told += [str(line.__dict__) for line in caplog.records]
    told += files_in(tmp_path).values()
    assert [found for text in told if (found := found_in(text))] == []


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(300)
async def test_a_call_in_which_sixty_values_are_said_leaves_none_anywhere(
    livekit_server: LiveKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written and keyed, in a real worker that logs everything and exports to a collector."""
    limits = {"max_turns": 1000, "max_messages_per_s": 20.0}
    async with collector() as collected:
        worker = start_worker(
            livekit_server,
            tmp_path,
            agent_name="parley-canaries",
            PARLEY_PROFILES_DIR=profiles_with(tmp_path, limits=limits),
            PARLEY_LOG_LEVEL="DEBUG",
            PARLEY_AUDIT_KEY="a" * 32,
            OTEL_EXPORTER_OTLP_ENDPOINT=collected.url,
        )
        try:
            async with worker.join() as caller:
                await greeted(caller)
                phrases = await all_phrases(worker.var)
                for text in messages():
                    before = len(kinds(caller, "agent_spoke"))
                    await caller.write(text)
                    await asyncio.sleep(0.5)
                    await caller.until(
                        lambda c, n=before: len(kinds(c, "agent_spoke")) > n or c.agent_state != "thinking",  # type: ignore[misc]
                        ANSWER_S,
                        "the agent to have begun its answer",
                    )
                for digit in KEYED:
                    await caller.room.local_participant.publish_dtmf(code=int(digit), digit=digit)
                await caller.room.local_participant.publish_dtmf(code=11, digit="#")
                await asyncio.sleep(2)
            await asyncio.to_thread(wait_for_end, worker)
        finally:
            end(worker.process)
    monkeypatch.setenv("PARLEY_VAR_DIR", str(worker.var))
    monkeypatch.setenv("PARLEY_AUDIT_KEY", "a" * 32)
    told = dict(
        zip(
            ("verify", "export", "training"),
            exports(("verify",), ("export",), ("export", "--for", "training")),
            strict=True,
        )
    )
    assert told["verify"].startswith("whole: ")
    records = [line for line in map(json.loads, told["export"].splitlines()) if line.get("kind") == "TRANSCRIPT"]
    written = [line["body"]["text"] for line in records if line["body"]["event"] == "caller_spoke"]
    assert len(written) >= len(messages()), "every message is in the log, with placeholders"
    assert sounds_in(worker.var) == phrases, "the profile's own, and none of the call's"
    told |= {name: text for name, text in files_in(worker.var).items() if name not in phrases}
    told |= {"log": worker.logged()}
    told |= {"collector": collected.raw.decode(errors="ignore")}
    found = {name: values for name, text in told.items() if (values := found_in(text))}
    assert not found
    assert not {name for name, text in told.items() if KEYED in text}
