"""Reader: what is written, figures and signs, as a voice says it, in a language whose grammar needs no more than this.
Most voices of vendors read figures by themselves; they read a code as one large number, and an hour as a ratio."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from num2words import num2words

from agent.rules import readback

_MARKDOWN = re.compile(r"[*_`#]+|^\s*[-•]\s+", re.MULTILINE)
_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
_MONEY = re.compile(rf"(?P<sign>[€$£])\s?(?P<after>{_NUMBER})(?!\w)|(?<!\w)(?P<before>{_NUMBER})\s?(?P<unit>[€$£])")
_CLOCK = re.compile(
    r"(?<![\d:])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])(?P<unit>\s(?:uhr|h)\b)?", re.IGNORECASE
)
_PHONE = re.compile(r"\+?\d(?:[ -]?\d){6,}")
_LONG = re.compile(r"(?<![\d.,])(?:0\d+|\d{5,})(?![\d,]|\.\d)")
_PLAIN = re.compile(rf"(?<!\w)(?:{_NUMBER})(?!\w)")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Reader:
    """`lang` is num2words' name of the language. `coded` finds a code by the noun in front of it, in group 1 (the noun)
    and 2 (the code); `clock` says hour and minute; `dates` says a day of a month where it is no plain number; `signs`
    are single characters and what they are called; `money` says whole units and hundredths of a currency's sign; `one`
    says 1 in front of this word."""

    lang: str
    coded: re.Pattern[str]
    clock: Callable[[int, int], str]
    money: Callable[[str, str, int], str]
    signs: Mapping[str, str]
    dates: Callable[[str], str] = lambda text: text
    one: Callable[[str], str] | None = None

    def __call__(self, text: str) -> str:
        """Without a figure, and without a sign that has no sound."""
        text = _MARKDOWN.sub(" ", text)
        text = _MONEY.sub(self._sum, text)
        text = _CLOCK.sub(lambda m: self.clock(int(m["hour"]), int(m["minute"])), text)
        text = self.coded.sub(lambda m: f"{m[1]}{self._digits(m[2])}", text)
        text = _PHONE.sub(lambda m: self._phone(m[0]), text)
        text = _LONG.sub(lambda m: self._digits(m[0]), self.dates(text))
        text = _PLAIN.sub(self._plain, text)
        text = _DIGIT.sub(lambda m: f" {self._number(m[0])} ", text)
        for sign, said in self.signs.items():
            text = text.replace(sign, f" {said} " if said else " ")
        return re.sub(r"\s+([.,;:!?])", r"\1", " ".join(text.split()))

    def _sum(self, match: re.Match[str]) -> str:
        amount = _value(match["after"] or match["before"])
        cents = round(amount * 100) % 100
        return self.money(match["sign"] or match["unit"], str(int(amount)), cents)

    def _phone(self, number: str) -> str:
        country, parts = readback.phone_groups(re.sub(r"[ -]", "", number))
        said = ", ".join(self._digits(part) for part in parts)
        plus = self.signs.get("+", "")
        return f"{plus} {self._digits(country)}, {said}" if country else f"{plus} {said}" if number[0] == "+" else said

    def _digits(self, code: str) -> str:
        kept = "".join(c for c in code if c.isalnum())
        groups = (" ".join(self._number(c) if c.isdecimal() else c for c in group) for group in readback.groups(kept))
        return ", ".join(groups)

    def _plain(self, match: re.Match[str]) -> str:
        after = re.match(r"\s+(\w+)", match.string[match.end() :])
        if match[0] == "1" and self.one and after:
            return self.one(after[1])
        return self._number(match[0])

    def _number(self, written: str) -> str:
        value = _value(written)
        said = num2words(int(value) if value == int(value) else float(value), lang=self.lang)
        return str(said).replace(" punto ", " coma ")


def _value(written: str) -> Decimal:
    """1.250,75 as it is written on the continent."""
    return Decimal(written.replace(".", "").replace(",", "."))
