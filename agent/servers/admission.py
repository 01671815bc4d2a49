"""Who may ask the page's server for a token: from which page, how often from one address, with which body.

Pure checks with the clock passed in; page/web.py asks them and mints the token.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.config import LOOPBACK, Settings
from agent.errors import ConfigError

MAX_ADDRESSES = 4096

ShortText = Annotated[str, Field(max_length=256)]


def is_loopback(host: str) -> bool:
    """True for a name or address that only this machine reaches; an empty host means every address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK


def hostname(authority: str) -> str:
    """The host of `host:port`, lower-case and without IPv6 brackets; empty when there is none."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Door:
    """Which pages may ask. `is_local` is true when the server listens on a loopback address only."""

    is_local: bool
    origins: frozenset[str]

    @classmethod
    def of(cls, web_host: str, origins: Iterable[str]) -> "Door":
        """The door of a server on `web_host` that also admits the pages at `origins`."""
        return cls(is_loopback(web_host), frozenset(origin.rstrip("/").lower() for origin in origins))

    def knows_host(self, authority: str) -> bool:
        """False when a foreign name was made to point at this machine (DNS rebinding) and is asked for here."""
        if not self.is_local:
            return True
        named = {urlsplit(origin).hostname for origin in self.origins}
        return is_loopback(hostname(authority)) or hostname(authority) in named

    def admits(self, origin: str | None, authority: str) -> bool:
        """True for this server's own page and the configured ones. Every browser sends Origin with a POST."""
        if not origin:
            return False
        asked = origin.rstrip("/").lower()
        return asked in self.origins or asked in {f"http://{authority.lower()}", f"https://{authority.lower()}"}


@dataclass(slots=True)
class Rates:
    """A token bucket for each peer: `burst` at once, then one every `refill_s` seconds.

    Holds at most MAX_ADDRESSES peers and forgets the one not seen for longest, so that a flood cannot fill the memory.
    """

    clock: Callable[[], float]
    burst: int = 10
    refill_s: float = 6.0
    _full_at: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def wait_s(self, address: str) -> float:
        """Take one from the address's bucket: 0.0 when it had one, else the seconds until it has."""
        peer, now = _peer(address), self.clock()
        # One number says it all: the moment the bucket will be full again.
        full_at = max(self._full_at.pop(peer, now), now) + self.refill_s
        wait = full_at - now - self.burst * self.refill_s
        self._full_at[peer] = full_at if wait <= 0 else full_at - self.refill_s
        while len(self._full_at) > MAX_ADDRESSES:
            self._full_at.popitem(last=False)
        return max(wait, 0.0)

    def __len__(self) -> int:
        return len(self._full_at)


def _peer(address: str) -> str:
    """An IPv6 caller owns a whole /64, so that is one peer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def refuse_unsafe(settings: Settings) -> None:
    """Raises ConfigError when strangers could reach what only development may have."""
    is_local = is_loopback(settings.web_host)
    if not is_local and not settings.web_is_open:
        raise ConfigError(
            f"PARLEY_WEB_HOST={settings.web_host} is open to other machines and anyone there could start calls; "
            "set PARLEY_WEB_IS_OPEN=true if that is meant, or PARLEY_WEB_HOST=127.0.0.1"
        )
    if not (is_local and is_loopback(urlsplit(settings.livekit_url).hostname or "")):
        settings.refuse_placeholders()


class TokenRequest(BaseModel):
    """The body of livekit-client's TokenSource endpoint. It is checked, and then only our own `profile` is used.

    Room, identity and agent are the server's choice, so that nobody joins another caller's room.
    """

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    room_name: ShortText | None = None
    participant_name: ShortText | None = None
    participant_identity: ShortText | None = None
    participant_metadata: ShortText | None = None
    participant_attributes: dict[ShortText, ShortText] = Field(default={}, max_length=32)
    room_config: dict[str, object] | None = None
    profile: ShortText | None = None


def profile_asked_for(body: bytes) -> str:
    """The profile that a body which is as it should be names; empty when it names none."""
    return (TokenRequest.model_validate_json(body).profile or "") if body.strip() else ""


def explain_body(body: bytes) -> str:
    """What is wrong with a token request's body; empty when nothing is. An empty body asks for the defaults."""
    if not body.strip():
        return ""
    try:
        TokenRequest.model_validate_json(body)
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"])
        return f"{field}: {wrong['msg']}" if field else f"the body must be a JSON object: {wrong['msg']}"
    return ""
