"""What `make run` will start: which livekit-server, on which ports, with which commands. Starts nothing itself."""

import asyncio
import shutil
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import yaml
from pydantic import ConfigDict, Field, field_validator

from agent.config import LOOPBACK, Settings
from agent.errors import ConfigError
from agent.files.yaml_file import Keys, Section
from agent.servers.livekit_server import Away, is_livekit, refuse_wrong_server
from agent.servers.ports import (
    DATAGRAM,
    Port,
    free_port,
    refuse_busy,
    refuse_no_network,
    web_port,
    worker_port,
)
from deploy.child import Child
from deploy.health import EVERYWHERE, page_complaint, worker_complaint
from deploy.phone import PhonePlan

ROOT = Path(__file__).resolve().parent.parent
OWN_BINARY = ROOT / ".cache" / "bin" / "livekit-server"


@dataclass(frozen=True, slots=True)
class Plan:
    """The children, what to say before they start, the page's address, and what is done when all are ready, which says
    what to print then."""

    children: list[Child]
    address: str
    remarks: list[str] = field(default_factory=list)
    then: Callable[[], Awaitable[list[str]]] | None = None


async def make_plan(settings: Settings, livekit_yaml: Path, sip_yaml: Path | None = None) -> Plan:
    """Look at the network, the ports and the LiveKit server; with a `sip_yaml` telephones can call. Raises ConfigError
    with the cure."""
    refuse_no_network()
    settings = settings.model_copy(
        update={"worker_port": settings.worker_port or free_port(), "web_port": settings.web_port or free_port()}
    )
    refuse_busy(worker_port(settings), web_port(settings))
    children, remarks = [], []
    phone = PhonePlan(settings, sip_yaml) if sip_yaml else None
    try:
        await refuse_wrong_server(settings)
        remarks.append(f"livekit-server already answers at {settings.livekit_url}; using that one")
        if phone:
            raise ConfigError(
                f"a livekit-server answers at LIVEKIT_URL={settings.livekit_url}, and `make phone` starts its own, "
                "with Redis: end that one, or set SIP up beside it as docs/phone/README.md says"
            )
    except Away:
        if phone:
            children.append(phone.redis())
        children.append(_livekit(settings, livekit_yaml, phone.redis_address if phone else ""))
        if phone:
            children.append(phone.sip())
    children.append(_worker(settings))
    children.append(_page(settings))
    host = EVERYWHERE.get(settings.web_host, settings.web_host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.web_port}/"
    return Plan(children, address, remarks, phone.open if phone else None)


class Rtc(Section):
    """What is read here of livekit.yaml's `rtc`: the UDP port, when it is a single one."""

    model_config = ConfigDict(extra="ignore")
    udp_port: Annotated[int, Field(ge=0, le=65535)] = 0

    @field_validator("udp_port", mode="before")
    @classmethod
    def _single(cls, value: object) -> object:
        return 0 if isinstance(value, str) else value  # a range: livekit-server takes a free one of it


class LiveKitFile(Section):
    """What is read here of livekit.yaml; the rest is livekit-server's."""

    model_config = ConfigDict(extra="ignore")
    port: Annotated[int, Field(ge=1, le=65535)]
    rtc: Rtc = Rtc()


def _livekit(settings: Settings, livekit_yaml: Path, redis: str = "") -> Child:
    config = Keys.of(livekit_yaml, what="livekit-server", page="docs/running.md").read(LiveKitFile)
    url = urlsplit(settings.livekit_url)
    if url.hostname not in LOOPBACK or url.port != config.port or url.scheme not in {"ws", "http"}:
        raise ConfigError(
            f"no livekit-server answers at LIVEKIT_URL={settings.livekit_url}, and {livekit_yaml.name} would start "
            f"one at ws://127.0.0.1:{config.port}: start yours, or unset LIVEKIT_URL"
        )
    cure = f"choose another port in {livekit_yaml.name}"
    refuse_busy(Port(config.port, "livekit-server", f"{cure} and set LIVEKIT_URL to it"))
    if config.rtc.udp_port:
        refuse_busy(Port(config.rtc.udp_port, "livekit-server", cure, kind=DATAGRAM))
    program = shutil.which("livekit-server") or str(OWN_BINARY)
    return Child(
        name="livekit-server",
        command=[program, "--config", livekit_yaml, *(["--redis-host", redis] if redis else [])],
        env={} if settings.has_placeholder_secrets else {"LIVEKIT_KEYS": _own_key(settings)},
        is_ready=lambda: is_livekit(settings.livekit_url),
        limit_s=20.0,
        is_loud=False,  # a caller's browser that goes away is a warning to it
    )


def _own_key(settings: Settings) -> str:
    """Your key and secret instead of those in livekit.yaml, so that the worker, the page and the server agree: YAML."""
    return yaml.safe_dump({settings.livekit_api_key: settings.livekit_api_secret}, width=10_000)


def _worker(settings: Settings) -> Child:
    notice = Notice()

    async def is_ready() -> bool:
        return notice.has_come() and not await asyncio.to_thread(
            worker_complaint, settings.worker_host, settings.worker_port, settings.agent_name
        )

    return Child(
        name="worker",
        command=[sys.executable, "agent.py", "dev", "--no-reload"],
        env={"PARLEY_WORKER_PORT": str(settings.worker_port), "NOTIFY_SOCKET": str(notice.path)},
        is_ready=is_ready,
        limit_s=120.0,
    )


def _page(settings: Settings) -> Child:
    async def is_ready() -> bool:
        return not await asyncio.to_thread(page_complaint, settings.web_host, settings.web_port)

    return Child(
        name="page",
        command=[sys.executable, "-m", "agent.page"],
        env={"PARLEY_WEB_PORT": str(settings.web_port)},
        is_ready=is_ready,
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
