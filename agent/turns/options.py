"""The profile's `turns` section as VAD and TurnHandlingOptions; a translation, no policy.

The policies are rules/endpointing and rules/interruption; turns/endpointing and turns/listening carry them out. Who
is asked whether a turn is over: turns/witnesses/choice.py.
"""

from livekit.agents import APIConnectOptions, TurnHandlingOptions, vad
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.plugins import silero

from agent.profile.profile import Turns
from agent.rules.endpointing import Patience
from agent.rules.line import Ears

CONNECT = APIConnectOptions(max_retry=1, retry_interval=0.3, timeout=5.0)
PATIENCE = SessionConnectOptions(
    stt_conn_options=CONNECT,
    llm_conn_options=CONNECT,
    tts_conn_options=CONNECT,
    max_unrecoverable_errors=1_000_000,  # dialog/lifecycle.py decides when to give up, aloud
)
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
