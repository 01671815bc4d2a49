"""The health check believes our page and our worker, and nobody else; mistakes.yaml has the others."""

import asyncio

import pytest
from aiohttp import web

from agent.config import ROOT, Settings
from agent.page.web import SERVICE, Page, listen
from agent.profile.profile import load_profile
from deploy import health
from tests.fakes.loopback import listening


def answering(**texts: tuple[int, str]) -> web.Application:
    """A server with a status and a text for each path; `root` is /."""
    app = web.Application()
    for path, (status, text) in texts.items():

        async def answer(_: web.Request, status: int = status, text: str = text) -> web.Response:
            return web.Response(status=status, text=text)

        app.router.add_get("/" if path == "root" else f"/{path}", answer)
    return app


async def asked(what: str, port: int, **environment: str) -> int:
    """The exit status of `python -m deploy.health`."""
    variable = "PARLEY_WEB_PORT" if what == "page" else "PARLEY_WORKER_PORT"
    return await asyncio.to_thread(health.main, [what], {variable: str(port), **environment})


async def test_the_page_knows_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """The real one; a proxy of the environment is not asked."""
    settings = Settings.model_validate({"web_port": 0, "LIVEKIT_URL": "ws://127.0.0.1:1"})
    runner = await listen(Page(settings, load_profile("shop", ROOT / "profiles")), settings)
    try:
        port = runner.addresses[0][1]
        assert await asked("page", port) == 0
        assert await asked("page", port, PARLEY_WEB_HOST="0.0.0.0") == 0  # noqa: S104  # compared, not bound
        assert await asked("worker", port) == 1
    finally:
        await runner.cleanup()
    assert "404" in capsys.readouterr().err
    assert SERVICE == health.PAGE_SERVICE


@pytest.mark.parametrize(
    ("worker", "root", "status"),
    [
        ((200, '{"agent_name": "parley", "active_jobs": 0}'), (200, "OK"), 0),
        ((200, '{"agent_name": "another"}'), (200, "OK"), 1),
        ((200, '["parley"]'), (200, "OK"), 1),
        ((200, "parley"), (200, "OK"), 1),
        ((200, '{"agent_name": "parley"}'), (503, "failed to connect to livekit"), 1),
    ],
)
async def test_a_worker_is_healthy_when_it_is_ours_and_says_so(
    worker: tuple[int, str], root: tuple[int, str], status: int
) -> None:
    """Two Parleys on one machine differ by PARLEY_AGENT_NAME; one that lost its server says 503."""
    async with listening(answering(worker=worker, root=root)) as url:
        assert await asked("worker", int(url.rsplit(":", 1)[1])) == status


@pytest.mark.parametrize("arguments", [["pgae"], ["page", "worker"], ["--help"]])
def test_another_word_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt one would ask the worker about the page's health."""
    assert health.main(arguments, {}) == 2
    assert "worker or page" in capsys.readouterr().err
