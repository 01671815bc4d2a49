"""`python -m agent.telephony.media_streams`: Twilio callers without SIP. Answers Twilio's webhooks, and carries the
sound of each Media Stream into a LiveKit room (stream_line.py), where the caller is a telephone like any other.
"""

import asyncio
import contextlib
import logging
import sys
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from aiohttp import web

from agent.config import Settings
from agent.errors import ConfigError
from agent.profile.profile import Profile, load_served
from agent.servers import livekit_server, ports, serving
from agent.servers.admission import Rates
from agent.servers.rooms import LiveKitRooms
from agent.telephony import twilio
from agent.telephony.stream_line import StreamLine

logger = logging.getLogger("parley.streams")
SERVICE = "parley streams"
MAX_FORM_BYTES, MAX_MESSAGE_BYTES = 32 * 1024, 64 * 1024
START_S = 5.0  # until a socket has said which call it is of
BURST, REFILL_S = 5, 12.0  # calls of one number
REMEMBERED = 4096  # calls that are over; Twilio asks about one within seconds
BUSY = "Sorry, all our lines are busy. Please call again in a few minutes. Goodbye."
Form = dict[str, list[str]]


class Bridge:
    """The server's handlers and its calls. `clock` counts seconds since the epoch."""

    def __init__(self, settings: Settings, *profiles: Profile, clock: Callable[[], float] = time.time) -> None:
        refuse_incomplete(settings)
        self._settings = settings
        self._public = settings.streams_url.rstrip("/")
        self._profiles = {profile.name: profile for profile in profiles}
        self._first = profiles[0]
        self._clock = clock
        self._rates = Rates(time.monotonic, burst=BURST, refill_s=REFILL_S)
        self._rooms = LiveKitRooms(settings)
        self._lines: dict[str, StreamLine] = {}
        self._ended: OrderedDict[str, bool] = OrderedDict()  # call -> whether an agent had come
        self._keeping: set[asyncio.Task[None]] = set()

    def app(self) -> web.Application:
        """The aiohttp application, ready for a runner."""
        app = web.Application(client_max_size=MAX_FORM_BYTES)
        app.router.add_post("/voice", self._signed(self._voice))
        app.router.add_post("/call-status", self._signed(self._call_status))
        app.router.add_get("/stream", self._stream)
        app.router.add_get("/healthz", self._health)
        app.on_shutdown.append(self._hang_up_all)
        return app

    def _signed(
        self, answer: Callable[[web.Request, Form], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Only forms that Twilio has signed reach the handler."""

        async def handler(request: web.Request) -> web.Response:
            posted = await request.post()
            form = {name: [str(value) for value in posted.getall(name)] for name in posted}
            url = f"{self._public}{request.path_qs}"
            shown = request.headers.get("X-Twilio-Signature", "")
            if not twilio.is_signed(self._settings.twilio_auth_token, url, form, shown):
                logger.warning("webhook refused: its signature is not Twilio's", extra={"path": request.path})
                raise web.HTTPForbidden
            if not _first(form, "CallSid").isalnum():
                raise web.HTTPBadRequest
            return await answer(request, form)

        return handler

    async def _voice(self, request: web.Request, form: Form) -> web.Response:
        """A call comes, or its stream has ended."""
        call, caller = _first(form, "CallSid"), _first(form, "From")
        if call in self._ended:
            return _twiml(twilio.hang_up("" if self._ended[call] else BUSY))
        profile = request.query.get("profile", "") or self._first.name
        if profile not in self._profiles:
            logger.warning("a call for a profile that is not served", extra={"profile": profile})
            return _twiml(twilio.hang_up())
        if call not in self._lines:
            if len(self._lines) >= self._settings.capacity:
                logger.warning("full, call refused", extra={"count": self._settings.capacity})
                return _twiml(twilio.busy())
            if self._rates.wait_s(caller):
                logger.warning("call refused: too many from one number")
                return _twiml(twilio.busy())
        until = self._clock() + twilio.TICKET_LIFE_S
        expected = twilio.Expected(call, caller, _first(form, "To"), profile, until)
        stream = f"ws{self._public.removeprefix('http')}/stream"
        again = f"{self._public}/voice?{urlencode({'profile': profile})}"
        ticket = expected.signed(self._settings.livekit_api_secret)
        return _twiml(twilio.connect(stream, ticket, again))

    async def _call_status(self, request: web.Request, form: Form) -> web.Response:
        """Twilio tells how a call is; one that is over ends here too."""
        line = self._lines.get(_first(form, "CallSid"))
        if line is not None and _first(form, "CallStatus") in twilio.ENDED:
            line.end()
        return web.Response(status=204)

    async def _health(self, request: web.Request) -> web.Response:
        answers = await livekit_server.is_livekit(self._settings.livekit_url)
        return web.json_response(
            {"service": SERVICE, "status": "ok", "livekit": "ok" if answers else "away", "calls": len(self._lines)}
        )

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        """One socket: its first words must be those of a call that Twilio has announced."""
        socket = web.WebSocketResponse(max_msg_size=MAX_MESSAGE_BYTES, heartbeat=20.0)
        await socket.prepare(request)
        begun = await self._begun(socket)
        if begun is None:
            logger.warning("stream refused: it is of no call that was announced")
            await socket.close(code=1008)
            return socket
        expected, stream = begun
        line = self._lines.get(expected.call)
        if line is None:
            if len(self._lines) >= self._settings.capacity or expected.call in self._ended:
                self._remember(expected.call, was_served=False)
                await socket.close()
                return socket
            reconnect_s = self._profiles[expected.profile].limits.reconnect_s
            line = self._lines[expected.call] = StreamLine(self._settings, self._rooms, expected, reconnect_s)
            keeping = asyncio.create_task(self._keep(expected.call, line), name="line")
            self._keeping.add(keeping)
            keeping.add_done_callback(self._keeping.discard)
        await line.serve(socket, stream)
        return socket

    async def _begun(self, socket: web.WebSocketResponse) -> tuple[twilio.Expected, str] | None:
        """Whose stream it is and how Twilio names it; None when it does not say so, or is not believed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                async for frame in socket:
                    message = twilio.read(frame.data) if isinstance(frame.data, str) else None
                    if isinstance(message, twilio.Start):
                        return self._believed(message.start)
        return None

    def _believed(self, start: twilio.StartBody) -> tuple[twilio.Expected, str] | None:
        ticket = start.customParameters.get(twilio.TICKET, "")
        expected = twilio.Expected.of(ticket, self._settings.livekit_api_secret, self._clock())
        if expected is None or expected.call != start.callSid or expected.profile not in self._profiles:
            return None
        return expected, start.streamSid

    async def _keep(self, call: str, line: StreamLine) -> None:
        """The line, from the room's door until it is over."""
        try:
            await line.join()
            logger.info("stream joined", extra={"room": line.room_name})
            await line.until_over()
        except OSError as error:
            logger.warning("stream could not join", extra={"room": line.room_name, "reason": str(error)})
        finally:
            self._lines.pop(call, None)
            self._remember(call, was_served=line.was_served)
            await line.aclose()
            logger.info("stream over", extra={"room": line.room_name})

    def _remember(self, call: str, *, was_served: bool) -> None:
        self._ended[call] = was_served
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    async def _hang_up_all(self, _: web.Application) -> None:
        for line in self._lines.values():
            line.end()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await self._rooms.aclose()


def refuse_incomplete(settings: Settings) -> None:
    """Raises ConfigError when webhooks could not be told from forgeries."""
    if not settings.twilio_auth_token:
        raise ConfigError(
            "TWILIO_AUTH_TOKEN is not set, so nobody could tell Twilio's requests from others': copy it from your "
            "Twilio console (docs/phone/media-streams.md)"
        )
    if not settings.streams_url:
        raise ConfigError(
            "PARLEY_STREAMS_URL is not set: give it the address at which Twilio reaches this server, such as "
            "https://voice.example.org (docs/phone/media-streams.md)"
        )


def _first(form: Form, name: str) -> str:
    return (form.get(name) or [""])[0]


def _twiml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")


async def listen(bridge: Bridge, settings: Settings) -> web.AppRunner:
    """Start serving. Raises ConfigError, naming who has the port, when it is taken."""
    return await serving.listen(bridge.app(), ports.streams_port(settings), shutdown_s=5.0)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigError."""
    bridge = Bridge(settings, *load_served(settings))
    ports.refuse_no_network()
    await livekit_server.wait_for_server(settings)
    stop = serving.stop_asked()
    runner = await listen(bridge, settings)
    try:
        where = serving.address_of(runner)
        serving.say(f"Media Streams are answered at {where}, for Twilio at {settings.streams_url}")
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    """The process: 0 after a clean stop, 2 when the configuration is wrong."""
    return serving.run(serve)


if __name__ == "__main__":
    sys.exit(main())
