"""Consent: whether the caller's words agree to what was read back. The understanding and the toolbox both ask here, so
that a yes is the same one, whoever thinks."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.answer import Value
from agent.intent import Slot, SlotKind
from agent.language.pack import LanguagePack
from agent.language.packs import ENGLISH, pack
from agent.rules.language import spoken_words
from agent.understanding.current_turn import asks
from agent.understanding.foreign_values import said_in
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.slots import is_same_sum
from agent.understanding.reading.words import plain, words

_LONGEST = 8  # words; a yes inside a longer sentence may be part of a story


def agrees(text: str, language: str = ENGLISH) -> bool:
    """True when it is an unconditional yes: "yes, but ..." and "is that right?" are none."""
    spoken = pack(language)
    is_short = len(spoken_words(text)) <= _LONGEST
    is_free = not spoken.conditions.search(plain(text)) and not _asks(text, spoken)
    return spoken.find_yes_no(text) is True and is_short and is_free


def named_others(
    text: str, slots: Sequence[Slot], given: Mapping[str, Value], now: datetime, language: str = ENGLISH
) -> dict[str, Value]:
    """Values in the words that are not the given ones: "yes, Friday please" to a question about Thursday. By slot."""
    if language == ENGLISH:
        said = {name: values[-1] for name, values in read(slots, text, now).items()}
    else:
        said = said_in(pack(language), slots, text, given, now.date())
    kinds = {slot.name: slot.kind for slot in slots}
    return {name: value for name, value in said.items() if not _is_same(kinds[name], value, given.get(name))}


def _asks(text: str, language: LanguagePack) -> bool:
    if language.code == ENGLISH:
        return asks(text)
    return text.rstrip().endswith("?") or (bool(spoken_words(text)[:1]) and spoken_words(text)[0] in language.openings)


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
