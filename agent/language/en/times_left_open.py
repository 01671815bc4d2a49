"""How English leaves a day or a time open: weekdays as a kind ("weekends"), parts of a day, a bound, any."""

import re
from collections.abc import Mapping
from datetime import time

from agent.language.en.calendar_words import DAYS

_DAY = "|".join(DAYS)
WORKDAYS, WEEKEND = frozenset(range(5)), frozenset({5, 6})
# "a Monday", "any Monday" and "Mondays" are each of them; "Monday" alone is the next one
_FROM_TO_DAY = rf"\b(?:from )?(?P<first>{_DAY})s?(?: (?:to|through|thru|till|until) | ?- ?)(?P<last>{_DAY})s?\b"
_KINDS_OF_DAY: tuple[tuple[re.Pattern[str], frozenset[int] | None], ...] = (
    (re.compile(r"\b(?:(?:on|any|some|a|every|the) )*(?:weekdays?|week days?|work(?:ing)? ?days?)\b"), WORKDAYS),
    (re.compile(r"\b(?:during|in the middle of) the week\b(?! (?:after|of|before)\b)"), WORKDAYS),
    (re.compile(r"\b(?:(?:on|any|some|a|every|at|only) )*(?:weekends|(?:any|some|a|every) weekend)\b"), WEEKEND),
    (re.compile(_FROM_TO_DAY), None),
    (
        re.compile(rf"\b(?:(?:on|any|some|a|an|every) )*(?:(?P<many>{_DAY})s|(?:any|some|a|every) (?P<one>{_DAY}))\b"),
        None,
    ),
)
WEEKEND_SAID = re.compile(r"\bweekend\b")
_PARTS: Mapping[str, tuple[time | None, time | None]] = {
    "morning": (None, time(11, 59)),
    "afternoon": (time(12), time(16, 59)),
    "evening": (time(17), None),
    "night": (time(17), None),
}
# "this evening" is a day as well, and stays
_PART = re.compile(
    rf"\b(?<!good )(?<!nice )(?<!lovely )(?:(?:in|during) the |(?:any|some|an?|only|the) )?"
    rf"(?P<part>{'|'.join(_PARTS)})s?(?: time)?\b(?<!this evening)"
    r"(?<!this morning)(?<!this afternoon)"
)
CLOCK = (
    r"(?:noon|midday|\d{1,2}(?::\d\d)?(?! (?:people|days?|weeks?|of)\b)(?: ?[ap]\.?m\b\.?| o'clock)?|"
    r"(?:half past |quarter past |quarter to )?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r"(?: thirty| o'clock)?(?: ?[ap]\.?m\b\.?)?)(?: in the (?:morning|afternoon|evening))?"
)
SINCE = re.compile(
    rf"\b(?:not before|no earlier than|not earlier than|(?<!not )after|(?<!no )(?<!not )later than)\s+(?P<at>{CLOCK})"
    rf"|\b(?P<or>{CLOCK}) (?:or later|onwards?|at the earliest|(?:is|would be) the earliest)\b"
)
UNTIL = re.compile(
    rf"\b(?:not after|no later than|not later than|(?<!not )before|until|till|by|earlier than)\s+(?P<at>{CLOCK})"
    rf"|\b(?P<or>{CLOCK}) (?:or earlier|at the latest|(?:is|would be) the latest)\b"
)
# "six to eight"; "ten to eight" is a time
FROM_TO = re.compile(
    rf"(?<!\w )\b(?!(?:5|10|20|five|ten|quarter)\b)(?P<since>{CLOCK}) (?:to|till|until) (?P<until>{CLOCK})"
    r"(?! (?:people|persons|guests|adults|of|days|weeks|minutes|hours)\b)"
)
NOT_BEFORE_IT = re.compile(
    r"\b(?:not|no|never|except(?: for)?|besides|but not|just not|other than|apart from|"
    r"(?:any ?(?:day|time)|every ?day|any(?:thing|one)?) but|"
    r"(?:can't|cannot|don't|won't)(?: (?:do|make|come|work|manage))?)(?: on| for| a| an| the)*\s*$"
)
NOT_AFTER_IT = re.compile(
    r"^\W*(?:(?:(?:does|do|will|would|is|are) not|(?:does|do|wo|would|is|are)n't|(?:i|we) (?:can't|cannot)|"
    r"(?:is|are) no)\b|(?:is|are)(?: both| all)? (?:out|bad|impossible)\b)"
)
_FIRST = r"(?:earliest|soonest|first)(?: (?:one|time|slot|table|thing|appointment))?"
ANYTHING = re.compile(
    r"\b(?:any ?time|whatever (?:is free|you have|you've got|works|suits you)|whenever|"
    r"(?:doesn't|don't) (?:matter|mind)|as (?:soon|early) as (?:possible|you can)|the sooner the better|asap|"
    rf"{_FIRST} (?:that )?(?:you(?:'ve| have)(?: got)?|you can|there is|is free|available)|"
    r"what (?:times? )?do you have|the (?:earliest|soonest)(?: (?:slot|time|one|table))?)\b"
)


def kinds_of_day(said: str) -> tuple[frozenset[int], tuple[tuple[int, int], ...]]:
    """The weekdays (Monday is 0) that are named as a kind, and where; what is denied is not among them. Where all are
    named, the first that was said counts."""
    found: list[tuple[tuple[int, int], frozenset[int]]] = []
    for pattern, days in _KINDS_OF_DAY:
        for match in pattern.finditer(said):
            if not NOT_BEFORE_IT.search(said[: match.start()]) and not NOT_AFTER_IT.match(said[match.end() :]):
                named = days if days is not None else _named(match)
                found.append((match.span(), named))
    together = frozenset[int]().union(*(named for _, named in found))
    weekdays = min(found)[1] if len(together) == len(DAYS) else together
    return weekdays, tuple(span for span, _ in found)


def _named(match: re.Match[str]) -> frozenset[int]:
    """ "Mondays", "any Monday"; "Friday to Sunday"."""
    said = match.groupdict()
    if "first" not in said:
        return frozenset({DAYS.index(said["many"] or said["one"])})
    first, last = DAYS.index(said["first"]), DAYS.index(said["last"])
    return frozenset((first + ahead) % len(DAYS) for ahead in range((last - first) % len(DAYS) + 1))


def part_of_day(said: str) -> tuple[time | None, time | None, tuple[int, int]] | None:
    """From when to when the part is that is named last, None where it is open, and where it is named."""
    parts = [m for m in _PART.finditer(said) if not NOT_BEFORE_IT.search(said[: m.start()])]
    return (*_PARTS[parts[-1]["part"]], parts[-1].span()) if parts else None
