"""What is free instead, as one sentence: "I have 5:30 PM, or 9 PM, or 7 PM on Sunday". Holds no tool.

The alternatives are parted by "or", which is how the local understanding finds them again when one is chosen.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from agent.errors import Refused
from backends.slots import NotBooked, Offer
from tools import spoken

NOWHERE: Mapping[str, str] = {}


def listed(offers: Sequence[Offer], *, today: date, wished: date | None, places: Mapping[str, str] = NOWHERE) -> str:
    """The offers with "or" between them, their day where it is another than the wished one.

    `places` says a place in words ("terrace": "on the terrace"); one that is not in it is not said.
    """
    return ", or ".join(_said(offer, today=today, wished=wished, places=places) for offer in offers)


def spread(free: Sequence[Offer]) -> Sequence[Offer]:
    """Up to three of a day's free times, as far apart as can be."""
    return free if len(free) <= 3 else (free[0], free[len(free) // 2], free[-1])


def refusal(why: NotBooked, *, today: date, wished: date | None, places: Mapping[str, str] = NOWHERE) -> Refused:
    """The same refusal, which says its way out instead of asking whether another time would do."""
    if not why.offers:
        return why
    statements = [sentence for sentence in _sentences(why.sentence) if not sentence.endswith("?")]
    found = listed(why.offers, today=today, wished=wished, places=places)
    question = "Would that suit you?" if len(why.offers) == 1 else "Which one would suit you?"
    return Refused(" ".join([*statements, f"I have {found}.", question]))


def _sentences(text: str) -> list[str]:
    return text.replace("? ", "?\n").replace(". ", ".\n").split("\n")


def _said(offer: Offer, *, today: date, wished: date | None, places: Mapping[str, str]) -> str:
    day, place = offer.starts_at.date(), places.get(offer.place)
    on = None if day == wished else spoken.on(day, today=today)
    return " ".join(part for part in (spoken.time(offer.starts_at), on, place) if part)
