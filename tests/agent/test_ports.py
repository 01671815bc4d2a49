"""A busy port is said in one sentence: which, whose, and the cure."""

import os
import socket

import pytest

from agent.ports import DATAGRAM, STREAM, Port, complaint, obstacle


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM], ids=["TCP", "UDP"])
def test_a_busy_port_names_the_process_and_the_cure(kind: socket.SocketKind) -> None:
    """We are the process here."""
    with socket.socket(socket.AF_INET, kind) as mine:
        mine.bind(("127.0.0.1", 0))
        if kind == STREAM:
            mine.listen()
        port = Port(mine.getsockname()[1], "the worker", "set PARLEY_WORKER_PORT to another port", kind=kind)
        error = obstacle(port)
        assert error
        said = complaint(port, error)
    assert f"port {port.number}, which the worker needs, is used by process {os.getpid()} (`" in said
    assert said.endswith(f"end it with `kill {os.getpid()}`, or set PARLEY_WORKER_PORT to another port")
    assert obstacle(port) is None
