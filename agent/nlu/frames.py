"""From a wanted tool to its call: fill the slots, ask for the first that is missing, confirm what changes something."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from num2words import num2words

from agent.nlu.history import Value
from agent.nlu.intent import Intent, Slot, SlotKind
from agent.nlu.moment import Moment
from agent.nlu.slots import Heard, codes, fill
from agent.nlu.state import Asked, Frame, Pending, Request, State
from agent.rules import readback

# A yes in "yes, I want to cancel" or any word at all would fill these, so they are read in answers only.
_ANSWERS_ONLY = frozenset({SlotKind.YES_NO, SlotKind.TEXT})
_OTHERS = ("another", "other", "different", "else", "second", "new", "next")
REMEMBER_TURNS = 3


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
    for slot in intent.slots:
        words = moment.joined or clause if slot.kind is SlotKind.WORDS else clause
        values = () if slot.kind in _ANSWERS_ONLY else fill(Heard(slot, words, moment.now))
        if len(values) > 1:
            several = values
        if values:
            known[slot.name] = values[0]
        elif slot.name not in known and not slot.is_optional and not _has_partial(slot, clause, moment):
            known.update(_remembered(slot, moment, state))
    if several and not intent.confirm and not intent.reads_back:
        slot = next(s for s in intent.slots if s.kind is SlotKind.CODE)
        steps = [proceed(Frame(tool, {**known, slot.name: value}), moment) for value in several]
        return Step(tuple(r for step in steps for r in step.requests), steps[-1].frame, steps[-1].pending)
    return proceed(Frame(tool, known), moment)


def proceed(frame: Frame, moment: Moment) -> Step:
    """The call when the frame is complete, the next question when it is not."""
    intent = moment.intents[frame.tool]
    for slot in intent.slots:
        if slot.name not in frame.values and not slot.is_optional:
            return Step(frame=replace(frame, age=0), pending=Pending(Asked.SLOT, slot.ask, slot.name))
    if intent.confirm:
        return Step(frame=replace(frame, age=0), pending=Pending(Asked.CONFIRM, confirmation(intent, frame.values)))
    return Step(requests=(Request(frame.tool, frame.values),))


def confirmation(intent: Intent, values: Mapping[str, Value]) -> str:
    """The question before something is changed, with the values as they are spoken."""
    spoken = {slot.name: say(slot, values[slot.name]) for slot in intent.slots if slot.name in values}
    missing = {slot.name: "" for slot in intent.slots if slot.name not in values}
    return intent.confirm.format(**spoken, **missing)


def say(slot: Slot, value: Value) -> str:
    """A value as the caller should hear it back."""
    match slot.kind:
        case SlotKind.CODE:
            return readback.code(str(value))
        case SlotKind.PHONE:
            return readback.phone(str(value))
        case SlotKind.DATE:
            day = date.fromisoformat(str(value))
            return f"{day:%A}, {day:%B} {num2words(day.day, to='ordinal')}"
        case SlotKind.TIME:
            at = time.fromisoformat(str(value))
            return f"{at.hour % 12 or 12}{f':{at.minute:02d}' if at.minute else ''} {'AM' if at.hour < 12 else 'PM'}"
        case SlotKind.EMAIL:
            return readback.address(str(value))
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
