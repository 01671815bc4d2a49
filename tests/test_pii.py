"""The caller's words stay out of logs, store and telemetry: every log line of ours is read, and a canary is sent."""

import ast
import asyncio
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import MetaData, create_engine, select

from agent import log
from agent.config import ROOT
from agent.events import Channel, EndReason, Event, Outcome, private, public
from agent.memory.store import Store
from agent.observers.bus import Bus
from agent.observers.metrics import Instruments, Metrics
from agent.observers.record import CallRecord
from agent.observers.spans import Spans
from agent.redaction.door import scrubbed
from agent.rules import readback
from evals.servers import LiveKit, end, start_worker
from tests.agent.calls import ANSWER_S, greeted, spoken
from tests.fakes.databases import locked

CANARY = "canarybird"
AT = datetime(2026, 11, 20, 17, tzinfo=UTC)
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
WORDLESS = {"web.py"}  # it mints tokens; no caller's word passes through it, so its tracebacks hold none
SAID_AT_THE_BANK = {  # what is typed, and what of it nobody may find afterwards
    "what's my balance": (),
    "Priya Sharma": ("Priya", "Sharma"),
    "March fifth 1985": ("March fifth", "1985-03-05", "1985", "05031985", "03051985"),
    "block my card": (),
    "four four one two": ("4412",),
    "no": (),
    "my card number is 4539 1488 0343 7305": ("4539148803437305", "7305"),
    "I want to talk to a person": (),
    "goodbye": (),
}
BALANCES = ("lakh", "3000000", "30,00,000")  # two in rupees, in words and in figures
SOURCES = sorted(path for room in ("agent", "tools", "backends") for path in (ROOT / room).rglob("*.py"))


def log_calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a logger's method in a file, with its place."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in LEVELS:
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id in {"log", "logger", "logging"}:
            yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def extra_keys(call: ast.Call) -> list[ast.expr | None]:
    """The keys of `extra={...}`; None stands for what cannot be read (a variable, `**other`)."""
    (extra,) = [keyword.value for keyword in call.keywords if keyword.arg == "extra"] or [ast.Dict([], [])]
    return list(extra.keys) if isinstance(extra, ast.Dict) else [None]


def used_keys() -> dict[str, str]:
    """Every key that is logged somewhere, with one place of it; `?` where it cannot be read."""
    return {
        key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else "?": place
        for path in SOURCES
        for place, call in log_calls(path)
        for key in extra_keys(call)
    }


def contents(folder: Path) -> list[tuple[str, bytes]]:
    """Every file of a folder with what is in it."""
    return [(path.name, path.read_bytes()) for path in folder.iterdir()]


def every_event(text: str) -> list[Event]:
    """One of each event, with `text` in every field that can hold the caller's words and nothing of it elsewhere."""
    return [_filled(kind, text) for kind in sorted(_kinds(Event), key=lambda kind: kind.__name__ == "CallEnded")]


def _kinds(base: type[Event]) -> list[type[Event]]:
    return [kind for child in base.__subclasses__() for kind in (child, *_kinds(child))]


def _filled(kind: type[Event], text: str) -> Event:
    plain: dict[Any, Any] = {
        int: 1, float: 1.5, bool: True, str: "plain", Outcome: Outcome.OK, EndReason: EndReason.CALLER_LEFT,
        Channel: "browser", float | None: 1.5,
    }  # fmt: skip
    return kind(**{f.name: text if f.metadata.get("pii") else plain.get(f.type, "stt") for f in fields(kind)})


def test_every_key_that_is_logged_is_classified() -> None:
    """In agent/log.py, or named with a `pii` segment that is dropped there."""
    wrong = {k: place for k, place in used_keys().items() if k not in log.SAFE_KEYS and "pii" not in k.split(".")}
    assert not wrong, f"classify these keys in agent/log.py: {wrong}"


def test_no_key_is_classified_that_nobody_logs() -> None:
    """So that the table stays one that was thought about."""
    assert not log.SAFE_KEYS - set(used_keys())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_log_messages_are_static_and_without_tracebacks(path: Path) -> None:
    """An f-string, an argument or a traceback's last line may hold what was said."""
    for place, call in log_calls(path):
        assert isinstance(call.func, ast.Attribute)
        assert len(call.args) == 1, f"{place}: a log message takes no arguments, use extra="
        assert isinstance(call.args[0], ast.Constant), f"{place}: a log message is a plain string"
        assert call.func.attr != "exception" or path.name in WORDLESS, f"{place}: log the error's type, no traceback"
        assert not {keyword.arg for keyword in call.keywords} & {"exc_info", "stack_info"}, place


def test_what_an_event_calls_private_is_not_public() -> None:
    """Checked on every event there is."""
    for event in every_event(CANARY):
        assert CANARY not in str(public(event))
        assert (CANARY in str(private(event))) == any(f.metadata.get("pii") for f in fields(event))


async def test_no_observer_lets_the_callers_words_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A canary through the bus reaches neither the store's file, nor a span, nor a metric, nor a log line."""
    caplog.set_level(logging.DEBUG)
    store = Store(f"sqlite:///{tmp_path / 'parley.db'}")
    store.prepare()
    spans, provider, reader = InMemorySpanExporter(), TracerProvider(), InMemoryMetricReader()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    meter = MeterProvider([reader]).get_meter("test")
    bus = Bus([CallRecord(store), Spans(provider.get_tracer("test")), Metrics(Instruments(meter))])
    for event in every_event(CANARY):
        bus.publish("call-1", AT, event)
    await bus.aclose()
    assert len(store.events("call-1")) == len(every_event(CANARY))
    store.close()
    finished = spans.get_finished_spans()
    assert {span.name for span in finished} >= {"voice.call", "voice.turn"}
    assert all(CANARY not in span.to_json() for span in finished)
    assert CANARY not in str(reader.get_metrics_data())
    assert not [name for name, content in contents(tmp_path) if CANARY.encode() in content]
    assert all(CANARY not in str(record.__dict__) for record in caplog.records)


