"""Mu-law (ITU-T G.711), a telephone's own bytes, for an STT that takes them but whose plugin only sends linear ones."""

from collections.abc import Callable
from typing import Any, cast  # Any: what is passed through has the session's own arguments

import aiohttp
import numpy as np
from livekit.agents.utils import http_context

from agent.g711 import mu_law


class Line:
    """A call's HTTP session as a plugin uses it; its WebSockets send mu-law when the caller is on a telephone."""

    def __init__(self, is_phone: Callable[[], bool]) -> None:
        self._is_phone = is_phone

    @property
    def session(self) -> aiohttp.ClientSession:
        """This, for a plugin."""
        return cast(aiohttp.ClientSession, self)

    async def ws_connect(self, url: str, **said: Any) -> Any:
        """A WebSocket there."""
        if not self._is_phone():
            return await http_context.http_session().ws_connect(url, **said)
        asked = url.replace("encoding=linear16", "encoding=mulaw")
        return _Socket(await http_context.http_session().ws_connect(asked, **said))

    def __getattr__(self, name: str) -> Any:
        return getattr(http_context.http_session(), name)


class _Socket:
    def __init__(self, inner: aiohttp.ClientWebSocketResponse) -> None:
        self._inner = inner

    async def send_bytes(self, pcm: bytes) -> None:
        await self._inner.send_bytes(mu_law(np.frombuffer(pcm, np.int16)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
