"""Placeholders: what stands in a record in place of a private value, the same one for the same value within a call."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.redaction.cues import NUMBERS, Kind
from agent.redaction.figures import digits_of
from agent.rules.names import parts

_LETTERED = re.compile(r"\b[A-Za-z]\b|[A-Za-z]\d|\d[A-Za-z]")
_WHOLE, _LONGEST = 16, 19  # digits of a card
_ENOUGH = 4  # digits that two pieces must share to be of one number


@dataclass(slots=True)
class _Value:
    """One value: its placeholder, and all that was ever said of it."""

    placeholder: str
    kind: Kind
    key: str
    pieces: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Placeholders:
    """Those of one call. `on_new` hears of each value that was not known, with what was said."""

    on_new: Callable[[str, str], None] = lambda _placeholder, _said: None
    _values: list[_Value] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def of(self, said: str, kind: Kind, *, goes_on: bool = False) -> str:
        """ "<CARD_1>". A piece of a number gets the number's, and so does the number after its pieces; with `goes_on`
        it is the next piece of the last number that was said in pieces."""
        key = _key(said, kind)
        value = self._same(key, kind)
        if value is None and goes_on and self._values and _fits(self._values[-1], key, kind):
            value = self._values[-1]
            value.key += key
        if value is None:
            self._counts[kind] += 1
            value = _Value(f"<{kind}_{self._counts[kind]}>", kind, key)
            self._values.append(value)
        if len(key) > len(value.key):
            value.key = key
        if said not in value.pieces:
            value.pieces.add(said)
            self.on_new(value.placeholder, said)
        return value.placeholder

    def known(self, digits: str) -> str | None:
        """The placeholder of a number that was said in this call, or of which these are some digits."""
        found = self._same(digits, Kind.NUMBER) if len(digits) >= _ENOUGH else None
        return found.placeholder if found else None

    def _same(self, key: str, kind: Kind) -> _Value | None:
        return next((value for value in reversed(self._values) if key and _is_same(value, key, kind)), None)


def _fits(value: _Value, key: str, kind: Kind) -> bool:
    """Whether a number can be both, one behind the other; two whole ones are two."""
    are_numbers = value.kind in NUMBERS and kind in NUMBERS
    return are_numbers and max(len(value.key), len(key)) < _WHOLE and len(value.key) + len(key) <= _LONGEST


def _is_same(value: _Value, key: str, kind: Kind) -> bool:
    if value.key == key:
        return (value.kind in NUMBERS) == (kind in NUMBERS)
    if kind is Kind.NAME and value.kind is Kind.NAME:
        return bool(set(value.key.split()) & set(key.split()))
    if kind not in NUMBERS or value.kind not in NUMBERS or not (key.isdigit() and value.key.isdigit()):
        return False
    return min(len(key), len(value.key)) >= _ENOUGH and (key in value.key or value.key in key)


def _key(said: str, kind: Kind) -> str:
    if kind is Kind.NAME:
        return " ".join(parts(said)) or said.casefold()
    if kind in NUMBERS and (digits := digits_of(said)) and not _LETTERED.search(said):
        return digits
    return re.sub(r"\W+", "", said).casefold()
