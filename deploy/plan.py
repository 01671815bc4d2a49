"""What `make run` will start: which livekit-server, on which ports, with which commands. Starts nothing itself."""

import shutil
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import yaml
from livekit import api

from agent.config import LOOPBACK, Settings
from agent.errors import ConfigError
from deploy.child import Child
from deploy.ports import DATAGRAM, Port, complaint, free_port, is_free

ROOT = Path(__file__).resolve().parent.parent
OWN_BINARY = ROOT / ".cache" / "bin" / "livekit-server"


@dataclass(frozen=True, slots=True)
class Plan:
    """The children, what to say before they start, and the page's address."""

    children: list[Child]
    address: str
    remarks: list[str] = field(default_factory=list)


async def make_plan(settings: Settings, livekit_yaml: Path) -> Plan:
    """Look at the ports and the LiveKit server. Raises ConfigError with the cure."""
    worker_port, web_port = settings.worker_port or free_port(), settings.web_port or free_port()
    refuse_busy(
        Port(worker_port, "the worker", "set PARLEY_WORKER_PORT to another port", settings.worker_host),
        Port(web_port, "the page", "set PARLEY_WEB_PORT to another port", settings.web_host),
    )
    children, remarks = [], []
    if await _is_livekit(settings.livekit_url):
        await _refuse_foreign_key(settings)
        remarks.append(f"livekit-server already answers at {settings.livekit_url}; using that one")
    else:
        children.append(_livekit(settings, livekit_yaml))
    children.append(_worker(settings, worker_port))
    children.append(_page(settings, web_port))
    host = settings.web_host if settings.web_host not in {"0.0.0.0", "::", ""} else "127.0.0.1"  # noqa: S104  # compared, not bound
    return Plan(children, f"http://{f'[{host}]' if ':' in host else host}:{web_port}/", remarks)


def refuse_busy(*ports: Port) -> None:
    """Raises ConfigError for the first port that is taken."""
    for port in ports:
        if not is_free(port):
            raise ConfigError(complaint(port))


def _livekit(settings: Settings, livekit_yaml: Path) -> Child:
    config = yaml.safe_load(livekit_yaml.read_text(encoding="utf-8"))
    url = urlsplit(settings.livekit_url)
    if url.hostname not in LOOPBACK or url.port != config["port"]:
        raise ConfigError(
            f"no livekit-server answers at LIVEKIT_URL={settings.livekit_url}, and {livekit_yaml.name} would start "
            f"one at ws://127.0.0.1:{config['port']}: start yours, or unset LIVEKIT_URL"
        )
    cure = f"choose another port in {livekit_yaml.name}"
    refuse_busy(
        Port(config["port"], "livekit-server", f"{cure} and set LIVEKIT_URL to it"),
        Port(config["rtc"]["udp_port"], "livekit-server", cure, kind=DATAGRAM),
    )
    program = shutil.which("livekit-server") or str(OWN_BINARY)
    keys = {} if settings.has_placeholder_secrets else {"LIVEKIT_KEYS": _own_key(settings)}
    return Child(
        name="livekit-server",
        command=[program, "--config", livekit_yaml],
        env=keys,
        is_ready=lambda: _is_livekit(settings.livekit_url),
        limit_s=20.0,
        is_loud=False,  # a caller's browser that goes away is a warning to it
    )


def _own_key(settings: Settings) -> str:
    """Your key and secret instead of those in livekit.yaml, so that the worker, the page and the server agree."""
    return f"{settings.livekit_api_key}: {settings.livekit_api_secret}"


def _worker(settings: Settings, port: int) -> Child:
    notice = Notice()
    health = f"http://{settings.worker_host}:{port}/"

    async def is_ready() -> bool:
        return notice.has_come() and await _answers(health)

    return Child(
        name="worker",
        command=[sys.executable, "agent.py", "dev", "--no-reload"],
        env={"PARLEY_WORKER_PORT": str(port), "NOTIFY_SOCKET": str(notice.path)},
        is_ready=is_ready,
        limit_s=120.0,
    )


def _page(settings: Settings, port: int) -> Child:
    host = settings.web_host or "127.0.0.1"
    return Child(
        name="page",
        command=[sys.executable, "-m", "agent.web"],
        env={"PARLEY_WEB_PORT": str(port)},
        is_ready=_asker(f"http://{host}:{port}/healthz"),
        limit_s=30.0,
    )


class Notice:
    """The socket on which a child says READY=1 (sd_notify's protocol): the worker does when calls will be answered."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="parley-")  # gone with this object
        self.path = Path(self._folder.name) / "notify"  # short: a Unix socket's path must be
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.setblocking(False)
        self._has_come = False

    def has_come(self) -> bool:
        """True once READY=1 was said."""
        while not self._has_come:
            try:
                self._has_come = b"READY=1" in self._socket.recv(4096).splitlines()
            except BlockingIOError:
                break
        return self._has_come


def _asker(url: str) -> Callable[[], Awaitable[bool]]:
    return lambda: _answers(url)


async def _answers(url: str) -> bool:
    try:
        timeout = aiohttp.ClientTimeout(total=1.5)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def _is_livekit(livekit_url: str) -> bool:
    """A livekit-server says OK to GET /; anything else on that port does not."""
    return await _answers(_http(livekit_url) + "/") and await _status(livekit_url, "") == 401


async def _refuse_foreign_key(settings: Settings) -> None:
    """Raises ConfigError when the server that answers does not know our key."""
    token = api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret)
    token.with_grants(api.VideoGrants(room_join=True, room="parley-check")).with_identity("parley-check")
    if await _status(settings.livekit_url, token.to_jwt()) == 401:
        raise ConfigError(
            f"the livekit-server at LIVEKIT_URL={settings.livekit_url} does not know LIVEKIT_API_KEY "
            f"{settings.livekit_api_key}: set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to its own, or end that server"
        )


async def _status(livekit_url: str, token: str) -> int:
    """What the server says to a token, without joining anything; 0 when it says nothing."""
    try:
        timeout = aiohttp.ClientTimeout(total=3.0)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = _http(livekit_url) + "/rtc/validate"
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url, headers=headers) as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0


def _http(livekit_url: str) -> str:
    """The HTTP side of a ws:// or wss:// URL, without a slash at its end."""
    return urlunsplit(urlsplit(livekit_url.replace("ws", "http", 1))).rstrip("/")
