"""How a caller words what there is to say: in a stranger's template where one fits, in words of the meter's own else.

What is said when is decided in caller.py.
"""

import random
import re
from collections.abc import Sequence
from datetime import date, datetime, time

from agent.intent import Slot, SlotKind
from agent.rules import written
from agent.understanding.wording import IN_ENGLISH
from evals.strangers import own, surfaces
from evals.strangers.goals import Goal, a_day, a_time
from evals.strangers.words import KINDS, Words


class Phrasing:
    """One call's. `wanted` are the values as they are now, `told` those that were said already."""

    def __init__(self, goal: Goal, words: Words, rng: random.Random, now: datetime) -> None:
        self.wanted = dict(goal.everything)
        self.told: set[str] = set()
        self._goal, self._words, self._rng, self._now = goal, words, rng, now

    @property
    def today(self) -> date:
        """The caller's day."""
        return self._now.date()

    def tell(self, slot: str) -> str:
        """The answer to a question for it."""
        self.told.add(slot)
        said = self.template("tell", (slot,)) if self._rng.random() < 0.7 else None
        name = {"date_of_birth": "born_on"}.get(slot, slot)
        return said or self._rng.choice(own.TELL.get(name, ("{}",))).format(self.value(slot))

    def with_more(self, text: str, asked: str) -> str:
        """The words with up to two things that nobody has asked for yet."""
        untold = [slot for slot in self._goal.values if slot not in self.told and slot != asked and slot in own.BESIDE]
        more = []
        for slot in untold[: self._rng.choice((1, 2))]:
            self.told.add(slot)
            more.append(self._rng.choice(own.BESIDE[slot]).format(self.value(slot)))
        return ", ".join([re.sub(r"[.!]+$", "", text), *more])

    def template(self, act: str, slots: Sequence[str] = (), most: Sequence[str] = ()) -> str | None:
        """A stranger's sentence that does this with these values, and `most` beside them; None where there is none."""
        house = self._goal.profile if act in {"open", "tell", "correct", "ask"} else ""
        wish = self._goal.said_as if act in {"open", "tell", "correct"} else ""
        if act in {"tell", "correct"} and not wish:
            wish = {"restaurant": "ReserveRestaurant", "dental": "BookAppointment"}.get(house, "")
        if act == "open" and not wish:
            return None
        chosen = self._words.choose(self._rng, house, wish, act, slots, most)
        if chosen is None:
            return None
        self.told |= chosen.slots
        return chosen.filled(self.wanted, self.today)

    def kind(self, slot: str) -> str:
        """In which forms its value is said (surfaces.py)."""
        return surfaces.DAY if slot == "booked_for" else KINDS.get(slot, surfaces.TEXT)

    def bare(self, slot: str, value: object = None) -> str:
        """The value alone, in one of the surest forms."""
        there = surfaces.forms(self.kind(slot), self.wanted[slot] if value is None else value, self.today)
        return self._rng.choice(there[:4]).text

    def value(self, slot: str) -> str:
        """The value as it is put into words of our own."""
        value = self.wanted[slot]
        match value:
            case date() if slot in {"born_on", "date_of_birth"}:
                nth = surfaces.nth(value.day)
                return self._rng.choice(
                    (
                        f"{value:%B} {nth} {value.year}",
                        f"the {nth} of {value:%B} {value.year}",
                        f"{value:%B} {value.day}, {value.year}",
                    )
                )
            case str() if slot == "phone":
                groups = (value[:3], value[3:6], value[6:])
                return self._rng.choice((" ".join(groups), "-".join(groups), value, "({}) {}-{}".format(*groups)))
            case str() if value.isdigit():
                return self._rng.choice((value, value, " ".join(value)))
        return self.bare(slot)

    def other(self, slot: str) -> object:
        """Another value that could be wanted as well."""
        while True:
            value: object
            match slot:
                case "party":
                    value = self._rng.choice((2, 3, 4, 5))
                case "day":
                    weekdays = frozenset({1, 2, 3}) if self._goal.profile == "dental" else frozenset({1, 2, 3, 4, 5})
                    value = a_day(self._rng, self._now, weekdays)
                case _:
                    value = a_time(self._rng, (9, 10, 14) if self._goal.profile == "dental" else (12, 18, 19))
            if value != self.wanted[slot]:
                return value


def as_read(slot: Slot, value: object) -> str:
    """A value as the agent reads it back."""
    match value:
        case date():
            return IN_ENGLISH.say(slot, value.isoformat())
        case time():
            return IN_ENGLISH.say(slot, f"{value:%H:%M}")
        case int():
            return IN_ENGLISH.say(slot, value)
    return written.phone(str(value)) if slot.kind is SlotKind.PHONE else str(value)
