"""The page's server: who gets a token, what the token allows, and when the server refuses to run."""

import asyncio
import base64
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from livekit import api, rtc

from agent.config import ROOT, Settings
from agent.errors import ConfigError
from agent.page.web import Page, listen, security_policy
from agent.profile.profile import load_profile
from agent.providers.breakers import Breakers, Change, breakers_file
from agent.rules.breaker import Failure
from agent.servers.ticket import Invitation
from evals.servers import LiveKit

SECRET = "a secret of more than thirty-two characters"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Seconds, as time.monotonic gives them."""
        return self.now


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """A folder with one file of each kind, and one that no caller may have."""
    (tmp_path / "vendor").mkdir()
    for name, text in {
        "index.html": "<!doctype html><title>x</title>",
        "app.js": "export {};",
        "style.css": "body {}",
        "vendor/livekit-client.esm.mjs": "export {};",
        "package.json": "{}",
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


def settings_of(**fields: object) -> Settings:
    """Settings of a deployment with its own key, on a free port."""
    ours = {"LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": SECRET, "web_port": 0, **fields}
    return Settings(**ours)  # type: ignore[arg-type]  # any of Settings' own fields


def page_of(frontend: Path, clock: Callable[[], float] = time.monotonic, /, **fields: object) -> Page:
    """The page's server for these settings. Raises ConfigError."""
    return Page(settings_of(**fields), load_profile("shop", ROOT / "profiles"), frontend=frontend, clock=clock)


@asynccontextmanager
async def running(page: Page) -> AsyncIterator[str]:
    """Serve on a free port; gives the address."""
    runner = await listen(page, settings_of())
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def ask(url: str, body: str = "{}", origin: str | None = "same", **headers: str) -> tuple[int, dict[str, str]]:
    """POST /token; gives the status and the JSON."""
    sent = {"Content-Type": "application/json", **headers}
    if origin:
        sent["Origin"] = url if origin == "same" else origin
    async with aiohttp.ClientSession() as session, session.post(f"{url}/token", data=body, headers=sent) as response:
        answer: dict[str, str] = await response.json()
        return response.status, answer


async def get(url: str) -> tuple[int, str, Mapping[str, str]]:
    """GET an address; gives status, text and headers."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text(), response.headers


def claims_of(token: str) -> api.access_token.Claims:
    """The token's claims, its signature checked."""
    return api.TokenVerifier("key", SECRET).verify(token)


def profile_in(token: str) -> str:
    """The profile that the token's dispatch asks the worker for."""
    config = claims_of(token).room_config
    assert config is not None
    return str(json.loads(config.agents[0].metadata)["profile"])


async def test_a_token_opens_one_room_for_ten_minutes_and_calls_the_agent(frontend: Path) -> None:
    """It may talk, listen and write in its room; it may not publish video, administer or rename itself."""
    async with running(page_of(frontend)) as url:
        status, answer = await ask(url)
    assert status == 201
    assert set(answer) == {"server_url", "participant_token", "again"}
    assert answer["server_url"] == "ws://127.0.0.1:7880"
    claims = claims_of(answer["participant_token"])
    grants = claims.video
    assert grants is not None
    assert grants == api.VideoGrants(
        room_join=True,
        room=grants.room,
        can_publish=True,
        can_publish_sources=["microphone"],
        can_publish_data=True,
        can_subscribe=True,
        can_update_own_metadata=False,
    )
    assert re.fullmatch(r"call-[\w-]{16}", grants.room)
    assert re.fullmatch(r"caller-[\w-]{12}", claims.identity)
    assert claims.room_config is not None
    [dispatch] = claims.room_config.agents
    wanted = {"profile": "shop", "caller": claims.identity}  # who is named was there before the agent
    assert (dispatch.agent_name, json.loads(dispatch.metadata)) == ("parley", wanted)
    times = decode(answer["participant_token"])
    assert times["exp"] - times["nbf"] == 600


def decode(token: str) -> dict[str, int]:
    """The token's payload, unchecked."""
    part = token.split(".")[1]
    payload: dict[str, int] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return payload


