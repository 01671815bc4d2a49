"""OpenTelemetry from a real child process to a real collector: nothing lost, nothing started unasked, no words."""

import asyncio
import sys
import time
from collections import Counter

import pytest

from agent.config import ROOT
from agent.errors import ConfigError
from agent.observers.metrics import METRICS
from agent.observers.telemetry import check, for_job
from evals.servers import free_port
from tests.fakes.loopback import mute
from tests.fakes.otlp import Collector, collector, labels

TURNS = 60
STAGES = ("voice.stt", "voice.llm", "voice.tts")
OURS = {"voice.call": 1, "voice.turn": TURNS, "voice.tool": TURNS, **dict.fromkeys(STAGES, TURNS)}


async def run_job(turns: int, *arguments: str, **environment: str) -> float:
    """Run worker and job to their end; how long it took in seconds."""
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.telling_job", str(turns), *arguments,
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
    """One call, its turns, three stages and a tool in each; and all of LiveKit's own."""
    names = Counter(span.name for span in told.spans)
    assert names == {**OURS, "job_entrypoint": 1, "agent_turn": TURNS}


def test_spans_hang_together_in_one_trace(told: Collector) -> None:
    """Tools and stages in their turns, turns in the call, the call in the trace that LiveKit began for the job."""
    by_name: dict[str, list[bytes]] = {}
    for span in told.spans:
        by_name.setdefault(span.name, []).append(span.span_id)
    assert len({span.trace_id for span in told.spans}) == 1
    above = {"voice.call": "job_entrypoint", "voice.turn": "voice.call", "agent_turn": "job_entrypoint"}
    for span in told.spans:
        if span.name != "job_entrypoint":
            assert span.parent_span_id in by_name[above.get(span.name, "voice.turn")], span.name


def test_spans_carry_the_events_own_times_and_figures(told: Collector) -> None:
    """Not the time at which the observer got round to it: a turn begins where the caller's speech ended."""
    turn = next(span for span in told.spans if span.name == "voice.turn")
    assert turn.end_time_unix_nano - turn.start_time_unix_nano == pytest.approx(500_000_000, abs=2000)
    found = labels(turn.attributes)
    assert (found["voice.e2e_ms"], found["voice.turn"]) == ("510.0", "1")
    inside = {span.name: span for span in told.spans if span.parent_span_id == turn.span_id}
    lasted = {name: span.end_time_unix_nano - span.start_time_unix_nano for name, span in inside.items()}
    assert [round(lasted[name] / 1e6) for name in STAGES] == [130, 30, 140]
    assert labels(inside["voice.tool"].attributes)["gen_ai.tool.name"] == "lookup_order"
    assert labels(inside["voice.llm"].attributes)["gen_ai.operation.name"] == "chat"


def test_the_calls_span_has_the_figures_of_the_whole_call(told: Collector) -> None:
    """By the names that dashboards of voice agents ask for."""
    (call,) = (span for span in told.spans if span.name == "voice.call")
    found = labels(call.attributes)
    expected = {
        "voice.turns": str(TURNS), "voice.avg_turn_latency_ms": "510.0", "voice.interruptions": "0",
        "voice.tool_calls": str(TURNS), "voice.errors": "0", "voice.duration_s": "30.0",
        "gen_ai.conversation.id": "call-1",
    }  # fmt: skip
    assert expected.items() <= found.items()


def test_the_metrics_of_the_last_call_arrive(told: Collector) -> None:
    """Exported when the worker ends, long before the minute of the periodic reader; totals, since the worker stays."""
    metrics = {metric.name: metric for metric in told.metrics}
    assert metrics["voice.turns"].sum.data_points[0].as_int == TURNS
    assert metrics["voice.turn.latency_ms"].histogram.data_points[0].sum == pytest.approx(510 * TURNS)
    assert {name for name in metrics if name.startswith("voice.")} <= {metric.name for metric in METRICS}
    assert metrics["voice.calls.total"].sum.aggregation_temporality == 2, "cumulative"


