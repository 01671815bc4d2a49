"""When a tool is refused because the caller is not known: ask who they are, one detail a turn, then do what was wanted.

Like everything here it is computed from the history: the refusal, the details said since, and what verify_identity
answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.answer import Identity, Value
from agent.intent import Slot, SlotKind
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import Step
from agent.understanding.history import ToolAnswered, Turn
from agent.understanding.identity_factors import FACTORS, NAME, begun_name, find_factors
from agent.understanding.joining import begun_value, join
from agent.understanding.matching.intents import SURE, Talk, Tool
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.small_talk import Small
from agent.understanding.reading.words import is_noise
from agent.understanding.replies import VERIFY, act, ask_again, give_up_on, human, leave
from agent.understanding.state import Asked, Frame, Pending, Plan, Request, State

NEEDED = "needed"  # beside the details in a frame's values: how many it takes
FOR_QUESTIONS = 2


def identify(current: CurrentTurn, state: State) -> Plan | None:
    """The caller says who they are, asked or of their own accord, or would rather not."""
    if VERIFY not in current.intents:
        return None
    frame, pending = state.frame, state.pending
    if not frame or frame.tool != VERIFY:
        return _volunteer(current, state)
    asked = pending.slot if pending and pending.asked is Asked.SLOT else ""
    wish = current.wish(current.text)
    if isinstance(wish, Talk) and wish.kind is Small.NEVER_MIND:
        return leave(current, state)
    if found := _found(current, current.text, asked) or _found(current, join(frame.partial, current.text), asked):
        return _proceed(current, _with_more(current, state), {**frame.values, **found})
    if isinstance(wish, Talk) and wish.kind is Small.NOT_HAD and asked:
        return _proceed(current, state, {**frame.values, asked: ""})
    return _unanswered(current, state, frame, pending) if asked and pending else None


def _found(current: CurrentTurn, text: str, asked: str = "") -> dict[str, Value]:
    return find_factors(text, current.now, asked, is_day_first=current.is_day_first)


def _with_more(current: CurrentTurn, state: State) -> State:
    """ "Sofia Rossi, from my checking account": what was wanted, with a choice that was still open."""
    held = []
    for request in state.held:
        slots = current.intents[request.tool].slots if request.tool in current.intents else ()
        open_to = [slot for slot in slots if slot.kind is SlotKind.CHOICE and slot.name not in request.arguments]
        said = {name: values[-1] for name, values in read(open_to, current.text, current.now).items()}
        held.append(Request(request.tool, {**request.arguments, **said}))
    return replace(state, held=tuple(held))


def _volunteer(current: CurrentTurn, state: State) -> Plan | None:
    """ "I'd like to verify my identity": two details do for questions, which is what most callers have."""
    wish = current.wish(current.text)
    if not isinstance(wish, Tool) or wish.name != VERIFY:
        return None
    return _proceed(current, state, {NEEDED: FOR_QUESTIONS, **_found(current, current.text)})


def _proceed(current: CurrentTurn, state: State, values: Mapping[str, Value]) -> Plan:
    """Check when there are details enough, else ask for the next; whoever has too few is offered a person."""
    if check := _check(values):
        return Plan(replace(state, frame=Frame(VERIFY, values), pending=None, failures=0), (check,))
    slot = _next(current, state.known, values)
    if slot is None:
        return give_up_on(current, replace(state, frame=None, held=(), failures=1))
    return act(state, Step(frame=Frame(VERIFY, values), pending=Pending(Asked.SLOT, slot.ask, slot.name)))


def _check(values: Mapping[str, Value]) -> Request | None:
    """The check, when enough was said; "" stands for what the caller does not have."""
    said = {name: values[name] for name in FACTORS if values.get(name)}
    return Request(VERIFY, said) if len(said) >= int(values.get(NEEDED, FOR_QUESTIONS)) else None


def _next(current: CurrentTurn, known: frozenset[str], values: Mapping[str, Value]) -> Slot | None:
    slots = {slot.name: slot for slot in current.intents[VERIFY].slots}
    left = (name for name in FACTORS if name in slots and name not in values and name not in known)
    return next((slots[name] for name in left), None)


def _unanswered(current: CurrentTurn, state: State, frame: Frame, pending: Pending) -> Plan | None:
    """Half a value, noise, another question, or nothing that is known."""
    slot = next(slot for slot in current.intents[VERIFY].slots if slot.name == pending.slot)
    wish = current.wish(current.text)
    begun = begun_value(slot, current.text, frame.partial)
    if not begun and slot.name == NAME and (wish is None or wish.score < SURE):
        begun = begun_name(current.text)
    if begun:
        waiting = replace(state, frame=replace(frame, partial=begun, age=0), failures=0)
        return Plan(waiting, after=(current.sentence(current.sentences.go_on),))
    is_verifying = isinstance(wish, Tool) and wish.name == VERIFY
    if wish is not None and not is_verifying and not current.is_stray(wish):
        return None
    fresh = replace(state, frame=replace(frame, age=0))
    if is_noise(current.text):
        return ask_again(current, fresh, pending)
    if state.failures >= 1 and human(current):
        return give_up_on(current, replace(state, frame=None, held=()))
    return ask_again(current, replace(fresh, failures=state.failures + 1), pending, current.sentences.say_again)


@dataclass(frozen=True, slots=True)
class Follow:
    """What a turn's answers lead to: more calls, or a question. `state` is the one after the turn; `resolved` are
    refusals that need not be told any more."""

    state: State
    requests: tuple[Request, ...] = ()
    question: str = ""
    resolved: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Course:
    """A turn's calls in order, as far as identity is concerned."""

    held: list[Request]
    refused: list[str]
    check: ToolAnswered | None = None
    said: Mapping[str, Value] | None = None
    missing: int = 0  # as refused after the last check; 0 when nothing was