async def test_a_caller_cannot_choose_a_room_an_identity_or_an_agent(frontend: Path) -> None:
    """What TokenSource lets a client wish for is the server's choice, and each token differs."""
    wishes = {
        "room_name": "call-of-another",
        "participant_identity": "admin",
        "participant_metadata": "x",
        "room_config": {"agents": [{"agent_name": "other"}]},
    }
    async with running(page_of(frontend)) as url:
        tokens = [claims_of((await ask(url, json.dumps(wishes)))[1]["participant_token"]) for _ in range(2)]
    rooms = {claims.video.room for claims in tokens if claims.video}
    assert len(rooms) == 2
    assert "call-of-another" not in rooms
    assert "admin" not in {claims.identity for claims in tokens}
    assert {claims.room_config.agents[0].agent_name for claims in tokens if claims.room_config} == {"parley"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "the body must be a JSON object: "),
        ("[]", "the body must be a JSON object: "),
        ('{"room_name": 7}', "room_name: "),
        ('{"participant_attributes": {"a": 1}}', "participant_attributes.a: "),
        (json.dumps({"participant_name": "x" * 300}), "participant_name: "),
    ],
)
async def test_a_bad_body_is_named(frontend: Path, body: str, message: str) -> None:
    """400 with JSON that says which field is wrong, and never repeats what was sent."""
    async with running(page_of(frontend)) as url:
        status, answer = await ask(url, body)
    assert status == 400
    assert answer["error"] == "bad_request"
    assert answer["message"].startswith(message)
    assert "xxx" not in answer["message"]


async def test_an_empty_body_asks_for_the_defaults(frontend: Path) -> None:
    """A client without wishes need not send an object."""
    async with running(page_of(frontend)) as url:
        assert (await ask(url, ""))[0] == 201


async def test_a_large_body_is_refused(frontend: Path) -> None:
    """Nobody fills the memory through the token endpoint."""
    async with running(page_of(frontend)) as url:
        status, answer = await ask(url, json.dumps({"participant_metadata": "x" * 20_000}))
    assert (status, answer["error"]) == (413, "request_entity_too_large")


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1:1"])
async def test_a_foreign_page_gets_no_token(frontend: Path, origin: str | None) -> None:
    """Only this server's own page, and those in PARLEY_WEB_ORIGINS."""
    async with running(page_of(frontend)) as url:
        status, answer = await ask(url, origin=origin)
    assert (status, answer["error"]) == (403, "foreign_origin")


async def test_a_configured_page_gets_a_token_and_may_read_it(frontend: Path) -> None:
    """CORS for the origins of PARLEY_WEB_ORIGINS, preflight included, and for no other."""
    async with running(page_of(frontend, web_origins="https://a.example, https://b.example/")) as url:
        assert (await ask(url, origin="https://b.example"))[0] == 201
        async with aiohttp.ClientSession() as session:
            for origin, allowed in {"https://a.example": "https://a.example", "https://c.example": None}.items():
                async with session.options(f"{url}/token", headers={"Origin": origin}) as response:
                    assert response.headers.get("Access-Control-Allow-Origin") == allowed
                    assert response.status == (204 if allowed else 403)


async def test_a_foreign_name_for_this_machine_is_refused(frontend: Path) -> None:
    """DNS rebinding: a page whose name was pointed at 127.0.0.1 would otherwise be of the same origin."""
    async with running(page_of(frontend)) as url:
        rebound = f"evil.example:{url.rsplit(':', 1)[1]}"
        status, answer = await ask(url, origin=f"http://{rebound}", Host=rebound)
    assert (status, answer["error"]) == (421, "unknown_host")


async def test_ten_calls_at_once_and_then_one_every_six_seconds(frontend: Path, clock: Clock) -> None:
    """The bucket empties, says how long to wait, and fills again."""
    async with running(page_of(frontend, clock)) as url:
        assert [(await ask(url))[0] for _ in range(11)] == [201] * 10 + [429]
        clock.now += 4
        status, answer = await ask(url)
        assert (status, answer["message"]) == (429, "too many calls from here; wait 2 s")
        clock.now += 2
        assert (await ask(url))[0] == 201
        assert (await ask(url))[0] == 429


