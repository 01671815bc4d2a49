"""The ports and networks of this machine: can one of ours listen there, if not why, and can calls be carried."""

import errno
import ipaddress
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from agent.config import Settings
from agent.errors import ConfigError

STREAM, DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
NO_NETWORK = (
    "this machine has no network besides loopback, and neither browsers nor LiveKit's clients carry a call over that: "
    "switch Wi-Fi on or plug a cable in (docs/running.md says what else helps)"
)


@dataclass(frozen=True, slots=True)
class Port:
    """A port that one of ours will listen on. `cure` says how to choose another, `host_cure` how to choose a host."""

    number: int
    child: str
    cure: str
    host: str = "127.0.0.1"
    kind: socket.SocketKind = STREAM
    host_cure: str = ""


def worker_port(settings: Settings) -> Port:
    """Where the worker's health check listens."""
    cure, host_cure = "set PARLEY_WORKER_PORT to another port", "set PARLEY_WORKER_HOST to one, such as 127.0.0.1"
    return Port(settings.worker_port, "the worker", cure, settings.worker_host, host_cure=host_cure)


def metrics_ports(settings: Settings) -> tuple[Port, ...]:
    """Where GET /metrics listens, if anywhere."""
    cure, host_cure = "set PARLEY_METRICS_PORT to another port", "set PARLEY_METRICS_HOST to one, such as 127.0.0.1"
    port = Port(settings.metrics_port, "GET /metrics", cure, settings.metrics_host, host_cure=host_cure)
    return (port,) if settings.metrics_port else ()


def operators_port(settings: Settings) -> Port:
    """Where the operator's pages listen."""
    cure, host_cure = "set PARLEY_OPERATORS_PORT to another port", "set PARLEY_OPERATORS_HOST to one, such as 127.0.0.1"
    return Port(settings.operators_port, "the operator's pages", cure, settings.operators_host, host_cure=host_cure)


def web_port(settings: Settings) -> Port:
    """Where the page listens."""
    cure, host_cure = "set PARLEY_WEB_PORT to another port", "set PARLEY_WEB_HOST to one, such as 127.0.0.1"
    return Port(settings.web_port, "the page", cure, settings.web_host, host_cure=host_cure)


def streams_port(settings: Settings) -> Port:
    """Where Twilio's webhooks and Media Streams are answered."""
    cure, host_cure = "set PARLEY_STREAMS_PORT to another port", "set PARLEY_STREAMS_HOST to one, such as 127.0.0.1"
    return Port(settings.streams_port, "the bridge", cure, settings.streams_host, host_cure=host_cure)


def obstacle(port: Port) -> OSError | None:
    """Why we could not listen there now; None when we could."""
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, port.kind) as probe:
        if port.kind == STREAM:  # a connection that has just ended is no obstacle
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError as error:
            return error
    return None


def refuse_busy(*ports: Port) -> None:
    """Raises ConfigError for the first port that cannot be had, or that two of ours would share."""
    for number, port in enumerate(ports):
        for other in ports[:number]:
            if port.number and (port.number, port.kind) == (other.number, other.kind):
                raise ConfigError(f"port {port.number} is set for {other.child} and for {port.child}: {port.cure}")
        if error := obstacle(port):
            raise ConfigError(complaint(port, error))


def free_port() -> int:
    """A TCP port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def complaint(port: Port, error: OSError) -> str:
    """One sentence: which port, what is in the way (who has it), the cure."""
    where = f"{'TCP' if port.kind == STREAM else 'UDP'} port {port.number}, which {port.child} needs,"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is used by {_holder(port)}, or {port.cure}"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"{where} is for the system's own programs: {port.cure} above 1023"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        cure = port.host_cure or port.cure
        return f"{port.host}, where {port.child} would listen, is no address of this machine: {cure}"
    return f"{where} cannot be had: {error.strerror}: {port.cure}"


def _holder(port: Port) -> str:
    """Who listens there and how to end it. Not its command line, which may hold a key."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp" if port.kind == STREAM else "udp"):
            is_listening = port.kind == DATAGRAM or connection.status == psutil.CONN_LISTEN
            if is_listening and connection.laddr and connection.laddr.port == port.number and connection.pid:
                name, pid = psutil.Process(connection.pid).name(), connection.pid
                return f"process {pid} (`{name}`): end it with `kill {pid}`"
    return f"another program (`sudo lsof -nP -i :{port.number}` names it): end that"


def has_network() -> bool:
    """Whether an interface is up that WebRTC would use: not loopback, with an address that is more than link-local."""
    running = {name for name, is_up in psutil.net_if_stats().items() if is_up.isup}
    return is_connected(
        address.address for name, found in psutil.net_if_addrs().items() if name in running for address in found
    )


def is_connected(addresses: Iterable[str]) -> bool:
    """Whether one of these, of interfaces that are up, can carry a call."""
    for text in addresses:
        with suppress(ValueError):  # a hardware address
            address = ipaddress.ip_address(text.split("%")[0])
            if not (address.is_loopback or address.is_unspecified or (address.version == 6 and address.is_link_local)):
                return True
    return False


def refuse_no_network() -> None:
    """Raises ConfigError when calls could not be carried."""
    if not has_network():
        raise ConfigError(NO_NETWORK)
