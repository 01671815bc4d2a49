"""Asks a LiveKit server by HTTP, without joining anything, whether it is one, can be spoken to and knows our key: what
LiveKit's own client would try again and again to find out."""

import asyncio
import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from livekit import api

from agent.config import Settings
from agent.errors import ConfigError

TIMEOUT_S = 2.0
PATIENCE_S = 60.0  # containers start in any order
EVERY_S = 1.0
logger = logging.getLogger("parley.livekit")
VALIDATE = "rtc/validate"
NO_LIVEKIT = "what answers there is no livekit-server; set LIVEKIT_URL to where yours is, or end that program"
TLS = {"ws": "wss", "http": "https", "wss": "ws", "https": "http"}


class Away(ConfigError):
    """Nothing answers there: it may yet come."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back: an HTTP status and the beginning of the text, or why nothing did."""

    status: int = 0
    text: str = ""
    error: Exception | None = None


async def is_livekit(url: str) -> bool:
    """True for a livekit-server: it greets, and lets nobody in without a token. Any other server does not."""
    greeting, unknown = await asyncio.gather(_ask(url, ""), _ask(url, VALIDATE))
    return greeting.status == 200 and greeting.text.strip() == "OK" and unknown.status == 401


async def refuse_wrong_server(settings: Settings) -> None:
    """Raises ConfigError, a sentence without the key or the secret, when the server at LIVEKIT_URL cannot serve us;
    Away when nothing answers."""
    url = settings.livekit_url
    unknown = await _ask(url, VALIDATE)
    if unknown.error is not None and _is_away(unknown.error):
        raise Away(f"no livekit-server answers at LIVEKIT_URL={url}; start it, or set LIVEKIT_URL to where it is")
    if unknown.status != 401:
        raise ConfigError(f"LIVEKIT_URL={url}: {await _explain(url, unknown)}")
    token = api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret)
    token.with_grants(api.VideoGrants(room_join=True, room="parley-check")).with_identity("parley-check")
    if (await _ask(url, VALIDATE, token.to_jwt())).status != 401:
        return
    if not await is_livekit(url):  # some servers ask everybody for a password
        raise ConfigError(f"LIVEKIT_URL={url}: {NO_LIVEKIT}")
    raise ConfigError(
        f"the livekit-server at LIVEKIT_URL={url} does not know our LIVEKIT_API_KEY, or has another secret for it: "
        "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to its own, or end that server"
    )


async def wait_for_server(settings: Settings, patience_s: float = PATIENCE_S) -> None:
    """Until the server at LIVEKIT_URL serves us; the log says once that it is awaited. Raises ConfigError: at once when
    something is wrong there, after `patience_s` when nobody is."""
    loop = asyncio.get_running_loop()
    until, is_told = loop.time() + patience_s, False
    while True:
        try:
            return await refuse_wrong_server(settings)
        except Away as away:
            if loop.time() >= until:
                raise
            if not is_told:
                logger.warning("waiting for LiveKit", extra={"reason": str(away), "seconds": patience_s})
                is_told = True
        await asyncio.sleep(EVERY_S)


def _is_away(error: Exception) -> bool:
    """Nobody took the connection, or said anything; whoever hangs up speaks another language than we do."""
    is_tls = isinstance(error, (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError))
    return isinstance(error, (aiohttp.ClientConnectorError, TimeoutError)) and not is_tls


async def _explain(url: str, answer: _Answer) -> str:
    scheme, _, rest = url.partition("://")
    if isinstance(answer.error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not one that this machine trusts, or not for that name; mend the certificate"
    other = f"{TLS[scheme]}://{rest}"
    if await _speaks(other):
        what = "speaks TLS there" if scheme in {"ws", "http"} else "speaks no TLS there"
        return f"the server {what}; write {other}"
    return NO_LIVEKIT


async def _speaks(url: str) -> bool:
    """Whether HTTP comes back at all; of TLS, whether anybody shakes hands, whatever the certificate says."""
    answer = await _ask(url, "", trusts_all=True)
    return answer.status not in {0, 400}


async def _ask(url: str, path: str, token: str = "", *, trusts_all: bool = False) -> _Answer:
    parts = urlsplit(url)
    base = parts._replace(scheme=parts.scheme.replace("ws", "http")).geturl().rstrip("/")
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(f"{base}/{path}", headers=headers, ssl=not trusts_all) as response,
        ):
            return _Answer(response.status, (await response.content.read(200)).decode(errors="replace"))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return _Answer(error=error)
