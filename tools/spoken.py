"""How tools write digits, money, dates and times: plain English that a caller can read; speaking/pronounce turns it
into words for the voice, so a code has its noun in front of it ("order 4571", "ending in 019"). Holds no tool."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from agent.rules import written

_NOT_IN_NAMES = re.compile(r"[^\w&'./+-]|_|(?<!\w)[&+](?=\w)|(?<!\d)\.|\.(?!\d)")


def digits(code: str) -> str:
    """A code: 4571. Letters stay, the rest is dropped."""
    return written.code(code)


def phone(number: str) -> str:
    """+15550100199 is +1 555 010 0199."""
    return written.phone(number)


def email(address: str) -> str:
    """As it is."""
    return address


def number(value: int) -> str:
    """Four, 12, 1,234."""
    return written.number(value)


def percent(hundredths: int) -> str:
    """700 is 7%, 725 is 7.25%."""
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + "%" if part else f"{whole}%"


def money(cents: int, currency: str) -> str:
    """5490 USD is $54.90, 37600000 INR ₹3,76,000."""
    return written.money(cents, currency)


def currency(code: str) -> str:
    """INR is rupees."""
    return written.currency(code)


def on(value: date, *, today: date) -> str:
    """On Tuesday, November 17, or today; with the year when it is not this one. Dates of one time zone."""
    return "today" if value == today else f"on {value:%A}, {written.day(value, year=value.year != today.year)}"


def day(value: date, *, year: bool = False) -> str:
    """November 17, or November 17, 2026."""
    return written.day(value, year=year)


def time(value: datetime) -> str:
    """2:05 PM, noon, midnight."""
    if value.minute == 0 and value.hour in {0, 12}:
        return "noon" if value.hour else "midnight"
    return written.clock(value)


def count(quantity: int, noun: str) -> str:
    """One lamp, two lamps, 12 lamps."""
    return f"{number(quantity)} {noun if quantity == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Of one noun or a phrase that ends in one."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if noun.endswith("fe"):
        return noun[:-2] + "ves"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")


def listing(items: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def name(text: str) -> str:
    """A name or title out of a database, without what nobody says: marks that would end a sentence or format it."""
    kept = _NOT_IN_NAMES.sub(" ", text.replace("\u2019", "'")).split()
    said = " ".join(part for word in kept if (part := word.strip("-'./+")))
    return said if any(c.isalnum() for c in said) else "something"
