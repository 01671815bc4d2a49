"""Who in the room is the caller: whoever brings a voice or writes. Agents, recorders and observers are not.

What the caller then says is left to microphones.py and written.py.
"""

import asyncio
from collections.abc import Callable

from livekit import rtc

from agent.events import Channel
from agent.rules.line_number import line_number
from agent.telephony.dialling import was_brought_in

Kind = rtc.ParticipantKind
SIP_STATUS = "sip.callStatus"
_SIP_IDS = {"sip_call": "sip.callID", "sip_trunk": "sip.trunkID", "sip_call_id": "sip.callIDFull"}
_PEOPLE = frozenset({Kind.PARTICIPANT_KIND_STANDARD, Kind.PARTICIPANT_KIND_SIP, Kind.PARTICIPANT_KIND_CONNECTOR})
_NOT_YET = frozenset({"dialing", "ringing", "automation"})


def may_call(who: rtc.RemoteParticipant) -> bool:
    """False for agents and recorders, for observers (who is hidden, or may not bring a voice), and for a person whom
    we have brought in."""
    is_one = who.kind in _PEOPLE and who.permissions.can_publish and not who.permissions.hidden
    return is_one and not was_brought_in(who)


def may_write(who: rtc.RemoteParticipant) -> bool:
    """True for people whose written words count."""
    return who.kind in _PEOPLE and not who.permissions.hidden and not was_brought_in(who)


def brings_voice(who: rtc.RemoteParticipant) -> bool:
    """True for a telephone, and for whoever has an open microphone."""
    has_microphone = any(one.kind == rtc.TrackKind.KIND_AUDIO for one in who.track_publications.values())
    return may_call(who) and (has_microphone or who.kind == Kind.PARTICIPANT_KIND_SIP)


def is_ringing(who: rtc.RemoteParticipant) -> bool:
    """True for a telephone that nobody has picked up yet."""
    return who.kind == Kind.PARTICIPANT_KIND_SIP and who.attributes.get(SIP_STATUS, "active") in _NOT_YET


def channel_of(who: rtc.RemoteParticipant | None) -> Channel:
    """How the caller came; None is the console."""
    if who is None:
        return "console"
    return "phone" if who.kind == Kind.PARTICIPANT_KIND_SIP else "browser"


def sip_ids_of(who: rtc.RemoteParticipant | None) -> dict[str, str]:
    """By what logs and carriers know a telephone call: `sip_call`, `sip_trunk`, `sip_call_id`; none in a browser."""
    if who is None or who.kind != Kind.PARTICIPANT_KIND_SIP:
        return {}
    found = {name: who.attributes.get(attribute, "") for name, attribute in _SIP_IDS.items()}
    return {name: value for name, value in found.items() if value}


def number_of(who: rtc.RemoteParticipant) -> str:
    """The caller's number, where the telephone line shows one."""
    return line_number(who.attributes.get("sip.phoneNumber", ""))


class Attendance:
    """Those in the room of one call. `on_caller` hears of a caller who takes the place of one who never spoke: an
    observer with all rights looks like a caller who is silent, until somebody else brings a voice or writes."""

    def __init__(self, room: rtc.Room, on_caller: Callable[[rtc.RemoteParticipant], None]) -> None:
        self._room = room
        self._on_caller = on_caller
        self._changed = asyncio.Event()
        self._was_heard = False
        self.caller: rtc.RemoteParticipant | None = None
        for name in ("participant_connected", "participant_disconnected", "participant_attributes_changed"):
            room.on(name, self._on_change)
        room.on("track_published", self._on_published)
        room.on("disconnected", self._on_change)

    async def wait(self, come_s: float, ring_s: float) -> rtc.RemoteParticipant | None:
        """The caller, once there is one and, by telephone, has picked up. None when nobody came within `come_s`, or
        nobody picked up within `ring_s`, or whoever was rung hung up."""
        try:
            async with asyncio.timeout(come_s):
                await self._until(lambda: self._likeliest() is not None)
            caller = self._likeliest()
            if caller is not None and is_ringing(caller):
                caller = await self._picked_up(caller.identity, ring_s)
        except TimeoutError:
            return None
        if caller is None or caller.attributes.get(SIP_STATUS) == "hangup":
            return None
        self.caller = caller
        return caller

    def was_heard(self) -> None:
        """The caller has said something: from now on it is their call, whoever else comes."""
        self._was_heard = True

    def takes_words_of(self, identity: str) -> bool:
        """Whether what this one wrote, or says, belongs to the call; makes them the caller where there is none yet."""
        if self.caller is not None and identity == self.caller.identity:
            return True
        who = self._room.remote_participants.get(identity)
        if who is None or not may_write(who) or self._is_taken():
            return False
        self._change(who)
        return True

    def _likeliest(self) -> rtc.RemoteParticipant | None:
        """Whoever brings a voice before whoever might, and of those the first to come."""
        people = [who for who in self._room.remote_participants.values() if may_call(who)]
        people.sort(key=lambda who: (not brings_voice(who), _age(who), who.sid))
        return people[0] if people else None

    async def _picked_up(self, identity: str, ring_s: float) -> rtc.RemoteParticipant | None:
        async with asyncio.timeout(ring_s):
            await self._until(lambda: not self._rings(identity))
        return self._room.remote_participants.get(identity)

    def _rings(self, identity: str) -> bool:
        who = self._room.remote_participants.get(identity)
        return who is not None and is_ringing(who)

    def _is_taken(self) -> bool:
        return self.caller is not None and (self._was_heard or brings_voice(self.caller))

    def _change(self, who: rtc.RemoteParticipant) -> None:
        self.caller = who
        self._on_caller(who)

    def _on_published(self, _: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        self._changed.set()
        is_new = self.caller is not None and who.identity != self.caller.identity
        if is_new and brings_voice(who) and not self._is_taken():
            self._change(who)

    def _on_change(self, *_: object) -> None:
        self._changed.set()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition() and self._room.isconnected():
            self._changed.clear()
            await self._changed.wait()


def _age(who: rtc.RemoteParticipant) -> float:
    return who.joined_at.timestamp() if who.joined_at else 0.0