async def test_a_store_that_fails_does_not_quote_what_it_was_given(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Databases like to repeat the statement with its values."""
    path = tmp_path / "parley.db"
    store = Store(f"sqlite:///{path}")
    store.prepare()
    store.close()
    bus = Bus([CallRecord(store)])
    with locked(path):
        for event in every_event(CANARY):
            bus.publish("call-1", AT, event)
        await bus.aclose(20)
    assert "call record not written" in caplog.messages
    assert all(CANARY not in str(record.__dict__) for record in caplog.records)


def test_an_attribute_with_a_pii_segment_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    """LiveKit's own lines have such attributes."""
    log.configure("INFO", scrubbed)
    logging.getLogger("parley").warning("plain", extra={"transcript.pii": CANARY, "count": 1})
    (record,) = caplog.records
    assert record.__dict__["count"] == 1
    assert CANARY not in str(record.__dict__)


def test_a_line_of_another_library_is_cleaned_with_its_values_and_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Ours has no words; others may quote what they were given: in the message, beside it, or in an error."""
    log.configure("DEBUG", scrubbed)
    theirs = logging.getLogger("livekit.agents")
    theirs.setLevel(logging.DEBUG)
    try:
        raise ValueError("cannot read 'mail priya.sharma@example.com'")
    except ValueError:
        theirs.exception("failed for %s", "card 4111 1111 1111 1111", extra={"body": {"content": "ssn 078-05-1120"}})
    (record,) = [record for record in caplog.records if record.name == "livekit.agents"]
    # a thread's number and a time may hold any digits
    said = {key: value for key, value in record.__dict__.items() if not isinstance(value, int | float)}
    told = logging.Formatter().format(record) + str(said)
    assert not re.search(r"4111|priya|078", told), told
    assert "ValueError" in told and "<CARD>" in told


def test_the_call_id_stays_on_every_line_although_it_has_the_shape_of_an_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A carrier knows a call by nothing else."""
    log.configure("INFO", scrubbed)
    logging.getLogger("livekit.agents").warning("left", extra={"sip_call_id": "1-11000@127.0.0.1", "who": "a@b.com"})
    (record,) = caplog.records
    assert record.__dict__["sip_call_id"] == "1-11000@127.0.0.1"
    assert record.__dict__["who"] == "<EMAIL>"


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(240)
async def test_a_call_at_the_bank_leaves_nothing_that_was_said_in_any_table(
    livekit_server: LiveKit, tmp_path: Path
) -> None:
    """Of any database that the worker has, whatever tables there are; what the bank had before is its own."""
    worker = start_worker(livekit_server, tmp_path, agent_name="parley-private", PARLEY_PROFILE="bank")
    try:
        before = rows(worker.var)
        async with worker.join() as caller:
            await greeted(caller)
            for line in SAID_AT_THE_BANK:
                count = len(spoken(caller))
                await caller.write(line)
                await caller.until(lambda c, n=count: len(spoken(c)) > n, ANSWER_S, f"an answer to {line}")  # type: ignore[misc]
            await asyncio.wait_for(caller.is_disconnected.wait(), ANSWER_S)
            tools = {event["tool"] for event in caller.events if event["type"] == "tool_returned"}
            assert tools >= {"verify_identity", "check_balance", "block_card", "transfer_to_human"}, caller.transcript()
    finally:
        end(worker.process)  # which writes what it still holds
    left = rows(worker.var) - before
    assert {table for table, _ in left} >= {"calls", "call_events", "bank_attempts", "follow_ups"}
    values = [*BALANCES, *(value for values in SAID_AT_THE_BANK.values() for value in values)]
    found = {(table, value) for table, row in left for value in values if holds(row, value)}
    assert not found, [row for table, row in left if table in {table for table, _ in found}]


def rows(folder: Path) -> set[tuple[str, str]]:
    """Every row of every table of every SQLite file, as the database itself tells which there are."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.read_bytes()[:6] == b"SQLite"]
    found = set()
    for path in files:
        engine, metadata = create_engine(f"sqlite:///{path}"), MetaData()
        metadata.reflect(engine)
        with engine.connect() as connection:
            for name, table in metadata.tables.items():
                found |= {(name, str([*texts(list(row))])) for row in connection.execute(select(table))}
        engine.dispose()
    return found


def texts(cell: object) -> Iterator[str]:
    """The texts in a cell, those within its JSON too, and whole numbers; times and measures are nobody's words."""
    match cell:
        case dict():
            yield from texts([*cell, *cell.values()])
        case list():
            for part in cell:
                yield from texts(part)
        case str() if re.fullmatch(r"[0-9a-f]{32,}", cell):
            return  # a digest: digits stand in it by chance
        case str() if cell[:1] in "[{" and cell:
            yield from texts(json.loads(cell))
        case str() | int():
            yield str(cell)


def holds(row: str, value: str) -> bool:
    """Whether a value stands in a row: as it was said, its digits however parted, or digit by digit in words."""
    text, digits = row.casefold(), re.sub(r"\D", "", value)
    forms = [re.escape(value.casefold())]
    if digits:
        forms += [r"(?<!\d)" + r"[\s,/-]*".join(digits) + r"(?!\d)"]
        forms += [r"\W+".join(re.findall(r"\w+", readback.code(digits)))]
    return any(re.search(form, text) for form in forms)
