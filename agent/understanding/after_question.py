"""Strategies for a turn that comes after a question of ours: the offer of a human, a confirmation, a missing slot.

Each returns None when the turn is no answer; then it is taken for what it says.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from agent.answer import Value
from agent.intent import Intent, Slot, SlotKind, is_made_up_for
from agent.language.en.yes_no import find_yes_no, is_bare
from agent.language.moments import moments
from agent.understanding.consent import agrees
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import Step, asks_else, changed, proceed, renamed, shares_slots, taking
from agent.understanding.history import was_heard
from agent.understanding.joining import begun_value, read_on
from agent.understanding.matching.intents import SURE, Question, Talk, Tool
from agent.understanding.reading.codes import MARKERS, digits_only
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.slots import Heard, fill, in_figures
from agent.understanding.reading.small_talk import Small
from agent.understanding.reading.wanting import asks_to_know
from agent.understanding.reading.words import content_words, is_noise, plain, words
from agent.understanding.replies import END, MUCH, VERIFY, act, ask_again, call, give_up_on, human, leave
from agent.understanding.state import Asked, Frame, Pending, Plan, Request, State

_AGAIN = re.compile(rf"^(?:{MARKERS})\b[\s,.]+", re.IGNORECASE)
_NO_MORE = re.compile(r"\b(?:no|nope|nah|not|rather|right now|now|today|yet|thanks|thank you)\b")
_ASIDES = frozenset({Small.REPEAT, Small.HOLD_ON, Small.ROBOT, Small.ABILITIES})
_TOLD_KINDS = frozenset({SlotKind.DATE, SlotKind.TIME, SlotKind.NUMBER, SlotKind.MONEY, SlotKind.PHONE})
_LONG_NUMBERS = frozenset({SlotKind.CODE, SlotKind.PHONE})
_COUNTED = frozenset({SlotKind.DATE, SlotKind.TIME, SlotKind.NUMBER, SlotKind.RANGE})
_MANY = 5  # digits; no time has as many
_AMID_DIGITS = frozenset({"to", "too", "for", "or", "and", "oh", "o"})
_OPEN_KINDS = frozenset({SlotKind.TEXT, SlotKind.NAME, SlotKind.WORDS})


def answer_human(current: CurrentTurn, state: State) -> Plan | None:
    """The caller answers "would you like to talk to a person"."""
    is_asked = state.pending is not None and state.pending.asked is Asked.HUMAN
    if not is_asked and not _was_offered_person(current):  # dialog/offering.py does, and no plan of ours knows of it
        return None
    if state.frame and state.frame.tool in current.intents and changed(state.frame, current):
        return None  # "hold on, I found it, it's 4571": what was asked before is answered after all
    said = find_yes_no(current.text)
    if said is True and human(current) and len(words(current.text)) <= 8 and not _tells_more(current):
        return call(state, Request(human(current)))
    if said is False and len(words(current.text)) <= 4:
        state = replace(state, pending=None, frame=None, failures=0)
        return Plan(state, after=(current.sentence(current.sentences.abilities),))
    return None


def _tells_more(current: CurrentTurn) -> bool:
    """ "Okay, make it for seven" goes on with what was wanted, and wants no person."""
    slots = [slot for intent in current.intents.values() for slot in intent.slots if slot.kind in _TOLD_KINDS]
    return bool(read(slots, current.text, current.now))


def _was_offered_person(current: CurrentTurn) -> bool:
    offer = current.sentence(current.sentences.offer_person)
    return current.prompt is not None and current.prompt.text.rstrip().endswith(offer)


def answer_confirmation(current: CurrentTurn, state: State) -> Plan | None:
    """ "Shall I cancel order 4571?": only an unconditional yes to the whole question acts."""
    pending, frame = state.pending, state.frame
    if not pending or pending.asked is not Asked.CONFIRM or not frame or frame.tool not in current.intents:
        return None
    wish = current.wish(current.text)
    if not asks_else(current, frame) and (values := changed(frame, current)):
        return act(state, proceed(taking(frame, values, current), current))
    if isinstance(wish, Talk) and wish.kind is Small.NEVER_MIND and find_yes_no(current.text) is not True:
        return leave(current, state)
    is_end = isinstance(wish, Tool) and wish.name == END and not current.says_goodbye
    is_other = isinstance(wish, Question) or (isinstance(wish, Tool) and wish.name != frame.tool and not is_end)
    if isinstance(wish, Talk) and wish.kind in _ASIDES:
        return None
    said = find_yes_no(current.text)
    if isinstance(wish, Tool) and is_other and not frame.values.keys().isdisjoint(current.intents[wish.name].one_of):
        # "make it four instead" is about this one, if it does not say of what
        return ask_again(current, state, pending)
    if said is not None and wish and is_other and wish.score >= SURE:
        return None
    if said is True:
        is_meant = was_heard(pending.text, current.prompt) and agrees(current.text) and not current.is_question
        return call(state, Request(frame.tool, frame.values)) if is_meant else ask_again(current, state, pending)
    if said is False:
        return _denied(current, state, frame)
    if is_other:
        return None
    return _once_more(current, state, pending)


def _denied(current: CurrentTurn, state: State, frame: Frame) -> Plan:
    """ "No, Carlos Mendez" has another name. A no alone drops it, and so does "no, I don't want that"; what else is
    said with a no may be the right value, which nobody understood, and much was told by then."""
    if name := renamed(frame, current):
        return act(state, proceed(taking(frame, name, current), current))
    is_all = is_bare(current.text) or current.is_denied or not content_words(_NO_MORE.sub("", plain(current.text)))
    if is_all or len(frame.values) < MUCH:
        return leave(current, state)
    asked = Pending(Asked.CHANGE, current.sentence(current.sentences.what_differs))
    return Plan(replace(state, frame=replace(frame, age=0), pending=asked), after=(asked.text,))


def answer_slot(current: CurrentTurn, state: State) -> Plan | None:
    """The caller answers "what is your order number", or says something else instead."""
    frame = state.frame
    if not frame or frame.tool not in current.intents or frame.tool == VERIFY:
        return None
    is_asked = bool(state.pending and state.pending.asked is Asked.SLOT)
    slot = _waiting(current, state, frame)
    if slot is None or (not is_asked and slot.kind in _OPEN_KINDS):
        return None
    wish = current.wish(current.text)
    if is_asked and isinstance(wish, Talk) and wish.kind is Small.NEVER_MIND:
        return leave(current, state)
    if is_asked and isinstance(wish, Talk) and wish.kind is Small.NOT_HAD:
        return _without(current, state, frame, slot)
    is_aside = isinstance(wish, Talk) and wish.kind is not Small.THANKS and slot.kind is not SlotKind.YES_NO
    is_sure = bool(wish and (wish.score >= SURE or slot.kind not in _OPEN_KINDS))
    if is_aside and is_sure and not fill(Heard(slot, current.text, current.now)) and not changed(frame, current):
        return None
    if _is_other_request(current, frame, slot):
        return None
    if is_asked and state.pending and (choice := _asked_about(current, frame, slot)):
        return _tell_of(choice, current, state, frame, state.pending)
    if is_asked and state.pending and _wants_it_again(current, frame, slot):
        return _once_more(current, state, state.pending)
    return _take(current, state, frame, slot, is_asked)


def _asked_about(current: CurrentTurn, frame: Frame, asked: Slot) -> Slot | None:
    """The choice that "do they have outdoor seating" names and does not take, where nobody has asked for it."""
    said = changed(frame, current, asked.name)
    slots = current.intents[frame.tool].slots
    free = {s.name: s for s in slots if s.is_optional and s.kind is SlotKind.CHOICE and s.name != asked.name}
    is_asking = bool(said) and said.keys() <= free.keys() and asks_to_know(current.text)
    return free[next(iter(said))] if is_asking else None


def _tell_of(choice: Slot, current: CurrentTurn, state: State, frame: Frame, pending: Pending) -> Plan:
    """What is known of it, and the question again; else what there is to choose from, which its own question says."""
    if known := current.known:
        return Plan(state.fresh, after=(known.found.answer, pending.text))
    return act(state, Step(frame=replace(frame, age=0), pending=Pending(Asked.SLOT, choice.ask, choice.name)))


def _take(current: CurrentTurn, state: State, frame: Frame, slot: Slot, is_asked: bool) -> Plan | None:
    is_answer = is_asked or digits_only(current.text)
    if is_asked and (reworded := _reworded(current, frame, slot)):
        return act(state, proceed(taking(frame, reworded, current), current))
    is_number = digits_only(current.text) and slot.kind is not SlotKind.CHOICE
    is_alone = slot.kind in {SlotKind.TEXT, SlotKind.WORDS} or is_number
    others = {} if is_alone else changed(frame, current, slot.name if is_answer else "")
    value = others.pop(slot.name, None)
    if is_asked and value is None and slot.kind in _LONG_NUMBERS and _is_half_a_number(current):
        counted = {s.name for s in current.intents[frame.tool].slots if s.kind in _COUNTED}
        others = {name: told for name, told in others.items() if name not in counted}
    if values := _answered(current, frame, slot, is_answer, value, others):
        return act(state, proceed(taking(frame, {**others, slot.name: values[-1]}, current), current))
    if others and (is_asked or is_made_up_for(slot, current.intents[frame.tool].slots, others)):
        return act(state, proceed(taking(frame, others, current), current))
    if is_answer and (begun := begun_value(slot, current.text, frame.partial)):
        waiting = replace(state, frame=replace(frame, partial=begun, age=0), failures=0)
        return Plan(waiting, after=(current.sentence(current.sentences.go_on),))
    if not is_asked or not state.pending:
        return None
    if current.wish(current.text) is not None or (current.is_question and not digits_only(current.text)):
        return None
    if slot.is_optional and slot.kind is SlotKind.CHOICE:
        return act(state, proceed(frame, current))  # "I don't mind": nobody has to choose
    return _once_more(current, state, state.pending)


def _is_half_a_number(current: CurrentTurn) -> bool:
    """True for many digits of which some sound like a day or a time, and no word says that they are one: "two one to
    five five five nine" is no 4:59."""
    figures = in_figures(plain(current.text))
    said = (words(figures[moment.start : moment.end]) for moment in moments(figures, current.now.date()))
    is_unmarked = all(word.isdigit() or word in _AMID_DIGITS for span in said for word in span)
    return is_unmarked and sum(character.isdigit() for character in figures) >= _MANY


