"""English numbers as they are said, strictly: a row of number words or figures is one number or none.

A dictated row is read digit by digit ("two oh five"), hundreds without their name are known ("one twenty five"), and
what may be two numbers ("twelve fifty") is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from num2words import num2words

DIGITS = {str(num2words(n)): n for n in range(10)}
_NOTES = {"fiver": 5, "tenner": 10}  # "a tenner"
_OH = dict.fromkeys(("oh", "o", "nought"), 0)
_TEENS = {str(num2words(n)): n for n in range(10, 20)}
_TENS = {str(num2words(n)): n for n in range(20, 100, 10)} | {"fourty": 40}
_SCALES = {
    "thousand": 1_000, "k": 1_000, "grand": 1_000, "lakh": 100_000, "lac": 100_000, "million": 1_000_000,
    "crore": 10_000_000, "billion": 1_000_000_000,
}  # fmt: skip
_SCALES |= {f"{name}s": value for name, value in _SCALES.items() if len(name) > 1}
_REPEATS = {"double": 2, "triple": 3}
_OTHERS = {
    "a": "a",
    "an": "a",
    "and": "and",
    "half": "half",
    "quarter": "quarter",
    "point": "point",
    "decimal": "point",
}
_OTHERS |= {"hundred": "hundred", "hundreds": "hundred"}
_FIGURES = re.compile(r"(?P<number>\d(?:[\d.,]*\d)?)(?P<scale>[a-z]*)")
_WHOLE = re.compile(r"\d+|\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}")  # 1,250 and 1,00,000
_EUROPEAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}")  # 1.250,75; "1.250" alone may be either


@dataclass(frozen=True, slots=True)
class Numeral:
    """A word or figure of a number: `kind` is digit, teen, note, tens, figure (of `size` digits, 0 with a fraction),
    scale, hundred, point, half, quarter, a, and, or unreadable."""

    kind: str
    value: Decimal = Decimal(0)
    size: int = 0

    @property
    def is_digit(self) -> bool:
        """One digit, said or written."""
        return self.kind == "digit" or (self.kind == "figure" and self.size == 1)


def is_numeral(word: str) -> bool:
    """True for a word or figure of which numbers are made; "and" only joins them."""
    known: tuple[dict[str, object], ...] = (*_WORDS.values(), {**_REPEATS}, {**_OTHERS})
    return word != "and" and (word[:1].isdigit() or any(word in words for words in known))


def value_of(words: Sequence[str]) -> Decimal | None:
    """The number that the words are, in lower case; None when they are no number, or may be several."""
    said = _numerals(words)
    if not said or any(one.kind == "unreadable" for one in said):
        return None
    return _dictated(said) if all(one.is_digit for one in said) and len(said) > 1 else _scaled(said)


def _numerals(words: Sequence[str]) -> list[Numeral]:
    """The words one by one; "double oh" is two of them."""
    found: list[Numeral] = []
    times = 1
    for word in words:
        if word in _REPEATS:
            times = _REPEATS[word]
            continue
        read = _read(word)
        found += read * times if times == 1 or read[0].kind == "digit" else [Numeral("unreadable")]
        times = 1
    return found if times == 1 else [*found, Numeral("unreadable")]


def _read(word: str) -> list[Numeral]:
    for kind, words in _WORDS.items():
        if word in words:
            return [Numeral(kind, Decimal(str(words[word])))]
    if word in _OTHERS:
        return [Numeral(_OTHERS[word])]
    match = _FIGURES.fullmatch(word)
    if match is None or (match["scale"] and match["scale"] not in _SCALES):
        return [Numeral("unreadable")]  # "1e3"
    scale = [Numeral("scale", Decimal(_SCALES[match["scale"]]))] if match["scale"] else []
    return [_figure(match["number"]), *scale]


def _figure(written: str) -> Numeral:
    whole, _, part = written.rpartition(".")
    if _WHOLE.fullmatch(written):
        digits = written.replace(",", "")
        return Numeral("figure", Decimal(digits), len(digits))
    if _EUROPEAN.fullmatch(written):
        return Numeral("figure", Decimal(written.replace(".", "").replace(",", ".")))
    if _WHOLE.fullmatch(whole) and part.isdigit() and len(part) != 3:
        return Numeral("figure", Decimal(f"{whole.replace(',', '')}.{part}"))
    return Numeral("unreadable")


def _dictated(said: Sequence[Numeral], at_least: int = 3) -> Decimal | None:
    """Three digits and more, one by one; two may be two numbers, and a code begins with zero."""
    digits = "".join(str(one.value) for one in said)
    return Decimal(digits) if len(digits) >= at_least and digits[0] != "0" else None


def _scaled(said: Sequence[Numeral]) -> Decimal | None:
    """Groups with their scales, each smaller than the one before: "one lakh twenty thousand and five"."""
    total, least, group = Decimal(0), Decimal("Infinity"), list[Numeral]()
    for one in said:
        if one.kind != "scale":
            group.append(one)
            continue
        size = _group(group, is_scaled=True)
        if size is None or one.value >= least:
            return None
        total, least, group = total + size * one.value, one.value, []
    if not group:
        return total
    rest = _group(group[1:] if total and group[0].kind == "and" else group, is_scaled=False)
    return total + rest if rest is not None and rest < least else None


def _group(said: Sequence[Numeral], *, is_scaled: bool) -> Decimal | None:
    """What stands before a scale, or alone: at most hundreds, or a number in figures."""
    kinds = [one.kind for one in said]
    if kinds in _ONE:
        return Decimal(1) if is_scaled else None
    if kinds in (["note"], ["a", "note"]):
        return said[-1].value
    for name, share in (("half", Decimal("0.5")), ("quarter", Decimal("0.25"))):
        if kinds in ([name, "a"], ["a", name], [name], ["a", name, "a"]):
            return share if is_scaled else None
        if kinds[-3:] == ["and", "a", name]:
            whole = _group(said[:-3], is_scaled=True)
            return whole + share if whole is not None else None
    if "point" in kinds:
        return _with_fraction(said[: kinds.index("point")], said[kinds.index("point") + 1 :])
    if "hundred" in kinds:
        return _hundreds(said[: kinds.index("hundred")], said[kinds.index("hundred") + 1 :])
    if len(said) > 1 and all(one.is_digit for one in said):
        return _dictated(said)
    return _below_thousand(said)


def _with_fraction(whole: Sequence[Numeral], part: Sequence[Numeral]) -> Decimal | None:
    """ "One point five", "twelve point two five"."""
    is_dictated = len(whole) > 1 and all(one.is_digit for one in whole)
    left = _dictated(whole, at_least=2) if is_dictated else _group(whole, is_scaled=False)
    is_single = all(one.is_digit for one in part)
    right = "".join(str(one.value) for one in part) if is_single else str(_below_hundred(part) or "")
    return Decimal(f"{left}.{right}") if left is not None and left == int(left) and right else None


def _hundreds(before: Sequence[Numeral], after: Sequence[Numeral]) -> Decimal | None:
    kinds = [one.kind for one in before]
    if kinds in _ONE:
        count: Decimal | None = Decimal(1)
    elif kinds[-3:] == ["and", "a", "half"]:
        count = _group(before, is_scaled=True)
    else:
        count = _below_hundred(before)
    rest = [one for one in after if one.kind != "and"]
    left = _below_hundred([one for one in rest if one.value or one.kind != "digit"]) if rest else Decimal(0)
    return count * 100 + left if count and left is not None else None


def _below_thousand(said: Sequence[Numeral]) -> Decimal | None:
    """ "One twenty five" is 125; "twelve fifty" is no number: it may be 1250 or 12.50."""
    if len(said) == 1:
        return said[0].value if said[0].kind in {"digit", "teen", "tens", "figure"} else None
    if (found := _below_hundred(said)) is not None:
        return found
    rest = _below_hundred(said[1:])
    is_hundred = said[0].is_digit and said[0].value > 0 and rest is not None and rest >= 10
    return said[0].value * 100 + rest if is_hundred and rest is not None else None


def _below_hundred(said: Sequence[Numeral]) -> Decimal | None:
    if len(said) == 1 and (said[0].kind in {"digit", "teen", "tens"} or 0 < said[0].size <= 2):
        return said[0].value
    for tens, unit in pairwise(said) if len(said) == 2 else ():
        if tens.kind == "tens" and unit.is_digit and unit.value:
            return tens.value + unit.value
    return None


_ONE: tuple[list[str], ...] = ([], ["a"])  # "thousand", "a hundred"
_WORDS: dict[str, dict[str, object]] = {
    "digit": {**DIGITS, **_OH},
    "teen": {**_TEENS},
    "note": {**_NOTES},
    "tens": {**_TENS},
    "scale": {**_SCALES},
}
