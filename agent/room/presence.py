"""Presence: one call's place in its room. It comes, sees whether another agent was there before, waits for the caller,
and hands on what the room brings: a voice, written words, keys, a connection that drops."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from livekit import api, rtc
from livekit.agents import JobContext

from agent.profile.profile import Profile
from agent.room.caller import Attendance, channel_of
from agent.room.colleague import answer_for, is_colleague, look_around
from agent.room.feed import Feed
from agent.room.microphones import Clean, Microphones
from agent.room.written import Written
from agent.rules.hold import Hold, hold_of
from agent.servers.rooms import end_room
from agent.telephony.dialling import was_brought_in
from agent.telephony.dtmf import Keypad, Wishes

logger = logging.getLogger("parley.presence")
CALLER_WAIT_S = 30.0  # a token lives ten minutes; whoever has not joined by now has given up
NAMED_WAIT_S = 3.0  # a caller whom the dispatch names was in the room before it: who is not there any more has left
RING_S = 90.0  # no line rings longer
API_S = 2.0
AGAIN_S = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What the call does with what the room brings. `on_caller` hears of one who takes a silent one's place,
    `on_refused` the sentence for words that cannot be read, `on_second` that another agent was there first; `keys` are
    for what is pressed."""

    on_caller: Callable[[rtc.RemoteParticipant], None]
    on_connection: Callable[[bool], None]
    on_words: Callable[[str], None]
    on_refused: Callable[[str], None]
    on_second: Callable[[], None]
    keys: Wishes


class Presence:
    """One per call."""

    def __init__(
        self,
        context: JobContext,
        profile: Profile,
        wants: Wants,
        clean: Clean | None = None,
    ) -> None:
        self._context = context
        self._room = context.room
        self._profile = profile
        self._wants = wants
        self._clean = clean
        self._attendance = Attendance(self._room, self._on_caller)
        self._keypad = Keypad(wants.keys, pause_s=profile.turns.dictation_s)
        self._written: Written | None = None
        self._looking: set[asyncio.Task[None]] = set()
        self.microphones: Microphones | None = None
        self.feed: Feed | None = None
        self._must_end = False

    @property
    def caller(self) -> rtc.RemoteParticipant | None:
        """Who it is; None before there is one, and on the console."""
        return self._attendance.caller

    @property
    def hold(self) -> Hold:
        """What a telephone line without words sounds like; a browser tells when its microphone is muted."""
        if self.microphones is None or channel_of(self.caller) != "phone":
            return Hold.NOT
        return hold_of(self.microphones.levels_db)

    async def arrive(self, instead_of: str) -> bool:
        """Join. False when another agent of ours that lives was there first; one that is dead is shown out.
        `instead_of` is the identity of one whose job is missed, or empty."""
        await self._context.connect()
        answer_for(self._room)
        self._room.on("participant_connected", self._on_participant)
        is_second, dead = await look_around(self._room, self._context.job.agent_name, instead_of)
        if not is_second:
            dialled = [one.identity for one in self._room.remote_participants.values() if was_brought_in(one)]
            for identity in (*dead, *dialled):  # whom a job that is gone has dialled waits for nothing
                await self._show_out(identity)
        return not is_second

    async def wait_for_caller(self, named: str) -> rtc.RemoteParticipant | None:
        """None when nobody comes, or nobody picks up. `named` is whom the dispatch was made for, if it says so."""
        if self._context.is_fake_job():
            return None
        caller = await self._attendance.wait(NAMED_WAIT_S if named else CALLER_WAIT_S, RING_S)
        if caller is not None:
            self.feed = Feed(self._room.local_participant, caller.identity)
            self._room.on("sip_dtmf_received", self._on_key)
            self._room.on("participant_disconnected", self._on_gone)
            self._room.on("participant_connected", self._on_back)
        return caller

    def listen(self) -> Microphones:
        """Open the ears: for every microphone, and for what is written."""
        self.microphones = Microphones(self._room, self._on_speaker, self._clean)
        self._written = Written(
            self._room,
            self._profile.limits,
            self._profile.sentences,
            counts=self._attendance.takes_words_of,
            take=self._wants.on_words,
            refuse=self._wants.on_refused,
        )
        return self.microphones

    def was_heard(self) -> None:
        """The caller has said something, by voice or in writing."""
        self._attendance.was_heard()

    async def aclose(self, *, ends_room: bool) -> None:
        """Hear nothing more, and let the room go where nobody else is in the call."""
        self._keypad.close()
        for task in self._looking:
            task.cancel()
        if self._written is not None:
            await self._written.aclose()
        if self.feed is not None:
            await self.feed.aclose()
        if self.microphones is not None:
            await self.microphones.aclose()
        if ends_room and not self._context.is_fake_job():
            self._must_end = not await end_room(self._context.api, self._room.name)

    async def leave_nobody_behind(self) -> None:
        """A telephone in a room without us hears nothing for ever: what the server could not do is asked again, as long
        as a job that ends may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AGAIN_S):
                while self._must_end:
                    await asyncio.sleep(1.0)
                    self._must_end = not await end_room(self._context.api, self._room.name)
        if self._must_end:
            logger.error("the room was not ended, somebody may be left in it", extra={"room": self._room.name})

    async def _show_out(self, identity: str) -> None:
        with contextlib.suppress(api.TwirpError, TimeoutError, OSError):  # the server finds out by itself, later
            who = api.RoomParticipantIdentity(room=self._room.name, identity=identity)
            await asyncio.wait_for(self._context.api.room.remove_participant(who), API_S)

    def _on_caller(self, caller: rtc.RemoteParticipant) -> None:
        if self.feed is not None:
            self.feed.caller = caller.identity
        self._wants.on_caller(caller)

    def _on_speaker(self, identity: str) -> None:
        if self.caller is not None:
            self._attendance.takes_words_of(identity)

    def _on_participant(self, who: rtc.RemoteParticipant) -> None:
        """Two that came at the same moment may not have seen each other yet."""
        if is_colleague(who, self._context.job.agent_name):
            task = asyncio.create_task(self._look_again(), name="colleague")
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def _look_again(self) -> None:
        is_second, _ = await look_around(self._room, self._context.job.agent_name)
        if is_second:
            self._wants.on_second()

    def _is_caller(self, who: rtc.Participant | None) -> bool:
        return who is None or (self.caller is not None and who.identity == self.caller.identity)

    def _on_gone(self, who: rtc.RemoteParticipant) -> None:
        if self._is_caller(who):
            self._wants.on_connection(False)

    def _on_back(self, who: rtc.RemoteParticipant) -> None:
        if self._is_caller(who):
            self._wants.on_connection(True)

    def _on_key(self, key: rtc.SipDTMF) -> None:
        if self._is_caller(key.participant):
            self._keypad.press(key.digit)