async def test_a_job_that_is_killed_leaves_whole_spans_and_counts_as_crashed() -> None:
    """What it had told is there, its open turn too; the call's end is told by the worker."""
    async with collector() as kept:
        await run_job(3, "killed", OTEL_EXPORTER_OTLP_ENDPOINT=kept.url)
    names = Counter(span.name for span in kept.spans if span.name.startswith("voice."))
    assert names == {"voice.call": 1, "voice.turn": 3, "voice.tool": 3, **dict.fromkeys(STAGES, 2)}
    (call,) = (span for span in kept.spans if span.name == "voice.call")
    assert labels(call.attributes)["voice.reason"] == "crashed" and call.status.code == 2
    dropped = next(metric for metric in kept.metrics if metric.name == "voice.calls.dropped")
    assert labels(dropped.sum.data_points[0].attributes) == {"profile": "shop", "reason": "crashed"}


async def test_a_worker_that_stops_before_its_job_leaves_whole_spans_too() -> None:
    """Drained, and then told to go: nothing that it was told is lost with it."""
    async with collector() as kept:
        await run_job(3, "outlives", OTEL_EXPORTER_OTLP_ENDPOINT=kept.url)
    names = Counter(span.name for span in kept.spans if span.name.startswith("voice."))
    assert names == {"voice.call": 1, "voice.turn": 3, "voice.tool": 3, **dict.fromkeys(STAGES, 2)}


async def test_an_endpoint_may_have_a_path_or_a_slash() -> None:
    """`/v1/traces` and `/v1/metrics` follow it, with one slash between."""

    async def arrives(ending: str) -> None:
        async with collector(ending.rstrip("/")) as kept:
            await run_job(1, OTEL_EXPORTER_OTLP_ENDPOINT=kept.url + ending)
        assert {"voice.call", "voice.turn"} <= {span.name for span in kept.spans}, ending
        assert "voice.turns" in {metric.name for metric in kept.metrics}, ending

    await asyncio.gather(*map(arrives, ("/", "/otlp", "/otlp/")))


def test_no_word_of_the_caller_or_a_tool_leaves_the_process(told: Collector) -> None:
    """Not in any byte that was sent."""
    assert told.raw
    assert b"CANARY" not in told.raw


def test_each_process_names_itself(told: Collector) -> None:
    """As parley, worker and job each with an id of its own."""
    assert {resource["service.name"] for resource in told.resources} == {"parley"}
    assert len({resource["service.instance.id"] for resource in told.resources}) == 2


async def test_a_service_name_of_the_operator_stands() -> None:
    """The standard variable, and traces alone when only they are asked for."""
    async with collector() as kept:
        endpoint = f"{kept.url}/v1/traces"
        await run_job(1, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=endpoint, OTEL_SERVICE_NAME="desk")
    assert len(kept.spans) == 8
    assert not kept.metrics
    assert kept.resources[0]["service.name"] == "desk"


async def test_a_collector_that_is_away_or_mute_holds_a_job_up_for_seconds_only() -> None:
    """Job and worker leave, what could not be sent is lost: nobody listens, or somebody who never answers."""
    baseline = await run_job(1)
    async with mute() as silent:
        addresses = (f"http://127.0.0.1:{free_port()}", f"http://{silent}")
        for took in await asyncio.gather(*(run_job(1, OTEL_EXPORTER_OTLP_ENDPOINT=address) for address in addresses)):
            assert took - baseline < 12  # 4 s each for the job and the worker


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
    assert for_job(environment) is None


@pytest.mark.parametrize(
    "environment",
    [
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "grpc://collector:4317"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:1", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/json"},
    ],
)
def test_what_could_never_arrive_ends_the_start_in_a_sentence(environment: dict[str, str]) -> None:
    """It names the variable."""
    with pytest.raises(ConfigError, match=list(environment)[-1]):
        check(environment)


def test_a_protocol_that_nothing_is_sent_by_is_not_judged() -> None:
    """Other programs of the same environment may speak it."""
    check({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
