"""The page's server on a real port, and a browser that uses the page in one situation."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path

import pytest
from aiohttp import web

from agent.config import Settings
from agent.profile.profile import Profile
from agent.page.web import Page, listen
from evals.servers import LiveKit
from tests.conftest import find_program
from tests.fakes.calls import shop

SCRIPTS = Path(__file__).parent
Visit = Callable[..., Coroutine[None, None, dict[str, object]]]


@pytest.fixture
async def serve_page() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Serve the page for a LiveKit URL, with other profiles beside the shop if there are any; gives its address."""
    runners: list[web.AppRunner] = []

    async def serve(livekit_url: str, *others: Profile, has_network: Callable[[], bool] = lambda: True) -> str:
        settings = Settings.model_validate({"LIVEKIT_URL": livekit_url, "web_port": 0})
        runners.append(await listen(Page(settings, shop(), *others, has_network=has_network), settings))
        return f"http://127.0.0.1:{runners[-1].addresses[0][1]}/"

    yield serve
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def page_url(livekit_server: LiveKit, serve_page: Callable[[str], Awaitable[str]]) -> str:
    """The page, in front of the run's livekit-server."""
    return await serve_page(livekit_server.url)


async def run_node(script: str, *arguments: str, timeout_s: float = 90.0) -> str:
    """Run a script of this folder to its end; gives what it printed. Fails with what it complained of."""
    node = find_program("node")
    assert node is not None
    process = await asyncio.create_subprocess_exec(
        str(node), str(SCRIPTS / script), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(timeout_s):
            said, complained = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complained.decode()
    return said.decode()


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """Use the page in one of check.mjs's situations; gives what was seen there."""

    async def visit(situation: str, url: str, **options: str | int) -> dict[str, object]:
        flags = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        said = await run_node("check.mjs", situation, "--url", url, "--out", str(tmp_path), *flags)
        seen: dict[str, object] = json.loads(said.strip().splitlines()[-1])
        return seen

    return visit
