"""Attention: whose sound it is that one caller's line brings, and since when the caller has been silent. Levels and the
VAD's opinion go in; the VAD's settings follow the line. What is done about it is the stream's matter."""

import math
from collections.abc import Callable

import numpy as np
from livekit.agents import vad
from livekit.plugins import silero

from agent.rules.line import Ears, Line, Loudness, Nearness, Quiet

SAMPLE_RATE = 16_000
BLIP_S = 0.06  # less sound than this in a silence is no word
_ECHO_S = 1.0  # since the agent's voice began to end; its echo is about for no longer
_SETTLES_S = 2.0  # of speech in a call: a sender's gain control begins up to 10 dB too loud (decisions/0024)
_PIECE = SAMPLE_RATE // 100  # 10 ms: how finely the end of the sound is looked for


class Attention:
    """One per stream. `ears` are what the VAD is set to now: `base`, the profile's settings, raised as far as the
    line's noise demands."""

    def __init__(self, model: vad.VAD, base: Ears | None, is_agent_speaking: Callable[[], bool]) -> None:
        self.ears = base
        self._model = model
        self._base = base
        self._is_agent_speaking = is_agent_speaking
        self._agent_silent_s = math.inf
        self._line = Line()
        self._nearness = Nearness()
        self._loudness = Loudness()
        self._quiet = Quiet()
        self._voiced_s = 0.0  # of speech in this call
        self._is_settled = False  # this utterance began when levels were what they will be
        self._is_near = True  # something in this utterance was loud enough for the caller

    @property
    def may_be_caller(self) -> bool:
        """What is heard now. While somebody else in the room speaks, only what is near; while the agent's echo may be
        about, what is not faint."""
        if self._nearness.has_company:
            return self.near_s > 0.0
        return not self._is_echo

    @property
    def _is_echo(self) -> bool:
        """True when what is heard may be the agent's own voice coming back."""
        return self._agent_silent_s <= _ECHO_S and self._nearness.is_faint

    @property
    def near_s(self) -> float:
        """For how long there has been a sound that is surely the caller's."""
        return self._nearness.seconds

    def hear(self, pcm: bytes, event: vad.VADEvent, silence_s: float | None) -> None:
        """The sound of one inference, PCM16 mono at 16 kHz; `silence_s` of the utterance so far, None between two."""
        seconds, level_db = len(pcm) / 2 / SAMPLE_RATE, _level_db(pcm)
        self._agent_silent_s = 0.0 if self._is_agent_speaking() else self._agent_silent_s + seconds
        self._nearness = self._nearness.heard(level_db, seconds, is_voice=event.speaking and not self._is_echo)
        if silence_s is None:
            self._line = self._line.heard_noise(level_db, event.probability)
        else:
            is_in_company = self._is_near and self._nearness.has_company
            near_db = self._nearness.near_db if is_in_company else -math.inf
            self._loudness = self._loudness.heard(level_db, seconds, near_db)
            if silence_s == 0.0:
                self._line = self._line.heard_speech(level_db)
                self._voiced_s += seconds
        self._set_ears()

    def spoken_s(self, event: vad.VADEvent) -> float:
        """How long the caller has been speaking who goes on right behind a turn, or begins into somebody else's talk; 0
        when nobody does."""
        seconds = event.raw_accumulated_speech
        if self._nearness.has_company:
            seconds = min(seconds, self.near_s)
        return seconds if event.speaking and seconds > BLIP_S and self.may_be_caller else 0.0

    def begin(self) -> None:
        """An utterance begins."""
        self._loudness, self._quiet = Loudness(), Quiet()
        self._is_settled = self._voiced_s >= _SETTLES_S
        self._is_near = self.near_s > 0.0

    def caller_came(self) -> bool:
        """True once, when somebody else in the room had begun this utterance and now the caller speaks."""
        if self._is_near or self.near_s <= BLIP_S:
            return False
        self._is_near = True
        return self._nearness.has_company

    def silence_s(self, pcm: bytes, event: vad.VADEvent) -> float:
        """How long the caller has been silent, by whoever is sure of it first: the level, the VAD, or a voice that is
        not theirs."""
        for at in range(0, len(pcm), 2 * _PIECE):
            piece = pcm[at : at + 2 * _PIECE]
            self._quiet = self._quiet.heard(_level_db(piece), len(piece) / 2 / SAMPLE_RATE, self._line.noise_db)
        softer_s = self._loudness.silence_s if self._is_settled else 0.0
        return max(event.raw_accumulated_silence, softer_s, self._quiet.seconds)

    def end(self, *, had_words: bool) -> None:
        """The utterance is over: it was the caller, or noise."""
        if had_words and self._is_settled:
            self._nearness = self._nearness.spoke(self._loudness.loudest_db)
        self._line = self._line.was_right() if had_words else self._line.was_mistaken()

    def _set_ears(self) -> None:
        if self._base is None or not isinstance(self._model, silero.VAD):
            return
        if (wanted := self._line.ears(self._base)) != self.ears:
            self.ears = wanted
            self._model.update_options(activation_threshold=wanted.threshold, min_speech_duration=wanted.min_speech_s)


def _level_db(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, np.int16).astype(np.float32) / 32768.0
    return float(10 * np.log10(np.mean(samples**2) + 1e-9)) if len(samples) else -90.0