def follow(current: CurrentTurn, before: State, after: State, turn: Turn) -> Follow | None:
    """What comes next of a turn's answers; `after` is the state as planned. None when identity has no part in it."""
    course = _course(before, turn)
    if VERIFY not in current.intents or not (course.check or course.missing):
        return None
    if course.missing:
        frame = before.frame if before.frame and before.frame.tool == VERIFY else Frame(VERIFY)
        # "block the card ending 7305" says what is wanted, not who is calling
        wanted = {value for request in course.held for value in request.arguments.values()}
        volunteered = {k: v for k, v in _found(current, turn.text).items() if v not in wanted}
        said = {k: v for k, v in {**frame.values, **volunteered}.items() if k not in after.known}
        return _ask(current, after, course, {**said, NEEDED: course.missing})
    assert course.check and course.said is not None
    if not course.check.is_error:
        known = after.known | course.said.keys()
        rest = tuple(course.held)
        state = replace(after, frame=None, pending=None, held=rest, known=known)
        return Follow(state, rest, resolved=frozenset(course.refused))
    values = before.frame.values if before.frame and before.frame.tool == VERIFY else {}
    needed = int(values.get(NEEDED, FOR_QUESTIONS))
    if course.check.meaning.identity is Identity.UNMATCHED:
        return _ask(current, after, course, {NEEDED: needed})
    if course.check.meaning.identity is Identity.TOO_FEW:
        return _ask(current, after, course, {**values, **course.said, NEEDED: len(course.said) + 1})
    return Follow(replace(after, frame=None, pending=None, held=()))


def _course(before: State, turn: Turn) -> _Course:
    asked = {call.call_id: Request(call.tool, call.arguments) for call in turn.calls}
    course = _Course(list(before.held), [])
    for answer in turn.answers:
        request = asked.get(answer.call_id, Request(answer.tool))
        if answer.tool == VERIFY:
            course.check, course.said, course.missing = answer, request.arguments, 0
        elif answer.is_error and answer.meaning.missing:
            if not course.missing:
                course.held = [] if course.check is None else course.held
            course.held += [] if request in course.held else [request]
            course.refused.append(answer.call_id)
            course.missing = max(course.missing, answer.meaning.missing)
        elif request in course.held and course.check is not None:
            course.held.remove(request)
    return course


def _ask(current: CurrentTurn, after: State, course: _Course, values: Mapping[str, Value]) -> Follow:
    """The check when the same turn said enough, else one question."""
    held = tuple(course.held)
    if course.missing and (check := _check(values)):
        waiting = replace(after, frame=Frame(VERIFY, values), pending=None, held=held)
        return Follow(waiting, (check,), resolved=frozenset(course.refused))
    slot = _next(current, after.known, values)
    if slot is None:
        return Follow(replace(after, frame=None, pending=None, held=()))
    pending = Pending(Asked.SLOT, slot.ask, slot.name)
    return Follow(replace(after, frame=Frame(VERIFY, values), pending=pending, held=held), question=slot.ask)
