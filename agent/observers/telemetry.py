"""OpenTelemetry, when the standard OTEL_EXPORTER_OTLP_* variables ask for it: exporters, views and a safe end.

What is told is in spans.py and metrics.py. Knows no LiveKit: the worker hands `tracer_provider` over to it.
"""

import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.util import Finalize
from threading import Thread

from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from agent.events import Event
from agent.observers.metrics import Metrics
from agent.observers.spans import Spans

SHUTDOWN_S = 4.0  # a collector that is away may not keep a finished job's process longer
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_{}_ENDPOINT")
# LiveKit labels its own figures with room and job, which are new for every call: a series each. These stay.
LIVEKIT_LABELS = {
    "model_name",
    "model_provider",
    "severity",
    "connection_reused",
    "error.type",
    "gen_ai.agent.name",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.token.type",
    "gen_ai.tool.name",
}


@dataclass(frozen=True, slots=True)
class Sinks:
    """Observer that tells both what goes to spans and to metrics."""

    spans: Spans
    metrics: Metrics

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Tell both."""
        self.spans.on_event(call_id, at, event)
        self.metrics.on_event(call_id, at, event)


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What is exported. `observer` goes on the bus, `tracer_provider` to LiveKit."""

    tracer_provider: TracerProvider
    meter_provider: MeterProvider
    observer: Sinks

    def shutdown(self) -> None:
        """Send what is left, for SHUTDOWN_S at most. Blocking."""
        closers = (self.tracer_provider.shutdown, self.meter_provider.shutdown)
        threads = [Thread(target=close, name="telemetry shutdown", daemon=True) for close in closers]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + SHUTDOWN_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def install(environment: Mapping[str, str] = os.environ) -> Telemetry | None:
    """Start what the environment asks for, once per process; None when it asks for nothing.

    The meter provider becomes the process's own, so that LiveKit's metrics go the same way. At the process's end all is
    sent by a multiprocessing finalizer: job processes leave without running `atexit`, so nothing else would be in time.
    """
    traces, figures = _is_wanted("TRACES", environment), _is_wanted("METRICS", environment)
    if not traces and not figures:
        return None
    resource = _resource(environment)
    tracer_provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    if traces:
        tracer_provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    meter_provider = _meter_provider(resource, [_metric_reader(environment)] if figures else [])
    metrics.set_meter_provider(meter_provider)
    observer = Sinks(Spans(tracer_provider.get_tracer("parley")), Metrics(meter_provider.get_meter("parley")))
    telemetry = Telemetry(tracer_provider, meter_provider, observer)
    Finalize(None, telemetry.shutdown, exitpriority=100)
    return telemetry


def _is_wanted(signal: str, environment: Mapping[str, str]) -> bool:
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if environment.get(f"OTEL_{signal}_EXPORTER", "otlp") == "none":
        return False
    return any(environment.get(name.format(signal)) for name in ENDPOINTS)


def _resource(environment: Mapping[str, str]) -> Resource:
    named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    # each job is a process: without an id of its own, two would write one series
    own = {"service.instance.id": str(uuid.uuid4())}
    return Resource.create(own if named else {**own, "service.name": "parley"})


def _metric_reader(environment: Mapping[str, str]) -> MetricReader:
    # a job's process lives for one call: totals that start at zero each time add up only as deltas
    is_chosen = environment.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE")
    delta = AggregationTemporality.DELTA
    exporter = OTLPMetricExporter(preferred_temporality=None if is_chosen else {Counter: delta, Histogram: delta})
    return PeriodicExportingMetricReader(exporter)


def _meter_provider(resource: Resource, readers: Sequence[MetricReader]) -> MeterProvider:
    views = [View(instrument_name=name, attribute_keys=LIVEKIT_LABELS) for name in ("lk.*", "gen_ai.*")]
    return MeterProvider(metric_readers=readers, resource=resource, shutdown_on_exit=False, views=views)
