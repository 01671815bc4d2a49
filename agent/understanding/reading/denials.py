"""Whether words that sound like a wish for a tool want the opposite of it, which a vector does not see: "don't pay
anybody", "I never booked anything", "unblock my card". It compares them with what the tool itself says callers say."""

import re
from enum import StrEnum

from agent.intent import Intent
from agent.understanding.reading.words import content_words, plain, word_set, words


class Against(StrEnum):
    """What is wanted instead of the tool."""

    LEAVE = "leave"  # that it is not done
    UNDO = "undo"  # that it is taken back


_NEVER = word_set("don't dont didn't didnt never won't wouldn't haven't")
_TWO_WORDS = re.compile(r"\b(do|did|will|would|have) not\b")
_PAST = word_set("didn't didnt never haven't")
# Who says it may begin the sentence; "it didn't fit, return it" denies something else.
_BEFORE = word_set("i we you please just so and but no oh actually then well also okay really still sorry")
_BETWEEN = word_set("ever even really actually you dare to please anybody anyone")
# "I don't have my card any more" is why it shall be blocked.
_NO_ACTS = word_set(
    "have got get find know see remember recall understand hear think believe mind care like trust forget worry "
    "hesitate receive feel work recognise recognize"
)
_REVERSING = frozenset(content_words("cancel stop undo reverse revoke recall retract annul void undone"))
_TAKING_BACK = re.compile(r"\btake\b(?: \w+){0,2} back\b(?! (?:to|in|on|at)\b)|\bcall\b(?: \w+){0,2} off\b")
_OFTEN = 6  # words after the "not" in which what is denied stands


def against(clause: str, intent: Intent, *, is_undoing: bool) -> Against | None:
    """What the clause wants instead of the tool with this intent; None when it wants the tool. `is_undoing` is for a
    tool that undoes what another has done: who does not need the table any more wants it."""
    own = set(content_words(" ".join(intent.examples)))
    said = words(_TWO_WORDS.sub(_in_one, plain(clause)))
    if (denied := _denial(said)) is not None and _is_about(said[denied + 1 :], own, is_undoing=is_undoing):
        return Against.UNDO if said[denied] in _PAST else Against.LEAVE
    return Against.UNDO if _reverses(said, own) else None


def takes_back(text: str) -> bool:
    """True when it has a word that takes something back, whatever that is."""
    return _reverses(words(plain(text)), set())


def _in_one(match: re.Match[str]) -> str:
    return "didn't" if match[1] in {"did", "have"} else "don't"


def has_denial(text: str) -> bool:
    """True when it says what the caller does not do, or never did."""
    return _denial(words(_TWO_WORDS.sub(_in_one, plain(text)))) is not None


def _denial(said: list[str]) -> int | None:
    """Where the "not" stands that belongs to what the caller does or wants."""
    for place, word in enumerate(said):
        if word in _NEVER and all(before in _BEFORE for before in said[:place]):
            return place
    return None


def _is_about(after: list[str], own: set[str], *, is_undoing: bool) -> bool:
    rest = [word for word in after if word not in _BETWEEN]
    if not rest or rest[0] in _NO_ACTS:
        return False
    for place, word in enumerate(after[:_OFTEN]):
        if own.intersection(content_words(word)):
            is_act = place == 0 or after[place - 1] in _BETWEEN
            return is_act or not is_undoing
    return False


def _reverses(said: list[str], own: set[str]) -> bool:
    """A word that takes back, which is not what the tool itself does, or "un-" before one that is."""
    if _TAKING_BACK.search(" ".join(said)):
        return True
    stems = [stem for word in said for stem in content_words(word)]
    return any((s in _REVERSING and s not in own) or (s.startswith("un") and s[2:] in own) for s in stems)
