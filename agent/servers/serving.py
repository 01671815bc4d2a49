"""Serving: what each HTTP server of ours does around its handlers: it listens, says where, and stops when asked."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from agent import log
from agent.config import Settings
from agent.errors import ConfigError
from agent.redaction.door import scrubbed
from agent.servers import ports


def log_to_stderr(level: str) -> None:
    """As every process of ours but the worker logs, whose format is LiveKit's: without private values."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    log.configure(level, scrubbed)


def say(line: str) -> None:
    """Tell the operator, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def stop_asked(stop: asyncio.Event | None = None) -> asyncio.Event:
    """Set once SIGTERM or SIGINT has come; `stop` where there is one already."""
    stop = stop or asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def listen(app: web.Application, port: ports.Port, *, shutdown_s: float = 3.0) -> web.AppRunner:
    """Start serving. Raises ConfigError, naming who has the port, when it is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_s)
    await runner.setup()
    try:
        await web.TCPSite(runner, port.host, port.number).start()
    except OSError as error:
        await runner.cleanup()
        raise ConfigError(ports.complaint(port, error)) from None
    return runner


def address_of(runner: web.AppRunner) -> str:
    """Where it listens, as one opens it: the port is the real one where 0 was asked for."""
    host, port = runner.addresses[0][:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def run(serve: Callable[[Settings], Coroutine[Any, Any, None]]) -> int:
    """The process of one server: 0 after a clean stop, 2 when the configuration is wrong."""
    try:
        settings = Settings.load()
        log_to_stderr(settings.log_level)
        asyncio.run(serve(settings))
    except ConfigError as error:
        sys.stderr.write(f"parley: {error}\n")
        return 2
    return 0
