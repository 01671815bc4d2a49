"""What a sentence says for a slot: one parser per SlotKind, None when it says nothing for it.

Pure: the call's now is passed in. Which slot is asked for and what is done with the value, policy knows.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from rapidfuzz import fuzz

from agent.intent import Slot, SlotKind
from agent.language.en.calendar_words import SAID_DAY
from agent.language.en.sums import find_sum
from agent.language.en.yes_no import find_yes_no
from agent.language.moments import ANY_DAY, moments
from agent.understanding.reading.addresses import find_email
from agent.understanding.reading.birthdays import find_birth_date
from agent.understanding.reading.codes import MARKERS, Codes, find_codes
from agent.understanding.reading.person_names import find_name
from agent.understanding.reading.phones import find_phone
from agent.understanding.reading.time_ranges import find_range
from agent.understanding.reading.when import find_date, find_time, without_moments
from agent.understanding.reading.words import plain, with_digits, words

Value = str | int | bool
LONGEST_WORDS = 200

_DENIALS = "it's not|that's not|not"
_RESTARTS = MARKERS.replace("it's not|that's not|", "").removesuffix("|not")
_AFTER_CORRECTION = re.compile(rf"^.*\b(?:{_RESTARTS})\b[\s,.]*(?=\S)", re.DOTALL)
_DENIED = re.compile(rf"\b(?:{_DENIALS})\b[^,.;!?]*")
_LONG_ENOUGH = 5
_ONLY_ONE = re.compile(r"\b(?<=just )the one\b|(?<=only )the one\b")
_IN_CUES = {
    SlotKind.CODE: r"\d(?:[\s-]?\d)*",
    SlotKind.NUMBER: r"(?<![\w.:])\d+(?![.:]?\d)",
    SlotKind.DATE: rf"(?:the )?(?:{SAID_DAY})",
}
_NO_CLOCK = r"(?!\s*(?:o'?\s?clock|[ap]\.?\s?m\b|[:.]\d|\s\d\d\b))"  # "for 7 30" is no party of seven
_ORDINALS = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence, the slot it is read for, when it was said, and whether it answers the slot's question: then it may
    be terse."""

    slot: Slot
    text: str
    now: datetime
    is_answer: bool = False


def fill(heard: Heard) -> tuple[Value, ...]:
    """All values the sentence holds for the slot, in the order said; most kinds hold one at most."""
    if heard.slot.kind is SlotKind.CODE:
        return codes(heard).values
    value = _PARSERS[heard.slot.kind](heard)
    return () if value is None else (value,)


def is_birth(slot: Slot) -> bool:
    """A date that lies in the past and needs its year."""
    return slot.kind is SlotKind.DATE and bool({"birth", "born", "birthday"} & set(slot.name.split("_")))


def is_for_new(slot: Slot) -> bool:
    """True for a value of what is to come: neither a birth, nor by its cues of something that exists already."""
    return not slot.cues and not is_birth(slot)


def is_same_sum(one: str, other: str) -> bool:
    """Whether two values of a MONEY slot are the same amount, of which one may lack its currency."""
    amounts, currencies = zip(*(value.upper().partition(" ")[::2] for value in (one, other)), strict=True)
    try:
        is_same = Decimal(amounts[0]) == Decimal(amounts[1])
    except InvalidOperation:
        return False
    return is_same and len({currency for currency in currencies if currency}) <= 1


def cued(slot: Slot, figures: str) -> list[re.Match[str]]:
    """Where one of the slot's cues stands with a value in it, group 1, in the order said."""
    value = _IN_CUES.get(slot.kind, "")
    taken = (
        [m for m in moments(figures, ANY_DAY) if m.has_time and not m.is_bare] if slot.kind is SlotKind.NUMBER else []
    )
    patterns = (re.escape(cue).replace(r"\{\}", f"({value})").replace(r"\ ", r"\s+") for cue in slot.cues)
    found = (match for pattern in patterns for match in re.finditer(rf"\b{pattern}\b{_NO_CLOCK}", figures))
    apart = (match for match in found if not any(m.start <= match.start(1) < m.end for m in taken))
    return sorted(apart, key=lambda match: match.start())


def codes(heard: Heard) -> Codes:
    """A CODE slot's values with what was too short to be one."""
    return find_codes(heard.text, heard.slot.min_length, heard.slot.max_length, heard.is_answer)


def in_figures(text: str) -> str:
    """ "A dozen", "a couple" and all numbers as digits."""
    spoken = re.sub(r"\b(?:a )?dozen\b", "12", with_digits(text))
    return re.sub(r"\ba (?:couple|pair)\b(?: of)?", "2", spoken)


