"""What the page's server hands to a caller: a token for one room, and a ticket to ask for an agent there again with.
The bridge of telephone lines takes such a token for each of its callers.

Who may have them is admission.py's.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta

from livekit import api

from agent.config import Settings
from agent.dispatch import Dispatch

TOKEN_LIFE = timedelta(minutes=10)


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
