"""Consent: whether the caller's words agree to what was read back. The understanding and the toolbox both ask here, so
that a yes is the same one, whoever thinks."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.nlu.history import Value
from agent.nlu.intent import Slot, SlotKind
from agent.nlu.moment import asks
from agent.nlu.several import read
from agent.nlu.slots import is_same_sum
from agent.nlu.words import words
from agent.nlu.yes_no import find_yes_no

_CONDITIONS = frozenset(
    {"but", "first", "wait", "actually", "unless", "if", "except", "instead", "only", "after", "before", "when"}
)
_LONGEST = 8  # words; a yes inside a longer sentence may be part of a story


def agrees(text: str) -> bool:
    """True when it is an unconditional yes: "yes, but ..." and "is that right?" are none."""
    said = words(text)
    return find_yes_no(text) is True and len(said) <= _LONGEST and _CONDITIONS.isdisjoint(said) and not asks(text)


def named_others(text: str, slots: Sequence[Slot], given: Mapping[str, Value], now: datetime) -> dict[str, Value]:
    """Values in the words that are not the given ones: "yes, Friday please" to a question about Thursday. By slot."""
    said = {name: values[-1] for name, values in read(slots, text, now).items()}
    kinds = {slot.name: slot.kind for slot in slots}
    return {name: value for name, value in said.items() if not _is_same(kinds[name], value, given.get(name))}


def _is_same(kind: SlotKind, said: Value, given: Value | None) -> bool:
    """Whether two ways to write a value mean the same."""
    if given is None:
        return False
    one, other = str(said).casefold(), str(given).casefold()
    match kind:
        case SlotKind.TIME:
            return one[:5] == other[:5]
        case SlotKind.PHONE:
            one, other = re.sub(r"\D", "", one), re.sub(r"\D", "", other)
            return bool(one) and (one.endswith(other) or other.endswith(one))
        case SlotKind.MONEY:
            return is_same_sum(one, other)
        case SlotKind.NAME:
            return set(words(one)) <= set(words(other))
        case _:
            return one == other
