"""Counting: all that a worker needs to count and trace the calls of its jobs: the tally, exporters, GET /metrics."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from agent.config import Settings
from agent.errors import ConfigError
from agent.observers.metrics import Instruments, Metrics
from agent.observers.prometheus import Exposition
from agent.observers.spans import Spans
from agent.observers.tally import Tally
from agent.observers.telemetry import for_worker
from agent.observers.telling import TALLY_VARIABLE


@asynccontextmanager
async def counting(
    settings: Settings, providers: dict[str, dict[str, str]], clock: Callable[[], datetime]
) -> AsyncIterator[Instruments]:
    """Count for as long as the block runs; what is written to the instruments is the worker's own. `providers` are who
    hears, thinks and speaks first, by profile and role. Tells jobs where the tally is (PARLEY_TALLY_SOCKET). Raises
    ConfigError when nobody can listen where PARLEY_METRICS_PORT says."""
    reader = InMemoryMetricReader()
    telemetry = for_worker(os.environ, reader)
    instruments = Instruments(telemetry.meter_provider.get_meter("parley"))
    spans = Spans(telemetry.tracer_provider.get_tracer("parley"), providers)
    instruments.begin(providers)
    instruments.add("voice.calls.capacity", settings.capacity)
    exposition = Exposition(reader)
    # a Unix socket's path is short by law, a checkout's may be long
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        tally = Tally(Path(folder) / "tally.sock", Metrics(instruments, providers), spans, clock=clock, spans=spans)
        await tally.start()
        os.environ[TALLY_VARIABLE] = str(tally.socket)
        try:
            if settings.metrics_port:
                await _listen(exposition, settings)
            yield instruments
        finally:
            await exposition.aclose()
            await tally.aclose()
            await asyncio.to_thread(telemetry.shutdown)


async def _listen(exposition: Exposition, settings: Settings) -> None:
    try:
        await exposition.start(settings.metrics_host, settings.metrics_port)
    except OSError as error:
        where = f"{settings.metrics_host}:{settings.metrics_port}"
        raise ConfigError(
            f"PARLEY_METRICS_PORT: cannot listen on {where}: {error.strerror}; set another one, or 0"
        ) from None
