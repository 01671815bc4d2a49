"""How a code, a telephone number, a day, a time, a sum are written for a caller who reads along. What a voice says of
them is speaking/pronounce's; the two are made for each other."""

from datetime import date, datetime, time

from num2words import num2words

from agent.rules import readback

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "INR": "₹"}
_NAMES = {"USD": "dollars", "EUR": "euros", "GBP": "pounds", "INR": "rupees"}
_IN_LAKH = {"INR"}
_WORDS_BELOW = 10  # one to nine are words in running English


def code(text: str) -> str:
    """4571 as it is; what is no letter and no digit is dropped."""
    return "".join(c for c in text if c.isalpha() or c.isdecimal())


def phone(number: str) -> str:
    """+15550100199 is +1 555 010 0199, 5550100 is 555-0100: in the groups in which it is said."""
    country, groups = readback.phone_groups(number)
    if country:
        return " ".join([f"+{country}", *groups])
    if number.startswith("+") or len(groups) > 2:
        return f"{'+' if number.startswith('+') else ''}{' '.join(groups)}"
    return "-".join(groups) if [len(group) for group in groups] == [3, 4] else "".join(groups)


def number(value: int) -> str:
    """Four, 12, 1,234."""
    return str(num2words(value)) if 0 <= value < _WORDS_BELOW else f"{value:,}"


def money(cents: int, currency: str) -> str:
    """5490 USD is $54.90, 37600000 INR ₹3,76,000; whole amounts have no cents."""
    whole, part = divmod(abs(cents), 100)
    said = _in_lakh(whole) if currency in _IN_LAKH else f"{whole:,}"
    amount = f"{said}.{part:02d}" if part else said
    minus = "-" if cents < 0 else ""
    return f"{minus}{_SIGNS[currency]}{amount}" if currency in _SIGNS else f"{minus}{amount} {currency}"


def currency(code: str) -> str:
    """INR is rupees; one that is not known stays its code."""
    return _NAMES.get(code, code)


def day(value: date, *, year: bool = False) -> str:
    """November 17, or November 17, 2026."""
    return f"{value:%B} {value.day}, {value.year}" if year else f"{value:%B} {value.day}"


def clock(value: time | datetime) -> str:
    """7:30 PM, 9 AM."""
    minutes = f":{value.minute:02d}" if value.minute else ""
    return f"{value.hour % 12 or 12}{minutes} {'AM' if value.hour < 12 else 'PM'}"


def _in_lakh(whole: int) -> str:
    head, tail = str(whole)[:-3], str(whole)[-3:]
    groups: list[str] = []
    while head:
        head, group = head[:-2], head[-2:]
        groups.insert(0, group)
    return ",".join([*groups, tail])
