"""A person with a browser takes a telephone call over: by a link that lets one person into that one call."""

import asyncio
import json
import os
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from livekit import api

from agent.call.line import Reached, Wish
from agent.config import Settings
from agent.page.web import Page, listen
from agent.profile.profile import load_profile
from agent.providers.local.speech_client import SpeechClient
from agent.sending import Webhook, signature
from agent.servers.ticket import Invitation
from agent.telephony.dialling import Dialling
from agent.telephony.inviting import Inviting
from agent.telephony.trunks import Lines
from evals import voices
from evals.caller import Caller, token
from evals.servers import LiveKit, free_port
from tests.agent.calls import ANSWER_S
from tests.agent.telephony.conftest import HOOK_SECRET, LINKED, Office
from tests.agent.telephony.test_calls import all_gone, last_call, understood
from tests.agent.telephony.test_transfers import asking
from tests.frontend.conftest import run_node

pytestmark = [
    pytest.mark.needs("livekit-server", "livekit-sip", "redis-server", "sipp", "node", "chromium"),
    pytest.mark.timeout(180),
]
TALKS_S = 6


@asynccontextmanager
async def posted(port: int) -> "AsyncIterator[asyncio.Queue[dict[str, object]]]":
    """What the profile's webhook gets; only what is signed."""
    told: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        body, at = await request.read(), request.headers["Parley-Timestamp"]
        assert request.headers["Parley-Signature"] == signature(HOOK_SECRET, at, body)
        told.put_nowait(json.loads(body))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield told
    finally:
        await runner.cleanup()


@asynccontextmanager
async def served(office: Office) -> AsyncIterator[None]:
    """Our page, where the links are to."""
    runner = await listen(Page(office.settings, load_profile("shop", office.settings.profiles_dir)), office.settings)
    try:
        yield
    finally:
        await runner.cleanup()


async def admitted(link: str) -> int:
    """The status with which the page's server answers whoever opens that link."""
    address, _, sealed = link.partition("#")
    origin = {"Origin": address.rsplit("/", 1)[0]}
    async with aiohttp.ClientSession() as session, session.post(address, data=sealed, headers=origin) as response:
        return response.status


@asynccontextmanager
async def agents_room(livekit: LiveKit, hook: Webhook) -> AsyncIterator[tuple[Inviting, Settings]]:
    """A job's end of a call, and what it invites with."""
    settings = Settings.model_validate({"LIVEKIT_URL": livekit.url})
    jwt = token(livekit.key, livekit.secret, "call-late", "agent", "nobody")
    async with (
        Caller.join(livekit.url, jwt) as agent,
        api.LiveKitAPI(livekit.url.replace("ws", "http", 1), livekit.key, livekit.secret) as server,
    ):
        inviting = Inviting(settings, agent.room, Dialling(lambda: server, agent.room, Lines()), hook)
        try:
            yield inviting, settings
        finally:
            await inviting.aclose()


async def nothing() -> bool:
    """A wish that nobody keeps."""
    return False


async def test_who_comes_when_nobody_waits_any_more_is_shown_out(livekit_server: LiveKit) -> None:
    """With a token that was still good: they would hear a caller who talks with the agent again. A link that cannot be
    sent has failed."""
    port = free_port()
    wish = Wish("billing", "A caller about an invoice.", nothing)
    hook = Webhook(f"http://127.0.0.1:{port}/", HOOK_SECRET, lambda: datetime.now(UTC))
    async with agents_room(livekit_server, hook) as (inviting, settings):
        assert await inviting.invite(wish, "colleague-0", 5.0) is Reached.FAILED
        async with posted(port) as told:
            assert await inviting.invite(wish, "colleague-1", 0.5) is Reached.NO_ANSWER
            invitation = told.get_nowait()
        assert invitation["department"] == "billing" and "invoice" not in json.dumps(invitation)
        link = Invitation.opened(settings, str(invitation["link"]).partition("#")[2])
        assert link is not None and link.identity == "colleague-1"
        async with Caller.join(livekit_server.url, link.token(settings)) as person:
            await asyncio.wait_for(person.is_disconnected.wait(), 10)


async def test_who_opens_the_link_reads_the_briefing_takes_the_call_and_hangs_up(
    office: Office, speech: SpeechClient, tmp_path: Path
) -> None:
    """Nobody else gets in by it, the caller hears the person only after they took the call, and when one hangs up the
    other's line closes."""
    sound = await voices.agents(speech, "Hello, this is the service desk speaking. How can I help you today?")
    with wave.open(str(tmp_path / "desk.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, len(sound), "NONE", ""))
        file.writeframes(sound.tobytes())
    shots = os.environ.get("SHOTS", "")
    async with posted(office.hook_port) as told, served(office), asking(office, LINKED) as caller:
        invitation = await asyncio.wait_for(told.get(), ANSWER_S)
        link = str(invitation["link"])
        assert invitation["kind"] == "person_wanted" and await admitted(f"{link}x") == 400
        opened = caller.now
        options = ["--url", link, "--wav", str(tmp_path / "desk.wav"), "--seconds", str(TALKS_S)]
        person = asyncio.create_task(run_node("colleague.mjs", *options, *(["--shots", shots] if shots else [])))
        await caller.until(lambda: caller.loud_s(opened) > 2.0, ANSWER_S, "music")
        seen = json.loads(await person)
        assert seen["phases"] == ["invited", "briefed", "talking", "ended"] and not seen["errors"], seen
        assert "asked for a person" in seen["briefing"] and seen["title"], seen
        assert await asyncio.wait_for(caller.dialog.ended(), ANSWER_S) == 0
        words = await understood(caller, speech, caller.now - TALKS_S - 4)
        assert "service" in words or "help" in words, words
        assert await admitted(link) == 410
    await all_gone(office)
    assert last_call(office) == ("phone", "transferred")
