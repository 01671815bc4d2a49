"""Several slots in one sentence: which of its words belong to which, so that "a table for four tomorrow at seven" is
four people and seven o'clock. What one slot has taken, the next does not hear."""

import re
from collections.abc import Sequence
from datetime import datetime

from agent.intent import Slot, SlotKind
from agent.language.en.calendar_words import MONTHS
from agent.understanding.reading.birthdays import without_birth_dates
from agent.understanding.reading.codes import MARKERS
from agent.understanding.reading.slots import Heard, Value, cued, fill, in_figures, is_birth
from agent.understanding.reading.time_ranges import find_range
from agent.understanding.reading.when import find_time, without_moments
from agent.understanding.reading.words import words

Read = dict[str, tuple[Value, ...]]

# A yes in "yes, I want to cancel" or any word at all would fill these, so they are read in answers only.
ANSWERS_ONLY = frozenset({SlotKind.YES_NO, SlotKind.TEXT, SlotKind.WORDS})
# Long numbers first and hours last: whatever is left is read for the next.
_ORDER = (SlotKind.CODE, SlotKind.PHONE, SlotKind.RANGE, SlotKind.DATE, SlotKind.NUMBER, SlotKind.TIME)
_RUN = re.compile(r"\+?\d+(?:[\s,.()/-]+\d+)*")
_LONG_RUN = 6  # digits; a day with its month or an hour with its minutes has fewer
_DENIED = re.compile(r"\b(?:not|instead of|rather than|and not) \d+\b")
_CORRECTED = re.compile(rf"\b(?:{MARKERS})\b")
_BORN = re.compile(rf"\b(?:born|birth|birthday|{MONTHS})\b")


def read(slots: Sequence[Slot], text: str, now: datetime, asked: str = "") -> Read:
    """Every slot's values in the sentence. The one that was `asked` for needs no cue and may be terse."""
    found: Read = {}
    figures = in_figures(text)
    for slot in sorted(slots, key=lambda slot: _rank(slot, asked)):
        is_asked = slot.name == asked
        if not is_asked and not _may_be_read(slot, slots, figures, found, asked):
            continue
        said = _for(slot, figures) if slot.kind in _ORDER else text
        values = fill(Heard(slot, said, now, is_asked))
        if slot.kind is SlotKind.NAME and values and not set(words(str(values[-1]))) <= set(words(figures)):
            continue  # "it's July 7, 1967" is a day, and no name
        if values and slot.kind is SlotKind.DATE and slot.cues and _is_asked_day(slots, asked, values, figures, now):
            continue  # "on the 8th", asked for the new day, is not the day of the old one
        if values:
            found[slot.name] = values
            figures = _without(slot, figures, values, now)
    return found


def _is_asked_day(slots: Sequence[Slot], asked: str, values: tuple[Value, ...], figures: str, now: datetime) -> bool:
    """Whether the day is the answer to the question for another one."""
    wanted = next((s for s in slots if s.name == asked and s.kind is SlotKind.DATE and not is_birth(s)), None)
    return wanted is not None and not wanted.cues and fill(Heard(wanted, figures, now, is_answer=True)) == values


def _rank(slot: Slot, asked: str) -> tuple[int, bool, bool]:
    if slot.kind is SlotKind.EMAIL:  # the digits of an address are no code
        return -1, False, False
    # what a cue names is no end of a range: "from Tuesday to Thursday", where what exists is moved from there
    kind = SlotKind.RANGE if slot.kind is SlotKind.DATE and slot.cues else slot.kind
    at = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
    is_first = slot.name == asked and slot.kind is SlotKind.CODE
    return at, not is_first, not (slot.cues or is_birth(slot))


def _may_be_read(slot: Slot, slots: Sequence[Slot], figures: str, found: Read, asked: str) -> bool:
    """What has cues needs one; an hour that is only a number needs that no other number could be meant."""
    if slot.kind in ANSWERS_ONLY:
        return False
    if is_birth(slot):
        return bool(_BORN.search(figures))
    if slot.cues:
        return bool(cued(slot, figures))
    if slot.kind is SlotKind.DATE and any(
        o.name == asked and (is_birth(o) or (o.kind is SlotKind.DATE and not slot.cues)) for o in slots
    ):
        return False  # a birthday whose year is still to come, the day of what exists: it answers what was asked
    if slot.kind is not SlotKind.TIME:
        return True
    counts = [other.name for other in slots if other.kind is SlotKind.NUMBER]
    is_counted = any(name in found and name != asked for name in counts) and not _CORRECTED.search(figures)
    return not counts or is_counted or find_time(figures, is_marked=True) is not None


def _for(slot: Slot, figures: str) -> str:
    if slot.kind is SlotKind.NUMBER and not cued(slot, figures):
        return without_moments(figures)
    return figures


def _without(slot: Slot, figures: str, values: tuple[Value, ...], now: datetime) -> str:
    """What is left for the next slots."""
    if slot.kind is SlotKind.RANGE:
        return find_range(figures, now, slot.first_hour).rest
    if is_birth(slot):
        return without_birth_dates(figures)
    if slot.kind is SlotKind.EMAIL:
        own = set(re.findall(r"\d+", str(values[-1])))
        return _RUN.sub(lambda m: " " if re.sub(r"\D", "", m[0]) in own else m[0], figures)
    if slot.kind in {SlotKind.CODE, SlotKind.PHONE}:
        taken = {re.sub(r"\D", "", str(value)) for value in values}
        return _RUN.sub(lambda m: " " if _is_taken(m[0], taken) else m[0], figures)
    for match in reversed(cued(slot, figures)):
        figures = f"{figures[: match.start()]} {figures[match.end() :]}"
    return _DENIED.sub(" ", figures) if slot.kind is SlotKind.NUMBER else figures


def _is_taken(run: str, taken: set[str]) -> bool:
    digits = re.sub(r"\D", "", run)
    return digits in taken or len(digits) >= _LONG_RUN
