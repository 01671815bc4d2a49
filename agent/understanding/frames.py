"""From a wanted tool to its call: fill the slots, ask for the first that is missing, confirm what changes something."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from agent.answer import Value
from agent.intent import Intent, Slot, SlotKind, is_made_up_for
from agent.language.en.relative_days import absolute
from agent.rules.ranges import read_range
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.matching.intents import SURE, Question, Tool
from agent.understanding.offers import chosen, for_slots, preferred, told
from agent.understanding.reading.person_names import find_name
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.slots import Heard, codes, fill, is_birth, is_for_new, is_same_sum
from agent.understanding.reading.time_ranges import ANY
from agent.understanding.reading.words import words
from agent.understanding.state import Asked, Frame, Pending, Request, State
from agent.understanding.wording import IN_ENGLISH, Wording

_OTHERS = ("another", "other", "different", "else", "second", "new", "next")
REMEMBER_TURNS = 3
_CERTAIN = 0.9  # what is told rather than asked is another wish when it is as good as declared
_BESIDE_A_NAME = 3  # words: "no, it's Novak"
_TERSE = 3  # words: "monday" is an answer, however near it is to a question about days


@dataclass(frozen=True, slots=True)
class Step:
    """What a wanted tool leads to: calls, or a question with the frame that waits for its answer."""

    requests: tuple[Request, ...] = ()
    frame: Frame | None = None
    pending: Pending | None = None


def start(tool: str, clause: str, current: CurrentTurn, state: State) -> Step:
    """`clause` wants `tool`; values come from it, from the frame that waits, and from the last calls."""
    intent = current.intents[tool]
    known = dict(state.frame.values) if state.frame and state.frame.tool == tool and not state.is_dead_end else {}
    several: tuple[Value, ...] = ()
    clause = dated(clause, intent.slots, known or (state.last[-1].arguments if state.last else {}))
    said = read(intent.slots, clause, current.now)
    for slot in intent.slots:
        values = said.get(slot.name, ())
        if slot.kind is SlotKind.WORDS:
            values = fill(Heard(slot, current.joined or clause, current.now))
        if len(values) > 1:
            several = values
        if values:
            known[slot.name] = values[0]
        elif (
            slot.name not in known
            and _may_be_remembered(slot, intent, said)
            and not _has_partial(slot, clause, current)
        ):
            known.update(_remembered(slot, current, state, tool))
    known = {**_introduced(intent, state), **known}
    if several and not intent.changes_something:
        slot = next(s for s in intent.slots if s.kind is SlotKind.CODE)
        steps = [proceed(Frame(tool, {**known, slot.name: value}), current) for value in several]
        return Step(tuple(r for step in steps for r in step.requests), steps[-1].frame, steps[-1].pending)
    taken = own_choice(clause, current, intent, known) or choice(clause, current, intent, known) or {}
    return proceed(Frame(tool, {**known, **taken}), current)


def dated(text: str, slots: Sequence[Slot], known: Mapping[str, object]) -> str:
    """ "The day after" is counted from the day that is already spoken of."""
    names = [slot.name for slot in slots if slot.kind is SlotKind.DATE and is_for_new(slot)]
    written = next((str(known[name]) for name in names if known.get(name)), "")
    day = None
    with suppress(ValueError):  # a large model may have written anything
        day = date.fromisoformat(written)
    return absolute(text, day) if names else text


def _introduced(intent: Intent, state: State) -> dict[str, Value]:
    """ "My name is Maria Santos", said before anything was wanted; what is done with it is read back."""
    names = (slot.name for slot in intent.slots if slot.kind is SlotKind.NAME and not slot.is_optional)
    return dict.fromkeys(names, state.name) if state.name else {}


def _may_be_remembered(slot: Slot, intent: Intent, said: Mapping[str, tuple[Value, ...]]) -> bool:
    """Unless what it stands for was said just now, or what stands for it."""
    return slot.stands_for not in said and not is_made_up_for(slot, intent.slots, said)


def choice(
    text: str, current: CurrentTurn, intent: Intent, known: Mapping[str, Value], fewest: int = 1
) -> Mapping[str, Value] | None:
    """What the words take of the ways out that the agent has just offered, if those are not fewer than `fewest`."""
    offers = for_slots(current.offers, intent.slots)
    return chosen(text, offers, intent.slots, known, current.now) if len(offers) >= fewest else None


def own_choice(
    text: str, current: CurrentTurn, intent: Intent, known: Mapping[str, Value], asked: str = ""
) -> Mapping[str, Value] | None:
    """What the words take of the alternatives in them: "six or seven, the later one". Where they say no more, it is
    the first, which is read back."""
    own = told(text, intent.slots, current.now, asked)
    if not own:
        return None
    counted = [slot for slot in intent.slots if slot.kind not in {SlotKind.DATE, SlotKind.TIME}]
    others = {name: values[-1] for name, values in read(counted, text, current.now).items()}
    return {**others, **(preferred(text, own, known) or own[0])}


def earlier_choice(
    text: str, current: CurrentTurn, intent: Intent, known: Mapping[str, Value]
) -> Mapping[str, Value] | None:
    """What "the later one" takes of the alternatives in the caller's turn before."""
    at = next((slot.name for slot in intent.slots if slot.kind is SlotKind.TIME), "")
    return preferred(text, told(current.previous, intent.slots, current.now, at), known)