async def test_behind_a_named_proxy_each_caller_has_a_bucket(frontend: Path, clock: Clock) -> None:
    """X-Forwarded-For counts from a proxy in PARLEY_WEB_PROXIES, its last address only; from others it is ignored."""
    forwarded = "X-Forwarded-For"
    async with running(page_of(frontend, clock, web_proxies="127.0.0.1")) as url:
        for _ in range(10):
            assert (await ask(url, **{forwarded: "9.9.9.9, 1.1.1.1"}))[0] == 201
        assert (await ask(url, **{forwarded: "8.8.8.8, 1.1.1.1"}))[0] == 429
        assert (await ask(url, **{forwarded: "2.2.2.2"}))[0] == 201
    async with running(page_of(frontend, clock)) as url:
        answers = [(await ask(url, **{forwarded: f"3.3.3.{n}"}))[0] for n in range(11)]
    assert answers[-1] == 429


async def test_every_answer_carries_the_security_headers(frontend: Path) -> None:
    """Files, JSON and failures alike; scripts come from here only, and connections go to one LiveKit server."""
    async with running(page_of(frontend, LIVEKIT_URL="wss://talk.example:7443")) as url:
        for path in ("/", "/app.js", "/config.json", "/healthz", "/nothing"):
            _, _, headers = await get(url + path)
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert "connect-src 'self' wss://talk.example:7443 https://talk.example:7443;" in policy
            assert "unsafe" not in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert "microphone=(self)" in headers["Permissions-Policy"]


def test_the_policy_follows_the_scheme_of_livekit() -> None:
    """A plain LiveKit gets ws and http, never the secure ones, and no path."""
    assert "connect-src 'self' ws://lk:7880 http://lk:7880;" in security_policy("ws://lk:7880/rtc")


async def test_only_the_page_s_own_files_are_served(frontend: Path) -> None:
    """Modules with their types; no package.json, no path upwards, no listing."""
    async with running(page_of(frontend)) as url:
        for path, kind in {"/": "text/html", "/app.js": "text/javascript", "/style.css": "text/css"}.items():
            status, _, headers = await get(url + path)
            assert (status, headers["Content-Type"].split(";")[0]) == (200, kind)
        status, _, headers = await get(f"{url}/vendor/livekit-client.esm.mjs")
        assert (status, headers["Content-Type"].split(";")[0]) == (200, "text/javascript")
        for path in ("/package.json", "/vendor/", "/vendor/..%2fpackage.json", "/..%2f..%2f.env", "/missing.js"):
            status, text, _ = await get(url + path)
            assert status == 404
            assert json.loads(text)["error"] == "not_found"


async def test_the_page_learns_its_title(frontend: Path) -> None:
    """config.json names the profile and what to call it, and nothing of the settings."""
    async with running(page_of(frontend)) as url:
        _, text, _ = await get(f"{url}/config.json")
    shop = {"name": "shop", "title": "Acme customer desk", "who": ""}
    assert json.loads(text) == {"title": "Acme customer desk", "profile": "shop", "profiles": [shop]}


async def test_a_caller_may_choose_among_the_profiles_that_are_served(frontend: Path) -> None:
    """The dispatch names the chosen one, or the first; another is refused in a sentence."""
    shop = load_profile("shop", ROOT / "profiles")
    other = shop.model_copy(update={"name": "other", "title": "Another desk"})
    async with running(Page(settings_of(), shop, other, frontend=frontend)) as url:
        _, text, _ = await get(f"{url}/config.json")
        asked = [await ask(url, body) for body in ('{"profile": "other"}', "{}", '{"profile": "bank"}')]
    assert [served["name"] for served in json.loads(text)["profiles"]] == ["shop", "other"]
    assert [profile_in(answer["participant_token"]) for _, answer in asked[:2]] == ["other", "shop"]
    status, refused = asked[2]
    assert (status, refused["error"]) == (400, "unknown_profile") and "shop, other" in refused["message"]


@pytest.mark.needs("livekit-server")
async def test_health_says_whether_livekit_answers(
    frontend: Path, livekit_server: LiveKit, free_port_url: str, tmp_path: Path
) -> None:
    """The page's server is healthy either way; the call server is there or away."""
    for livekit_url, said in {livekit_server.url: "ok", free_port_url: "away"}.items():
        async with running(page_of(frontend, LIVEKIT_URL=livekit_url, var_dir=tmp_path)) as url:
            status, text, _ = await get(f"{url}/healthz")
        expected = {"service": "parley page", "status": "ok", "livekit": said, "providers": {}}
        assert (status, json.loads(text)) == (200, expected)


