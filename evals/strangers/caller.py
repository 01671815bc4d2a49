"""A caller with an agenda: knows what it wants, answers what it is asked, and has the habits people have.

Everything is drawn from the generator that is passed in, so that a call can be had again. How a thing is put into words
is phrasing.py's.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from agent.intent import Intent, Slot, SlotKind
from agent.understanding.reading.slots import Heard as Said
from agent.understanding.reading.slots import fill
from evals.strangers import own, surfaces
from evals.strangers.goals import Goal
from evals.strangers.habits import Habits
from evals.strangers.hearing import Heard, Kind, find_day, find_time, loose, sounding_like
from evals.strangers.phrasing import Phrasing, as_read
from evals.strangers.words import KINDS, Words

_DRAWS = 5  # of an opening that asks for no more than is wanted
_PATIENCE = 4  # replies without a question, one after the other
_CAN_CHANGE = ("at", "day", "party")
_NOT_AT_HAND = frozenset({"phone", "order_number", "postal_code", "account_last_four"})


class Caller:
    """One call's. `answer` takes what the agent has just asked, whether it was read or heard; `is_by_ear` is for who
    hears it, and takes a name that sounds like theirs for theirs."""

    def __init__(
        self,
        goal: Goal,
        words: Words,
        intents: Mapping[str, Intent],
        rng: random.Random,
        now: datetime,
        *,
        is_by_ear: bool = False,
    ) -> None:
        self.goal = goal
        self.habits = Habits.drawn(rng)
        self.is_spelled_otherwise = False  # a name was agreed to that only sounds like the caller's
        self.answered = ""  # the key of the question that the last words answered
        self._says = Phrasing(goal, words, rng, now)
        self._rng, self._now = rng, now
        self._intents = intents
        self._is_by_ear = is_by_ear
        self._owed: list[tuple[str, str]] = []  # slots that are to be said next, with the words
        self._choice: Sequence[Mapping[str, object]] = ()  # offers of which one was taken without saying which
        self._is_open = False  # whether the wish was said
        self._lost = 0
        self._persons = 0
        self._agreed: set[str] = set()

    @property
    def wanted(self) -> dict[str, object]:
        """The values as they are now: an offer that was taken, a mind that was changed."""
        return self._says.wanted

    def open(self) -> str:
        """The first words."""
        if "name" in self.wanted and self._rng.random() < 0.3 and self.habits.take("introduces_itself"):
            return self._rng.choice(own.INTRODUCTIONS).format(self._says.value("name"))
        self._is_open = True
        most = [slot for slot in self.goal.values if slot in KINDS]
        most = most if self._rng.random() < 0.5 else most[:1]
        drawn = (self._says.template("open", (), most) or "" for _ in range(_DRAWS))
        said = next((text for text in drawn if not self._wants_more(text)), "")
        text = said or self._rng.choice(own.OPENINGS[self.goal.tools[0]])
        if self._rng.random() < 0.2:
            text = self._says.with_more(text, "")
        return text

    def _wants_more(self, text: str) -> bool:
        """Whether a stranger's words ask for what this caller does not want: to "eat outside" names the terrace."""
        slots = [slot for slot in self._intents[self.goal.tools[0]].slots if slot.kind is SlotKind.CHOICE]
        return any(fill(Said(slot, text, self._now)) for slot in slots if slot.name not in self.goal.values)

    def answer(self, heard: Heard) -> str | None:
        """What is said to that; None when the caller gives up."""
        self.answered = ""
        if not self._is_open:
            return self.open()
        if heard.kind is not Kind.NOTHING:
            self._lost = 0
        if self._owed and heard.kind is not Kind.CONFIRM:
            slot, text = self._owed.pop(0)
            self.answered = f"slot {slot}"
            return text
        match heard.kind:
            case Kind.CONFIRM:
                return self._confirm(heard)
            case Kind.OFFER:
                return self._offer(heard)
            case Kind.SLOT:
                return self._slot(heard)
            case Kind.PERSON:
                self._persons += 1
                return None if self._persons > 1 else self._rng.choice(own.NO_PERSON).format(self._next_fact())
            case _:
                return self._go_on()

    def _slot(self, heard: Heard) -> str:
        slot = self._meant(heard.slot)
        if self.goal.loose and slot in {"day", "at"}:
            return self._say_loosely(heard)
        if slot not in self.wanted:
            return self._go_on() or "I don't know"
        if self.habits.asks_between and (aside := self._aside()):
            self.habits.asks_between = False
            return aside
        if self._rng.random() < 0.3 and self.habits.take("asks_about_the_call"):
            return self._rng.choice(own.ABOUT_THE_CALL)
        if (owing := self._owing(slot, heard)) is not None:
            return owing
        self.answered = heard.key
        text = self._says.tell(slot)
        if slot in {"day", "at", "party"} and self.habits.take("corrects_itself"):
            way = self._rng.choice(own.SORRY)
            text = way.format(self._says.bare(slot, self._says.other(slot)), self._says.bare(slot))
            self._says.told.add(slot)
        elif self.habits.take("over_answers"):
            text = self._says.with_more(text, slot)
        return text

    def _owing(self, slot: str, heard: Heard) -> str | None:
        """What is said when the value, or the rest of it, follows a turn later; None when it is given at once."""
        if slot not in own.TELL or self._says.kind(slot) != surfaces.TEXT or slot in self._says.told:
            return None
        if slot in _NOT_AT_HAND and self.habits.take("looks_up"):
            self._owed.append((slot, self._rng.choice(own.FOUND).format(self._says.value(slot))))
            self._says.told.add(slot)
            return self._rng.choice(own.NOT_AT_HAND)
        if slot == "phone" and self.habits.take("in_pieces"):
            digits = str(self.wanted[slot])
            self._owed.append((slot, f"{digits[6:]}"))
            self._says.told.add(slot)
            self.answered = heard.key
            return f"{digits[:3]} {digits[3:6]}"
        return None

    def _meant(self, asked: str) -> str:
        """ "What would you like to change, the day or the time?" asks for the one of them that is wanted."""
        groups = [intent.one_of for intent in self._intents.values() if asked in intent.one_of]
        wanted = [name for group in groups for name in group if name in self.goal.values]
        return asked if asked in self.wanted else next(iter(wanted), asked)

    def _say_loosely(self, heard: Heard) -> str:
        self.answered = heard.key
        assert self.goal.loose
        is_said = "loose" in self._says.told and heard.slot == "at"
        self._says.told.add("loose")
        return self._rng.choice(own.ANY_TIME if is_said else self.goal.loose.words)

    def _confirm(self, heard: Heard) -> str:
        self.answered = heard.key
        if self.goal.loose and not self._fits_loosely(heard):
            return self._rng.choice(own.WRONG).format(self._rng.choice(self.goal.loose.words))
        self._settle_choice(heard)
        if wrong := self._wrong(heard.text):
            slot = wrong[0]
            return self._says.template("correct", (slot,)) or self._rng.choice(own.WRONG).format(self._says.value(slot))
        changing = [slot for slot in _CAN_CHANGE if slot in self.goal.values]
        if changing and self.habits.take("changes_mind"):
            slot = self._rng.choice(changing)
            self.wanted[slot] = self._says.other(slot)
            self._says.told.add(slot)
            return self._rng.choice(own.MIND).format(self._says.bare(slot))
        again = heard.key in self._agreed
        self._agreed.add(heard.key)
        said = None if again else self._says.template("agree")
        return said or self._rng.choice(own.YES)

    def _offer(self, heard: Heard) -> str:
        self.answered = heard.key
        offers = heard.offers
        if self.goal.loose:
            fitting = [one for one in offers if isinstance(one.get("day"), date) and self._does(one)]
            if not fitting:
                self._says.told.discard("loose")
                return self._say_loosely(heard)
            return self._take_by_value(self._rng.choice(fitting), offers)
        if self.habits.take("refuses"):
            self.answered = ""
            return self._says.template("others") or self._rng.choice(own.NONE_OF_THEM)
        if fits := [offer for offer in offers if all(self.wanted.get(name) == offer[name] for name in offer)]:
            return self._take_by_value(fits[0], offers)
        chosen = self._rng.randrange(len(offers))
        if len(offers) == 1 or self._rng.random() < 0.25:
            self._choice = offers
            said = self._says.template("take") or self._rng.choice(own.TAKES)
            if len(offers) == 1:
                self._settle(offers[0])
            return self._says.with_more(said, "at") if self.habits.take("over_answers") else said
        if self._rng.random() < 0.4:
            return self._take_by_order(offers)
        return self._take_by_value(offers[chosen], offers)

    def _fits_loosely(self, heard: Heard) -> bool:
        """Whether what was read back does; then it is what is wanted."""
        said = heard.text[heard.text.rfind("That is") :]
        day, at = find_day(said, self._now), find_time(said)
        if not (self.goal.loose and day and at and self.goal.loose.fits(day, at)):
            return False
        self.wanted.update(day=day, at=at)
        return True

    def _does(self, offer: Mapping[str, object]) -> bool:
        day, at = offer["day"], offer["at"]
        assert self.goal.loose
        return isinstance(day, date) and isinstance(at, time) and self.goal.loose.fits(day, at)

    def _take_by_order(self, offers: Sequence[Mapping[str, object]]) -> str:
        in_time = sorted(offers, key=lambda offer: (str(offer.get("day")), str(offer["at"])))
        way = self._rng.choice(("first", "last", "later", "earlier"))
        if way in {"later", "earlier"} and len(offers) == 2:
            self._settle(in_time[-1 if way == "later" else 0])
            return self._rng.choice(own.LATER if way == "later" else own.EARLIER)
        place = -1 if way in {"last", "later"} else 0
        self._settle(offers[place])
        return self._rng.choice(own.ORDERS[place])

    def _take_by_value(self, offer: Mapping[str, object], offers: Sequence[Mapping[str, object]]) -> str:
        same_time = [one for one in offers if one["at"] == offer["at"]]
        same_day = offer.get("day") == self.wanted.get("day")
        self._settle(offer)
        if same_day and len(same_time) == 1:
            return self._says.template("tell", ("at",)) or self._says.tell("at")
        text = self._says.template("tell", ("day", "at")) if self._rng.random() < 0.5 else None
        return text or f"{self._says.bare('at')} on {self._says.bare('day')}"

    def _settle(self, offer: Mapping[str, object]) -> None:
        self.wanted.update({name: value for name, value in offer.items() if name in {"day", "at"}})
        self._says.told |= {"day", "at"} & offer.keys()

    def _settle_choice(self, heard: Heard) -> None:
        for offer in self._choice:
            trial = {**self.wanted, **offer}
            if not [slot for slot in self._wrong(heard.text, trial) if slot in {"day", "at"}]:
                self._settle(offer)
        self._choice = ()

    def _wrong(self, reply: str, wanted: Mapping[str, object] | None = None) -> list[str]:
        """The values that should have been read back, and were not, or not so."""
        wanted = wanted or self.wanted
        intent = self._intents[self.goal.tools[0]]
        heard = f" {loose(reply)} "
        found = []
        for slot in intent.slots:
            if slot.name not in self.goal.values or not slot.is_written or f"{{{slot.name}}}" not in intent.confirm:
                continue
            is_read_back = f" {loose(as_read(slot, wanted[slot.name]))} " in heard
            if not is_read_back and not self._is_heard_so(slot, reply):
                found.append(slot.name)
        if intent.reads_back and "amount" in wanted:
            amount = wanted["amount"]
            said = any(loose(f"{sign}{amount:,}") in heard for sign in ("$", ""))
            found += [] if said else ["amount"]
        return found

    def _is_heard_so(self, slot: Slot, reply: str) -> bool:
        """Whether a name was read back that sounds like the caller's; then it is written down as it was understood."""
        said = (
            sounding_like(str(self.wanted[slot.name]), reply) if self._is_by_ear and slot.kind is SlotKind.NAME else ""
        )
        if said:
            self.wanted[slot.name] = said
            self.is_spelled_otherwise = True
        return bool(said)

    def _go_on(self) -> str | None:
        """Nothing was asked that the caller knows of: say what is still to be said, or everything once more."""
        self._lost += 1
        if self._lost > _PATIENCE:
            return None
        return self._rng.choice(own.LOST).format(self._next_fact())

    def _next_fact(self) -> str:
        untold = [slot for slot in self.goal.values if slot not in self._says.told]
        if untold and self._lost < 3:
            return self._says.tell(untold[0])
        said = self._says.template("open", (), [slot for slot in self.goal.values if slot in KINDS])
        if said and not self._wants_more(said):
            return said
        return self._rng.choice(own.OPENINGS[self.goal.tools[0]])

    def _aside(self) -> str:
        said = self._says.template("ask")
        there = own.ASIDES.get(self.goal.profile, ())
        return said or (self._rng.choice(there) if there else "")
