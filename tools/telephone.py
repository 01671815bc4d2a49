"""Telephone numbers as callers give them, made E.164, which is how backends keep them. Holds no tool."""

import re

from agent.errors import Refused
from agent.nlu.intent import Slot, SlotKind

PHONE = Slot(
    name="phone",
    kind=SlotKind.PHONE,
    ask="What is your phone number, with the area code?",
    min_length=10,
    max_length=15,
)
# locale -> country code, digits of a national number, the prefix that is dialled before it at home
_PLANS = {"en-US": ("1", 10, "1"), "en-GB": ("44", 10, "0"), "en-IN": ("91", 10, "0")}


def e164(said: str, locale: str) -> str:
    """ "518 555 0101" is +15185550101 where the profile is American. Raises Refused when it is no whole number."""
    country, length, trunk = _PLANS[locale]
    digits = re.sub(r"\D", "", said)
    if said.strip().startswith("+") and 8 <= len(digits) <= 15:
        return f"+{digits}"
    national = digits.removeprefix(trunk) if len(digits) == length + len(trunk) else digits
    if len(national) != length and digits.startswith(country) and len(digits) == length + len(country):
        national = digits.removeprefix(country)
    if len(national) != length:
        raise Refused("I need the whole phone number, with its area code. Could you say it again?")
    return f"+{country}{national}"
