"""What the page's server hands to a caller: a token for one room, and a ticket to ask for an agent there again with.
The bridge of telephone lines takes such a token for each of its callers. To a person who is to take a call over: a link
with an invitation to that one call, and for it a token.

Who may have them is admission.py's.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from livekit import api

from agent.config import Settings
from agent.servers.dispatch import Dispatch

TOKEN_LIFE = timedelta(minutes=10)
COLLEAGUE_TOKEN_LIFE = timedelta(seconds=30)  # to connect with; LiveKit renews it for who is in the room
PART, COLLEAGUE = "parley.part", "colleague"  # an attribute of whom we have brought into a call: not a caller


@dataclass(frozen=True, slots=True)
class Invitation:
    """A person's way into one call: its room, who they are there, and until when, in seconds since 1970."""

    room: str
    identity: str
    until: int

    def sealed(self, settings: Settings) -> str:
        """As it stands in the link: signed, and nothing of the call in it but its room's name."""
        text = f"{self.room} {self.identity} {self.until}"
        proof = hmac.new(settings.livekit_api_secret.encode(), f"parley invites {text}".encode(), hashlib.sha256)
        return urlsafe_b64encode(f"{text} {proof.hexdigest()}".encode()).decode().rstrip("=")

    @classmethod
    def opened(cls, settings: Settings, sealed: str) -> "Invitation | None":
        """What a link says; None when it is none that `sealed` made. Whether it is too late, `until` says."""
        try:
            said = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)).decode()
            room, identity, until, _ = said.split(" ")
            found = cls(room, identity, int(until))
        except ValueError:
            return None
        return found if hmac.compare_digest(found.sealed(settings).encode(), sealed.encode()) else None

    def token(self, settings: Settings) -> str:
        """A token for that room, half a minute to join in, and nothing but to talk, hear and press keys there."""
        grants = api.VideoGrants(
            room_join=True,
            room=self.room,
            can_publish=True,
            can_publish_sources=["microphone"],
            can_publish_data=True,
            can_subscribe=True,
            can_update_own_metadata=False,
        )
        token = api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret)
        token.with_identity(self.identity).with_ttl(COLLEAGUE_TOKEN_LIFE).with_grants(grants)
        return token.with_attributes({PART: COLLEAGUE}).to_jwt()


def signed(settings: Settings, wanted: Dispatch, room: str) -> str:
    """What lets a page ask for an agent in its own call again, as often as it needs, and in no other."""
    text = f"{room} {wanted.caller} {wanted.profile}"
    proof = hmac.new(settings.livekit_api_secret.encode(), f"parley again {text}".encode(), hashlib.sha256)
    return f"{text} {proof.hexdigest()}"


def signed_call(settings: Settings, body: bytes) -> tuple[Dispatch, str] | None:
    """Whom an agent is wanted for, and where; None when the body is none that `signed` made."""
    said = body.decode(errors="replace")
    parts = said.split(" ")
    if len(parts) != 4:
        return None
    room, caller, profile, _ = parts
    wanted = Dispatch(profile, caller)
    return (wanted, room) if hmac.compare_digest(signed(settings, wanted, room).encode(), said.encode()) else None


def mint(settings: Settings, wanted: Dispatch, room: str, line: Mapping[str, str] | None = None) -> str:
    """A token for one room, one new identity and ten minutes; it may talk and write there, and nothing else. `line`
    are the attributes of whoever comes by telephone, who cannot change them."""
    grants = api.VideoGrants(
        room_join=True,
        room=room,
        can_publish=True,
        can_publish_sources=["microphone"],
        can_publish_data=True,
        can_subscribe=True,
        can_update_own_metadata=False,
    )
    dispatch = api.RoomAgentDispatch(agent_name=settings.agent_name, metadata=wanted.metadata)
    token = api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret)
    token.with_identity(wanted.caller).with_ttl(TOKEN_LIFE).with_grants(grants)
    if line is not None:
        token.with_kind("sip").with_attributes(dict(line))
    return token.with_room_config(api.RoomConfiguration(agents=[dispatch])).to_jwt()
