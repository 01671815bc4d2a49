"""How digits, money, dates and times are said: words only, since a voice stumbles over symbols. Holds no tool."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from num2words import num2words

from agent.rules import readback

CURRENCIES = {
    "USD": ("dollar", "cent"),
    "EUR": ("euro", "cent"),
    "GBP": ("pound", "penny"),
    "INR": ("rupee", "paisa"),
}
_IRREGULAR = {"penny": "pence", "paisa": "paise"}
_COUNTED = {"INR": "en_IN"}  # in lakh and crore


def digits(code: str) -> str:
    """A code digit by digit: 4571 is four five seven one, a longer one in groups. Letters stay, the rest is dropped."""
    return readback.code(code)


def phone(number: str) -> str:
    """+15550100199 is plus one, five five five, zero one zero, zero one nine nine."""
    return readback.phone(number)


def email(address: str) -> str:
    """name@example.com is name at example dot com."""
    return readback.address(address)


def number(value: int) -> str:
    """1234 is one thousand two hundred and thirty-four."""
    return str(num2words(value)).replace(",", "")


def money(cents: int, currency: str) -> str:
    """5490 USD is fifty-four dollars and ninety cents, 37600000 INR three lakh seventy-six thousand rupees."""
    major, minor = CURRENCIES.get(currency, (currency, "cent"))
    whole, part = divmod(abs(cents), 100)
    said = str(num2words(whole, lang=_COUNTED.get(currency, "en"))).replace(",", "")
    amounts = [f"{said} {major if whole == 1 else plural(major)}"] if whole or not part else []
    amounts += [count(part, minor)] if part else []
    return ("minus " if cents < 0 else "") + " and ".join(amounts)


def currency(code: str) -> str:
    """INR is rupees."""
    return plural(CURRENCIES.get(code, (code, ""))[0])


def on(value: date, *, today: date) -> str:
    """On Tuesday, November seventeenth, or today; with the year when it is not this one. Dates of one time zone."""
    if value == today:
        return "today"
    said = f"on {value:%A}, {value:%B} {ordinal(value.day)}"
    return said if value.year == today.year else f"{said}, {year(value)}"


def ordinal(value: int) -> str:
    """21 is twenty-first."""
    return str(num2words(value, to="ordinal"))


def year(value: date) -> str:
    """2026 is twenty twenty-six."""
    return str(num2words(value.year, to="year"))


def time(value: datetime) -> str:
    """Two oh five P M."""
    if value.minute == 0 and value.hour in {0, 12}:
        return "noon" if value.hour else "midnight"
    minutes = f" oh {number(value.minute)}" if 0 < value.minute < 10 else f" {number(value.minute)}"
    return f"{number(value.hour % 12 or 12)}{minutes if value.minute else ''} {'A M' if value.hour < 12 else 'P M'}"


def count(quantity: int, noun: str) -> str:
    """1 lamp is one lamp, 2 lamps are two lamps."""
    return f"{number(quantity)} {noun if quantity == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Of one noun or a phrase that ends in one."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if noun.endswith("fe"):
        return noun[:-2] + "ves"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")


def listing(items: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def name(text: str) -> str:
    """A name or title out of a database, as words: UPS is U P S, 2 is two, symbols are gone."""
    kept = "".join(c if c.isalpha() or c.isdecimal() or c == "&" else " " for c in text.replace("'", ""))
    words = re.findall(r"[^\W\d]+|\d|&", kept)
    said = ["and" if w == "&" else number(int(w)) if w.isdecimal() else _spelled(w) for w in words]
    return " ".join(said) or "something"


def _spelled(word: str) -> str:
    return " ".join(word) if word.isupper() and 1 < len(word) <= 4 else word
