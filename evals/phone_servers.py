"""The real servers that carry telephone calls, on free ports of loopback: Redis, livekit-server, livekit-sip."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from agent.config import ROOT
from evals.servers import LiveKit, NotStarted, end, free_port, livekit_config, start_livekit

UP_WITHIN_S = 20.0
RTP_PORTS = 200  # of each livekit-sip here
HOST = "127.0.0.1"


@dataclass(slots=True)
class Program:
    """One server, which may be killed and started again as it was. `answers` tells whether it does, or raises OSError;
    `cure` is how it is installed."""

    words: tuple[str, ...]
    log: Path
    answers: Callable[[], bool]
    cure: str
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Until it answers. Whoever starts it ends it. Raises NotStarted."""
        self.process = _start(self.words, self.log, self.answers, self.cure)

    def kill(self) -> None:
        """At once, as the kernel does when memory has run out."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """In order, if it is there."""
        if self.process is not None and self.process.poll() is None:
            end(self.process)


@dataclass(frozen=True, slots=True)
class PhoneServers:
    """Where they are. `sip` is livekit-sip's address for telephones, `sip_log` what it has said."""

    livekit: LiveKit
    redis_port: int
    sip: tuple[str, int]
    sip_log: Path
    livekit_pid: int
    redis_program: Program
    sip_program: Program

    @property
    def pids(self) -> dict[str, int]:
        """The processes that carry a call besides the worker, by name."""
        parts = {"redis": self.redis_program, "livekit-sip": self.sip_program}
        living = {name: one.process.pid for name, one in parts.items() if one.process is not None}
        return {"livekit-server": self.livekit_pid, **living}


@contextlib.contextmanager
def running_phone_servers(folder: Path) -> Iterator[PhoneServers]:
    """All three for as long as the block runs; their files are in `folder`. Raises NotStarted."""
    with contextlib.ExitStack() as stack:
        redis, redis_port = _redis(folder)
        stack.callback(redis.end)
        redis.start()
        config, port = livekit_config(folder)
        config.write_text(f"{config.read_text()}redis:\n  address: {HOST}:{redis_port}\n")
        log = folder / "livekit-server.log"
        server = start_livekit(config, log, port)
        stack.callback(end, server)
        livekit = LiveKit(f"ws://{HOST}:{port}", "devkey", "secret", config, log)
        sip, address = _sip(folder, livekit, redis_port)
        stack.callback(sip.end)
        sip.start()
        yield PhoneServers(livekit, redis_port, address, sip.log, server.pid, redis, sip)


def _redis(folder: Path) -> tuple[Program, int]:
    """A Redis that knows when it comes back what it knew when it died, as docs/phone/README.md asks; and its port."""
    port = free_port()
    kept = ("--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir", str(folder))
    words = ("redis-server", "--port", str(port), "--bind", HOST, *kept)

    def answers() -> bool:
        with socket.create_connection((HOST, port), timeout=1) as asked:
            asked.sendall(b"PING\r\n")
            return asked.recv(16).startswith(b"+PONG")

    return Program(words, folder / "redis.log", answers, "apt install redis-server"), port


def _sip(folder: Path, livekit: LiveKit, redis_port: int) -> tuple[Program, tuple[str, int]]:
    """A livekit-sip beside that server, and its address."""
    port, health = free_port(socket.SOCK_DGRAM), free_port()
    first = 12_000 + (os.getpid() * RTP_PORTS) % 16_000  # below the ports that the system gives away by itself
    settings = yaml.safe_load((ROOT / "livekit-sip.yaml").read_text()) | {
        "ws_url": livekit.url,
        "api_key": livekit.key,
        "api_secret": livekit.secret,
        "redis": {"address": f"{HOST}:{redis_port}"},
        "sip_port": port,
        "health_port": health,
        "rtp_port": f"{first}-{first + RTP_PORTS - 1}",
    }
    config = folder / "livekit-sip.yaml"
    config.write_text(yaml.safe_dump(settings))

    def answers() -> bool:
        urllib.request.urlopen(f"http://{HOST}:{health}/", timeout=1).close()  # our own server
        return True

    words = ("livekit-sip", "--config", str(config))
    return Program(words, folder / "livekit-sip.log", answers, "make setup"), (HOST, port)


def find_server(name: str) -> str | None:
    """The program on PATH, or the one that the set-up built."""
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], str(ROOT / ".cache" / "bin")]))


def _start(words: Sequence[str], log: Path, answers: Callable[[], bool], cure: str) -> "subprocess.Popen[bytes]":
    """A server that answers. Whoever starts it ends it. Raises NotStarted."""
    name, program = words[0], find_server(words[0])
    if not program:
        raise NotStarted(f"{name} is not installed: `{cure}`")
    with log.open("ab") as out:
        process = subprocess.Popen([program, *words[1:]], stdout=out, stderr=out, start_new_session=True)
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            if answers():
                return process
        time.sleep(0.05)
    process.kill()
    raise NotStarted(f"{name} did not answer in {UP_WITHIN_S:g} s:\n{log.read_text(errors='replace')[-2000:]}")
