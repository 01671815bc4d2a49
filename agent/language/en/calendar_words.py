"""The names of months and weekdays, and how a single day is said: for whoever looks for words, not for days."""

import re

MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = rf"(?:(?P<which>next|this|last|coming)\s+)?(?P<weekday>{'|'.join(DAYS)})"
# "the second one" names no day
NTH = r"(?<!\ba )\d{1,2}(?:st|nd|rd|th)(?!,? (?:thing|option|offer|time|slot|floor|one|choice|appointment|table)s?\b)"
DATE = (
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTHS})\b(?:,?\s+\d{{4}})?|"
    rf"(?:{MONTHS})\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?|"
    r"day after tomorrow|day before yesterday|a week from (?:today|tomorrow)|"
    r"today|tonight|this (?:morning|afternoon|evening)|tomorrow|yesterday|"
    r"in (?:a|an|\d+) (?:day|week|month)s?|(?:a|\d+) (?:day|week|month)s? ago"
)
SAID_DAY = rf"(?:(?:next|this|last|coming) )?(?:{'|'.join(DAYS)})|\b(?:{DATE}|{NTH})\b"
_ORDINALS = {w: n for n, w in enumerate(("first", "second", "third", "fourth", "fifth"), 1)}


def with_ordinals(spoken: str) -> str:
    """ "the second of may" is not "the 2nd of may" to text2num when the word also means other things."""
    pattern = rf"\b({'|'.join(_ORDINALS)})\b(?=\s+(?:of\s+)?(?:{MONTHS})\b)"
    spoken = re.sub(pattern, lambda m: f"{_ORDINALS[m[1]]}th", spoken)
    return re.sub(r"(?<=\d)(st|nd|rd|th) of (?=[a-z])", r"\1 ", spoken)
