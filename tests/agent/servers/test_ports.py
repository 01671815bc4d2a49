"""A busy port is said in one sentence: which, whose, and the cure."""

import errno
import os
import re
import socket
import subprocess
import sys

import pytest

from agent.servers.ports import DATAGRAM, STREAM, Port, complaint, is_connected, obstacle


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


@pytest.mark.parametrize(
    ("number", "host", "words"),
    [
        (
            errno.EACCES,
            "127.0.0.1",
            "TCP port 80, which the page needs, is for the system's own programs: .* above 1023",
        ),
        (errno.EADDRNOTAVAIL, "203.0.113.9", "203.0.113.9, where the page would listen, is no address of this machine"),
        (errno.ENOBUFS, "127.0.0.1", "TCP port 80, which the page needs, cannot be had: No buffer space"),
    ],
)
def test_a_port_that_is_not_ours_to_take_says_why(number: int, host: str, words: str) -> None:
    """A port below 1024 is not "used by another program"."""
    port = Port(80, "the page", "set PARLEY_WEB_PORT to another port", host)
    assert re.match(words, complaint(port, OSError(number, os.strerror(number))))


def test_a_command_line_is_not_shown() -> None:
    """livekit-server may be started with its keys on it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    listen = (
        "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", listen, str(number), "--keys", "devkey: canary"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdin
        other.stdout.readline()
        port = Port(number, "the page", "set PARLEY_WEB_PORT to another port")
        error = obstacle(port)
        assert error and f"process {other.pid} (`python" in complaint(port, error)
        assert "canary" not in complaint(port, error)
        other.stdin.close()


@pytest.mark.parametrize(
    ("addresses", "is_one"),
    [
        (["127.0.0.1", "::1", "00:00:00:00:00:00"], False),
        (["127.0.0.1", "fe80::fc:ff:fe00:1%eth0", "02:fc:00:00:00:01"], False),
        ([], False),
        (["127.0.0.1", "192.0.2.2"], True),
        (["169.254.3.4"], True),
        (["fd00::2%wlan0"], True),
    ],
)
def test_a_network_is_an_address_beyond_this_machine(addresses: list[str], is_one: bool) -> None:
    """IPv6 gives itself a link-local address on a cable that leads nowhere."""
    assert is_connected(addresses) is is_one
