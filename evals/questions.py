"""What the callers of the meter say: sentences that nobody had declared, and questions that the shop's documents list,
each by several voices. Recordings of people are in recordings.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import RATE, Samples
from evals.onset import fine_end_s

STRANGERS = Path(__file__).with_name("said") / "strangers.tsv"
PLAIN = (
    "Where can I park?",
    "What is your address?",
    "Do you sell gift cards?",
    "Is there a student discount?",
    "Do you ship to Canada?",
    "How long does express shipping take?",
    "How much does shipping cost?",
    "Are you open on Sunday?",
    "Are you open on Christmas Day?",
    "Which credit cards do you take?",
    "Where do I find my invoice?",
    "I forgot my password.",
    "How do I delete my account?",
    "When do I get my money back?",
    "Is there a warranty?",
    "What can you do for me?",
)
TOOL = (
    "Where is my order number one zero zero one?",
    "What time is it?",
    "Where is my order number four five seven one?",
    "What day is it today?",
)
TOOL_EVERY = 4  # turns
# Those of the cast that the local STT understands; a turn that is misheard has the answer to another question. "heart"
# is hibari's, the joes are Piper's, the others flite's: who is not installed is left out.
HEARD_WELL = ("heart", "joe", "slt", "rms", "joe high")
SEED = 16


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to say, and whose voice says it. `text` is its words, or where those are not known the file's name."""

    text: str
    voice: str
    is_tool: bool = False
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Sound:
    """Int16 mono at 48 kHz that begins with its first word. `ends_s` is where its last word ends."""

    samples: Samples
    ends_s: float

    @property
    def tail_s(self) -> float:
        """From the end of the last word to the last sound that is no silence."""
        return fine_end_s(self.samples, RATE) - self.ends_s

    @property
    def rest_s(self) -> float:
        """From the end of the last word to the end of it all."""
        return len(self.samples) / RATE - self.ends_s


class Questions(Protocol):
    """A set of things to ask; each has its place in the run, the same for both agents."""

    voices: tuple[str, ...]

    def asked(self, number: int) -> Question:
        """The question of a turn, by its number in the run."""

    async def render(self, first: int, count: int) -> None:
        """Make the sound of so many turns, while nobody is in a call."""

    def __getitem__(self, question: Question) -> Sound:
        """The sound of a question that was rendered."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence to be said, and whose turn it is to say it, in numbers that go round the cast."""

    text: str
    voice: int
    is_tool: bool = False


def declared(number: int) -> Line:
    """Questions in the very words of the shop's documents and tools; every fourth is a tool's."""
    tools, rest = divmod(number, TOOL_EVERY)
    texts, at = (TOOL, tools) if rest == TOOL_EVERY - 1 else (PLAIN, number - tools)
    return Line(texts[at % len(texts)], _turn(number, len(PLAIN) + len(TOOL)), texts is TOOL)


def strangers(more: Sequence[str] = ()) -> Callable[[int], Line]:
    """What strangers say, in a mixed order that never changes; `more` are sentences of others."""
    lines = [line.split("\t")[0] for line in STRANGERS.read_text(encoding="utf-8").splitlines()]
    lines += more
    order = np.random.default_rng(SEED).permutation(len(lines))
    return lambda number: Line(lines[order[number % len(lines)]], _turn(number, len(lines)))


def _turn(number: int, count: int) -> int:
    """Voice after voice, and each time that all was said another one begins, however many sentences there are."""
    lap, at = divmod(number, count)
    return lap + at


class Speech:
    """Sentences as sound, without silence around them; over a telephone line if so. Rendered once."""

    def __init__(self, client: SpeechClient, chosen: Callable[[int], Line], *, is_phone: bool) -> None:
        self._cast = tuple(voice for voice in voices.present() if voice.name in HEARD_WELL)
        self.voices = tuple(voice.name for voice in self._cast)
        self._chosen = chosen
        self._client = client
        self._is_phone = is_phone
        self._sounds: dict[Question, Sound] = {}

    def asked(self, number: int) -> Question:
        """Each sentence comes round, the next time in another voice."""
        line = self._chosen(number)
        return Question(line.text, self.voices[line.voice % len(self.voices)], line.is_tool)

    async def render(self, first: int, count: int) -> None:
        """Make the sound of so many turns, while nobody is in a call."""
        for question in map(self.asked, range(first, first + count)):
            if question not in self._sounds:
                voice = self._cast[self.voices.index(question.voice)]
                sound = await voices.spoken(self._client, voice, question.text)
                sound = voices.over_phone(sound) if self._is_phone else sound
                self._sounds[question] = Sound(sound, fine_end_s(sound, RATE))

    def __getitem__(self, question: Question) -> Sound:
        """The sound of a question that was rendered."""
        return self._sounds[question]
