"""Is a port free, and if not, whose is it."""

import socket
from contextlib import suppress
from dataclasses import dataclass

import psutil

STREAM, DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a child will listen on. `cure` says how to choose another."""

    number: int
    child: str
    cure: str
    host: str = "127.0.0.1"
    kind: socket.SocketKind = STREAM


def is_free(port: Port) -> bool:
    """True when our child could listen there now."""
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, port.kind) as probe:
        if port.kind == STREAM:  # a connection that has just ended is no obstacle
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A TCP port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def complaint(port: Port) -> str:
    """One sentence: which port, who has it, the cure."""
    transport = "TCP" if port.kind == STREAM else "UDP"
    where = f"{transport} port {port.number}, which {port.child} needs, is used by"
    holder = _holder(port)
    if holder is None:
        return f"{where} another program (`sudo lsof -nP -i :{port.number}` names it): end that, or {port.cure}"
    command = " ".join(holder.cmdline())[:80] or holder.name()
    return f"{where} process {holder.pid} (`{command}`): end it with `kill {holder.pid}`, or {port.cure}"


def _holder(port: Port) -> psutil.Process | None:
    """Who listens there; None when the system does not tell us."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp" if port.kind == STREAM else "udp"):
            is_listening = port.kind == DATAGRAM or connection.status == psutil.CONN_LISTEN
            if is_listening and connection.laddr and connection.laddr.port == port.number and connection.pid:
                process = psutil.Process(connection.pid)
                process.cmdline()
                return process
    return None