def changed(frame: Frame, current: CurrentTurn, asked: str = "") -> dict[str, Value]:
    """Slots that the caller gives another value than the frame has: "no, 4572", "make it eight o'clock"."""
    slots = current.intents[frame.tool].slots
    text = dated(current.text, slots, frame.values)
    said = {name: values[-1] for name, values in read(slots, text, current.now, asked).items()}
    said = without_old_day(slots, said, frame.values, asked)
    ranges = {slot.name for slot in slots if slot.kind is SlotKind.RANGE}
    for name in ranges & said.keys() & frame.values.keys():  # "any day but Tuesday", then "mornings only"
        said[name] = str(read_range(str(frame.values[name])).joined(read_range(str(said[name])))) or ANY
    if _is_settled(slots, frame):
        said = {name: value for name, value in said.items() if not (name in ranges and value == ANY)}
    sums = {slot.name for slot in slots if slot.kind is SlotKind.MONEY}
    known = {name: frame.values.get(name) for name in said}
    return {
        name: value
        for name, value in said.items()
        if value != known[name] and not (name in sums and is_same_sum(str(value), str(known[name])))
    }


def taking(frame: Frame, values: Mapping[str, Value], current: CurrentTurn) -> Frame:
    """The frame with what was said now. A day that what will do excludes is dropped ("any day except Tuesday", of a
    Tuesday), and so is what will do where a day outside of it is named."""
    merged = {**frame.values, **values}
    slots = current.intents[frame.tool].slots
    days = [s.name for s in slots if s.kind is SlotKind.DATE and is_for_new(s) and s.name in merged]
    for name in (s.name for s in slots if s.kind is SlotKind.RANGE and merged.get(s.name)):
        for day in days:
            if not read_range(str(merged[name])).has(str(merged[day])):
                del merged[name if day in values else day]
                return replace(frame, values=merged)
    return replace(frame, values=merged)


def _is_settled(slots: Sequence[Slot], frame: Frame) -> bool:
    """Day and time are there: "whatever you have" leaves nothing more open."""
    open_to = [s for s in slots if s.kind in {SlotKind.DATE, SlotKind.TIME} and is_for_new(s)]
    return all(slot.name in frame.values for slot in open_to)


