"""OpenTelemetry from a real child process to a real collector: nothing lost, nothing started unasked, no words."""

import asyncio
import sys
import time
from collections import Counter

import pytest

from agent.config import ROOT
from agent.observers.metrics import METRICS
from agent.observers.telemetry import install
from evals.servers import free_port
from tests.fakes.otlp import Collector, collector, labels

TURNS = 60  # 121 spans


async def run_job(turns: int, **environment: str) -> float:
    """Run the program to its end; how long it took in seconds."""
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.telling_job", str(turns),
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip
    assert await asyncio.wait_for(process.wait(), 60) == 0
    return time.perf_counter() - started


@pytest.fixture(scope="module")
def told() -> Collector:
    """What a collector holds after one job."""

    async def listen() -> Collector:
        async with collector() as kept:
            await run_job(TURNS, OTEL_EXPORTER_OTLP_ENDPOINT=kept.url)
        return kept

    return asyncio.run(listen())


def test_every_span_of_a_job_arrives_though_its_process_just_leaves(told: Collector) -> None:
    """One call, its turns, a tool in each."""
    names = Counter(span.name for span in told.spans)
    assert names == {"call": 1, "turn": TURNS, "tool lookup_order": TURNS}


def test_spans_hang_together_in_one_trace(told: Collector) -> None:
    """Tools in their turns, turns in the call."""
    by_name: dict[str, list[bytes]] = {}
    for span in told.spans:
        by_name.setdefault(span.name, []).append(span.span_id)
    assert len({span.trace_id for span in told.spans}) == 1
    for span in told.spans:
        if span.name == "turn":
            assert span.parent_span_id in by_name["call"]
        if span.name == "tool lookup_order":
            assert span.parent_span_id in by_name["turn"]


def test_spans_carry_the_events_own_times_and_figures(told: Collector) -> None:
    """Not the time at which the observer got round to it."""
    turn = next(span for span in told.spans if span.name == "turn")
    assert turn.end_time_unix_nano - turn.start_time_unix_nano == 300_000_000
    found = labels(turn.attributes)
    assert found["voice.e2e_ms"] == "510.0"
    assert found["voice.turn"] == "1"


def test_the_metrics_of_the_last_call_arrive(told: Collector) -> None:
    """Exported on the way out, long before the minute of the periodic reader."""
    metrics = {metric.name: metric for metric in told.metrics}
    assert metrics["voice.turns"].sum.data_points[0].as_int == TURNS
    assert metrics["voice.turn.e2e"].histogram.data_points[0].sum == pytest.approx(0.51 * TURNS)
    assert set(metrics) <= {metric.name for metric in METRICS}
    assert metrics["voice.calls"].sum.aggregation_temporality == 1, "delta: processes of one call must add up"


def test_no_word_of_the_caller_or_a_tool_leaves_the_process(told: Collector) -> None:
    """Not in any byte that was sent."""
    assert told.raw
    assert b"CANARY" not in told.raw


def test_each_process_names_itself(told: Collector) -> None:
    """As parley, with an id of its own."""
    assert {resource["service.name"] for resource in told.resources} == {"parley"}
    assert len({resource["service.instance.id"] for resource in told.resources}) == 1


async def test_a_service_name_of_the_operator_stands() -> None:
    """The standard variable, and traces alone when only they are asked for."""
    async with collector() as kept:
        endpoint = f"{kept.url}/v1/traces"
        await run_job(1, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=endpoint, OTEL_SERVICE_NAME="desk")
    assert len(kept.spans) == 3
    assert not kept.metrics
    assert kept.resources[0]["service.name"] == "desk"


async def test_a_collector_that_is_away_holds_a_job_up_for_seconds_only() -> None:
    """The process leaves, what could not be sent is lost."""
    baseline = await run_job(1)
    took = await run_job(1, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{free_port()}")
    assert took - baseline < 6


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"},
    ],
)
def test_unasked_nothing_is_started(environment: dict[str, str]) -> None:
    """No thread, no connection, no provider."""
    assert install(environment) is None