async def test_health_has_a_line_for_each_provider_that_calls_have_asked(
    frontend: Path, free_port_url: str, tmp_path: Path
) -> None:
    """What one call has learnt of a provider is there for the operator, too."""
    told: list[Change] = []
    breakers = Breakers(breakers_file(tmp_path), told.append)
    breakers.note("llm openai", Failure.REFUSED)
    breakers.note("stt deepgram", None)
    await breakers.share()
    async with running(page_of(frontend, LIVEKIT_URL=free_port_url, var_dir=tmp_path)) as url:
        _, text, _ = await get(f"{url}/healthz")
    assert json.loads(text)["providers"] == {"llm openai": "open", "stt deepgram": "closed"}


@pytest.fixture
def free_port_url() -> str:
    """The URL of a LiveKit that is not there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"ws://127.0.0.1:{probe.getsockname()[1]}"


async def test_without_a_network_a_call_is_refused_at_once_where_the_browser_is_on_this_machine(
    frontend: Path, free_port_url: str
) -> None:
    """Loopback alone carries no call: the browser would try for twelve seconds and blame a firewall. Where browsers
    reach LiveKit elsewhere, this machine's own network is none of their concern."""
    profile = load_profile("shop", ROOT / "profiles")
    for url, status in ((free_port_url, 503), ("ws://localhost:7880", 503), ("wss://talk.example", 201)):
        settings = settings_of(livekit_url=free_port_url, public_livekit_url=url)
        async with running(Page(settings, profile, frontend=frontend, has_network=lambda: False)) as page:
            assert (await ask(page))[0] == status
            if status == 503:
                assert (await ask(page))[1]["error"] == "no_network"
        async with running(Page(settings, profile, frontend=frontend, has_network=lambda: True)) as page:
            assert (await ask(page))[0] == 201


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.0.2.1", "parley.example"])  # noqa: S104  # that is the test
def test_it_does_not_open_to_other_machines_unasked(frontend: Path, host: str) -> None:
    """A non-loopback address needs PARLEY_WEB_IS_OPEN, and the refusal says so."""
    with pytest.raises(ConfigError, match=r"PARLEY_WEB_HOST=.* is open to other machines .* PARLEY_WEB_IS_OPEN=true"):
        page_of(frontend, web_host=host)
    page_of(frontend, web_host=host, web_is_open=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"web_host": "192.0.2.1", "web_is_open": True},
        {"LIVEKIT_URL": "wss://talk.example"},
        {"LIVEKIT_URL": "ws://nonsense"},
    ],
)
def test_placeholder_secrets_stay_on_this_machine(frontend: Path, fields: dict[str, object]) -> None:
    """The key that every checkout knows is for a page and a LiveKit that are both on loopback."""
    placeholders: dict[str, object] = {"LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "secret"}
    with pytest.raises(ConfigError, match="development placeholders"):
        page_of(frontend, **placeholders, **fields)
    page_of(frontend, **placeholders)


def test_a_missing_client_is_said_at_start(frontend: Path) -> None:
    """Without set-up the page would stay blank; the server says what brings the file."""
    (frontend / "vendor" / "livekit-client.esm.mjs").unlink()
    with pytest.raises(ConfigError, match=r"vendor/livekit-client.esm.mjs: this file is missing; `make setup`"):
        page_of(frontend)


async def test_a_busy_port_names_who_has_it(frontend: Path) -> None:
    """One sentence with the process and the cure."""
    async with running(page_of(frontend)) as url:
        taken = settings_of(web_port=int(url.rsplit(":", 1)[1]))
        words = rf"port {taken.web_port}, .* by process {os.getpid()} .*`kill {os.getpid()}`, or set PARLEY_WEB_PORT"
        with pytest.raises(ConfigError, match=words):
            await listen(page_of(frontend), taken)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_stops_cleanly_when_told(number: signal.Signals) -> None:
    """`python -m agent.page` says where it is, and ends with 0 and without a traceback."""
    process = await start({"PARLEY_WEB_PORT": "0"})
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    url = line.removeprefix("The page is at ").strip()
    assert (await get(f"{url}config.json"))[0] == 200
    process.send_signal(number)
    _, complaints = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, complaints.decode()) == (0, "")


async def test_a_wrong_setting_is_one_sentence() -> None:
    """Exit code 2 and no traceback."""
    process = await start({"PARLEY_WEB_PORT": "eighty"})
    _, complaints = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert complaints.decode().startswith("parley: environment variable PARLEY_WEB_PORT: ")
    assert complaints.decode().count("\n") == 1


