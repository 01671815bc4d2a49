"""GET /metrics: what OpenTelemetry has measured, in Prometheus's words."""

import pytest
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client.parser import text_string_to_metric_families

from agent.observers.prometheus import Exposition, prometheus_name


@pytest.mark.parametrize(
    ("name", "unit", "is_counter", "expected"),
    [
        ("voice.calls.total", "{call}", True, "voice_calls_total"),
        ("voice.turns", "{turn}", True, "voice_turns_total"),
        ("voice.call.duration", "s", False, "voice_call_duration_seconds"),
        ("voice.turn.latency_ms", "", False, "voice_turn_latency_ms"),
        ("voice.task.completed", "{call}", True, "voice_task_completed_total"),
    ],
)
def test_names_are_those_that_a_collector_would_make(name: str, unit: str, is_counter: bool, expected: str) -> None:
    """So that a dashboard fits whichever way the figures come."""
    assert prometheus_name(name, unit, is_counter=is_counter) == expected


def test_what_was_measured_is_what_is_read() -> None:
    """Counters, gauges and histograms, read back by Prometheus's own parser; odd labels are escaped."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader]).get_meter("test")
    meter.create_counter("voice.calls.total").add(3, {"profile": 'a"b\\c'})
    meter.create_observable_gauge("voice.calls.active", [lambda _: [Observation(2, {"profile": "shop"})]])
    latency = meter.create_histogram("voice.turn.latency_ms", explicit_bucket_boundaries_advisory=[100, 200])
    for value in (50, 150, 150, 900):
        latency.record(value, {"voice.odd": "x"})
    text = Exposition(reader).text().decode()
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found[("voice_calls_total", ("profile", 'a"b\\c'))] == 3
    assert found[("voice_calls_active", ("profile", "shop"))] == 2
    odd = ("voice_odd", "x")
    ends = ("100.0", "200.0", "+Inf")
    assert [found[("voice_turn_latency_ms_bucket", ("le", end), odd)] for end in ends] == [1, 3, 4]
    assert found[("voice_turn_latency_ms_count", odd)] == 4
    assert found[("voice_turn_latency_ms_sum", odd)] == 1250
    assert ("process_open_fds",) in found, "and the process's own"


def test_before_the_first_call_there_is_a_page_all_the_same() -> None:
    """Nothing was measured; that is no error."""
    reader = InMemoryMetricReader()
    MeterProvider([reader])
    assert b"voice_" not in Exposition(reader).text()
