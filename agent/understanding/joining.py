"""A value dictated over two turns: "four five" and "seven one", "john dot smith" and "at example dot com"."""

from dataclasses import replace

from agent.answer import Value
from agent.intent import Slot, SlotKind
from agent.understanding.dictation.dictation import completeness
from agent.understanding.dictation.expected import of_slot
from agent.understanding.reading.codes import sounds_as_digits
from agent.understanding.reading.phones import area_last
from agent.understanding.reading.slots import Heard, fill
from agent.understanding.reading.trailing import Completeness
from agent.understanding.reading.words import plain, with_digits

_JOINED = frozenset({SlotKind.CODE, SlotKind.PHONE, SlotKind.EMAIL, SlotKind.DATE, SlotKind.TIME})
_WHOLE_PHONE = 10  # digits with the area code


def read_on(heard: Heard, partial: str) -> tuple[Value, ...]:
    """The slot's values in this turn, which goes on with the `partial` one before unless it says it anew."""
    alone = fill(heard)
    if not partial or heard.slot.kind not in _JOINED:
        return alone
    if heard.slot.kind is SlotKind.PHONE and (number := area_last(_digits(partial), _digits(heard.text))):
        return (number,)
    joined = fill(replace(heard, text=join(partial, heard.text), is_answer=True))
    return alone if alone and _is_anew(heard.slot.kind, alone, joined) else joined or alone


def _digits(text: str) -> str:
    return "".join(character for character in sounds_as_digits(with_digits(text)) if character.isdigit())


def begun_value(slot: Slot, text: str, partial: str) -> str:
    """What was dictated so far when more must follow; empty when nothing has begun or nothing is missing."""
    wanted = of_slot(slot)
    if slot.kind not in _JOINED or wanted is None:
        return ""
    said = join(partial, text)
    return said if completeness(said, wanted) is Completeness.UNFINISHED else ""


def join(partial: str, text: str) -> str:
    """Two turns' words as one, with no sentence's end between them."""
    return f"{partial} {plain(text)}".strip(" .,!?") if partial else plain(text).strip(" .,!?")


def _is_anew(kind: SlotKind, alone: tuple[Value, ...], joined: tuple[Value, ...]) -> bool:
    """A whole code is one; an address is one when it begins like the part before it, which a caller then repeats."""
    if kind is SlotKind.CODE or (kind is SlotKind.PHONE and len(str(alone[-1])) >= _WHOLE_PHONE):
        return True
    if kind is SlotKind.EMAIL and joined:
        before, after = str(joined[-1]), str(alone[-1])
        begun = before.removesuffix(after)
        return before == after or after.startswith(begun)
    return not joined