def _reworded(current: CurrentTurn, frame: Frame, slot: Slot) -> dict[str, Value]:
    """ "No, forty-four Elm Street" after the next question: the words given last, and not an answer to it."""
    slots = current.intents[frame.tool].slots
    before = slots[slots.index(slot) - 1] if slots.index(slot) else slot
    is_text = slot.kind is before.kind is SlotKind.TEXT and before.name in frame.values
    again = _AGAIN.sub("", current.text.strip(), count=1)
    return {before.name: again} if is_text and again != current.text.strip() and words(again) else {}


def _answered(
    current: CurrentTurn, frame: Frame, slot: Slot, is_answer: bool, value: Value | None, others: Mapping[str, Value]
) -> tuple[Value, ...]:
    """The asked slot's values. When the turn is about another slot, what is left of it is no name and no text."""
    if value is not None and not frame.partial:
        return (value,)
    if others and (slot.kind in _OPEN_KINDS or not frame.partial):
        return ()
    return read_on(Heard(slot, current.text, current.now, is_answer), frame.partial)


def _once_more(current: CurrentTurn, state: State, pending: Pending) -> Plan:
    """The answer was none: ask again once, then offer a human."""
    if state.failures >= 1 and human(current):
        return give_up_on(current, state)
    if is_noise(current.text):
        return ask_again(current, state, pending)
    return ask_again(current, replace(state, failures=state.failures + 1), pending, current.sentences.say_again)


