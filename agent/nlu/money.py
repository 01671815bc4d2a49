"""Amounts as people say them: "five hundred rupees", "two and a half lakh", "twelve dollars and fifty cents".

The value is exact, in major units, as a decimal string; which currency is meant, the account says.
"""

import re
from decimal import Decimal
from functools import lru_cache

from agent.nlu.words import with_digits

_SCALES = {"thousand": 1_000, "k": 1_000, "lakh": 100_000, "lac": 100_000, "crore": 10_000_000, "million": 1_000_000}
_MAJOR = r"(?:rupees?|rs|dollars?|bucks|usd|inr)"
_MINOR = r"(?:cents?|paise|paisa)"
_NUMBER = r"\d+(?:,\d{2,3})*(?:\.\d+)?"
_SCALE = rf"(?:{'|'.join(_SCALES)})s?"
_REST = rf"(?:\s*(?:and\s+)?(?P<rest>{_NUMBER})(?![\d.,]*\s*{_MINOR}\b))?"
_AMOUNT = re.compile(
    rf"(?P<number>{_NUMBER})(?![\d.,]*\s*{_MINOR}\b)(?P<half> and a half)?(?:\s*(?P<scale>{_SCALE})\b{_REST})?"
    rf"(?:\s*{_MAJOR}\b)?(?:\s*(?:and\s+)?(?P<minor>\d{{1,2}})\s*{_MINOR}\b)?"
)
_ONLY_MINOR = re.compile(rf"^(?:.*\s)?(\d{{1,2}})\s*{_MINOR}\b")
_OF_ELSE = r"minus|negative|account|card|ending(?: in| with)?|deposit|number|digits?"
_NO_AMOUNT = re.compile(rf"\b(?:{_OF_ELSE})(?: is| number)?\s+[\d\s-]*\d")
_WITH_CURRENCY = re.compile(rf"[$\u20b9]\s*\d|\d\s*(?:{_MAJOR}|{_MINOR}|lakhs?|lacs?|crores?)\b")
_DOT = re.compile(r"(?<=\d) point (?=\d)")


@lru_cache(maxsize=512)
def find_amount(text: str) -> str | None:
    """The last amount said, "500.00"; None without one. Numbers of accounts, cards and deposits are none."""
    spoken = re.sub(r"[$\u20b9]\s*|\brs\.?\s*(?=\d)", "", _DOT.sub(".", with_digits(text)))
    spoken = re.sub(r"\bhalf a (?=(?:lakh|crore|million)\b)", "0.5 ", spoken)
    spoken = _NO_AMOUNT.sub(" ", re.sub(r"\ba (?=(?:thousand|lakh|crore|million)\b)", "1 ", spoken))
    found = [value for match in _AMOUNT.finditer(spoken) if (value := _value(match)) > 0]
    if found:
        return f"{found[-1]:.2f}"
    minor = _ONLY_MINOR.match(spoken)
    return f"{Decimal(minor[1]) / 100:.2f}" if minor else None


def has_amount(text: str) -> bool:
    """True when an amount was said with its currency, or as a lakh or crore."""
    return bool(_WITH_CURRENCY.search(with_digits(text)))


def _value(match: re.Match[str]) -> Decimal:
    number = Decimal(match["number"].replace(",", "")) + (Decimal("0.5") if match["half"] else 0)
    scale = _SCALES[match["scale"].removesuffix("s")] if match["scale"] else 1
    rest = Decimal((match["rest"] or "0").replace(",", ""))
    return number * scale + rest + Decimal(match["minor"] or 0) / 100
