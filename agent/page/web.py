"""`python -m agent.page` serves frontend/ and mints room tokens; it refuses to run open outside development.

Who may ask and how often is admission.py's; what the page does with the token is frontend/'s.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from agent.config import ROOT, Settings
from agent.errors import ConfigError
from agent.page.invited import Invited, NotAdmitted
from agent.profile.profile import Profile, load_served
from agent.providers import lineup
from agent.providers.breakers import breakers_file, states
from agent.servers import serving
from agent.servers.admission import Door, Rates, explain_body, is_loopback, profile_asked_for, refuse_unsafe
from agent.servers.dispatch import Dispatch
from agent.servers.livekit_server import is_livekit
from agent.servers.ports import NO_NETWORK, has_network, web_port
from agent.servers.rooms import LiveKitRooms
from agent.servers.ticket import mint, signed, signed_call

FRONTEND = ROOT / "frontend"
CLIENT = Path("vendor") / "livekit-client.esm.mjs"
MAX_BODY_BYTES = 16 * 1024
SERVICE = "parley page"  # who answers GET /healthz, for deploy/health.py
AGAIN_BURST, AGAIN_S = 3, 2.0  # how often one call may ask for an agent again
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
ASKED_FOR = ("/token", "/again")  # by a page, also one of another origin that may
FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), speaker-selection=(self), camera=(), geolocation=(), display-capture=()",
}

log = logging.getLogger("parley.web")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """The page's server: its files, its tokens, its health. Raises ConfigError when it must not run as configured."""

    def __init__(
        self,
        settings: Settings,
        *profiles: Profile,
        frontend: Path = FRONTEND,
        clock: Callable[[], float] = time.monotonic,
        has_network: Callable[[], bool] = has_network,
    ) -> None:
        refuse_unsafe(settings)
        refuse_incomplete(frontend)
        self._settings = settings
        self._profiles = {profile.name: profile for profile in profiles}
        self._first = profiles[0]
        self._frontend = frontend
        self._door = Door.of(settings.web_host, settings.web_origins)
        self._rates = Rates(clock)
        self._has_network = has_network
        self._again_rates = Rates(clock, burst=AGAIN_BURST, refill_s=AGAIN_S)
        self._rooms = LiveKitRooms(settings)
        self._invited = Invited(settings, self._rooms)
        self._public_url = settings.public_livekit_url or settings.livekit_url
        self._headers = FIXED_HEADERS | {"Content-Security-Policy": security_policy(self._public_url)}

    def app(self) -> web.Application:
        """The aiohttp application, ready for a runner."""
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_BODY_BYTES)
        app.on_response_prepare.append(self._dress)
        app.router.add_get("/", self._file)
        app.router.add_get("/colleague", self._colleague_page)
        app.router.add_get(r"/{name:[a-z][a-z0-9-]*\.(?:js|css|svg)}", self._file)
        app.router.add_get(r"/{name:vendor/[a-z][a-z0-9.-]*\.mjs}", self._file)
        app.router.add_get("/config.json", self._config)
        app.router.add_get("/healthz", self._health)
        app.router.add_post("/token", self._token)
        app.router.add_post("/again", self._again)
        app.router.add_post("/colleague", self._colleague)
        for path in ASKED_FOR:
            app.router.add_options(path, self._preflight)
        app.on_cleanup.append(self._let_go)
        return app

    async def _let_go(self, _: web.Application) -> None:
        await self._rooms.aclose()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign host names, and answer every failure as JSON."""
        if not self._door.knows_host(request.host):
            return failure(421, "unknown_host", "this server does not answer under that name; see PARLEY_WEB_ORIGINS")
        try:
            return await handler(request)
        except web.HTTPException as error:
            return failure(error.status, error.reason.lower().replace(" ", "_"), f"{error.reason.lower()}", error)
        except Exception:
            log.exception("request failed", extra={"path": request.path})
            return failure(500, "internal", "the server failed; its log says why")

    async def _dress(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(self._headers)
        response.headers.setdefault("Cache-Control", "no-store")
        origin = request.headers.get("Origin", "")
        if request.path in ASKED_FOR and self._door.admits(origin, request.host):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Vary"] = "Origin"

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return self._sent(request.match_info.get("name", "index.html"))

    async def _colleague_page(self, _: web.Request) -> web.StreamResponse:
        return self._sent("colleague.html")

    def _sent(self, name: str) -> web.StreamResponse:
        path = self._frontend / name
        if not path.is_file():
            raise web.HTTPNotFound
        headers = {"Content-Type": CONTENT_TYPES[path.suffix], "Cache-Control": "no-cache"}
        return web.FileResponse(path, headers=headers)

    async def _config(self, request: web.Request) -> web.Response:
        who = await asyncio.to_thread(lineup.read, self._settings.var_dir)
        served = [
            {"name": profile.name, "title": profile.title, "who": who.get(profile.name, "")}
            for profile in self._profiles.values()
        ]
        return web.json_response({"title": self._first.title, "profile": self._first.name, "profiles": served})

    async def _health(self, request: web.Request) -> web.Response:
        answers = await is_livekit(self._settings.livekit_url)
        known = await asyncio.to_thread(states, breakers_file(self._settings.var_dir), time.time())
        providers = {key: state.value for key, state in known.items()}
        livekit = "ok" if answers else "away"
        return web.json_response({"service": SERVICE, "status": "ok", "livekit": livekit, "providers": providers})

    async def _preflight(self, request: web.Request) -> web.Response:
        if not self._door.admits(request.headers.get("Origin"), request.host):
            return failure(403, "foreign_origin", "this page may not ask for a token; see PARLEY_WEB_ORIGINS")
        allow = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type"}
        return web.Response(status=204, headers=allow)

    async def _token(self, request: web.Request) -> web.Response:
        if not self._door.admits(request.headers.get("Origin"), request.host):
            return failure(403, "foreign_origin", "this page may not ask for a token; see PARLEY_WEB_ORIGINS")
        wait_s = self._rates.wait_s(peer_address(request, self._settings.web_proxies))
        if wait_s:
            log.warning("token refused: too many requests")
            response = failure(429, "too_many_requests", f"too many calls from here; wait {wait_s:.0f} s")
            response.headers["Retry-After"] = str(int(wait_s) + 1)
            return response
        if is_loopback(urlsplit(self._public_url).hostname or "") and not self._has_network():
            return failure(503, "no_network", NO_NETWORK)  # known at once; the browser would try for 12 s
        body = await request.read()
        wrong = explain_body(body)
        if wrong:
            return failure(400, "bad_request", wrong)
        profile = profile_asked_for(body) or self._first.name
        if profile not in self._profiles:
            return failure(400, "unknown_profile", f"no such profile here; there are: {', '.join(self._profiles)}")
        room, caller = f"call-{secrets.token_urlsafe(12)}", f"caller-{secrets.token_urlsafe(9)}"
        wanted = Dispatch(profile, caller)
        answer = {
            "server_url": self._public_url,
            "participant_token": mint(self._settings, wanted, room),
            "again": signed(self._settings, wanted, room),
        }
        log.info("token given", extra={"room": room})
        return web.json_response(answer, status=201)

    async def _again(self, request: web.Request) -> web.Response:
        """Send an agent to a call of ours that has none: a full worker had refused, or the agent is gone."""
        if not self._door.admits(request.headers.get("Origin"), request.host):
            return failure(403, "foreign_origin", "this page may not ask for an agent; see PARLEY_WEB_ORIGINS")
        known = signed_call(self._settings, await request.read())
        if known is None:
            return failure(400, "bad_request", "the body must be what POST /token gave as `again`")
        wanted, room = known
        if wait_s := self._again_rates.wait_s(room):
            response = failure(429, "too_many_requests", f"this call asked just now; wait {wait_s:.0f} s")
            response.headers["Retry-After"] = str(int(wait_s) + 1)
            return response
        try:
            if wanted.caller not in (await self._rooms.callers(room) or ()):
                return failure(410, "call_is_over", "nobody is in that call any more")
            await self._rooms.send(room, wanted)
        except OSError:
            return failure(502, "livekit_away", "the LiveKit server does not answer")
        log.info("asked for an agent again", extra={"room": room})
        return web.json_response({"status": "asked"}, status=202)

    async def _colleague(self, request: web.Request) -> web.Response:
        """Let a person who was sent a link into that one call."""
        if not self._door.admits(request.headers.get("Origin"), request.host):
            return failure(403, "foreign_origin", "this page may not ask for a token; see PARLEY_WEB_ORIGINS")
        if wait_s := self._rates.wait_s(peer_address(request, self._settings.web_proxies)):
            return failure(429, "too_many_requests", f"too many requests from here; wait {wait_s:.0f} s")
        try:
            token = await self._invited.admit(await request.read())
        except NotAdmitted as no:
            return failure(no.status, no.code, no.message)
        return web.json_response({"server_url": self._public_url, "participant_token": token}, status=201)


def refuse_incomplete(frontend: Path) -> None:
    """Raises ConfigError when set-up has not brought livekit-client."""
    if not (frontend / CLIENT).is_file():
        raise ConfigError(f"{frontend.name}/{CLIENT}: this file is missing; `make setup` brings it from npm")


def security_policy(livekit_url: str) -> str:
    """A Content-Security-Policy that lets the page load its own files and talk to this one LiveKit server."""
    parts = urlsplit(livekit_url)
    is_secure = parts.scheme in {"wss", "https"}
    sockets, http = ("wss", "https") if is_secure else ("ws", "http")
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "media-src 'self'",
            f"connect-src 'self' {sockets}://{parts.netloc} {http}://{parts.netloc}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def peer_address(request: web.Request, proxies: tuple[str, ...]) -> str:
    """Who asks. Only a proxy that the operator named is believed about whom it speaks for."""
    peer = request.remote or ""
    if peer in proxies:
        return request.headers.get("X-Forwarded-For", peer).rsplit(",", 1)[-1].strip()
    return peer


def failure(status: int, code: str, message: str, error: web.HTTPException | None = None) -> web.Response:
    """A JSON error; the headers that an HTTP error must carry (Allow) are kept."""
    allow = {"Allow": error.headers["Allow"]} if error is not None and "Allow" in error.headers else None
    return web.json_response({"error": code, "message": message}, status=status, headers=allow)


async def listen(page: Page, settings: Settings) -> web.AppRunner:
    """Start serving. Raises ConfigError, naming who has the port, when it is taken."""
    return await serving.listen(page.app(), web_port(settings))


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigError."""
    page = Page(settings, *load_served(settings))
    stop = serving.stop_asked()
    runner = await listen(page, settings)
    try:
        serving.say(f"The page is at {serving.address_of(runner)}/")
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    """The process: 0 after a clean stop, 2 when the configuration is wrong."""
    return serving.run(serve)
