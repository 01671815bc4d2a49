"""The caller's number as the telephone line shows it: E.164, or none when the line hides it, in whatever form."""

import re

import phonenumbers

NONE = ""
# What networks send in place of a number; some dial it, letter by letter, on a keypad: +266696687 is ANONYMOUS.
_HIDDEN = ("anonymous", "unavailable", "unknown", "restricted", "private", "withheld", "blocked")
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_DIALLED = frozenset(word.translate(_KEYS) for word in _HIDDEN)
_ADDRESS = re.compile(r"(?:sips?|tel):(?P<user>[^@;>?]*)(?:[^@>]*@(?P<host>[^;>:?]*))?")
_WRITTEN = re.compile(r"\+[0-9][0-9 ().-]*")


def line_number(shown: str) -> str:
    """The number in what the line shows, such as "+1 555 010 0199" or "<sip:+15550100199@trunk>"; empty when there is
    none: hidden, dialled as a word, without its country, or of a length that no number there has."""
    text = shown.strip().lower()
    name, has_name, _ = text.partition("<")
    if has_name and any(word in _letters(name) for word in _HIDDEN):
        return NONE  # the network knows the number, and the caller did not want it shown
    if address := _ADDRESS.search(text):
        text = address["user"].strip()
        if (address["host"] or "").endswith(".invalid"):
            return NONE
    if not _WRITTEN.fullmatch(text) or re.sub(r"\D", "", text) in _DIALLED:
        return NONE
    return _possible(text)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text)


def _possible(text: str) -> str:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return NONE
    is_filled_in = len(set(str(number.national_number))) == 1  # +1 000 000 0000
    if is_filled_in or not phonenumbers.is_possible_number(number):
        return NONE
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
