"""A server that is not there yet is waited for, and not for ever; one that never will be right is not waited for."""

import asyncio
import logging
import time

import pytest
from aiohttp import web

from agent.config import Settings
from agent.errors import ConfigError
from agent.servers.livekit_server import Away, is_livekit, wait_for_server
from evals.servers import LiveKit, free_port
from tests.fakes.loopback import listening


def settings_of(url: str) -> Settings:
    """Our settings for a server there, with the development key."""
    return Settings.model_validate({"LIVEKIT_URL": url, "LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "secret"})


def answering(greeting: str, status: int) -> web.Application:
    """A server that says this to GET /, and this to who comes without a token."""

    async def greet(_: web.Request) -> web.Response:
        return web.Response(text=greeting)

    async def validate(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/", greet)
    app.router.add_get("/rtc/validate", validate)
    return app


@pytest.mark.needs("livekit-server")
async def test_a_livekit_server_that_knows_us_is_taken(livekit_server: LiveKit) -> None:
    """The real one."""
    assert await is_livekit(livekit_server.url)
    await wait_for_server(settings_of(livekit_server.url), patience_s=0)


@pytest.mark.parametrize(("greeting", "status"), [("OK", 200), ("OK", 404), ("Welcome to nginx!", 401)])
async def test_another_server_is_no_livekit(greeting: str, status: int) -> None:
    """Some say OK to everybody, some ask everybody for a password."""
    async with listening(answering(greeting, status)) as place:
        assert not await is_livekit(f"ws://{place}")
        with pytest.raises(ConfigError, match="what answers there is no livekit-server"):
            await wait_for_server(settings_of(f"ws://{place}"))


async def test_a_server_that_comes_late_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """Containers start in any order; the log says once what is waited for."""
    port = free_port()
    with caplog.at_level(logging.WARNING, "parley.livekit"):
        waiting = asyncio.create_task(wait_for_server(settings_of(f"ws://127.0.0.1:{port}"), patience_s=30))
        await asyncio.sleep(1.5)
        runner = web.AppRunner(answering("OK", 401))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            with pytest.raises(ConfigError, match="does not know our LIVEKIT_API_KEY"):  # it says 401 to every token
                await waiting
        finally:
            await runner.cleanup()
    assert [record.message for record in caplog.records] == ["waiting for LiveKit"]


async def test_nobody_is_waited_for_for_ever() -> None:
    """A supervisor starts us again, and the log has a sentence."""
    began = time.monotonic()
    with pytest.raises(Away, match=r"no livekit-server answers at LIVEKIT_URL=ws://127\.0\.0\.1"):
        await wait_for_server(settings_of(f"ws://127.0.0.1:{free_port()}"), patience_s=1.5)
    assert 1.4 < time.monotonic() - began < 10
