"""What is free instead, as one sentence: "I have 5:30 PM, or 9 PM, or 7 PM on Sunday", and as data. Holds no tool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Annotated

from pydantic import Field

from agent.answer import Answer, Offered, Value
from agent.errors import Refused
from agent.rules.ranges import EVERY_DAY, read_range
from backends.slots import NotBooked, Offer, Within
from tools import spoken

WithinThese = Annotated[
    str | None,
    Field(
        max_length=80,
        description="Only when the caller named no single day or time but which would do: days as "
        "2026-11-30..2026-12-06, weekdays as mon,wed, times as 13:00..17:00, parted by spaces; .. is any.",
    ),
]


@dataclass(frozen=True, slots=True)
class Places:
    """The parameter that takes a place, or a dentist, and how each is said; those that are not said are not offered."""

    parameter: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


NOWHERE = Places()


def told(
    sentence: str, offers: Sequence[Offer], *, today: date, wished: date | None, places: Places = NOWHERE
) -> Answer:
    """The sentence with the offers in place of its {}: "or" between them, their day where it is another than the wished
    one. They are told as data too, as what `day`, `at` and the place's parameter would be."""
    said = [_said(offer, today=today, wished=wished, places=places.said) for offer in offers]
    return Answer(
        sentence.replace("{}", ", or ".join(said)),
        offers=[Offered(words, _values(offer, places)) for words, offer in zip(said, offers, strict=True)],
    )


def spread(free: Sequence[Offer]) -> Sequence[Offer]:
    """Up to three of a day's free times, as far apart as can be."""
    return free if len(free) <= 3 else (free[0], free[len(free) // 2], free[-1])


def refusal(why: NotBooked, *, today: date, wished: date | None, places: Places = NOWHERE) -> Refused:
    """The same refusal, which says its way out instead of asking whether another time would do."""
    if not why.offers:
        return why
    question = "Would that suit you?" if len(why.offers) == 1 else "Which one would suit you?"
    text = f"{why.statement} I have {{}}.".lstrip()
    return Refused(told(text, why.offers, today=today, wished=wished, places=places), question)


def within(said: str | None, day: date | None, at: time | None) -> Within:
    """What would do; a day or a time that was named is said more exactly. Raises Refused."""
    try:
        meant = read_range(said or "")
    except ValueError:
        raise Refused("I did not get those days.", "Which day would suit you?") from None
    meant = replace(meant, first=None, last=None, weekdays=EVERY_DAY) if day else meant
    meant = replace(meant, since=None, until=None) if at else meant
    return Within(first=meant.first, last=meant.last, weekdays=meant.weekdays, since=meant.since, until=meant.until)


def _values(offer: Offer, places: Places) -> dict[str, Value]:
    values: dict[str, Value] = {"day": offer.starts_at.date().isoformat(), "at": f"{offer.starts_at:%H:%M}"}
    return {**values, places.parameter: offer.place} if offer.place in places.said else values


def _said(offer: Offer, *, today: date, wished: date | None, places: Mapping[str, str]) -> str:
    day, place = offer.starts_at.date(), places.get(offer.place)
    on = None if day == wished else spoken.on(day, today=today)
    return " ".join(part for part in (spoken.time(offer.starts_at), on, place) if part)