def without_old_day(
    slots: Sequence[Slot], said: Mapping[str, Value], known: Mapping[str, Value], asked: str
) -> dict[str, Value]:
    """ "Make the appointment for the 23rd": once a new day is known, and the day of what exists was not asked for, that
    is the new one."""
    days = {slot.name: bool(slot.cues) for slot in slots if slot.kind is SlotKind.DATE and not is_birth(slot)}
    new = next((name for name, is_cued in days.items() if not is_cued and name in {*said, *known}), "")
    old = next((name for name in said if days.get(name) and name != asked and name not in known), "")
    if not new or not old or (new in said and said[new] != said[old]):
        return dict(said)
    return {**{name: value for name, value in said.items() if name != old}, new: said[old]}


def renamed(frame: Frame, current: CurrentTurn) -> dict[str, Value]:
    """The name that is said and nothing else, "no, Carlos Mendez": written as one, for nothing else announces it."""
    name = find_name(current.text, is_answer=True)
    slot = next((one for one in current.intents[frame.tool].slots if one.kind is SlotKind.NAME), None)
    said = words(current.text)
    if not name or not slot or slot.is_optional or len(said) - len(words(name)) > _BESIDE_A_NAME:
        return {}
    if _is_a_choice(name, current.intents[frame.tool].slots, current):
        return {}
    text = re.sub(r"[\s,]*\b(?:please|thanks|thank you)$", "", current.text.strip(" .!"))
    is_all = text.casefold() == name.casefold()  # then its first word begins a sentence as any word would
    is_written_so = all(re.search(rf"(?<![.!?] )(?<!^)\b{re.escape(part)}\b", text) for part in name.split())
    is_written_so = is_written_so or (is_all and text == name)
    return {slot.name: name} if is_written_so and name != frame.values.get(slot.name) else {}


def _is_a_choice(name: str, slots: Sequence[Slot], current: CurrentTurn) -> bool:
    """ "No, check-up" says what for, and not for whom."""
    choices = (slot for slot in slots if slot.kind is SlotKind.CHOICE)
    return any(fill(Heard(slot, name, current.now, is_answer=True)) for slot in choices)


def shares_slots(current: CurrentTurn, frame: Frame, tool: str) -> bool:
    """ "Make it five people" sounds like another tool, but changes what is being asked for: both take what was said,
    and the other is the look that belongs to it, or a change as well. "Are you open on Saturday" only asks."""
    intent = current.intents[tool]
    looks = {slot.look_first for slot in current.intents[frame.tool].slots}
    is_akin = bool(intent.confirm) or tool in looks or intent.leads_to == frame.tool
    return is_akin and not {slot.name for slot in intent.slots}.isdisjoint(changed(frame, current))


def asks_else(current: CurrentTurn, frame: Frame) -> bool:
    """ "What day is it today?" names a day, and "call me back tomorrow" no name: they change nothing that is wanted."""
    wish = current.wish(current.text)
    if isinstance(wish, Tool) and (wish.name == frame.tool or shares_slots(current, frame, wish.name)):
        return False
    is_terse = len(words(current.text)) <= _TERSE
    is_asked = current.is_question or (isinstance(wish, Tool) and wish.score >= _CERTAIN)
    return isinstance(wish, Tool | Question) and wish.score >= SURE and is_asked and not is_terse


def proceed(frame: Frame, current: CurrentTurn) -> Step:
    """The call when the frame is complete, the next question when it is not."""
    intent = current.intents[frame.tool]
    waiting = replace(frame, age=0, partial="")
    look = None
    for slot in intent.slots:
        looks = bool(slot.look_first) and (slot.kind is not SlotKind.RANGE or slot.name in frame.values)
        look = look or (_look(slot, frame, current) if looks else None)
        is_there = slot.name in frame.values or is_made_up_for(slot, intent.slots, frame.values)
        if look is None and looks and frame.refusal:
            return Step(frame=waiting, pending=frame.refusal)  # what cannot be had is not gone on with
        if not is_there and not slot.is_optional:
            return _asking(waiting, Pending(Asked.SLOT, slot.ask, slot.name), look)
    if intent.one_of and frame.values.keys().isdisjoint(intent.one_of):
        return _asking(waiting, Pending(Asked.CHANGE, intent.ask_one_of), look)
    if intent.confirm:
        return _asking(waiting, Pending(Asked.CONFIRM, confirmation(intent, frame.values)), look)
    return Step(requests=(Request(frame.tool, frame.values),))


