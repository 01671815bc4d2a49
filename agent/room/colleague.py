"""Another agent of ours in the same room: two dispatches came into one call, or the one before has died.

Of two that live the one that came first stays; that it lives is what it says when it is asked.
"""

import asyncio

from livekit import rtc
from livekit.agents.types import ATTRIBUTE_AGENT_NAME

HERE = "parley.here"  # the page asks by the same name: frontend/call.js
ANSWER_S = 1.5
NEW_S = 5.0  # who has only just come may be too busy to answer, and is believed to live


async def _here(_: rtc.RpcInvocationData) -> str:
    return "yes"


def answer_for(room: rtc.Room) -> None:
    """From now on say so when somebody asks whether this agent lives."""
    room.local_participant.register_rpc_method(HERE, _here)


def is_colleague(who: rtc.RemoteParticipant, agent_name: str) -> bool:
    """Another agent that a dispatch of ours has brought."""
    is_agent = who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return is_agent and who.attributes.get(ATTRIBUTE_AGENT_NAME) == agent_name


def came_before(who: rtc.Participant, me: rtc.Participant) -> bool:
    """By the server's clock; at the very same millisecond by an id that both see alike."""
    first = (who.joined_at is None, who.joined_at or me.joined_at, who.sid)
    return first < (me.joined_at is None, me.joined_at or who.joined_at, me.sid)


def is_new(who: rtc.Participant, me: rtc.Participant) -> bool:
    """True when both came at about the same time, by the server's clock."""
    if who.joined_at is None or me.joined_at is None:
        return False
    return (me.joined_at - who.joined_at).total_seconds() < NEW_S


async def lives(room: rtc.Room, identity: str) -> bool:
    """Whether that participant answers. Any answer counts, also that it does not know the question yet."""
    try:
        async with asyncio.timeout(ANSWER_S + 0.5):
            await room.local_participant.perform_rpc(
                destination_identity=identity,
                method=HERE,
                payload="",
                response_timeout=ANSWER_S,
                max_round_trip_latency=ANSWER_S,
            )
    except rtc.RpcError as error:
        return error.code == rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD
    except TimeoutError:
        return False
    return True


async def look_around(room: rtc.Room, agent_name: str, missed: str = "") -> tuple[bool, list[str]]:
    """Whether a colleague that came first and lives is in the room, and who of them is dead. `missed` is the identity
    of one whose job is missed: it has to answer, however new it is."""
    me = room.local_participant
    others = [
        who for who in room.remote_participants.values() if is_colleague(who, agent_name) and came_before(who, me)
    ]
    alive = await asyncio.gather(*(_is_alive(room, who, is_missed=who.identity == missed) for who in others))
    return any(alive), [who.identity for who, is_alive in zip(others, alive, strict=True) if not is_alive]


async def _is_alive(room: rtc.Room, who: rtc.RemoteParticipant, *, is_missed: bool) -> bool:
    is_believed = not is_missed and is_new(who, room.local_participant)
    return is_believed or await lives(room, who.identity)
