"""The composition root: a profile becomes Call + Persona + AgentSession + observers. Only here do the parts meet."""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from livekit import rtc
from livekit.agents import (
    NOT_GIVEN,
    AgentSession,
    APIConnectOptions,
    JobContext,
    llm,
    room_io,
    vad,
)
from livekit.agents.voice.agent_session import SessionConnectOptions

from agent.call import Call, utc_now
from agent.config import Settings
from agent.dialog.fillers import Fillers
from agent.dialog.lifecycle import Lifecycle
from agent.dialog.turn_taking import TurnTaking, new_voice
from agent.errors import VoiceAgentError
from agent.events import CallEnded, CallJoined, Channel, EndReason, Event, Greeted, ProviderFailed, Role
from agent.feed import Feed
from agent.mcp_tools import McpTools
from agent.memory.callers import Callers
from agent.memory.notes import Notes
from agent.memory.recall import Memory
from agent.mind import Around, build_around, build_understanding, fillers_of, is_large
from agent.nlu.history import CallerSaid
from agent.observers.bus import Bus
from agent.profile import Profile, load_profile
from agent.providers import catalog
from agent.providers.piper import PiperTTS
from agent.providers.speech import SOCKET_VARIABLE, SpeechClient
from agent.providers.tokens import count_tokens
from agent.providers.understanding import Understanding
from agent.providers.vectors import KnownVectors, vectors_file
from agent.reminding import tell_due
from agent.rules.endpointing import Meant
from agent.rules.line_number import line_number
from agent.tap import Tap
from agent.telephony.dtmf import Keypad
from agent.toolbox import Toolbox, connect_backends, load_toolbox, rehearse
from agent.turns import load_vad, turn_handling

logger = logging.getLogger("parley.session")

CALLER_WAIT_S = 30.0  # a token lives ten minutes; whoever has not joined by now has given up
MEMORY_S = 3.0  # a database that takes longer keeps no job from ending
LAST_WORDS_S = 0.6  # what the room still holds of the last sentence when the agent's side is done
PATIENCE_S = 2.0  # a speech process that takes longer to come back costs an apology; nobody waits in silence
CONNECT = APIConnectOptions(max_retry=1, retry_interval=0.3, timeout=5.0)
PATIENCE = SessionConnectOptions(
    stt_conn_options=CONNECT,
    llm_conn_options=CONNECT,
    tts_conn_options=CONNECT,
    max_unrecoverable_errors=1_000_000,  # dialog/lifecycle.py decides when to give up, aloud
)


@dataclass(frozen=True, slots=True)
class Kit:
    """What a job process loads once, before its call comes."""

    settings: Settings
    profile: Profile
    toolbox: Toolbox
    vad: vad.VAD
    backends: dict[type, object]
    callers: Callers
    bus: Bus


def load_kit(settings: Settings, name: str, bus: Bus) -> Kit:
    """That of one profile. Blocking; at prewarm. Raises ConfigError."""
    profile = load_profile(name, settings.profiles_dir)
    count_tokens("")  # loads what it counts with
    return Kit(
        settings=settings,
        profile=profile,
        toolbox=load_toolbox(profile),
        vad=load_vad(profile.turns),
        backends=connect_backends(profile, settings.backend(profile.name), utc_now),
        callers=Callers(settings.store),
        bus=bus,
    )


