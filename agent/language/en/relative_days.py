"""Days that are told by another one: "and the day after?", "two days later", "a week earlier". Which one that is, is
known to who asks; without it such words name no day, and a parser of dates would take them for today."""

import re
from datetime import date, timedelta

_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_UNITS = {"day": 1, "week": 7}
_GOES_ON = r"(?=\s*(?:$|[.,;!?]|(?:and|or|at|then|instead|please|maybe|with|for|in|would|is|will|if|works)\b))"
_RELATIVE = re.compile(
    rf"\b(?:the (?:(?P<next>following|next)|(?:previous|preceding)) (?P<unit>day)\b(?! after| before)|"
    rf"the (?P<same>day|week) (?:(?P<after>after)|before)(?: (?:that|this|it)\b|{_GOES_ON})|"
    rf"(?P<count>{'|'.join(_COUNTS)}|\d) (?P<units>day|week)s? (?:(?P<later>later)|earlier)\b)",
    re.IGNORECASE,
)


def absolute(text: str, day: date | None) -> str:
    """The text with each such day as an ISO date, counted from `day`; without one it is left out. "The day after
    tomorrow" and "the week before Christmas" name theirs themselves, and stay."""

    def named(found: re.Match[str]) -> str:
        if day is None:
            return ""
        unit = found["unit"] or found["same"] or found["units"]
        count = _COUNTS.get((found["count"] or "a").lower()) or int(found["count"])
        is_later = bool(found["next"] or found["after"] or found["later"])
        return (day + timedelta(days=_UNITS[unit.lower()] * count * (1 if is_later else -1))).isoformat()

    return _RELATIVE.sub(named, text)
