"""TurnTaking: one call's ears and voice, put together as the profile's `turns` say. Each part decides for itself."""

import logging
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession, llm, stt, vad

from agent.call.call import Call
from agent.dialog.persona import Persona, TurnsOf
from agent.intent import Intent
from agent.language.dictating import dictated
from agent.language.packs import ENGLISH, language, pack
from agent.profile.profile import Profile
from agent.providers import catalog
from agent.providers.chains import Chains
from agent.providers.local.models.smart_turn import weights
from agent.providers.local.speech_client import SpeechClient
from agent.providers.surroundings import Surroundings
from agent.rules.endpointing import Dictated
from agent.rules.evidence import Meant
from agent.rules.interruption import Judgement, Overlap, judge
from agent.turns.endpointing import Endpointing
from agent.turns.floor import Floor
from agent.turns.listening import Listening
from agent.turns.options import base_ears, patience
from agent.turns.stt_turn_ends import PatientEnds
from agent.turns.voice_out import RATE, VoiceOut
from agent.turns.witnesses.choice import witnesses
from agent.turns.witnesses.witness import Witness
from agent.understanding.dictation.dictation import Dictation

Meaning = Callable[[llm.ChatContext, str], Awaitable[Meant | None]]  # of words, after that conversation
logger = logging.getLogger("parley.turns")


class TurnTaking:
    """One per call."""

    def __init__(
        self,
        profile: Profile,
        intents: Mapping[str, Intent],
        client: SpeechClient,
        ears: vad.VAD,
        chains: Chains,
        meant: Meaning,
        on_wish: Callable[[Sequence[llm.FunctionToolCall]], None] | None = None,
    ) -> None:
        self._on_wish = on_wish
        self._is_phone = False  # for an STT that was told so before it began to stream
        self._profile = profile
        self._language = language(profile.language)
        self._pronunciation = catalog.pronunciation_of(profile)
        self._client, self._ears, self._chains = client, ears, chains
        self._dictation = Dictation(intents)
        self._changing = frozenset(name for name, intent in intents.items() if intent.changes_something)
        self._endpointing = Endpointing(
            patience(profile.turns),
            self._language,
            dictated=self._dictated,
            meant=lambda text: meant(self._heard_so_far(), text),
            witnesses=self._witnesses(),
        )
        self.stt: stt.STT[Any] = chains.build_ears(
            self.lent(), lambda: PatientEnds(self._endpointing).of, self._endpointing.on_sound
        )
        self._wire = chains.wire
        self._persona: Persona | None = None
        self._floor: Floor | None = None
        self.voice: VoiceOut | None = None  # in a room; closed with this

    def lent(self, *, may_be_another: bool = False) -> catalog.Lent:
        """What whoever hears gets."""
        return catalog.Lent(
            self._client,
            self._profile.language,
            catalog.heard_as(self._profile),
            may_be_another,
            vad=self._ears,
            turn_end=self._endpointing,
            around=self._surroundings(),
        )

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            is_phone=lambda: self._is_phone,
            is_agent_speaking=lambda: self._floor is not None and self._floor.is_taken,
            wanted=lambda text: self._dictation.wanted(text, self._said()),
            ears=lambda: base_ears(self._profile.turns_on(is_phone=self._is_phone)),
        )

    def speak(self, profile: Profile, voice: catalog.Lent, *, may_be_another: bool) -> None:
        """Go on in the language that this version of the profile is in; `voice` is lent to whoever speaks it. Raises
        ConfigError."""
        self._profile = profile
        self._language = language(profile.language)
        self._pronunciation = catalog.pronunciation_of(profile)
        self._endpointing.speak(self._language, self._witnesses())
        self._chains.speak(profile, voice, self.lent(may_be_another=may_be_another))
        if self._is_phone:
            self._tell_phone()

    def _witnesses(self) -> list[Witness]:
        listen = self._client.is_over if weights() else None
        return witnesses(self._profile.turns, self._profile.language, listen)

    def persona(self, session: AgentSession[Call], tools: Sequence[llm.Tool], *, voice: VoiceOut | None) -> Persona:
        """Who speaks and listens. `voice` is None where LiveKit plays by itself: on the console."""
        self.voice = voice
        if voice:
            session.output.audio = voice
        floor = Floor(session, voice, self._said)
        listening = Listening(
            floor,
            lambda overlap: judge(self._as_it_sounds(overlap), self._language),
            wordless_s=self._profile.turns.wordless_s,
            on_overlap=_on_overlap,
            caller_silent_s=self._chains.silent_s,
            doubts_short=self._chains.hears_murmurs,
        )
        self._floor = floor
        on_sound = self._on_sound if self._wire or not self._chains.ends_turns else None
        self._persona = Persona(
            self._profile,
            tools,
            self._turns_of(listening),
            on_sound,
            self._on_wish,
            changing=self._changing,
        )
        return self._persona

    def on_phone(self) -> None:
        """The caller has come, by telephone: 8 kHz, and its own patience."""
        self._endpointing.patience = patience(self._profile.turns_on(is_phone=True))
        self._is_phone = self._persona is None  # who streams already goes on as it does
        if self._is_phone:
            self._tell_phone()

    def _tell_phone(self) -> None:
        for choice, hearer in self._chains.hearers:
            catalog.on_phone(choice, hearer)

    def tell_unheard(self, on_unheard: Callable[[float | None], None]) -> None:
        """Who hears when speech is over that no STT has words for yet."""
        self._chains.tell_unheard(on_unheard)

    async def aclose(self) -> None:
        """Nobody speaks any more."""
        if self.voice:
            await self.voice.aclose()

    def _turns_of(self, listening: Listening) -> TurnsOf:
        ends = PatientEnds(self._endpointing)

        def turns_of(heard: AsyncIterable[stt.SpeechEvent]) -> AsyncGenerator[stt.SpeechEvent, None]:
            ended = heard if self._chains.ends_turns else ends.of(heard)
            return listening.turns_of(self._wire.follow(ended) if self._wire else ended)

        return turns_of

    def _on_sound(self, frame: rtc.AudioFrame) -> None:
        if not self._chains.ends_turns:
            self._endpointing.on_sound(frame)
        if self._wire:
            self._wire.hear(frame)

    def _said(self) -> str:
        """The agent's last words, or those it is saying."""
        return self._persona.saying if self._persona else ""

    def _as_it_sounds(self, overlap: Overlap) -> Overlap:
        """An echo is of the words that are spoken, not of the figures that are written."""
        return replace(overlap, agent_says=self._pronunciation.spoken(overlap.agent_says))

    def _heard_so_far(self) -> llm.ChatContext:
        return self._persona.chat_ctx if self._persona else llm.ChatContext.empty()

    def _dictated(self, text: str) -> Dictated:
        """Whether the caller is in the middle of a value, by what the agent asked and by the words."""
        if self._profile.language != ENGLISH:
            return dictated(text, self._said(), pack(self._profile.language))
        return Dictated(self._dictation.completeness(text, self._dictation.expected(self._said())))


def new_voice() -> VoiceOut:
    """For a call in a room."""
    return VoiceOut(rtc.AudioSource(RATE, 1, queue_size_ms=1000))


def _on_overlap(judgement: Judgement) -> None:
    logger.debug("caller spoke over the agent", extra={"reason": judgement.reason})
