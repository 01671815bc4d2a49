"""What a sentence says for a slot: one parser per SlotKind, None when it says nothing for it.

Pure: the call's now is passed in. Which slot is asked for and what is done with the value, policy knows.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from rapidfuzz import fuzz

from agent.nlu.addresses import find_email
from agent.nlu.codes import MARKERS, Codes, find_codes
from agent.nlu.intent import Slot, SlotKind
from agent.nlu.money import find_amount
from agent.nlu.when import find_date, find_time
from agent.nlu.words import plain, with_digits, word_set, words
from agent.nlu.yes_no import find_yes_no

Value = str | int | bool
LONGEST_WORDS = 200

_AFTER_CORRECTION = re.compile(rf"^.*\b(?:{MARKERS})\b[\s,.]*(?=\S)", re.DOTALL)
_NAME_LEAD = re.compile(
    r"^.*?\b(?:my (?:full |first |last )?name(?: is|'s)|name is|i am|i'm|this is|it's|it is|call me|speaking with)\s+",
    re.IGNORECASE,
)
_NAME_TAIL = re.compile(r"[\s,]*\b(?:speaking|here|please|thanks|thank you|calling|again)\b.*$", re.IGNORECASE)
_NO_NAMES = word_set(
    "yes no not sure what why who when where how okay ok the a an i you we they my your order hello hi please "
    "don't can't know calling looking asking trying wondering"
)
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


def codes(heard: Heard) -> Codes:
    """A CODE slot's values with what was too short to be one."""
    return find_codes(heard.text, heard.slot.min_length, heard.slot.max_length, heard.is_answer)


def _number(heard: Heard) -> int | None:
    spoken = re.sub(r"\b(?:a )?dozen\b", "12", with_digits(heard.text))
    spoken = re.sub(r"\ba (?:couple|pair)\b", "2", spoken)
    numbers = re.findall(r"(?<![\w.])-?\d+(?:,\d{3})*(?!\.?\d)", _after_correction(spoken))
    return int(numbers[-1].replace(",", "")) if numbers else None


def _date(heard: Heard) -> str | None:
    day = find_date(_after_correction(plain(heard.text)), heard.now.date())
    return day.isoformat() if day else None


def _time(heard: Heard) -> str | None:
    return find_time(_after_correction(plain(heard.text)))


def _yes_no(heard: Heard) -> bool | None:
    return find_yes_no(heard.text)


def _phone(heard: Heard) -> str | None:
    """Digits as said, with + when it was said; which country a number without + is in, nobody said."""
    low, high = max(heard.slot.min_length, 7), min(heard.slot.max_length, 15)
    spoken = re.sub(r"[()]", " ", heard.text)
    number = find_codes(spoken, low, high, heard.is_answer).last
    is_international = bool(re.search(r"\+\s?\d|\bplus\b", with_digits(heard.text)))
    return f"+{number}" if number and is_international else number


def _email(heard: Heard) -> str | None:
    return find_email(heard.text)


def _name(heard: Heard) -> str | None:
    said = heard.text.strip().strip(".!?,")
    said = re.sub(rf"^(?:{MARKERS}|yes|sure|okay|ok|uh|um|well|hi|hello)[\s,.]+", "", said, flags=re.IGNORECASE)
    lead = _NAME_LEAD.match(said)
    if not lead and not heard.is_answer:
        return None
    said = _NAME_TAIL.sub("", said[lead.end() :] if lead else said)
    parts = re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", said)
    if len(parts) > 2 and all(len(p) == 1 for p in parts):
        parts = ["".join(parts).capitalize()]
    if not 1 <= len(parts) <= 4 or any(p.lower() in _NO_NAMES for p in parts):
        return None
    return " ".join(p if any(c.isupper() for c in p[1:]) else p[:1].upper() + p[1:] for p in parts)


def _choice(heard: Heard) -> str | None:
    said = _after_correction(plain(heard.text))
    for index, ordinal in enumerate(_ORDINALS[: len(heard.slot.choices)]):
        if heard.is_answer and re.search(rf"\bthe {ordinal}\b", said):
            return heard.slot.choices[index]
    scores = sorted(((_likeness(choice, said), choice) for choice in heard.slot.choices), reverse=True)
    if not scores or scores[0][0] < 80 or (len(scores) > 1 and scores[0][0] - scores[1][0] < 5):
        return None
    return scores[0][1]


def _likeness(choice: str, said: str) -> float:
    wanted = plain(choice)
    if re.search(rf"\b{re.escape(wanted)}\b", said):
        return 100.0 + len(wanted)
    # partial_ratio finds a short choice inside any longer word, so words are compared whole.
    size = len(wanted.split())
    spoken = words(said)
    windows = [" ".join(spoken[i : i + size]) for i in range(max(1, len(spoken) - size + 1))]
    return max((fuzz.ratio(wanted, window) for window in windows), default=0.0)


def _text(heard: Heard) -> str | None:
    said = " ".join(heard.text.split())
    return said if heard.is_answer and len(said) >= heard.slot.min_length else None


def _no_single(heard: Heard) -> Value | None:
    return codes(heard).last


@lru_cache(maxsize=512)
def _after_correction(said: str) -> str:
    """What follows the last "no", "I meant", when something does: "friday, no, saturday" -> "saturday"."""
    rest = _AFTER_CORRECTION.sub("", said)
    return rest if words(rest) and not said.startswith(rest) and rest != said else said


_PARSERS: dict[SlotKind, Callable[[Heard], Value | None]] = {
    SlotKind.CODE: _no_single,
    SlotKind.NUMBER: _number,
    SlotKind.DATE: _date,
    SlotKind.TIME: _time,
    SlotKind.EMAIL: _email,
    SlotKind.NAME: _name,
    SlotKind.PHONE: _phone,
    SlotKind.YES_NO: _yes_no,
    SlotKind.CHOICE: _choice,
    SlotKind.TEXT: _text,
    SlotKind.WORDS: lambda heard: with_digits(heard.text)[:LONGEST_WORDS] or None,
    SlotKind.MONEY: lambda heard: find_amount(_after_correction(plain(heard.text))),
}
