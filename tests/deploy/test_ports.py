"""A busy port is said in one sentence: which, whose, and the cure."""

import os
import socket

import pytest

from deploy.ports import DATAGRAM, STREAM, Port, complaint, is_free


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM], ids=["TCP", "UDP"])
def test_a_busy_port_names_the_process_and_the_cure(kind: socket.SocketKind) -> None:
    """We are the process here."""
    with socket.socket(socket.AF_INET, kind) as mine:
        mine.bind(("127.0.0.1", 0))
        if kind == STREAM:
            mine.listen()
        port = Port(mine.getsockname()[1], "the worker", "set PARLEY_WORKER_PORT to another port", kind=kind)
        assert not is_free(port)
        said = complaint(port)
    assert f"port {port.number}, which the worker needs, is used by process {os.getpid()} (`" in said
    assert said.endswith(f"end it with `kill {os.getpid()}`, or set PARLEY_WORKER_PORT to another port")
    assert is_free(port)
