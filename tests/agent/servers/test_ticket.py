"""Invitations: what is in a link to a call, and what its token may do."""

import jwt
import pytest

from agent.config import Settings
from agent.servers.ticket import COLLEAGUE, PART, Invitation

SETTINGS = Settings.model_validate({"livekit_api_secret": "a-secret-of-at-least-32-characters"})
INVITED = Invitation("call-+15550100100_Xy-z", "colleague-1", 1_800_000_000)


def test_a_link_says_what_was_put_into_it() -> None:
    """It fits behind a # as it is."""
    sealed = INVITED.sealed(SETTINGS)
    assert Invitation.opened(SETTINGS, sealed) == INVITED
    assert sealed.isascii() and not set(sealed) & set("+/=#?& ")


SEALED = INVITED.sealed(SETTINGS)
ELSEWHERE = Invitation("call-other", "colleague-1", INVITED.until).sealed(SETTINGS)


@pytest.mark.parametrize(
    "link", [SEALED[:-1], f"{SEALED}A", SEALED[1:], "", "\u2603" * 8, "a b c d", ELSEWHERE[:40] + SEALED[40:]]
)
def test_a_link_that_was_changed_is_none(link: str) -> None:
    """Another room, another end, or nonsense."""
    assert Invitation.opened(SETTINGS, link) is None


def test_another_servers_link_is_none() -> None:
    """Whoever does not have LiveKit's secret cannot make one."""
    other = Settings.model_validate({"livekit_api_secret": "another-secret-of-at-least-32-characters"})
    assert Invitation.opened(SETTINGS, INVITED.sealed(other)) is None


def test_the_token_is_for_that_call_half_a_minute_and_a_voice() -> None:
    """No camera, no change of who they are, no room but this one, and it calls no agent."""
    told = jwt.decode(INVITED.token(SETTINGS), SETTINGS.livekit_api_secret, algorithms=["HS256"])
    assert told["sub"] == "colleague-1" and told["attributes"] == {PART: COLLEAGUE}
    assert told["exp"] - told["nbf"] <= 30
    assert told["video"] == {
        "roomJoin": True,
        "room": INVITED.room,
        "canPublish": True,
        "canPublishSources": ["microphone"],
        "canPublishData": True,
        "canSubscribe": True,
        "canUpdateOwnMetadata": False,
    }
    assert "roomConfig" not in told
