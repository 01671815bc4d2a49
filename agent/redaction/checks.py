"""Check digits and shapes of numbers that somebody is known by."""

import re

import phonenumbers

SSN = re.compile(r"(?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)")
DATE = re.compile(r"\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}|\d{1,2}/\d{1,2}")
# what machines write: an address with its port, a time stamp
MACHINE = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?![\d.])|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*")
TIME = re.compile(r"\d{1,2}[:.]\d{2}(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)


def is_card(digits: str) -> bool:
    """Whether it may be a payment card's number: 13 to 19 digits of which the last one checks (Luhn)."""
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether it is an international bank account number: two letters, two check digits, the rest (ISO 13616)."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_phone(digits: str) -> bool:
    """Whether a number of so many digits can be dialled: a local or national one, or one with its country's code."""
    if len(digits) in {7, 10} or (len(digits) == 11 and digits[0] in "01"):
        return True
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return False