class Conversation:
    """One call in a job: `start` answers it, the session's close ends the job, `aclose` tells everyone and tidies."""

    def __init__(self, context: JobContext, kit: Kit) -> None:
        self._context = context
        self._kit = kit
        self._profile = kit.profile
        self._started_at = utc_now()
        self._closed_as: EndReason | None = None
        self._is_over = False
        self._feed: Feed | None = None
        self._understanding: Understanding | None = None
        self._phrases: dict[str, rtc.AudioFrame] = {}
        self._around: Around | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.call = Call(
            id=context.job.id,
            profile=self._profile,
            publish=self._publish,
            hang_up=lambda reason: self._lifecycle.hang_up(reason),  # noqa: PLW0108  # there is no lifecycle yet
            backends=kit.backends,
            memory=Memory(
                callers=kit.callers,
                call_id=context.job.id,
                is_private=self._profile.memory.is_private,
                language=self._profile.language,
                clock=utc_now,
                notes=Notes(kit.toolbox.intents),
            ),
        )
        self._speech = SpeechClient(
            Path(os.environ.get(SOCKET_VARIABLE, "")), on_failure=self._on_speech_failure, return_timeout_s=PATIENCE_S
        )
        self._mcp = McpTools(self._profile.mcp, self._profile.limits.tool_timeout_s)
        self._tts = catalog.voice_of(self._profile, self._speech)
        self._pronunciation = catalog.pronunciation_of(self._profile)
        self._turn_taking = TurnTaking(
            self._profile, kit.toolbox.intents, self._speech, kit.vad, self._meant, self._rehearse
        )
        self._session = self._build_session()
        self._lifecycle = Lifecycle(
            self.call, speak=self._speak, until_silent=self._until_silent, close=self._close_session
        )
        self._fillers = Fillers(
            self.call,
            kit.toolbox.fillers,
            say=self._say_filler,
            caller_speaks=lambda: self._session.user_state == "speaking",
            agent_speaks=lambda: self._session.agent_state == "speaking",
        )
        self._keypad = Keypad(lambda digits: self._spawn(self._keyed(digits)), pause_s=self._profile.turns.dictation_s)
        self._tap = Tap(self.call, on_busy=self._lifecycle.on_busy, on_close=self._on_close)
        self._tap.attach(self._session)

    async def start(self) -> None:
        """Join the room, wait for the caller, greet. Returns once the call runs by itself."""
        self._spawn(self._warm())  # the greeting gives it time; whoever speaks earlier waits for it in the first turn
        await self._context.connect()
        caller = await self._wait_for_caller()
        if caller is None and not self._context.is_fake_job():
            logger.info("no caller came", extra={"call": self.call.id, "seconds": CALLER_WAIT_S})
            self._context.shutdown("no caller")
            return
        if caller is not None:
            self._watch(caller)
            self.call.number = _number(caller)
            self._spawn(self._recall())
        channel = _channel(caller)
        self.call.emit(CallJoined(profile=self._profile.name, channel=channel))
        if channel == "phone":
            self._turn_taking.on_phone()
        voice = None if self._context.is_fake_job() else new_voice()
        if voice:
            self._spawn(voice.publish(self._context.room))
        persona = self._turn_taking.persona(self._session, self._kit.toolbox.tools, voice=voice)
        await self._session.start(
            agent=persona,
            room=self._context.room,
            room_options=room_io.RoomOptions(
                participant_identity=caller.identity if caller else NOT_GIVEN,
                # no gain control: what is near, an echo or noise is told by its level
                audio_input=room_io.AudioInputOptions(sample_rate=16_000, frame_size_ms=20, auto_gain_control=False),
                audio_output=voice is None,
            ),
            record=False,
            session_host=False,  # otherwise whoever may send data can read prompts and history
        )
        self._lifecycle.start()
        self._spawn(self._mcp.lend_to(persona))
        self._spawn(self._greet())
        self._spawn(self._render_phrases())

    async def aclose(self) -> None:
        """The call is over, whatever ended it: say so to the observers and the page, and let the room go."""
        duration_s = (utc_now() - self._started_at).total_seconds()
        reason = self._lifecycle.reason or self._closed_as or EndReason.CRASHED
        self.call.emit(CallEnded(reason=reason, duration_s=round(duration_s, 2), turns=self._tap.turns))
        self._keypad.close()
        self.call.rehearsals.begin({})
        for task in self._tasks:
            task.cancel()
        await self._fillers.aclose()
        await self._lifecycle.aclose()
        if self._feed is not None:
            await self._feed.aclose()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.call.memory.close(self.call.who), MEMORY_S)
        await self._turn_taking.aclose()
        await self._mcp.aclose()
        if not self._context.is_fake_job():
            with contextlib.suppress(Exception):  # the server may be gone; an empty room closes by itself
                await asyncio.wait_for(self._context.delete_room(), 2.0)
        await self._tts.aclose()
        await self._speech.aclose()
        await asyncio.to_thread(self._kit.bus.flush)

    def _build_session(self) -> AgentSession[Call]:
        return AgentSession(
            stt=self._turn_taking.stt,
            llm=self._build_llm(),
            tts=self._tts,
            vad=None,  # the STT has its own, and dialog/listening decides what an interruption is
            turn_handling=turn_handling(self._profile.turns),
            # Piper pronounces by itself, and keeps what was written for the captions
            tts_text_transforms=None if isinstance(self._tts, PiperTTS) else [self._pronunciation.transform],
            userdata=self.call,
            aec_warmup_duration=None,  # rules/interruption knows an echo by its words
            user_away_timeout=None,  # dialog/lifecycle.py counts silence, also across a dropped connection
            conn_options=PATIENCE,
        )

    async def _meant(self, heard: llm.ChatContext, text: str) -> Meant | None:
        """What the local understanding would make of these words; None where an LLM has to be asked."""
        if self._understanding is None:
            return None
        items = [*self._understanding.history(heard), CallerSaid(text)]
        tools = [name for name in self._kit.toolbox.intents if self.call.may_use(name)]
        return (await self._understanding.decide(items, tools)).meant

    def _rehearse(self, wished: Sequence[llm.FunctionToolCall]) -> None:
        """What a tool says the understanding says after it, word for word: then the voice begins on it, too."""
        voice = self._tts if self._understanding is not None and isinstance(self._tts, PiperTTS) else None
        rehearse(self._kit.toolbox, self.call, wished, voice.prepare if voice else None)

    def _build_llm(self) -> llm.LLM[Any]:
        mind = catalog.build_llm(self._profile.providers.llm, understanding=self._build_understanding)
        if not is_large(self._profile):
            return mind
        vectors = KnownVectors(vectors_file(self._kit.settings.var_dir), self._speech)
        self._around = build_around(
            self._profile, self._kit.toolbox, vectors, self._kit.settings.var_dir, lambda: self.call.speaker
        )
        return self._around.llm(mind, self.call)

    def _build_understanding(self) -> Understanding:
        vectors = KnownVectors(vectors_file(self._kit.settings.var_dir), self._speech)
        self._understanding = build_understanding(
            self._profile, self._kit.toolbox, vectors, self.call.now, lambda: self.call.speaker
        )
        return self._understanding

    async def _warm(self) -> None:
        with contextlib.suppress(VoiceAgentError):  # the first turn tries again and tells the caller
            if self._understanding is not None:
                await self._understanding.warm()
            elif self._around is not None:
                await self._around.warm()

    async def _recall(self) -> None:
        """While the greeting is spoken, so that no turn waits for the store."""
        await self.call.memory.told(self.call.who, self.call.tier)

    async def _wait_for_caller(self) -> rtc.RemoteParticipant | None:
        if self._context.is_fake_job():
            return None
        try:
            async with asyncio.timeout(CALLER_WAIT_S):
                return await self._context.wait_for_participant()
        except (TimeoutError, RuntimeError):  # RuntimeError: the room closed while we waited
            return None

    def _watch(self, caller: rtc.RemoteParticipant) -> None:
        """Follow the caller's connection, which LiveKit's session does not."""
        self._feed = Feed(self._context.room.local_participant, caller.identity)

        def on_gone(participant: rtc.RemoteParticipant) -> None:
            if participant.identity == caller.identity:
                self._lifecycle.on_connection(False)

        def on_back(participant: rtc.RemoteParticipant) -> None:
            if participant.identity == caller.identity:
                self._lifecycle.on_connection(True)

        def on_key(key: rtc.SipDTMF) -> None:
            if key.participant is None or key.participant.identity == caller.identity:
                self._keypad.press(key.digit)

        self._context.room.on("sip_dtmf_received", on_key)
        self._context.room.on("participant_disconnected", on_gone)
        self._context.room.on("participant_connected", on_back)

    async def _keyed(self, digits: str) -> None:
        """Keys are words of the caller's: the agent gives way to them, as to what is typed."""
        with contextlib.suppress(RuntimeError):  # the session closed meanwhile, or tells what must be told
            await self._session.interrupt()
        with contextlib.suppress(RuntimeError):
            self._session.generate_reply(user_input=digits)

    async def _greet(self) -> None:
        handle = self._session.say(self._profile.sentences.greeting)
        await handle
        self.call.emit(Greeted(is_whole=not handle.interrupted))
        if not handle.interrupted:  # who has begun to talk hears it in another call
            await tell_due(self.call, self._session.say)

    async def _render_phrases(self) -> None:
        """What must be heard even when the TTS fails, or at once, is rendered while it works."""
        sentences = self._profile.sentences
        for sentence in (*fillers_of(self._profile, self._kit.toolbox), sentences.apology, sentences.limit_goodbye):
            with contextlib.suppress(Exception):  # then the sentence is synthesised when it is needed
                self._phrases[sentence] = await self._tts.synthesize(self._as_spoken(sentence)).collect()

    def _as_spoken(self, sentence: str) -> str:
        return sentence if isinstance(self._tts, PiperTTS) else self._pronunciation.spoken(sentence)

    async def _speak(self, sentence: str) -> None:
        frame = self._phrases.get(sentence)
        with contextlib.suppress(RuntimeError):  # the session closed meanwhile: nobody is there to hear it
            await self._session.say(sentence, audio=_one(frame) if frame else NOT_GIVEN)

    async def _say_filler(self, sentence: str) -> bool:
        """Outside of the history: an LLM would take it for its own promise, the understanding for an answer."""
        frame = self._phrases.get(sentence)
        with contextlib.suppress(RuntimeError):
            handle = self._session.say(sentence, audio=_one(frame) if frame else NOT_GIVEN, add_to_chat_ctx=False)
            await handle
            return handle.exception() is None
        return False

    async def _until_silent(self) -> None:
        with contextlib.suppress(RuntimeError):
            await self._session.wait_for_idle()
            await asyncio.sleep(LAST_WORDS_S)

    async def _close_session(self, reason: EndReason) -> None:
        logger.info("hanging up", extra={"call": self.call.id, "reason": reason.value})
        await self._session.aclose()

    def _on_close(self, reason: EndReason | None) -> None:
        self._closed_as = reason
        self._context.shutdown(reason.value if reason else "hung up")

    def _on_speech_failure(self, role: Role, reason: str) -> None:
        self.call.emit(ProviderFailed(role=role, provider="local", reason=reason, is_recoverable=True))

    def _publish(self, call_id: str, at: datetime, event: Event) -> None:
        if self._is_over:
            return  # nothing follows CallEnded: a room that is taken down still makes noise
        self._is_over = isinstance(event, CallEnded)
        self._kit.bus.publish(call_id, at, event)
        self._lifecycle.on_event(event)
        self._fillers.on_event(event)
        self._tap.on_event(event)
        if self._feed is not None:
            self._feed.on_event(call_id, at, event)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def profile_of(metadata: str) -> str | None:
    """The profile that a dispatch names in its metadata, if it does."""
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(metadata).get("profile") or "") or None
    return None


def _channel(caller: rtc.RemoteParticipant | None) -> Channel:
    if caller is None:
        return "console"
    return "phone" if caller.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP else "browser"


def _number(caller: rtc.RemoteParticipant) -> str:
    """The caller's number, where the telephone line shows one."""
    return line_number(caller.attributes.get("sip.phoneNumber", ""))


async def _one(frame: rtc.AudioFrame) -> AsyncIterator[rtc.AudioFrame]:
    yield frame
