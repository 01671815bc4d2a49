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


def _set(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _halves() -> frozenset[str]:
    """Whether it is asked when or whether: an auxiliary and its subject want a verb, or what somebody is."""
    subjects = ["i", "you", "we", "they", "he", "she", "it"]
    verbs = ["do", "does", "did", "can", "could", "will", "would", "should", "shall", "may", "have", "has", "had"]
    being = ["is", "are", "was", "were", "am"]
    asked = ["", "what ", "when ", "where ", "why ", "how ", "who "]
    wanting = {f"{word}{verb} {subject}" for word in asked for verb in verbs for subject in subjects}
    wanting |= {f"{word}{verb} {subject}" for word in ("", "when ", "why ") for verb in being for subject in subjects}
    return frozenset(wanting)


_CLOSING = "is, are, was, were, be, been, has, had, could, should"

ENGLISH = Language(
    hanging=_set(
        f"""a, an, the, my, your, our, their, its, some, any, every, each, mr, mrs, which, whose,
        and, or, but, because, if, when, whether, unless, although, until, than, as, i mean, sort of,
        with, from, to, of, for, at, by, into, about, between, during, within, without, per, about the, on the, in the,
        kind of, i, i'm, i'd, i'll, i've, we, we're, we'd, we'll, we've, he's, she's, they're, you're, it's, that's,
        there's, what's, where's, who's, how's, like to, gonna, wanna, let me, very, just, that the,
        {_CLOSING}"""
    ),
    binding=_set(
        "a, an, the, my, your, our, their, its, every, mr, mrs, and, or, but, because, if, unless, although, than"
    ),
    stranded=_set("with, from, to, of, for, at, into, about"),
    closing=_set(_CLOSING),
    openers=_set("where, what, how, who, when, which, why, whether, if, that"),
    halves=_halves(),
    hesitations=_set("um, umm, uh, uhm, er, erm, ehm, hmm, mm, mmm, ah, eh"),
    backchannels=_set(
        """mm, mmm, mhm, mm hm, mm hmm, hm, hmm, uh huh, uhuh, um, uh, ah, oh, aha, yeah, yep, yup, yes, ya, m, huh,
        wow, ok, okay, k, right, sure, i see, got it, alright, all right, good, great, fine, nice, cool, perfect,
        exactly, of course, makes sense, i understand, understood, really, go on, interesting, thank you, thanks"""
    ),
    answers=_set(
        "yeah, yep, yup, yes, ya, ok, okay, right, sure, alright, all right, fine, good, exactly, of course, perfect"
    ),
    denials=_set("no, nope, nah, no thanks, no thank you"),
    stops=_set(
        """stop, wait, hold on, hang on, excuse me, no, nope, sorry, pardon, hello, what, actually, one moment, but,
        one second, just a, be quiet, never mind, nevermind, forget it, shut up, enough, listen, that's not, not that,
        not this, cancel, question, can i, can you, could you, may i, let me, why, how, when, where, who"""
    ),
    noises=_set("you, the, a, i, oh, uh, ah, hm, hmm, mm, m, and, huh, it, s, t, ha, he, ugh, whoa, ooh"),
)


def words_of(text: str) -> frozenset[str]:
    """A list of words as it is best read."""
    return frozenset(text.split())


_LANGUAGES = {"en": ENGLISH}
_WORD = re.compile(r"[a-z0-9]+(?:['\u2019][a-z]+)*")


def language(code: str) -> Language:
    """The words of a profile's language; English for one we know nothing of."""
    return _LANGUAGES.get(code.split("-", maxsplit=1)[0], ENGLISH)


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