def _number(heard: Heard) -> int | None:
    spoken = in_figures(_ONLY_ONE.sub("1", heard.text))
    said = without_moments(_after_correction(spoken), but_led_by_figures=True)
    bare = re.findall(r"(?<![\w.])-?\d+(?:,\d{3})*(?![.:]?\d|\w)", said)
    numbers = [number.replace(",", "") for number in [match[1] for match in cued(heard.slot, spoken)] or bare]
    fits = [number for number in numbers if len(number.lstrip("-")) <= heard.slot.max_length]
    return int(fits[-1]) if fits else None


def _date(heard: Heard) -> str | None:
    today = heard.now.date()
    if is_birth(heard.slot):
        born = find_birth_date(heard.text, today, is_day_first=heard.slot.is_day_first)
        return born.isoformat() if born else None
    said = plain(heard.text)
    cues = [match[1] for match in cued(heard.slot, in_figures(said))]
    texts = cues[-1:] or [_after_correction(said), said]
    found = (find_date(text, today, is_day_first=heard.slot.is_day_first) for text in texts)
    return next((day.isoformat() for day in found if day), None)


def _time(heard: Heard) -> str | None:
    said, first, is_answer = plain(heard.text), heard.slot.first_hour, heard.is_answer
    texts = (_after_correction(said), said)
    return next((at for text in texts if (at := find_time(text, first, is_answer=is_answer))), None)


def _range(heard: Heard) -> str | None:
    return str(find_range(heard.text, heard.now, heard.slot.first_hour)) or None


def _yes_no(heard: Heard) -> bool | None:
    return find_yes_no(heard.text)


def _phone(heard: Heard) -> str | None:
    return find_phone(heard.text, heard.slot.min_length, heard.slot.max_length, is_answer=heard.is_answer)


def _email(heard: Heard) -> str | None:
    return find_email(heard.text)


def _name(heard: Heard) -> str | None:
    return find_name(heard.text, is_answer=heard.is_answer)


def _choice(heard: Heard) -> str | None:
    said = plain(heard.text)
    return _chosen(heard, _after_correction(said)) or _chosen(heard, said)


def _chosen(heard: Heard, said: str) -> str | None:
    for index, ordinal in enumerate(_ORDINALS[: len(heard.slot.choices)]):
        if heard.is_answer and re.search(rf"\bthe {ordinal}\b", said):
            return heard.slot.choices[index]
    best: dict[str, float] = {}
    for wording, choice in (*((c, c) for c in heard.slot.choices), *heard.slot.said_as):
        best[choice] = max(best.get(choice, 0.0), _likeness(wording, said))
    ranked = sorted(((score, choice) for choice, score in best.items()), reverse=True)
    if (
        not ranked
        or ranked[0][0] < (80 if heard.is_answer else 87)
        or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 5)
    ):
        return None
    return ranked[0][1]


def _likeness(choice: str, said: str) -> float:
    wanted = plain(choice)
    if re.search(rf"\b{re.escape(wanted)}\b", said):
        return 100.0 + len(wanted)
    # partial_ratio finds a short choice inside any longer word, so words are compared whole.
    if len(wanted) < _LONG_ENOUGH:
        return 0.0  # "bar" is near to "far" and to Barr
    size = len(wanted.split())
    spoken = words(said)
    windows = [" ".join(spoken[i : i + size]) for i in range(max(1, len(spoken) - size + 1))]
    return max((fuzz.ratio(wanted, window) for window in windows), default=0.0)


def _text(heard: Heard) -> str | None:
    said = " ".join(heard.text.split())
    return said if heard.is_answer and len(said) >= heard.slot.min_length else None


def _money(heard: Heard) -> str | None:
    found = find_sum(heard.text)
    return f"{found.amount:.2f} {found.currency}".rstrip() if found else None


def _no_single(heard: Heard) -> Value | None:
    return codes(heard).last


@lru_cache(maxsize=512)
def _after_correction(said: str) -> str:
    """What follows the last "no", "I meant", when something does, without what is denied: "friday, no, saturday" and
    "saturday, not friday" are "saturday"."""
    rest = _AFTER_CORRECTION.sub("", said)
    rest = rest if words(rest) else said
    kept = _DENIED.sub(" ", rest)
    return kept if words(kept) else rest


_PARSERS: dict[SlotKind, Callable[[Heard], Value | None]] = {
    SlotKind.CODE: _no_single,
    SlotKind.NUMBER: _number,
    SlotKind.DATE: _date,
    SlotKind.TIME: _time,
    SlotKind.RANGE: _range,
    SlotKind.EMAIL: _email,
    SlotKind.NAME: _name,
    SlotKind.PHONE: _phone,
    SlotKind.YES_NO: _yes_no,
    SlotKind.CHOICE: _choice,
    SlotKind.TEXT: _text,
    SlotKind.WORDS: lambda heard: with_digits(heard.text)[:LONGEST_WORDS] or None,
    SlotKind.MONEY: _money,
}
