"""What a caller takes the agent's words for: which value is asked for, what is read back, what is offered.

A question is known by what the tools declare that they ask (`Slot.ask`), a reading back by "Shall I"; times and days in
offers are found as they are written. A caller who hears none of it has to say something all the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

import jellyfish

from agent.intent import Intent

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_TIME = re.compile(r"\b(?:(\d{1,2})(?::(\d\d))? ?([AP]M)|(noon))\b")
_DAY = re.compile(r"\b(?:(today)|(tomorrow)|(January|February|March|April|May|June|July|August|September|October|"
                  r"November|December) (\d{1,2}))\b")  # fmt: skip
_HAS = re.compile(r"\bI have\b(?! \w+(?:ed|id)\b)(?P<offers>.*)", re.IGNORECASE)  # not "I have booked", "I have paid"
_CONFIRMS = re.compile(r"^(?:and )?shall i\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_PERSON = re.compile(r"\b(?:person|colleague)\b[^.?!]*\?|\b(?:person|colleague)\b[^.]*instead\?", re.IGNORECASE)


class Kind(StrEnum):
    """What an answer is waited for."""

    SLOT = "slot"
    CONFIRM = "confirm"
    OFFER = "offer"
    PERSON = "person"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Heard:
    """What was asked; `slot` is the tool's parameter, `offers` the days and times to choose from."""

    kind: Kind
    text: str
    slot: str = ""
    offers: tuple[Mapping[str, object], ...] = ()

    @property
    def key(self) -> str:
        """The same for the same question."""
        return f"slot {self.slot}" if self.kind is Kind.SLOT else f"{self.kind} {loose(self.text)}"


def loose(text: str) -> str:
    """Letters and digits only."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("'", "")))


def hear(reply: str, intents: Mapping[str, Intent], day: date | None, now: datetime) -> Heard:
    """What the reply asks; offers without a day are on that `day`."""
    offers = _offers(reply, day, now)
    last = _SENTENCE.split(reply.strip())[-1]
    if _CONFIRMS.search(last):
        return Heard(Kind.CONFIRM, reply)
    slot = _slot(reply, intents)
    if offers and slot in {"", "day", "at"}:
        return Heard(Kind.OFFER, reply, slot, offers)
    if slot:
        return Heard(Kind.SLOT, reply, slot)
    if _PERSON.search(last):
        return Heard(Kind.PERSON, reply)
    return Heard(Kind.NOTHING, reply)


def _slot(reply: str, intents: Mapping[str, Intent]) -> str:
    said = f" {loose(reply)} "
    found = [(said.rfind(f" {loose(slot.ask)} "), slot.name) for intent in intents.values() for slot in intent.slots]
    changes = [(said.rfind(f" {loose(i.ask_one_of)} "), i.one_of[0]) for i in intents.values() if i.one_of]
    place, name = max([*found, *changes], default=(-1, ""))
    return name if place >= 0 else ""


def _offers(reply: str, day: date | None, now: datetime) -> tuple[Mapping[str, object], ...]:
    for sentence in _SENTENCE.split(reply):
        has = _HAS.search(sentence)
        if has is None or not _TIME.search(has["offers"]):
            continue
        head = find_day(sentence[: has.start()], now) or day
        found = []
        for part in re.split(r",? or ", has["offers"]):
            at = find_time(part)
            on = find_day(part, now) or head
            if at is not None:
                found.append({"at": at, **({"day": on} if on else {})})
        return tuple(found)
    return ()


def find_time(text: str) -> time | None:
    """The first time of day in a text of the agent."""
    found = _TIME.search(text)
    if found is None:
        return None
    if found[4]:
        return time(12)
    return time(int(found[1]) % 12 + (12 if found[3] == "PM" else 0), int(found[2] or 0))


def find_day(text: str, now: datetime) -> date | None:
    """The first day in a text of the agent; one without a year is the next such day."""
    found = _DAY.search(text)
    if found is None:
        return None
    if found[1] or found[2]:
        return date.fromordinal(now.date().toordinal() + (1 if found[2] else 0))
    wanted = datetime.strptime(f"{found[3]} {found[4]} {now.year}", "%B %d %Y").date()  # noqa: DTZ007  # a day
    return wanted if wanted >= now.date() else wanted.replace(year=now.year + 1)


def sounding_like(name: str, reply: str) -> str:
    """The name as the reply has it, where its words sound like this one's: "Larsen" for Larson. "" for none. Whoever
    hears it cannot hear how it is spelled."""
    wanted = [jellyfish.metaphone(word) for word in loose(name).split()]
    said = _WORD.findall(reply)
    runs = (said[start : start + len(wanted)] for start in range(len(said) - len(wanted) + 1))
    alike = (run for run in runs if [jellyfish.metaphone(loose(word)) for word in run] == wanted)
    return " ".join(next(alike, ()))
