"""The profile's `turns` section as LiveKit's VAD, turn detector and TurnHandlingOptions; a translation, no policy."""

import logging
from typing import cast

from livekit.agents import TurnHandlingOptions, inference, vad
from livekit.agents.voice.turn import TurnDetectionMode
from livekit.plugins import silero

from agent.profile import Turns

logger = logging.getLogger("parley.turns")


def load_vad(turns: Turns) -> vad.VAD:
    """Silero's VAD with the profile's thresholds. Blocking (reads weights): call it at prewarm."""
    return silero.VAD.load(
        min_speech_duration=turns.vad_min_speech_s,
        min_silence_duration=turns.vad_min_silence_s,
        activation_threshold=turns.vad_threshold,
    )


def turn_handling(turns: Turns) -> TurnHandlingOptions:
    """What AgentSession takes; every key is given, since LiveKit's defaults depend on dev mode and on its cloud."""
    return TurnHandlingOptions(
        turn_detection=_detector(turns),
        endpointing={"mode": "fixed", "min_delay": turns.min_delay_s, "max_delay": turns.max_delay_s},
        interruption={
            "enabled": True,
            "mode": "vad",  # "adaptive" asks LiveKit's cloud
            "min_duration": turns.interruption_min_s,
            "resume_false_interruption": True,
            "false_interruption_timeout": turns.false_interruption_s,
        },
        preemptive_generation={"enabled": True, "preemptive_tts": False},
    )


def _detector(turns: Turns) -> TurnDetectionMode:
    if turns.detector in {"vad", "stt"}:
        return cast(TurnDetectionMode, turns.detector)
    if turns.detector == "multilingual":
        return _multilingual()
    # without a version LiveKit's dev mode would choose its cloud model
    return inference.TurnDetector(version="v1-mini")


def _multilingual() -> TurnDetectionMode:
    """LiveKit's older detector, whose weights come from a model hub; the local one stands in when they are missing."""
    try:
        from livekit.plugins.turn_detector.multilingual import MultilingualModel

        return MultilingualModel()
    except Exception as error:  # noqa: BLE001  # the plugin raises RuntimeError, hub and job-context errors alike
        logger.warning(
            "turn detector `multilingual` cannot be loaded (run `python agent.py download-files`); using `local`",
            extra={"error": type(error).__name__},
        )
        return inference.TurnDetector(version="v1-mini")
