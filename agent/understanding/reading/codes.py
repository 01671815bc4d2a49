"""Codes as people say them: "four five seven one", "forty-five seventy-one", "4-5-7-1", "4,571, no, 4572".

A code is a digit string; where in the sentence it stands and what else is said is left to slots and policy.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from agent.understanding.reading.words import FILLERS, with_digits, words

MARKERS = (
    r"i mean|i meant|i said|make that|scratch that|correction|rather|actually|sorry|wait|instead|should be|"
    r"it's not|that's not|that's wrong|wrong|no|nope|not"
)
_MARKER = re.compile(rf"\b(?:{MARKERS})\b")
TOKEN = re.compile(rf"(?P<digits>\d+\b(?:[.,]\d{{3}}\b)*)|(?P<marker>\b(?:{MARKERS})\b)|(?P<word>[a-z']+)")
_DIGITS = re.compile(r"#?\b\d+(?:[\s,.-]+\d+)*\b")
# What a code is the code of; in front of one, "my order" stands for "order number 4571".
_NAMED = re.compile(
    r"(?:\b(?:the|my|your|this|that) )?\b(orders?|bookings?|reservations?|accounts?|invoices?|tickets?|cases?|"
    r"parcels?|packages?|shipments?|claims?|appointments?|cards?|deposits?|contracts?|polic(?:y|ies))"
    rf"(?: number| no\.?| code| id)?(?: is)? ({_DIGITS.pattern})"
)
_HOMOPHONES = {"for": "4", "fore": "4", "to": "2", "too": "2", "ate": "8", "won": "1"}
_HOMOPHONE_BEFORE = re.compile(rf"\b(?:{'|'.join(_HOMOPHONES)})\b(?=\s+\d)")


@dataclass(frozen=True, slots=True)
class Codes:
    """What a sentence holds: whole `values` in the order said, corrections applied, and `partial` digits too short."""

    values: tuple[str, ...] = ()
    partial: str = ""
    is_corrected: bool = False

    @property
    def last(self) -> str | None:
        """The value that counts when only one can."""
        return self.values[-1] if self.values else None


@dataclass(slots=True)
class _Run:
    """Digits said in one go; `groups` as they were grouped, `marker` the words of correction before it."""

    groups: list[str]
    markers: list[str]

    @property
    def digits(self) -> str:
        return "".join(self.groups)


@lru_cache(maxsize=2048)
def find_codes(text: str, min_length: int = 1, max_length: int = 64, is_answer: bool = False) -> Codes:
    """All codes of a sentence. `is_answer` also hears "for five seven one" as 4571."""
    spoken = with_digits(text)
    if is_answer:
        spoken = sounds_as_digits(spoken)
    may_join = is_answer or digits_only(text)  # in a longer sentence, two short numbers are two numbers
    found = _read(spoken, min_length, max_length, may_join=may_join)
    if found.partial and (sounds := sounds_as_digits(spoken, is_anywhere=True)) != spoken:
        # "where is order for five seven one": too short without the "for", right with it
        longer = _read(sounds, min_length, max_length, may_join=may_join)
        return longer if longer.values else found
    return found


def _read(spoken: str, min_length: int, max_length: int, *, may_join: bool) -> Codes:
    values: list[str] = []
    short: list[str] = []
    is_corrected = False
    for run in _runs(spoken):
        whole = _fit(run, min_length, max_length)
        if run.markers and values:
            is_corrected = is_corrected or run.markers[-1] != "not"
            _correct(values, run, whole)
        elif run.markers and run.markers[-1] == "not" and not short:
            is_corrected = True  # "not 4571, 4572": what follows counts
            values.extend(whole[1:])
        elif whole:
            values.extend(v for v in whole if v not in values)
        elif len(run.digits) < min_length:
            short = _restarted(short, run) if short and run.markers else [*short, run.digits]
    if values or not short:
        return Codes(tuple(values), is_corrected=is_corrected)
    return _joined(short if may_join else short[-1:], min_length, max_length, is_corrected)


def digits_only(text: str) -> bool:
    """True when nothing but digits and filler words was said: an answer to "what is the number?"."""
    said = words(sounds_as_digits(with_digits(text)))
    left = [w for w in said if not w.isdigit() and w not in FILLERS and not _MARKER.fullmatch(w)]
    return any(w.isdigit() for w in said) and not left


def has_code(text: str) -> bool:
    """True when some number of three digits or more was said."""
    return any(_is_long(digits) for digits in _DIGITS.findall(with_digits(text)))


def mask(text: str) -> str:
    """The sentence as it would be without its codes, so that "where is order 4571" is near to "where is my order" and
    "has 4571 been sent" to "has it been sent"."""
    spoken = _NAMED.sub(_mask_named, with_digits(text))
    spoken = _DIGITS.sub(lambda m: "it" if _is_long(m[0]) else m[0], spoken)
    return re.sub(r"\b(my \w+|it)(?:,? (?:and|or) (?:it|\1))+\b", r"\1", spoken)


def _mask_named(match: re.Match[str]) -> str:
    return f"my {match[1]}" if _is_long(match[2]) else match[0]


def _is_long(digits: str) -> bool:
    """Fewer than three digits are a quantity or a day."""
    return sum(c.isdigit() for c in digits) >= 3


def sounds_as_digits(spoken: str, *, is_anywhere: bool = False) -> str:
    """ "For five seven one" as "4 5 7 1", when nothing but digits and fillers was said; `is_anywhere` also inside other
    words, beside digits."""
    if is_anywhere:
        spoken = _HOMOPHONE_BEFORE.sub(lambda m: _HOMOPHONES[m[0]], spoken)
    tokens = spoken.split()
    if not all(t.strip(".,-?!").isdigit() or t.strip(".,?!") in _HOMOPHONES.keys() | FILLERS for t in tokens):
        return spoken
    return " ".join(_HOMOPHONES.get(t.strip(".,?!"), t) for t in tokens)


def _runs(spoken: str) -> list[_Run]:
    """Split into runs of digits; words between them end a run, punctuation and "dash" do not."""
    runs: list[_Run] = []
    markers: list[str] = []
    is_open = False
    for token in TOKEN.finditer(spoken):
        if digits := token["digits"]:
            group = re.sub(r"[.,]", "", digits)
            if is_open:
                runs[-1].groups.append(group)
            else:
                runs.append(_Run([group], markers))
                markers, is_open = [], True
        elif token["marker"]:
            markers.append(token["marker"])
            is_open = False
        elif token["word"] not in {"dash", "hyphen", "uh", "um", "er", "then"}:
            is_open = False
    return runs


def _fit(run: _Run, low: int, high: int) -> list[str]:
    """The run as one code, or as several when only its groups fit; empty when neither."""
    if low <= len(run.digits) <= high:
        return [run.digits]
    if len(run.groups) > 1 and all(low <= len(group) <= high for group in run.groups):
        return list(run.groups)
    if run.groups[0] == "0" and low <= len(run.digits) - 1 <= high:
        return [run.digits[1:]]  # "oh, 4573": a sigh, not a zero
    return []


def _correct(values: list[str], run: _Run, whole: list[str]) -> None:
    """Apply "no, 4572" (all of it), "no, seven one" (its tail) or ", not 4571" (nothing: the first counts)."""
    if run.markers[-1] == "not":
        if run.digits in values and len(values) > 1:
            values.remove(run.digits)
    elif whole:
        values[-1:] = whole
    elif len(run.digits) < len(values[-1]):
        values[-1] = values[-1][: -len(run.digits)] + run.digits


def _restarted(short: list[str], run: _Run) -> list[str]:
    """ "Four five, no, four six": the second replaces the first, or its end; "wait" only asks for patience."""
    digits = "".join(short)
    if run.markers[-1] == "wait":
        return [*short, run.digits]
    return [digits[: max(0, len(digits) - len(run.digits))] + run.digits]


def _joined(short: list[str], low: int, high: int, is_corrected: bool) -> Codes:
    """With no whole code, short runs are its parts: "four five and seven one"."""
    digits = "".join(short)
    if low <= len(digits) <= high:
        return Codes((digits,), is_corrected=is_corrected)
    return Codes(partial=digits if len(digits) < low else "", is_corrected=is_corrected)