async def start(environment: dict[str, str]) -> asyncio.subprocess.Process:
    """The process as `make run` starts it."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent.page", cwd=ROOT, env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


def test_the_server_is_an_aiohttp_application(frontend: Path) -> None:
    """Whoever embeds the page (a test, another server) gets the plain application."""
    assert isinstance(page_of(frontend).app(), web.Application)


async def ask_again(url: str, ticket: str, origin: str = "same") -> tuple[int, str]:
    """POST /again; gives the status and the error."""
    headers = {"Origin": url if origin == "same" else origin}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/again", data=ticket, headers=headers) as response,
    ):
        return response.status, str((await response.json()).get("error", ""))


@pytest.mark.needs("livekit-server")
async def test_a_caller_whom_nobody_answered_asks_for_an_agent_again(frontend: Path, livekit_server: LiveKit) -> None:
    """As long as they are in their room, and not too often; livekit-server does not ask twice by itself."""
    server = livekit_server
    ours = {"LIVEKIT_URL": server.url, "LIVEKIT_API_KEY": server.key, "LIVEKIT_API_SECRET": server.secret}
    async with running(page_of(frontend, **ours)) as url:
        _, answer = await ask(url)
        ticket = answer["again"]
        assert await ask_again(url, ticket) == (410, "call_is_over")
        room = rtc.Room()
        await room.connect(server.url, answer["participant_token"])
        name = room.name
        async with api.LiveKitAPI(server.url, server.key, server.secret) as livekit:
            before = len(await livekit.agent_dispatch.list_dispatch(name))
            assert [(await ask_again(url, ticket))[0] for _ in range(4)] == [202, 202, 429, 429]
            dispatches = await livekit.agent_dispatch.list_dispatch(name)
        assert len(dispatches) == before + 2
        assert json.loads(dispatches[-1].metadata) == {"profile": "shop", "caller": room.local_participant.identity}
        await room.disconnect()


@pytest.mark.parametrize("change", ["", "x", "swap the room", "swap the profile", "drop the proof"])
async def test_nobody_sends_an_agent_into_another_call(frontend: Path, change: str) -> None:
    """Only what /token gave is taken, word for word."""
    async with running(page_of(frontend)) as url:
        _, answer = await ask(url)
        room, caller, profile, proof = answer["again"].split(" ")
        ticket = {
            "swap the room": f"call-other {caller} {profile} {proof}",
            "swap the profile": f"{room} {caller} bank {proof}",
            "drop the proof": f"{room} {caller} {profile} ",
        }.get(change, change)
        assert await ask_again(url, ticket) == (400, "bad_request")
        assert await ask_again(url, answer["again"], origin="https://evil.example") == (403, "foreign_origin")


async def test_asking_again_says_when_livekit_is_away(frontend: Path) -> None:
    """The page then knows that nobody will come."""
    async with running(page_of(frontend, LIVEKIT_URL="ws://127.0.0.1:9")) as url:
        _, answer = await ask(url)
        assert await ask_again(url, answer["again"]) == (502, "livekit_away")


async def test_a_link_to_a_call_has_a_page_of_its_own_and_lets_nobody_in_from_elsewhere(frontend: Path) -> None:
    """Who may pass the door is test_invited's; here it is asked, and what it says reaches the page."""
    (frontend / "colleague.html").write_text("<!doctype html><title>colleague</title>")
    sealed = Invitation("call-x", "colleague-1", int(time.time()) + 60).sealed(settings_of())
    async with running(page_of(frontend, LIVEKIT_URL="ws://127.0.0.1:9")) as url:
        status, text, headers = await get(f"{url}/colleague")
        assert (status, "colleague" in text, headers["Content-Type"]) == (200, True, "text/html; charset=utf-8")
        async with aiohttp.ClientSession() as session:
            for origin, body, expected in (
                (url, "nonsense", (400, "bad_request")),
                (url, sealed, (502, "livekit_away")),
                ("https://evil.example", sealed, (403, "foreign_origin")),
            ):
                sent = session.post(f"{url}/colleague", data=body, headers={"Origin": origin})
                async with sent as response:
                    assert (response.status, (await response.json())["error"]) == expected
