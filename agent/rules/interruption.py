"""Whether speech over the agent's voice is an interruption: "mm-hm", a cough and the agent's own echo are not."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from agent.rules.language import Language, holds, made_of, spoken_words


class Verdict(StrEnum):
    """What becomes of the agent's speech."""

    STOP = "stop"
    GO_ON = "go_on"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Speech over the agent's. `agent_says` is what the agent is saying, `is_asking` true at the question that ends
    it; `is_whole` is false while the caller goes on. Of an STT that makes words of murmurs `sound_s` is how long the
    sound was, where that is known, and `also` what other hearings made of it; another one's words are believed."""

    text: str
    agent_says: str = ""
    is_whole: bool = True
    is_asking: bool = False
    sound_s: float | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and its reason."""

    verdict: Verdict
    reason: str


_STOP, _GO_ON, _UNDECIDED = Verdict.STOP, Verdict.GO_ON, Verdict.UNDECIDED
# The local STT makes words of sounds as short as "mm-hm": "Come, come.", "Sir.". Who wants the floor with less says
# one of the words of `stops`, or one that is the same in another hearing: "Time."
_SHORT_S, _SHORT_WORDS = 0.5, 3
# "Yep." becomes "What?", "mm-hm" "Don't run.", and in another hearing a murmur: of 140 murmurs by seven voices through
# 8 kHz mu-law 9 stop the agent as they are first heard and 6 when heard twice, by wideband 4 and 3; of 294
# interruptions none is lost by it (scenes/overlaps).
_DOUBTFUL_S = 0.9
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_LIKE = 0.75  # of the letters: "I sme" is "I see"
_ECHO = 0.75  # of the words, in the agent's order
_ECHO_WORDS = 3  # fewer are too few to tell: the caller says "returns" too


def judge(overlap: Overlap, language: Language) -> Judgement:
    """Real words stop the agent; in doubt it stops too, since talking over a caller is worse than a pause."""
    judgement = _as_heard(overlap, language)
    if judgement.verdict is _STOP and _may_be_murmur(overlap, language):
        return Judgement(_GO_ON if overlap.is_whole else _UNDECIDED, "a backchannel in another hearing")
    return judgement


def _may_be_murmur(overlap: Overlap, language: Language) -> bool:
    """True for a short sound that was heard as words and, in another hearing, as none; not where the agent asks."""
    if overlap.is_asking or not _lasted_under(_DOUBTFUL_S, overlap):
        return False
    words = spoken_words(overlap.text)
    others = [spoken_words(text) for text in overlap.also]
    return any(len(words) <= len(other) and made_of(other, language.backchannels) for other in others)


def _as_heard(overlap: Overlap, language: Language) -> Judgement:
    words = spoken_words(overlap.text)
    if not words:
        return Judgement(_GO_ON if overlap.is_whole else _UNDECIDED, "no words")
    if is_echo(words, overlap.agent_says):
        return Judgement(_GO_ON if overlap.is_whole else _UNDECIDED, "echo")
    if holds(words, language.stops) and not made_of(words, language.backchannels):
        return Judgement(_STOP, "asked to stop")
    if made_of(words, language.backchannels) or _is_nearly_one(overlap, words, language):
        return _backchannel(overlap, words, language)
    if len(words) == 1 and words[0] in language.noises:
        return Judgement(_GO_ON if overlap.is_whole else _UNDECIDED, "noise")
    if len(words) == 1 and not overlap.is_whole:
        return Judgement(_UNDECIDED, "one word")
    if _lasted_under(_SHORT_S, overlap) and len(words) <= _SHORT_WORDS and not _is_one_word_twice(overlap, words):
        return Judgement(_GO_ON if overlap.is_whole else _UNDECIDED, "too short to mean it")
    return Judgement(_STOP, "words")


def _backchannel(overlap: Overlap, words: list[str], language: Language) -> Judgement:
    """ "Yeah" after "shall I pay it" is its answer; after "how can I help" it is none."""
    if not overlap.is_whole:
        return Judgement(_UNDECIDED, "backchannel so far")
    if overlap.is_asking and holds(words, language.answers) and not asks_openly(overlap.agent_says, language):
        return Judgement(_STOP, "answer")
    return Judgement(_GO_ON, "backchannel")


def asks_openly(agent_says: str, language: Language) -> bool:
    """True when the last sentence begins with what, when or how: nobody answers that with yes."""
    words = spoken_words(_SENTENCES.split(agent_says.rstrip())[-1])
    return bool(words) and words[0] in language.openers


def _lasted_under(seconds: float, overlap: Overlap) -> bool:
    return overlap.sound_s is not None and overlap.sound_s < seconds


def _is_one_word_twice(overlap: Overlap, words: list[str]) -> bool:
    """True for a word that is the same in every hearing. Of 12 murmurs by three voices that became a word, 10 became
    another one when heard again; of 59 short words, 12."""
    return len(words) == 1 and bool(overlap.also) and all(spoken_words(other) == words for other in overlap.also)


def _is_nearly_one(overlap: Overlap, words: list[str], language: Language) -> bool:
    """True for what was nearly taken for a listener's noise; not for a word that is heard twice: "eight" is like
    "right"."""
    if not _lasted_under(_DOUBTFUL_S, overlap) or _is_one_word_twice(overlap, words):
        return False
    said = " ".join(words)
    return len(words) <= _SHORT_WORDS and any(
        SequenceMatcher(a=said, b=phrase, autojunk=False).ratio() >= _LIKE
        for phrase in language.backchannels
        if len(phrase) > _SHORT_WORDS
    )


def is_echo(words: list[str], agent_says: str) -> bool:
    """True when the words are the agent's own, in its order: a loudspeaker's sound in the microphone."""
    if len(words) < _ECHO_WORDS:
        return False
    said = spoken_words(agent_says)
    blocks = SequenceMatcher(a=words, b=said, autojunk=False).get_matching_blocks()
    near = max((block for block in blocks), key=lambda block: block.size, default=None)
    if near is None or near.size < 2:
        return False
    # only what lies close together in the agent's sentence counts: single words are everywhere
    low, high = near.b - len(words), near.b + len(words) + near.size
    matched = sum(block.size for block in blocks if low <= block.b <= high)
    return matched >= _ECHO * len(words)
