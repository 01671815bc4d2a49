"""What `make phone` starts besides `make run`: Redis and livekit-sip; and what it tells: the lines in deploy/sip/, and
how to call them. Starts nothing itself."""

import asyncio
import shutil
import socket
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import ConfigDict, Field

from agent.config import Settings
from agent.errors import ConfigError
from agent.files.yaml_file import Keys, Section
from agent.servers.ports import DATAGRAM, Port, free_port, refuse_busy
from agent.telephony.provision import provision
from agent.telephony.trunks import Lines, load_lines
from deploy.child import Child
from deploy.steps import redis

ROOT = Path(__file__).resolve().parent.parent
OWN_BINARY = ROOT / ".cache" / "bin" / "livekit-sip"
HOST = "127.0.0.1"
CALL_MS = 20_000  # the call of the sipp line that is printed


class SipConfig(Section):
    """What is read here of livekit-sip.yaml; the rest is livekit-sip's."""

    model_config = ConfigDict(extra="ignore")
    sip_port: Annotated[int, Field(ge=1, le=65535)] = 5060


class PhonePlan:
    """Redis and livekit-sip as children, and what is done when all are ready. Raises ConfigError with the cure."""

    def __init__(self, settings: Settings, sip_yaml: Path) -> None:
        self._settings = settings
        self._keys = Keys.of(sip_yaml, what="livekit-sip", page="docs/phone/README.md")
        self._port = self._keys.read(SipConfig).sip_port
        self._redis_port = free_port()
        self.lines: Lines = load_lines(settings.sip_dir, needs_passwords=True)
        refuse_busy(Port(self._port, "livekit-sip", f"choose another sip_port in {sip_yaml.name}", kind=DATAGRAM))

    @property
    def redis_address(self) -> str:
        """Where livekit-server and livekit-sip find each other."""
        return f"{HOST}:{self._redis_port}"

    def redis(self) -> Child:
        """A Redis that keeps nothing: what is asked of it lives as long as the run."""
        program = shutil.which("redis-server")
        if not program:
            raise ConfigError(redis.MISSING)
        return Child(
            name="redis",
            command=[program, "--port", str(self._redis_port), "--bind", HOST, "--save", "", "--appendonly", "no"],
            is_ready=lambda: asyncio.to_thread(_is_redis, self._redis_port),
            limit_s=10.0,
            is_loud=False,
            is_awaited=True,
        )

    def sip(self) -> Child:
        """livekit-sip with livekit-sip.yaml, in which our key, server and Redis stand instead of its own."""
        health = free_port()
        ours = {
            "redis": {"address": self.redis_address},
            "ws_url": self._settings.livekit_url,
            "api_key": self._settings.livekit_api_key,
            "api_secret": self._settings.livekit_api_secret,
            "health_port": health,
        }
        return Child(
            name="livekit-sip",
            command=[shutil.which("livekit-sip") or OWN_BINARY],
            env={"SIP_CONFIG_BODY": yaml.safe_dump({**self._keys.values, **ours})},  # not its command line: a secret
            is_ready=lambda: asyncio.to_thread(_answers, health),
            limit_s=20.0,
            is_loud=False,  # who scans the port is a warning to it
        )

    async def open(self) -> list[str]:
        """Tell the server of the lines; what to print, how to call at the end. Raises ConfigError."""
        told = await provision(self._settings, self.lines)
        served = set(self._settings.served)
        numbers = [number for number, profile in self.lines.numbers.items() if profile in served]
        return [*(f"line {line}" for line in told), *self.how_to_call(numbers)]

    def how_to_call(self, numbers: Sequence[str]) -> list[str]:
        """By a softphone on this machine, and by sipp."""
        if not numbers:
            return ["no number is answered: none of deploy/sip/ belongs to a profile that is served"]
        softphone = [
            f"{self.lines.numbers[number]}: a softphone on this machine dials sip:{number}@{HOST}:{self._port}"
            for number in numbers
        ]
        return [*softphone, f"sipp {HOST}:{self._port} -sn uac -s {numbers[0]} -i {HOST} -m 1 -d {CALL_MS} -nostdin"]


def _is_redis(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1) as asked:
        asked.sendall(b"PING\r\n")
        return asked.recv(16).startswith(b"+PONG")
    return False


def _answers(port: int) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=1).close()  # our own server
        return True
    return False
