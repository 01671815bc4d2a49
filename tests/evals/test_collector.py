"""The collector keeps every span that is sent to it, and the bytes as they came."""

from pathlib import Path

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from evals.collector import running_collector


def test_spans_are_read_as_they_were_sent(tmp_path: Path) -> None:
    """By a real exporter, in several requests."""
    with running_collector(tmp_path) as collector:
        assert collector.spans() == [] and collector.raw == b""
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{collector.url}/v1/traces")))
        for number in range(3):
            provider.get_tracer("test").start_span(f"span {number}").end()
        provider.shutdown()
        assert [span.name for span in collector.spans()] == ["span 0", "span 1", "span 2"]
        assert b"span 2" in collector.raw
