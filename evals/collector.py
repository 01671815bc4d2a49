"""`python -m evals.collector PORT FILE`: an OpenTelemetry collector on loopback that keeps all that it is sent, in a
process of its own, so that what it does takes nothing from the calls that are measured beside it."""

import contextlib
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from evals.servers import NotStarted, end, free_port

TRACES = "/v1/traces"
HOST, UP_WITHIN_S = "127.0.0.1", 15.0


@dataclass(frozen=True, slots=True)
class Collector:
    """One that runs."""

    url: str
    file: Path

    @property
    def raw(self) -> bytes:
        """All bodies that came, as they came."""
        return self.file.read_bytes() if self.file.exists() else b""

    def spans(self) -> list[Span]:
        """Every span that was exported so far."""
        return [span for path, body in _requests(self.raw) if path == TRACES for span in _spans(body)]


@contextlib.contextmanager
def running_collector(folder: Path) -> Iterator[Collector]:
    """It listens for as long as the block runs; what comes is kept in `folder`. Raises NotStarted."""
    port, file = free_port(), folder / "collected"
    process = subprocess.Popen([sys.executable, "-m", "evals.collector", str(port), str(file)])
    try:
        _wait(port, process)
        yield Collector(f"http://{HOST}:{port}", file)
    finally:
        end(process)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=1).close()  # our own server
            return
        time.sleep(0.05)
    raise NotStarted(f"the collector did not answer in {UP_WITHIN_S:g} s")


def _requests(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Path and body of each request, from what `serve` has written."""
    at = 0
    while at < len(raw):
        line = raw.index(b"\n", at)
        path, length = raw[at:line].decode().split()
        at = line + 1 + int(length)
        yield path, raw[line + 1 : at]


def _spans(body: bytes) -> Iterator[Span]:
    for group in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in group.scope_spans:
            yield from scope.spans


def serve(port: int, file: BinaryIO) -> None:
    """Take what comes, for ever: a line with path and length, then the body."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                file.write(f"{self.path} {len(body)}\n".encode() + body)
                file.flush()
            self._answer()

        def _answer(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    ThreadingHTTPServer((HOST, port), Handler).serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt), Path(sys.argv[2]).open("ab") as kept:
        serve(int(sys.argv[1]), kept)
