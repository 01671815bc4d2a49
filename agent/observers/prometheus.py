"""GET /metrics of the worker: what its meter provider has collected, in the words of Prometheus, and the process's own.

Names follow OpenTelemetry's rules for Prometheus: dots become underscores, counters end in `_total`, seconds say so.
"""

import asyncio
from collections.abc import Iterable, Sequence

from aiohttp import web
from opentelemetry.sdk.metrics.export import (
    DataPointT,
    Histogram,
    HistogramDataPoint,
    InMemoryMetricReader,
    Metric,
    NumberDataPoint,
    Sum,
)
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class Collected(Collector):
    """prometheus_client's collector of all that OpenTelemetry has measured here."""

    def __init__(self, reader: InMemoryMetricReader) -> None:
        self._reader = reader

    def collect(self) -> Iterable[Family]:
        """Every metric that has a value by now."""
        found = self._reader.get_metrics_data()
        for resource in found.resource_metrics if found else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    yield family(metric)


class Exposition:
    """The server of GET /metrics."""

    def __init__(self, reader: InMemoryMetricReader) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(Collected(reader))
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises OSError."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def aclose(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(self.text), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def text(self) -> bytes:
        """Ours, then LiveKit's of this worker and the process's."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)


def prometheus_name(name: str, unit: str = "", *, is_counter: bool = False) -> str:
    """voice.turn.latency_ms -> voice_turn_latency_ms."""
    plain = name.replace(".", "_")
    if unit == "s" and not plain.endswith("_seconds"):
        plain += "_seconds"
    return f"{plain.removesuffix('_total')}_total" if is_counter else plain


def family(metric: Metric) -> Family:
    """One metric with all its points."""
    points: Sequence[DataPointT] = metric.data.data_points
    names = sorted({key for point in points for key in point.attributes or {}})
    labels = [key.replace(".", "_") for key in names]
    about = metric.description or ""
    if isinstance(metric.data, Histogram):
        measured = HistogramMetricFamily(prometheus_name(metric.name, metric.unit or ""), about, labels=labels)
        for point in points:
            assert isinstance(point, HistogramDataPoint)
            measured.add_metric(_values(point, names), _buckets(point), point.sum)
        return measured
    is_counter = isinstance(metric.data, Sum) and metric.data.is_monotonic
    name = prometheus_name(metric.name, metric.unit or "", is_counter=is_counter)
    kind = CounterMetricFamily if is_counter else GaugeMetricFamily
    counted = kind(name, about, labels=labels)
    for point in points:
        assert isinstance(point, NumberDataPoint)
        counted.add_metric(_values(point, names), point.value)
    return counted


def _values(point: DataPointT, names: Sequence[str]) -> list[str]:
    return [str((point.attributes or {}).get(name, "")) for name in names]


def _buckets(point: HistogramDataPoint) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus counts; each with the upper end that it counts to."""
    found: list[tuple[str, float]] = []
    total = 0
    for end, count in zip((*map(str, map(float, point.explicit_bounds)), "+Inf"), point.bucket_counts, strict=True):
        total += count
        found.append((end, total))
    return found
