"""Strategies for a turn after something could not be had: one of the ways out that were offered, or another wish."""

from collections.abc import Mapping

from agent.answer import Value
from agent.intent import SlotKind
from agent.language.en.yes_no import find_yes_no
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import (
    asks_else,
    changed,
    choice,
    earlier_choice,
    own_choice,
    proceed,
    renamed,
    taking,
    without_old_day,
)
from agent.understanding.matching.intents import SURE, Talk, Tool
from agent.understanding.reading.slots import is_for_new
from agent.understanding.reading.small_talk import Small
from agent.understanding.reading.time_ranges import ANY
from agent.understanding.reading.when import find_time, is_only_moment
from agent.understanding.reading.words import plain, words
from agent.understanding.replies import CORRECTS, act, ask_again, leave
from agent.understanding.state import Asked, Frame, Plan, State

_MOMENTS = frozenset({SlotKind.DATE, SlotKind.TIME})
_COUNTED = _MOMENTS | {SlotKind.NUMBER}
_REMEMBERED = 2  # turns
_OPEN = frozenset({Asked.CHANGE, Asked.SLOT})


def take_offer(current: CurrentTurn, state: State) -> Plan | None:
    """ "The second one", "then half past eight": what was offered goes into what is wanted."""
    pending, frame = state.pending, state.frame
    if pending is None or frame is None or frame.tool not in current.intents or pending.asked not in _OPEN:
        return None
    # what is told before a question for something else leaves nothing to choose
    is_open = pending.asked is Asked.CHANGE
    intent = current.intents[frame.tool]
    taken = (
        own_choice(current.text, current, intent, frame.values, pending.slot)
        or choice(current.text, current, intent, frame.values, fewest=1 if is_open else 2)
        or earlier_choice(current.text, current, intent, frame.values)
    )
    if not taken or asks_else(current, frame) or _narrows(current, frame):
        return None
    taken = without_old_day(intent.slots, taken, frame.values, pending.slot)
    return act(state, proceed(taking(frame, taken, current), current))


def _narrows(current: CurrentTurn, frame: Frame) -> bool:
    """ "Any day other than Monday" takes none of them: it says what will do."""
    ranges = {slot.name for slot in current.intents[frame.tool].slots if slot.kind is SlotKind.RANGE}
    return any(name in ranges and value != ANY for name, value in changed(frame, current).items())


def change_wish(current: CurrentTurn, state: State) -> Plan | None:
    """ "Make it Sunday then" after "we're closed on Mondays", or "forget it"."""
    pending, frame = state.pending, state.frame
    if pending is None or pending.asked is not Asked.CHANGE or frame is None or frame.tool not in current.intents:
        return None
    wish = current.wish(current.text)
    if isinstance(wish, Talk) and wish.kind is Small.NEVER_MIND:
        return leave(current, state)
    if state.is_dead_end and _wants_else(current, frame):
        return None
    values = changed(frame, current) or (renamed(frame, current) if current.wish(current.text) is None else {})
    values = values or _only_one(frame, current)
    if not asks_else(current, frame) and values:
        return act(state, proceed(taking(frame, values, current), current))
    said = find_yes_no(current.text)
    if said is True and not state.is_dead_end and current.wish(current.text) is None:
        return ask_again(current, state, pending)  # yes to which of them
    is_wished = isinstance(wish, Tool) and wish.score >= SURE  # "Monday doesn't work any more, can we reschedule"
    if said is False and not state.is_dead_end and current.tells_number:
        return ask_again(current, state, pending)  # "wait, no, four"
    return leave(current, state) if said is False and not is_wished else None


def _only_one(frame: Frame, current: CurrentTurn) -> dict[str, Value]:
    """ "Seven thirty", which says of nothing that it is what changes, where only one value can be meant."""
    is_time = is_only_moment(current.text) or find_time(plain(current.text), is_answer=True) is not None
    is_moment = is_time and len(words(current.text)) > 1  # "three" may be anything
    slots = (
        slot
        for slot in current.intents[frame.tool].slots
        if slot.name in frame.values and (slot.kind in _MOMENTS or not is_moment) and slot.kind is not SlotKind.NAME
    )
    found = {s.name: value for s in slots if (value := changed(frame, current, s.name).get(s.name)) is not None}
    found |= renamed(frame, current)  # anything might be a name: only what is written like one
    return found if len(found) == 1 else {}


def _wants_else(current: CurrentTurn, frame: Frame) -> bool:
    """ "Call me back tomorrow" names a day, and is no other day for a table that nobody can have."""
    wish = current.wish(current.text)
    is_other = isinstance(wish, Tool) and wish.name != frame.tool and wish.score >= SURE
    return is_other and not CORRECTS.match(plain(current.text))


def take_found(current: CurrentTurn, state: State) -> Plan | None:
    """ "The second one", "yes", "my name is Lee" after a look that nothing else waited for: on to the tool that it
    leads to."""
    if state.frame or not state.last or state.last_age > 1 or state.last[-1].tool not in current.intents:
        return None
    leads_to = current.intents[state.last[-1].tool].leads_to
    if leads_to not in current.intents:
        return None
    known, found = state.last[-1].arguments, current.intents[leads_to]
    taken = choice(current.text, current, found, known)
    is_yes = find_yes_no(current.text) is True and current.wish(current.text) is None
    frame = Frame(leads_to, {s.name: known[s.name] for s in found.slots if s.name in known}, looked=state.last[-1])
    said = changed(frame, current)
    is_told_who = any(slot.kind is SlotKind.NAME and slot.name in said for slot in found.slots)
    if not taken and not is_yes and not is_told_who:
        return None
    return act(state, proceed(taking(frame, taken or said, current), current))


def make_instead(current: CurrentTurn, state: State) -> Plan | None:
    """ "For five, tomorrow at eight" after what was looked up is not there: it is to be made. Who it is for is taken
    over; all of it is read back before anything is written."""
    if state.frame or not state.last or state.last_age > _REMEMBERED:
        return None
    sought = state.last[-1].arguments
    if not sought or not sought.items() <= state.refused:
        return None
    akin = [tool for tool, intent in current.intents.items() if sought.keys() <= {slot.name for slot in intent.slots}]
    told = {tool: said for tool in akin if (said := _told_for_new(tool, current))}
    tool, said = next(iter(told.items())) if len(told) == 1 else ("", {})
    if not tool or _wants_another(current, tool, sought):
        return None
    known = {slot.name: sought[slot.name] for slot in current.intents[tool].slots if slot.name in sought}
    return act(state, proceed(taking(Frame(tool, known), said, current), current))


def _wants_another(current: CurrentTurn, tool: str, sought: Mapping[str, Value]) -> bool:
    """Unless it is the look before that tool, or something that would look for the same in vain once more."""
    wish = current.wish(current.text)
    if not isinstance(wish, Tool):
        return wish is not None
    wanted = current.intents[wish.name]
    return wanted.leads_to != tool and not sought.keys() <= {slot.name for slot in wanted.slots}


def _told_for_new(tool: str, current: CurrentTurn) -> dict[str, Value]:
    """What the turn says for a tool that makes something, if a day, a time or a number that it needs is among it."""
    intent = current.intents[tool]
    said = changed(Frame(tool, {}), current) if intent.confirm else {}
    counted = (slot for slot in intent.slots if slot.kind in _COUNTED and not slot.is_optional)
    needed = {slot.name for slot in counted if slot.kind is SlotKind.NUMBER or is_for_new(slot)}
    return {} if needed.isdisjoint(said) else said
