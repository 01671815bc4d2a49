"""What jobs tell their worker: each public event of their call, a JSON line on a Unix socket. The worker counts and
traces (tally.py), so that totals outlive a job, and what a job that was killed had told is not lost with it."""

import json
import logging
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import get_type_hints

from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from agent import events
from agent.events import EndReason, Event, Outcome, public
from agent.observers.plugged import Given

logger = logging.getLogger("parley.observers")
TALLY_VARIABLE = "PARLEY_TALLY_SOCKET"
SEND_S = 1.0  # the worker reads at once; a machine that is full takes longer
AGAIN_S = 5.0
MAX_LINE = 64 * 1024
# by the module's names: Event.__subclasses__() also has the classes that slots=True has replaced
_KINDS = {name: kind for name, kind in vars(events).items() if isinstance(kind, type) and issubclass(kind, Event)}


@dataclass(frozen=True, slots=True)
class Told:
    """One line. `traceparent` (W3C's header) says in which trace the call's spans belong."""

    call_id: str
    at: datetime
    event: Event
    traceparent: str = ""


def line_of(told: Told) -> bytes:
    """The line, without the caller's words."""
    said = {
        "call": told.call_id,
        "at": told.at.isoformat(),
        "kind": type(told.event).__name__,
        "fields": public(told.event),
        "traceparent": told.traceparent,
    }
    return json.dumps(said, default=str).encode() + b"\n"


def read_line(line: bytes) -> Told:
    """What a line says; fields that hold words are empty. Raises ValueError for what is none of ours."""
    try:
        said = json.loads(line)
        event = _event(said["kind"], said["fields"])
        return Told(said["call"], datetime.fromisoformat(said["at"]), event, said["traceparent"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"no line of a job: {type(error).__name__}") from None


def _event(name: str, given: Mapping[str, object]) -> Event:
    kind = _KINDS[name]
    hints = get_type_hints(kind)
    values: dict[str, object] = {f.name: "" for f in fields(kind) if f.metadata.get("pii")}
    for key, value in given.items():
        is_enum = hints[key] in {Outcome, EndReason}
        values[key] = hints[key](value) if is_enum else value
    return kind(**values)


def traceparent() -> str:
    """The current span as W3C's header: in a job's entrypoint, the root of LiveKit's own spans; empty without one."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


def observer(_: Given) -> "Telling | None":
    """Wherever a worker counts."""
    path = os.environ.get(TALLY_VARIABLE)
    return Telling(path) if path else None


_traces: dict[str, str] = {}  # by call, until its first event


def belongs(call_id: str, traceparent: str) -> None:
    """The call's spans belong in that trace; its first event will say so."""
    _traces[call_id] = traceparent


class Telling:
    """Observer in a job. The bus's thread sends, so no call waits; a worker that does not listen costs what it would
    have counted, and is tried again after a while."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._silent_until = 0.0

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Send it."""
        self._send(line_of(Told(call_id, at, event, _traces.pop(call_id, ""))))

    def _send(self, line: bytes) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            self._connected().sendall(line)
        except OSError as error:
            self._silent_until = time.monotonic() + AGAIN_S
            self.close()
            logger.warning("the worker does not count", extra={"error": type(error).__name__})

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.settimeout(SEND_S)
            self._socket.connect(self._path)
        return self._socket

    def close(self) -> None:
        """Let the connection go; the next event makes another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
