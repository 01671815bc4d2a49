"""Transferring: carries out that a person takes the call over, cold (the telephone network connects the caller) or warm
(the person is dialled into the room, or sent a link to it, told of the caller and asked), while the conversation rests.

Whom callers may ask for is departments.py's, what is done to the line telephony/'s. The caller hanging up ends all of
it: the room goes, and everybody in it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import AgentSession, stt, vad

from agent.call.call import Call
from agent.call.line import WHY, Reached, Wish
from agent.dialog.sayings import Sayings
from agent.events import CallerSpoke, EndReason, Event, TransferAnswered, TransferEnded, TransferStarted, Way
from agent.language.en.yes_no import find_yes_no  # the person who is dialled is asked in English
from agent.profile.departments import BROWSER
from agent.profile.profile import Profile
from agent.room.caller import channel_of
from agent.rules.colleague import Reply, is_machine, key_reply, reply_of
from agent.telephony.consultation import Consultation
from agent.telephony.dialling import Apart, Dialling
from agent.telephony.hold_music import HoldMusic
from agent.telephony.inviting import Inviting

logger = logging.getLogger("parley.transferring")
GREETS_S = 2.5  # who picks up says hello first, and is let
ASKED_AGAIN = 2  # how often the question is put once more
SETTLES_S = 1.0  # a caller's line that closes because they are being connected elsewhere
LAST_WORDS_S = 0.6


class Attention(Protocol):
    """The conversation, which rests meanwhile; dialog/lifecycle.py is the real one."""

    def rest(self, *, for_good: bool = False) -> None:
        """No prompts, no limits."""

    def wake(self) -> None:
        """On again."""

    def hang_up(self, reason: EndReason) -> None:
        """End the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a transfer works with. `caller` is who it is, `ears` and `hears` are for the person who is dialled."""

    session: AgentSession[Call]
    room: rtc.Room
    caller: Callable[[], rtc.RemoteParticipant | None]
    dialling: Dialling
    inviting: Inviting
    sayings: Sayings
    attention: Attention
    ears: vad.VAD
    hears: stt.STT[Any]


class Transferring:
    """One per call; the Line of call/line.py."""

    def __init__(self, call: Call, means: Means) -> None:
        self._call = call
        self._choice = call.profile.transfers
        self._means = means
        self._task: asyncio.Task[None] | None = None
        self._is_announced = False
        self._count = 0
        self.is_done = False  # the caller has a person, or is on the way to one

    @property
    def _profile(self) -> Profile:
        """In the language that is spoken now."""
        return self._call.profile

    async def look(self) -> None:
        """Find out what this line can do, before anybody asks."""
        if self._choice.mode == "warm":
            await self._means.dialling.look()

    def transfer(self, wish: Wish) -> str:
        """Hand the call over once the agent has said this; empty when it cannot be done now."""
        if self._is_announced:  # asked for again before it has begun
            return self._sentence(self._profile.sentences.transferring, wish)
        candidates = self._candidates(wish.department)
        if not candidates or (self._task is not None and not self._task.done()):
            return ""
        self._is_announced = True
        self._task = asyncio.create_task(self._carry_out(wish, candidates), name="transfer")
        return self._sentence(self._profile.sentences.transferring, wish)

    def on_event(self, event: Event) -> None:
        """Whoever speaks before it has begun is heard first, and may not want it any more."""
        if (
            isinstance(event, CallerSpoke)
            and self._is_announced
            and self._call.language.find_yes_no(event.text) is False
        ):
            self._is_announced = False

    async def settled(self) -> bool:
        """Whether the call was handed over, when it ends now."""
        if self._choice.mode == "cold" and self._task is not None and not self._task.done():
            await asyncio.wait({self._task}, timeout=SETTLES_S)
        return self.is_done

    async def aclose(self) -> None:
        """Stop whatever goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._means.inviting.aclose()

    @property
    def _way(self) -> Way:
        return "cold" if self._choice.mode == "cold" else "warm"

    def _candidates(self, department: str) -> tuple[str, ...]:
        """Where it may be tried, in order; none when nobody is there, or when we could not."""
        found = self._profile.departments.get(department)
        caller = self._means.caller()
        if caller is None or self._choice.mode == "off" or (found and not found.is_open(self._call.now())):
            return ()
        wanted = found.to if found and found.to else self._choice.to
        if self._choice.mode == "cold":
            return tuple(to for to in wanted if to != BROWSER) if channel_of(caller) == "phone" else ()
        return tuple(to for to in wanted if self._may_try(to))

    def _may_try(self, to: str) -> bool:
        return self._means.inviting.may_invite if to == BROWSER else self._means.dialling.may_dial(to)

    async def _carry_out(self, wish: Wish, candidates: tuple[str, ...]) -> None:
        caller = self._means.caller()
        assert caller is not None, "candidates are for a caller"
        with contextlib.suppress(RuntimeError):
            await self._means.session.wait_for_idle()
            await asyncio.sleep(LAST_WORDS_S)
        if not self._is_announced:
            return
        self._is_announced = False
        self._call.emit(TransferStarted(way=self._way, department=wish.department))
        self._rest()
        is_cold = self._way == "cold"
        try:
            reached = await (self._cold(caller, candidates) if is_cold else self._warm(wish, caller, candidates))
        except Exception as error:  # noqa: BLE001  # whatever broke, the caller must not stay on hold
            logger.error("a transfer broke off", extra={"call": self._call.id, "error": type(error).__name__})
            reached = Reached.FAILED
        self._call.emit(TransferEnded(way=self._way, department=wish.department, outcome=reached.value))
        if reached is not Reached.JOINED:
            await self._come_back(wish, reached)
        elif is_cold:
            self._means.attention.hang_up(EndReason.TRANSFERRED)

    async def _cold(self, caller: rtc.RemoteParticipant, candidates: tuple[str, ...]) -> Reached:
        reached = Reached.FAILED
        for to in candidates:
            reached = await self._means.dialling.refer(caller.identity, to, self._choice.ring_s)
            if reached is Reached.JOINED:
                self.is_done = True
                break
        return reached

    async def _warm(self, wish: Wish, caller: rtc.RemoteParticipant, candidates: tuple[str, ...]) -> Reached:
        music = HoldMusic(self._means.room, self._music_file())
        reached = Reached.FAILED
        await music.start()
        try:
            for to in candidates:
                self._count += 1
                colleague = f"colleague-{self._count}"
                reached = await self._ask(wish, caller, colleague, to, music)
                if reached is Reached.JOINED:
                    await music.stop()
                    await self._join(wish, caller, colleague)
                    break
                self._means.inviting.forget(colleague)
                await self._means.dialling.remove(colleague)
        finally:
            await music.stop()
            self._means.room.local_participant.set_track_subscription_permissions(allow_all_participants=True)
        return reached

    async def _ask(
        self, wish: Wish, caller: rtc.RemoteParticipant, colleague: str, to: str, music: HoldMusic
    ) -> Reached:
        """Dial one candidate, keep them and the caller apart, and ask whether they take the call."""
        means = self._means
        async with (
            Consultation(means.room, colleague, ears=means.ears, hears=means.hears, speak=means.sayings.say_on) as talk,
            Apart(means.dialling, means.room, caller.identity, colleague) as apart,
        ):
            self._permit({caller.identity: [self._voice_sid(), music.sid], colleague: [talk.sid]})
            rings_since = asyncio.get_running_loop().time()
            reached = await self._bring(wish, colleague, to)
            if reached is not Reached.JOINED:
                return reached
            waited_s = round(asyncio.get_running_loop().time() - rings_since, 2)
            self._call.emit(TransferAnswered(way=self._way, department=wish.department, waited_s=waited_s))
            await apart.part()
            if to == BROWSER:
                await means.inviting.tell(colleague, self._profile.title, wish)
            elif (reached := await self._heard_out(talk)) is not Reached.JOINED:
                return reached
            return await self._brief(wish, talk)

    async def _bring(self, wish: Wish, colleague: str, to: str) -> Reached:
        """By a link or by telephone."""
        if to == BROWSER:
            return await self._means.inviting.invite(wish, colleague, self._choice.ring_s)
        return await self._means.dialling.dial(to, colleague, self._choice.ring_s)

    async def _heard_out(self, talk: Consultation) -> Reached:
        """Who picks up a telephone says hello first, and may be a machine. JOINED where it is a person who stays."""
        hello = await talk.hear(GREETS_S)
        if hello.is_gone:
            return Reached.DECLINED
        is_person = not is_machine(hello.words, max(hello.lasted_s, talk.speaking_s))
        return Reached.JOINED if is_person else Reached.VOICEMAIL

    async def _brief(self, wish: Wish, talk: Consultation) -> Reached:
        """They are told of the caller and asked, until they have decided."""
        title = self._profile.title
        await talk.say(
            f"Hello, this is the automated assistant of {title}, with a caller for you. {wish.briefing} {ASK}"
        )
        for _ in range(1 + ASKED_AGAIN):
            heard = await talk.hear(self._choice.accept_s)
            if heard.is_gone:
                return Reached.DECLINED
            reply = key_reply(heard.key) if heard.key else reply_of(heard.words, find_yes_no(heard.words))
            if reply is Reply.ACCEPTS:
                return Reached.JOINED
            if reply is Reply.DECLINES:
                return Reached.DECLINED
            if reply is Reply.MACHINE or is_machine(heard.words, heard.lasted_s):
                return Reached.VOICEMAIL
            known = f"All I know is this. {wish.briefing} " if reply is Reply.ASKS else ""
            await talk.say(f"{known}{ASK}")
        return Reached.NO_ANSWER

    async def _join(self, wish: Wish, caller: rtc.RemoteParticipant, colleague: str) -> None:
        """Let the two hear each other, say a word to both, and be silent from then on."""
        dialling = self._means.dialling
        self.is_done = True
        self._means.attention.rest(for_good=True)
        self._means.room.local_participant.set_track_subscription_permissions(allow_all_participants=True)
        await dialling.let_hear(colleague, caller.identity, is_heard=True)
        await dialling.let_hear(caller.identity, colleague, is_heard=True)
        pair = {caller.identity, colleague}
        self._means.room.on("participant_disconnected", lambda who: self._on_gone(who.identity, pair))
        await self._means.sayings.speak(self._sentence(self._profile.sentences.joined, wish), False)
        if colleague not in self._means.room.remote_participants:
            self._means.attention.hang_up(EndReason.TRANSFERRED)

    async def _come_back(self, wish: Wish, reached: Reached) -> None:
        """Nobody took it: the wish is kept, and the caller hears what is so, and chooses."""
        says = self._profile.sentences
        with contextlib.suppress(Exception):  # what cannot be kept is not said to be
            is_kept = await wish.keep()
            then = says.will_call_back if is_kept else says.has_noted
            self._wake()
            await self._means.sayings.speak(self._sentence(says.not_transferred, wish, why=WHY[reached], then=then))
            return
        self._wake()
        await self._means.sayings.speak(self._sentence(says.not_transferred, wish, why=WHY[reached], then=""))

    def _rest(self) -> None:
        self._means.attention.rest()
        self._means.session.input.set_audio_enabled(False)

    def _wake(self) -> None:
        self._means.session.input.set_audio_enabled(True)
        self._means.attention.wake()

    def _on_gone(self, identity: str, pair: set[str]) -> None:
        """When one of the two has hung up, the other's line closes too."""
        if identity in pair:
            self._means.attention.hang_up(EndReason.TRANSFERRED)

    def _permit(self, allowed: dict[str, list[str]]) -> None:
        """Which of our tracks who may hear."""
        permissions = [
            rtc.ParticipantTrackPermission(
                participant_identity=identity, allow_all=False, allowed_track_sids=[sid for sid in sids if sid]
            )
            for identity, sids in allowed.items()
        ]
        self._means.room.local_participant.set_track_subscription_permissions(
            allow_all_participants=False, participant_permissions=permissions
        )

    def _voice_sid(self) -> str:
        tracks = self._means.room.local_participant.track_publications.values()
        return next((one.sid for one in tracks if one.name == "agent"), "")

    def _music_file(self) -> Path | None:
        return self._profile.folder / self._choice.on_hold_music if self._choice.on_hold_music else None

    def _sentence(self, template: str, wish: Wish, **words: str) -> str:
        called = wish.department or "our people"
        return " ".join(template.format(department=called, **words).split())


ASK = "Press one or say yes to take the call; press two or say no if you cannot."
