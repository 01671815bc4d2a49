"""The profile's `turns` section as VAD, end-of-turn model and TurnHandlingOptions; a translation, no policy.

The policies are rules/endpointing and rules/interruption; dialog/endpointing and dialog/listening carry them out.
"""

import asyncio
import logging
from typing import Any

from livekit import rtc
from livekit.agents import TurnHandlingOptions, inference, llm, vad
from livekit.agents.language import LanguageCode
from livekit.plugins import silero

from agent.profile import Turns
from agent.rules.endpointing import SURE, Patience
from agent.rules.line import Ears

logger = logging.getLogger("parley.turns")

_VAD_SILENCE_S = 0.25  # ends the VAD's own segment; the turn's end is endpointing's business


def load_vad(turns: Turns) -> vad.VAD:
    """Silero's VAD with the profile's thresholds. Blocking (reads weights): call it at prewarm."""
    return silero.VAD.load(
        min_speech_duration=turns.vad_min_speech_s,
        min_silence_duration=_VAD_SILENCE_S,
        activation_threshold=turns.vad_threshold,
        prefix_padding_duration=0.1,  # the STT keeps what came before by itself
    )


def base_ears(turns: Turns) -> Ears:
    """The VAD's settings on a quiet line."""
    return Ears(turns.vad_threshold, turns.vad_min_speech_s)


def patience(turns: Turns) -> Patience:
    """The silences that end a turn."""
    return Patience(turns.finished_s, turns.unsure_s, turns.unfinished_s, turns.dictation_s)


def turn_handling(turns: Turns) -> TurnHandlingOptions:
    """What AgentSession takes; every key is given, since LiveKit's defaults depend on dev mode and on its cloud."""
    return TurnHandlingOptions(
        turn_detection="stt",  # the STT's END_OF_SPEECH ends the turn, and endpointing says when it comes
        endpointing={"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
        interruption={
            "enabled": True,
            "mode": "vad",  # "adaptive" asks LiveKit's cloud
            "min_duration": 0.0,
            "min_words": 0,
            "resume_false_interruption": True,
            "false_interruption_timeout": 1.0,
        },
        preemptive_generation={
            "enabled": turns.prepares,
            "preemptive_tts": turns.prepares,
            "max_speech_duration": 60.0,
            "max_retries": 20,
        },
    )


class LocalEndOfTurn:
    """LiveKit's end-of-turn model inside its wheel, which hears melody and pace. 50 ms of one core a prediction."""

    def __init__(self) -> None:
        # without a version LiveKit's dev mode would choose its cloud model
        self._stream = inference.TurnDetector(version="v1-mini").stream()
        self._prediction: asyncio.Future[Any] | None = None  # LiveKit's event type is not public

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """What is heard."""
        self._stream.push_audio(frame)

    def on_silence(self) -> None:
        """Think while the words are still being made out. A new silence drops the question before."""
        self._prediction = self._stream.predict()

    async def probability(self, text: str) -> float:
        """0 to 1, from the sound alone."""
        prediction = self._prediction or self._stream.predict()
        return float((await asyncio.shield(prediction)).end_of_turn_probability)

    def on_end(self) -> None:
        """The next turn begins without the memory of this one."""
        self._prediction = None
        self._stream.flush(reason="turn over")


class MultilingualEndOfTurn:
    """LiveKit's older model, which reads the words; its weights come from a model hub."""

    def __init__(self, language: str) -> None:
        from livekit.plugins.turn_detector.multilingual import MultilingualModel

        self._model = MultilingualModel()
        self._language = LanguageCode(language)

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """It reads only."""

    def on_silence(self) -> None:
        """It has to wait for the words."""

    async def probability(self, text: str) -> float:
        """0 to 1, scaled so that the model's own threshold for the language is ours."""
        context = llm.ChatContext.empty()
        context.add_message(role="user", content=text)
        threshold = await self._model.unlikely_threshold(self._language) or SURE
        return min(1.0, await self._model.predict_end_of_turn(context) * SURE / threshold)

    def on_end(self) -> None:
        """Nothing is remembered."""


def end_of_turn(turns: Turns, language: str) -> LocalEndOfTurn | MultilingualEndOfTurn | None:
    """The model that the profile wants; None when words and silence shall do."""
    if turns.detector == "words":
        return None
    if turns.detector == "multilingual":
        try:
            return MultilingualEndOfTurn(language)
        except Exception as error:  # noqa: BLE001  # the plugin raises RuntimeError, hub and job-context errors alike
            logger.warning(
                "turn detector `multilingual` cannot be loaded (run `python agent.py download-files`); using `local`",
                extra={"error": type(error).__name__},
            )
    return LocalEndOfTurn()
