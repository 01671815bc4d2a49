"""What the turn rules must know of a language: which words close nothing, stop nothing, or ask for the floor."""

import re
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Language:
    """All lower-case, without punctuation but apostrophes; phrases of one or two words."""

    # A sentence does not end on these. Those are left to the words' witness on which one in a hundred of people's
    # sentences with them ends that is no question: "that's all I need", "not really", "for a while".
    hanging: frozenset[str]
    binding: frozenset[str]  # of these, what no question ends on either, whatever the STT made of its melody
    stranded: frozenset[
        str
    ]  # what ends a question only after an opener: "what is it for?", not "do you have parking for?"
    closing: frozenset[str]  # of these, what may end it after an opener: "where my order is"
    openers: frozenset[str]
    halves: frozenset[str]  # nobody's whole sentence: a question's beginning up to who does it, "when are you"
    hesitations: frozenset[str]  # sounds that keep the floor and say nothing
    backchannels: frozenset[str]  # a listener's noises
    answers: frozenset[str]  # of these, what also answers a question
    denials: frozenset[str]  # what answers it too, and mostly has more behind it: "no, four people"
    stops: frozenset[str]  # who says this wants the agent to be silent, whatever follows
    noises: frozenset[str]  # what is no word yet, or was a cough


def phrases(text: str) -> frozenset[str]:
    """A list of phrases with commas between them."""
    return frozenset(" ".join(part.split()) for part in text.split(",") if part.strip())


def words_of(text: str) -> frozenset[str]:
    """A list of words as it is best read."""
    return frozenset(text.split())


_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*")


def spoken_words(text: str) -> list[str]:
    """Lower-case words without punctuation: "Mm-hmm, I see." -> mm hmm i see."""
    return [word.replace("\u2019", "'") for word in _WORD.findall(text.lower())]


def made_of(words: list[str], phrases: frozenset[str]) -> bool:
    """True when the words are nothing but these phrases of one or two words, one after the other."""
    at = 0
    while at < len(words):
        pair = " ".join(words[at : at + 2])
        if at + 1 < len(words) and pair in phrases:
            at += 2
        elif words[at] in phrases:
            at += 1
        else:
            return False
    return bool(words)


def holds(words: list[str], phrases: frozenset[str]) -> bool:
    """True when one of the phrases is in the words."""
    pairs = {f"{a} {b}" for a, b in pairwise(words)}
    return bool(pairs & phrases) or any(word in phrases for word in words)
