"""OpenTelemetry, when the standard OTEL_EXPORTER_OTLP_* variables ask for it: exporters, views and a safe end.

A job exports LiveKit's own spans and figures; the worker exports what its jobs tell it (tally.py), and lends the same
figures to Prometheus. What is told is in spans.py and metrics.py. Knows no LiveKit: `tracer_provider` is handed over.
"""

import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.util import Finalize
from threading import Thread
from urllib.parse import urlsplit

from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from agent.errors import ConfigError

SHUTDOWN_S = 4.0  # a collector that is away may not keep a finished job's process longer
SIGNALS = ("TRACES", "METRICS")
SPOKEN = "http/protobuf"
_PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"
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
class Telemetry:
    """What is exported. In a job `tracer_provider` goes to LiveKit."""

    tracer_provider: TracerProvider
    meter_provider: MeterProvider

    def shutdown(self) -> None:
        """Send what is left, for SHUTDOWN_S at most. Blocking."""
        closers = (self.tracer_provider.shutdown, self.meter_provider.shutdown)
        threads = [Thread(target=close, name="telemetry shutdown", daemon=True) for close in closers]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + SHUTDOWN_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def for_job(environment: Mapping[str, str] = os.environ) -> Telemetry | None:
    """Start what the environment asks for, once per process; None when it asks for nothing.

    The meter provider becomes the process's own, so that LiveKit's metrics go there. They are deltas: a job lives for
    one call, and totals that start at zero each time would not add up. At the process's end all is sent by a
    multiprocessing finalizer: job processes leave without running `atexit`, so nothing else would be in time.
    """
    if not any(is_wanted(signal, environment) for signal in SIGNALS):
        return None
    delta = AggregationTemporality.DELTA
    is_chosen = environment.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE")
    exporting = _exporting(environment, None if is_chosen else {Counter: delta, Histogram: delta})
    telemetry = _provide(environment, exporting)
    metrics.set_meter_provider(telemetry.meter_provider)
    Finalize(None, telemetry.shutdown, exitpriority=100)
    return telemetry


def for_worker(environment: Mapping[str, str] = os.environ, *readers: MetricReader) -> Telemetry:
    """What the worker exports of its calls: totals since its start, to `readers` and wherever the environment says."""
    return _provide(environment, [*_exporting(environment, None), *readers])


def check(environment: Mapping[str, str] = os.environ) -> None:
    """Raises ConfigError for what could never arrive: an address that is none, a protocol that is not spoken here."""
    for signal in SIGNALS:
        if not is_wanted(signal, environment):
            continue
        for variable in (_PROTOCOL, f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"):
            if environment.get(variable, SPOKEN) != SPOKEN:
                raise ConfigError(
                    f"{variable}: only {SPOKEN} is spoken; set it so, and the endpoint to the collector's port for "
                    "HTTP, 4318 by custom"
                )
        for variable in (name.format(signal) for name in ENDPOINTS):
            parts = urlsplit(environment.get(variable, "http://x"))
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ConfigError(f"{variable}: must be an address such as http://127.0.0.1:4318; see docs/metrics.md")


def is_wanted(signal: str, environment: Mapping[str, str]) -> bool:
    """Whether "TRACES" or "METRICS" go to a collector."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if environment.get(f"OTEL_{signal}_EXPORTER", "otlp") == "none":
        return False
    return any(environment.get(name.format(signal)) for name in ENDPOINTS)


def _provide(environment: Mapping[str, str], readers: Sequence[MetricReader]) -> Telemetry:
    resource = _resource(environment)
    tracer_provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    if is_wanted("TRACES", environment):
        tracer_provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    views = [View(instrument_name=name, attribute_keys=LIVEKIT_LABELS) for name in ("lk.*", "gen_ai.*")]
    meter_provider = MeterProvider(metric_readers=readers, resource=resource, shutdown_on_exit=False, views=views)
    return Telemetry(tracer_provider, meter_provider)


def _exporting(
    environment: Mapping[str, str], temporality: dict[type, AggregationTemporality] | None
) -> list[MetricReader]:
    if not is_wanted("METRICS", environment):
        return []
    return [PeriodicExportingMetricReader(OTLPMetricExporter(preferred_temporality=temporality))]


def _resource(environment: Mapping[str, str]) -> Resource:
    named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    # each worker and job is a process: without an id of its own, two would write one series
    own = {"service.instance.id": str(uuid.uuid4())}
    return Resource.create(own if named else {**own, "service.name": "parley"})