def _without(current: CurrentTurn, state: State, frame: Frame, slot: Slot) -> Plan:
    """The caller does not have what we need; perhaps what stands for it."""
    others = [s.ask for s in current.intents[frame.tool].slots if s.stands_for == slot.name]
    needed = current.sentence(current.sentences.needed if human(current) else current.sentences.not_understood)
    pending = Pending(Asked.HUMAN, needed) if human(current) else None
    return Plan(replace(state, pending=pending, failures=0), before=tuple(others), after=(needed,))


def _waiting(current: CurrentTurn, state: State, frame: Frame) -> Slot | None:
    name = state.pending.slot if state.pending and state.pending.asked is Asked.SLOT else ""
    slots = current.intents[frame.tool].slots
    there = frame.values
    missing = [s for s in slots if s.name not in there and not s.is_optional and not is_made_up_for(s, slots, there)]
    return next((s for s in slots if s.name == name), missing[0] if missing else None)


def _wants_it_again(current: CurrentTurn, frame: Frame, slot: Slot) -> bool:
    """ "Cancel my reservation", said again, is no name."""
    wish = current.wish(current.text)
    is_same = isinstance(wish, Tool) and wish.name == frame.tool and wish.score >= SURE
    return is_same and slot.kind is SlotKind.NAME and not changed(frame, current)


def _is_answer(current: CurrentTurn, frame: Frame, slot: Slot) -> bool:
    heard = Heard(slot, current.text, current.now, is_answer=True)
    return bool(fill(heard) or begun_value(slot, current.text, frame.partial))


def _is_other_request(current: CurrentTurn, frame: Frame, slot: Slot) -> bool:
    """True when the turn asks for something else so clearly that it is no answer."""
    wish = current.wish(current.text)
    if digits_only(current.text) or not isinstance(wish, Tool | Question):
        return False
    is_told = len(words(current.text)) <= 4 or not current.is_question
    is_closed = slot.kind is not SlotKind.CODE and slot.kind not in _OPEN_KINDS
    if is_told and is_closed and (_is_answer(current, frame, slot) or changed(frame, current, slot.name)):
        return False
    if isinstance(wish, Tool) and (wish.name == frame.tool or shares_slots(current, frame, wish.name)):
        return False
    if (
        isinstance(wish, Tool)
        and _takes_too(current.intents[wish.name], slot)
        and slot.name in changed(frame, current, slot.name)
    ):
        return False  # "can you make an appointment for the 30th", asked for the day to move one to
    if slot.kind is SlotKind.CODE and not current.is_question and fill(Heard(slot, current.text, current.now)):
        return isinstance(wish, Tool) and wish.score >= SURE  # "found the receipt, 4573" asks nothing about receipts
    return wish.score >= (SURE if slot.kind in _OPEN_KINDS else SURE - 0.1)


def _takes_too(intent: Intent, slot: Slot) -> bool:
    """Whether another tool that changes something has the same slot, so that its words may answer ours."""
    return bool(intent.confirm) and any(other.name == slot.name for other in intent.slots)
