"""Whose sound it is: the agent's echo, somebody else in the room, or the caller. Levels go in as sound, the VAD's
opinion as its events."""

from dataclasses import dataclass

import numpy as np
import pytest
from livekit.agents import vad

from agent.providers.attention import SAMPLE_RATE, Attention

FRAME_S = 0.032
CALLER_DB, SOFT_DB, ECHO_DB, SILENT_DB = -20.0, -30.0, -38.0, -85.0


class NoVAD(vad.VAD):
    """One whose settings nobody can change."""

    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=FRAME_S))

    def stream(self) -> vad.VADStream:
        """Not needed."""
        raise NotImplementedError


def sound(level_db: float) -> bytes:
    """One frame of that level."""
    amplitude = 32768 * 10 ** (level_db / 20)
    return (np.resize([1.0, -1.0], int(FRAME_S * SAMPLE_RATE)) * amplitude).astype(np.int16).tobytes()


@dataclass
class Ear:
    """What a stream does with its attention, frame by frame; `utterance` while one is open."""

    attention: Attention
    utterance: bool = False
    spoken_s: float = 0.0

    def hears(self, seconds: float, level_db: float, *, speaking: bool = True) -> "Ear":
        """So much of a sound of that level, which the VAD takes for speech or not."""
        for _ in range(round(seconds / FRAME_S)):
            self.spoken_s = self.spoken_s + FRAME_S if speaking else 0.0
            event = vad.VADEvent(
                type=vad.VADEventType.INFERENCE_DONE,
                samples_index=0,
                timestamp=0.0,
                speech_duration=self.spoken_s,
                silence_duration=0.0,
                probability=0.9 if speaking else 0.0,
                speaking=speaking,
                raw_accumulated_speech=self.spoken_s,
            )
            self.attention.hear(sound(level_db), event, 0.0 if self.utterance else None)
            self.last = event
        return self

    def says(self, seconds: float, level_db: float) -> "Ear":
        """One turn with words, and silence behind it."""
        self.attention.begin()
        self.utterance = True
        self.hears(seconds, level_db)
        self.attention.end(had_words=True)
        self.utterance = False
        return self.hears(2.0, SILENT_DB, speaking=False)

    @property
    def speaks_for_s(self) -> float:
        """How long the caller has been speaking."""
        return self.attention.spoken_s(self.last)


@pytest.fixture
def agent() -> list[bool]:
    """Whether the agent speaks, as its last element."""
    return [False]


@pytest.fixture
def ear(agent: list[bool]) -> Ear:
    """Of a caller who has said two sentences at CALLER_DB, the first raised by a gain control that had to settle."""
    ear = Ear(Attention(NoVAD(), None, lambda: agent[-1]))
    ear.says(2.1, CALLER_DB + 10.0)
    return ear.says(1.0, CALLER_DB)


def test_a_soft_word_in_a_quiet_room_is_the_callers(ear: Ear) -> None:
    """Nobody else is there."""
    assert ear.hears(0.2, SOFT_DB).speaks_for_s > 0.0


def test_the_agents_echo_is_not_the_caller(ear: Ear, agent: list[bool]) -> None:
    """Nor is what comes back of its last word; a caller who says "stop" is, loudly or softly."""
    agent.append(True)
    assert ear.hears(2.0, ECHO_DB).speaks_for_s == 0.0
    agent.append(False)
    assert ear.hears(0.4, ECHO_DB).speaks_for_s == 0.0
    assert ear.hears(0.1, SOFT_DB).speaks_for_s > 0.0


def test_a_faint_word_is_heard_again_when_the_echo_is_gone(ear: Ear, agent: list[bool]) -> None:
    """A second behind the agent's voice."""
    agent.append(True)
    ear.hears(1.0, ECHO_DB)
    agent.append(False)
    ear.hears(1.2, SILENT_DB, speaking=False)
    assert ear.hears(0.2, ECHO_DB).speaks_for_s > 0.0


def test_somebody_who_talks_on_in_the_room_is_not_the_caller(ear: Ear) -> None:
    """Known after a second and a half; the caller speaks into it."""
    assert ear.hears(2.0, SOFT_DB).speaks_for_s == 0.0
    ear.hears(0.1, CALLER_DB)
    assert 0.06 < ear.speaks_for_s < 0.2  # and not for as long as there has been a voice


def test_a_turn_that_somebody_else_began_begins_anew_with_the_caller(ear: Ear) -> None:
    """Once, and only when it was somebody else."""
    ear.attention.begin()
    ear.utterance = True
    ear.hears(2.0, SOFT_DB)
    assert not ear.attention.caller_came()
    ear.hears(0.2, CALLER_DB)
    assert ear.attention.caller_came()
    assert not ear.attention.caller_came()


def test_a_click_is_not_how_loud_the_caller_is(agent: list[bool]) -> None:
    """The line clicks when it is connected, words follow at once; an interruption as loud as those words counts."""
    ear = Ear(Attention(NoVAD(), None, lambda: agent[-1]))
    ear.attention.begin()
    ear.utterance = True
    ear.hears(0.03, -3.0).hears(1.0, CALLER_DB)
    ear.attention.end(had_words=True)
    ear.utterance = False
    ear.hears(1.0, SILENT_DB, speaking=False)
    agent.append(True)
    assert ear.hears(0.1, CALLER_DB - 2.0).speaks_for_s > 0.0


def test_a_caller_who_begins_softly_has_come_already(ear: Ear) -> None:
    """ "Um, … where is my order": nothing of it is dropped."""
    ear.attention.begin()
    ear.utterance = True
    ear.hears(0.3, SOFT_DB)
    ear.hears(0.5, CALLER_DB)
    assert not ear.attention.caller_came()


def test_a_gain_control_that_settles_makes_nobody_far(agent: list[bool]) -> None:
    """The call's first sentence begins 10 dB too loud: what follows is no other voice, and no echo."""
    ear = Ear(Attention(NoVAD(), None, lambda: agent[-1])).says(1.0, CALLER_DB + 10.0)
    ear.attention.begin()
    ear.utterance = True
    ear.hears(1.0, CALLER_DB + 10.0).hears(0.5, CALLER_DB - 3.0)
    assert ear.attention.silence_s(sound(CALLER_DB - 3.0), ear.last) == 0.0
    ear.attention.end(had_words=True)
    ear.utterance = False
    agent.append(True)
    assert ear.hears(0.1, CALLER_DB - 3.0).speaks_for_s > 0.0
