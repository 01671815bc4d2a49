"""Values that are named in another language than English, as far as a yes must not overlook them: days, times, numbers
and long runs of digits. What a sentence of an English caller holds, slot_spans.py knows better."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from agent.answer import Value
from agent.intent import Slot, SlotKind
from agent.language.moments import Moment, moments
from agent.language.pack import LanguagePack
from agent.understanding.reading.slots import is_birth

_LONGEST = 200  # characters; a yes is shorter
_RUN = re.compile(r"\+?\d(?:[\s.-]?\d)*")
_LONG = 3  # digits: fewer are a count


def said_in(
    language: LanguagePack, slots: Sequence[Slot], text: str, given: Mapping[str, Value], today: date
) -> dict[str, Value]:
    """By slot, the value that is in the words: the given one where it is among them, else the last."""
    text = text[-_LONGEST:]
    found = moments(text, today, language=language.code)
    dated = [moment for moment in found if not moment.is_bare]
    rest = language.with_digits(_without(dated, text))
    runs = [re.sub(r"[^\d+]", "", run) for run in _RUN.findall(rest)]
    named: dict[str, Value] = {}
    for slot in slots:
        values = [str(value) for value in _values(slot, dated, runs)]
        if values:
            mine = str(given.get(slot.name, ""))
            named[slot.name] = next((value for value in values if mine and mine.startswith(value)), values[-1])
    return named


def _values(slot: Slot, dated: Sequence[Moment], runs: Sequence[str]) -> Iterator[object]:
    for moment in dated:
        if slot.kind is SlotKind.DATE and moment.day and not is_birth(slot):
            yield moment.day.isoformat()
        if slot.kind is SlotKind.TIME:
            yield from moment.at
    for run in runs:
        is_long = len(run.lstrip("+")) >= _LONG
        if slot.kind in {SlotKind.PHONE, SlotKind.CODE} and is_long:
            yield run
        if slot.kind is SlotKind.NUMBER and not is_long:
            yield int(run.lstrip("+"))


def _without(found: Sequence[Moment], text: str) -> str:
    for moment in reversed(found):
        text = f"{text[: moment.start]} {text[moment.end :]}"
    return text