def _asking(frame: Frame, pending: Pending, look: Request | None) -> Step:
    return Step((look,), replace(frame, looked=look, refusal=None), pending) if look else Step((), frame, pending)


def _look(slot: Slot, frame: Frame, current: CurrentTurn) -> Request | None:
    """The call that sees whether it can be had, once it can be made and unless it was made with the same values."""
    intent = current.intents.get(slot.look_first)
    if intent is None or any(_is_missing(s, intent, frame) for s in intent.slots):
        return None
    known = {s.name: frame.values[s.name] for s in intent.slots if s.name in frame.values}
    look = Request(slot.look_first, known)
    return None if look == frame.looked else look


def _is_missing(slot: Slot, intent: Intent, frame: Frame) -> bool:
    is_there = slot.name in frame.values or is_made_up_for(slot, intent.slots, frame.values)
    return not is_there and not slot.is_optional


def confirmation(intent: Intent, values: Mapping[str, Value], tool: str = "", wording: Wording = IN_ENGLISH) -> str:
    """The question before something is changed. Every value that will be written is heard in it, or right before it."""
    slots = {slot.name: slot for slot in intent.slots}
    given = {name: value for name, value in values.items() if value != ""}
    question = wording.question(tool, intent)
    omitted = [
        f"{name.replace('_', ' ').capitalize()}: {wording.say(slots[name], value) if name in slots else value}."
        for name, value in given.items()
        if f"{{{name}}}" not in question and (name not in slots or slots[name].is_written)
    ]
    return " ".join((*omitted, worded(question, intent, given, wording)))


def worded(template: str, intent: Intent, values: Mapping[str, Value], wording: Wording = IN_ENGLISH) -> str:
    """One of an intent's sentences, such as the question before something is changed, with the values as they are
    written."""
    there = [slot for slot in intent.slots if slot.name in values]
    spoken = {slot.name: wording.phrase(slot, values[slot.name]) for slot in there}
    missing = {slot.name: "" for slot in intent.slots if slot.name not in values}
    said = " ".join(template.format(**spoken, **missing).split())
    return re.sub(r",?\s*([?.])", r"\1", re.sub(r"\s+,", ",", said))


def _has_partial(slot: Slot, clause: str, current: CurrentTurn) -> bool:
    """Some digits were said, if too few: then another value is meant than the remembered one."""
    return slot.kind is SlotKind.CODE and len(codes(Heard(slot, clause, current.now)).partial) > 1


def _is_akin(before: str, tool: str, current: CurrentTurn) -> bool:
    """The same tool, the look before it, or what it undoes or follows from."""
    intent = current.intents.get(before)
    looks = {slot.look_first for slot in current.intents[tool].slots}
    return before == tool or before in looks or (intent is not None and tool in {intent.leads_to, intent.undone_by})


def _remembered(slot: Slot, current: CurrentTurn, state: State, tool: str) -> dict[str, Value]:
    """ "Has it shipped?" after a question about order 4571 means order 4571; its answer says the number again. What was
    refused does not count, a sum is said each time, and the hour of a table is none to be called back at."""
    if state.last_age > REMEMBER_TURNS or current.has(*_OTHERS) or slot.kind is SlotKind.MONEY:
        return {}
    for request in reversed(state.last):
        is_when = slot.kind in {SlotKind.DATE, SlotKind.TIME} and current.intents[tool].changes_something
        if slot.name in request.arguments and (not is_when or _is_akin(request.tool, tool, current)):
            value = request.arguments[slot.name]
            return {} if (slot.name, value) in state.refused else {slot.name: value}
    return {}
