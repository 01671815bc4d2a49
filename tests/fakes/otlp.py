"""An OpenTelemetry collector on loopback: takes OTLP over HTTP and keeps what it was sent."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.fakes.loopback import listening


@dataclass
class Collector:
    """What came, decoded and raw."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)
    raw: bytes = b""

    async def on_traces(self, request: web.Request) -> web.Response:
        """POST /v1/traces."""
        body = await request.read()
        self.raw += body
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(labels(group.resource.attributes))
            for scope in group.scope_spans:
                self.spans.extend(scope.spans)
        return web.Response(content_type="application/x-protobuf")

    async def on_metrics(self, request: web.Request) -> web.Response:
        """POST /v1/metrics."""
        body = await request.read()
        self.raw += body
        for group in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            self.resources.append(labels(group.resource.attributes))
            for scope in group.scope_metrics:
                self.metrics.extend(scope.metrics)
        return web.Response(content_type="application/x-protobuf")


def labels(attributes: Iterable[KeyValue]) -> dict[str, str]:
    """OTLP's attributes as text."""
    return {item.key: str(getattr(item.value, item.value.WhichOneof("value") or "")) for item in attributes}


def labels_of(metric: Metric) -> set[str]:
    """The names of the labels of all its points."""
    counted = [point.attributes for point in metric.sum.data_points]
    measured = [point.attributes for point in metric.histogram.data_points]
    gauged = [point.attributes for point in metric.gauge.data_points]
    return {attribute.key for attributes in (*counted, *measured, *gauged) for attribute in attributes}


@asynccontextmanager
async def collector(path: str = "") -> AsyncIterator[Collector]:
    """One that listens on a free port, below that path."""
    kept = Collector()
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post(f"{path}/v1/traces", kept.on_traces)
    app.router.add_post(f"{path}/v1/metrics", kept.on_metrics)
    async with listening(app) as address:
        kept.url = f"http://{address}"
        yield kept
