"""Whether a caller who has just fallen silent has dictated all of it: a number, a code, an e-mail, a spelling, a date.

Asked at every short silence with the turn's whole text so far, so it costs little: words and patterns only.
How long is waited for what is not whole, turn-taking decides.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from agent.intent import Intent, Slot, SlotKind
from agent.language.en.yes_no import is_bare
from agent.understanding.dictation.dictated_dates import judge_date, judge_time
from agent.understanding.dictation.dictated_numbers import judge_code, judge_number, judge_phone
from agent.understanding.dictation.dictated_words import judge_email, judge_name
from agent.understanding.dictation.expected import Expected, expected, named, of_slot
from agent.understanding.reading.codes import digits_only
from agent.understanding.reading.spelling import spelled
from agent.understanding.reading.trailing import NONE, UNFINISHED, WHOLE, Completeness, promises, tail
from agent.understanding.reading.words import plain, word_set, words

_LONGEST = 48  # words; a value stands at the end, and a long story must not cost time
_ANY_CODE = Expected(SlotKind.CODE, 4)
_EMAIL_NAMED = re.compile(r"\be-?\s?mail(?: address)?(?: is|'s|:|,)|\bat [\w ]+(?: dot\b|\.\w)|\w@\w")
_NO_THINGS = word_set("number code id no of the last first digits")


class Dictation:
    """What this profile's tools take, so that "order number" has its length whatever words ask for it."""

    def __init__(self, intents: Mapping[str, Intent]) -> None:
        self._slots = tuple(dict.fromkeys(slot for intent in intents.values() for slot in intent.slots))

    def expected(self, prompt: str) -> Expected | None:
        """What the agent's last words ask for."""
        return expected(prompt, self._slots)

    def wanted(self, text: str, prompt: str) -> Expected | None:
        """What the text announces ("where is order four five"), or else what the agent's last words ask for."""
        asked = self.expected(prompt)
        return _announced(_end(text), self._slots, asked) or asked

    def completeness(self, text: str, wanted: Expected | None = None) -> Completeness:
        """How much of a value the turn's text so far holds, asked for or not."""
        return completeness(text, wanted, self._slots)


@lru_cache(maxsize=512)
def completeness(text: str, wanted: Expected | None = None, slots: tuple[Slot, ...] = ()) -> Completeness:
    """What the caller names ("my e-mail is") goes before what was asked for; digits alone are judged by themselves."""
    said = _end(text)
    if not words(said):
        return NONE
    for sort in dict.fromkeys((_announced(said, slots, wanted), wanted, _unannounced(said, slots))):
        judged = _judge(said, sort) if sort else NONE
        if judged is not NONE:
            return judged
    return UNFINISHED if promises(said) else NONE


def _judge(said: str, wanted: Expected) -> Completeness:
    judge = _JUDGES.get(wanted.kind)
    return judge(said, wanted) if judge else NONE


def _end(text: str) -> str:
    return " ".join(plain(text).split()[-_LONGEST:])


def _announced(said: str, slots: tuple[Slot, ...], wanted: Expected | None) -> Expected | None:
    """What the caller says it is: "my phone number is", "where is order four five"; "the number is" is that of the code
    that was asked for."""
    found = _named(said, slots)
    return wanted if found == _ANY_CODE and wanted and wanted.kind is SlotKind.CODE else found


def _named(said: str, slots: tuple[Slot, ...]) -> Expected | None:
    if _EMAIL_NAMED.search(said):
        return next((of_slot(s) for s in slots if s.kind is SlotKind.EMAIL), None) or Expected(SlotKind.EMAIL)
    found = named(said, slots)
    if found and found.kind in {SlotKind.CODE, SlotKind.PHONE}:
        return found
    if found and (found.is_birth or found.is_spelled):
        return found
    if not tail(said).groups:
        return None
    things = set(words(said)) - _NO_THINGS
    return next((of_slot(s) for s in slots if s.kind is SlotKind.CODE and things.intersection(s.name.split("_"))), None)


def _unannounced(said: str, slots: tuple[Slot, ...]) -> Expected | None:
    """Digits or letters alone, which nobody asked for."""
    if digits_only(said):
        found = tail(said)
        is_code = len(found.groups) > 1 or len(found.digits) > 2  # "forty-two" may be a size
        known = next((of_slot(slot) for slot in slots if slot.kind is SlotKind.CODE), None)
        return (known or _ANY_CODE) if is_code else None
    return Expected(SlotKind.NAME, is_spelled=True) if len(spelled(said)) > 2 else None


_JUDGES: dict[SlotKind, Callable[[str, Expected], Completeness]] = {
    SlotKind.CODE: judge_code,
    SlotKind.PHONE: judge_phone,
    SlotKind.EMAIL: lambda said, _: judge_email(said),
    SlotKind.DATE: judge_date,
    SlotKind.TIME: lambda said, _: judge_time(said),
    SlotKind.NAME: judge_name,
    SlotKind.NUMBER: lambda said, _: judge_number(said),
    SlotKind.YES_NO: lambda said, _: WHOLE if is_bare(said) else NONE,
}
