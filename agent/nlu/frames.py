"""From a wanted tool to its call: fill the slots, ask for the first that is missing, confirm what changes something."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from agent.nlu.history import Value
from agent.nlu.intent import Intent, Slot, SlotKind
from agent.nlu.intents import SURE, Question, Tool
from agent.nlu.moment import Moment
from agent.nlu.offers import chosen, offered
from agent.nlu.several import read
from agent.nlu.slots import Heard, codes, fill
from agent.nlu.state import Asked, Frame, Pending, Request, State
from agent.nlu.words import words
from agent.rules import written

_OTHERS = ("another", "other", "different", "else", "second", "new", "next")
REMEMBER_TURNS = 3
_TERSE = 3  # words: "monday" is an answer, however near it is to a question about days


@dataclass(frozen=True, slots=True)
class Step:
    """What a wanted tool leads to: calls, or a question with the frame that waits for its answer."""

    requests: tuple[Request, ...] = ()
    frame: Frame | None = None
    pending: Pending | None = None


def start(tool: str, clause: str, moment: Moment, state: State) -> Step:
    """`clause` wants `tool`; values come from it, from the frame that waits, and from the last calls."""
    intent = moment.intents[tool]
    known = dict(state.frame.values) if state.frame and state.frame.tool == tool else {}
    several: tuple[Value, ...] = ()
    said = read(intent.slots, clause, moment.now)
    for slot in intent.slots:
        values = said.get(slot.name, ())
        if slot.kind is SlotKind.WORDS:
            values = fill(Heard(slot, moment.joined or clause, moment.now))
        if len(values) > 1:
            several = values
        if values:
            known[slot.name] = values[0]
        elif slot.name not in known and not slot.is_optional and not _has_partial(slot, clause, moment):
            known.update(_remembered(slot, moment, state))
    if several and not intent.changes_something:
        slot = next(s for s in intent.slots if s.kind is SlotKind.CODE)
        steps = [proceed(Frame(tool, {**known, slot.name: value}), moment) for value in several]
        return Step(tuple(r for step in steps for r in step.requests), steps[-1].frame, steps[-1].pending)
    taken = choice(clause, moment, intent, known) or {}
    return proceed(Frame(tool, {**known, **taken}), moment)


def choice(
    text: str, moment: Moment, intent: Intent, known: Mapping[str, Value], fewest: int = 1
) -> Mapping[str, Value] | None:
    """What the words take of the ways out that the agent has just offered, if those are not fewer than `fewest`."""
    offers = offered(moment.prompt.text if moment.prompt else "", intent.slots, moment.now)
    return chosen(text, offers, intent.slots, known, moment.now) if len(offers) >= fewest else None


def changed(frame: Frame, moment: Moment, asked: str = "") -> dict[str, Value]:
    """Slots that the caller gives another value than the frame has: "no, 4572", "make it eight o'clock"."""
    said = read(moment.intents[frame.tool].slots, moment.text, moment.now, asked)
    return {name: values[-1] for name, values in said.items() if values[-1] != frame.values.get(name)}


def shares_slots(moment: Moment, frame: Frame, tool: str) -> bool:
    """ "Make it five people" sounds like another tool, but changes what is being asked for: both take what was said,
    and the other is the look that belongs to it, or a change as well. "Are you open on Saturday" only asks."""
    intent = moment.intents[tool]
    looks = {slot.look_first for slot in moment.intents[frame.tool].slots}
    is_akin = bool(intent.confirm) or tool in looks or intent.leads_to == frame.tool
    return is_akin and not {slot.name for slot in intent.slots}.isdisjoint(changed(frame, moment))


def asks_else(moment: Moment, frame: Frame) -> bool:
    """ "What day is it today?" names a day, and changes nothing that is wanted."""
    wish = moment.wish(moment.text)
    if isinstance(wish, Tool) and (wish.name == frame.tool or shares_slots(moment, frame, wish.name)):
        return False
    is_terse = len(words(moment.text)) <= _TERSE
    return isinstance(wish, Tool | Question) and wish.score >= SURE and moment.is_question and not is_terse


def proceed(frame: Frame, moment: Moment) -> Step:
    """The call when the frame is complete, the next question when it is not."""
    intent = moment.intents[frame.tool]
    waiting = replace(frame, age=0, partial="")
    look = None
    for slot in intent.slots:
        look = look or _look(slot, frame, moment)
        if slot.name not in frame.values and not slot.is_optional:
            return _asking(waiting, Pending(Asked.SLOT, slot.ask, slot.name), look)
    if intent.one_of and frame.values.keys().isdisjoint(intent.one_of):
        return _asking(waiting, Pending(Asked.CHANGE, intent.ask_one_of), look)
    if intent.confirm:
        return _asking(waiting, Pending(Asked.CONFIRM, worded(intent.confirm, intent, frame.values)), look)
    return Step(requests=(Request(frame.tool, frame.values),))


def _asking(frame: Frame, pending: Pending, look: Request | None) -> Step:
    return Step((look,), replace(frame, looked=look), pending) if look else Step((), frame, pending)


def _look(slot: Slot, frame: Frame, moment: Moment) -> Request | None:
    """The call that sees whether it can be had, once it can be made and unless it was made with the same values."""
    intent = moment.intents.get(slot.look_first)
    if intent is None or any(s.name not in frame.values and not s.is_optional for s in intent.slots):
        return None
    known = {s.name: frame.values[s.name] for s in intent.slots if s.name in frame.values}
    look = Request(slot.look_first, known)
    return None if look == frame.looked else look


def worded(template: str, intent: Intent, values: Mapping[str, Value]) -> str:
    """One of an intent's sentences, such as the question before something is changed, with the values as they are
    written."""
    there = [slot for slot in intent.slots if slot.name in values]
    spoken = {slot.name: slot.phrase.format(say(slot, values[slot.name])) for slot in there}
    missing = {slot.name: "" for slot in intent.slots if slot.name not in values}
    said = " ".join(template.format(**spoken, **missing).split())
    return re.sub(r",?\s*([?.])", r"\1", re.sub(r"\s+,", ",", said))


def say(slot: Slot, value: Value) -> str:
    """A value as the caller should read it; the voice says its words."""
    match slot.kind:
        case SlotKind.CODE:
            return written.code(str(value))
        case SlotKind.PHONE:
            return written.phone(str(value))
        case SlotKind.DATE:
            day = date.fromisoformat(str(value))
            return f"{day:%A}, {written.day(day)}"
        case SlotKind.TIME:
            return written.clock(time.fromisoformat(str(value)))
        case SlotKind.NUMBER:
            return written.number(int(value))
        case SlotKind.YES_NO:
            return "yes" if value else "no"
        case _:
            return str(value)


def _has_partial(slot: Slot, clause: str, moment: Moment) -> bool:
    """Some digits were said, if too few: then another value is meant than the remembered one."""
    return slot.kind is SlotKind.CODE and len(codes(Heard(slot, clause, moment.now)).partial) > 1


def _remembered(slot: Slot, moment: Moment, state: State) -> dict[str, Value]:
    """ "Has it shipped?" after a question about order 4571 means order 4571; its answer says the number again."""
    if state.last_age > REMEMBER_TURNS or moment.has(*_OTHERS):
        return {}
    for request in reversed(state.last):
        if slot.name in request.arguments:
            return {slot.name: request.arguments[slot.name]}
    return {}
