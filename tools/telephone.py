"""Telephone numbers as callers give them, made E.164, which is how backends keep them. Holds no tool."""

import phonenumbers

from agent.errors import Refused
from agent.intent import Slot, SlotKind

PHONE = Slot(
    name="phone",
    kind=SlotKind.PHONE,
    ask="What is your phone number, with the area code?",
    min_length=10,
    max_length=15,
)


def e164(said: str, locale: str) -> str:
    """ "518 555 0101" is +15185550101 where the profile is American. Raises Refused for no whole number."""
    country = locale.partition("-")[2]
    for written in (said, f"+{said.strip()}"):  # "44 20 7946 0018" has its country's code, if not the plus
        try:
            number = phonenumbers.parse(written, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise Refused("I need the whole phone number, with its area code.", "Could you say it again?")
