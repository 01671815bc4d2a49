"""When a tool is refused because the caller is not known: ask who they are, one detail a turn, then do what was wanted.

Like everything here it is computed from the history: the refusal, the details said since, and what verify_identity
answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.intent import Slot, SlotKind
from agent.rules.identity import NEED_MORE, NOT_MATCHED, NOT_YET
from agent.understanding.current_turn import Moment
from agent.understanding.frames import Step
from agent.understanding.history import ToolAnswered, Turn, Value
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
_MISSING = {sentence: missing for missing, sentence in NOT_YET.items()}


def identify(moment: Moment, state: State) -> Plan | None:
    """The caller says who they are, asked or of their own accord, or would rather not."""
    if VERIFY not in moment.intents:
        return None
    frame, pending = state.frame, state.pending
    if not frame or frame.tool != VERIFY:
        return _volunteer(moment, state)
    asked = pending.slot if pending and pending.asked is Asked.SLOT else ""
    wish = moment.wish(moment.text)
    if isinstance(wish, Talk) and wish.kind is Small.NEVER_MIND:
        return leave(moment, state)
    if found := _found(moment, moment.text, asked) or _found(moment, join(frame.partial, moment.text), asked):
        return _proceed(moment, _with_more(moment, state), {**frame.values, **found})
    if isinstance(wish, Talk) and wish.kind is Small.NOT_HAD and asked:
        return _proceed(moment, state, {**frame.values, asked: ""})
    return _unanswered(moment, state, frame, pending) if asked and pending else None


def _found(moment: Moment, text: str, asked: str = "") -> dict[str, Value]:
    return find_factors(text, moment.now, asked, is_day_first=moment.is_day_first)


def _with_more(moment: Moment, state: State) -> State:
    """ "Sofia Rossi, from my checking account": what was wanted, with a choice that was still open."""
    held = []
    for request in state.held:
        slots = moment.intents[request.tool].slots if request.tool in moment.intents else ()
        open_to = [slot for slot in slots if slot.kind is SlotKind.CHOICE and slot.name not in request.arguments]
        said = {name: values[-1] for name, values in read(open_to, moment.text, moment.now).items()}
        held.append(Request(request.tool, {**request.arguments, **said}))
    return replace(state, held=tuple(held))


def _volunteer(moment: Moment, state: State) -> Plan | None:
    """ "I'd like to verify my identity": two details do for questions, which is what most callers have."""
    wish = moment.wish(moment.text)
    if not isinstance(wish, Tool) or wish.name != VERIFY:
        return None
    return _proceed(moment, state, {NEEDED: FOR_QUESTIONS, **_found(moment, moment.text)})


def _proceed(moment: Moment, state: State, values: Mapping[str, Value]) -> Plan:
    """Check when there are details enough, else ask for the next; whoever has too few is offered a person."""
    if check := _check(values):
        return Plan(replace(state, frame=Frame(VERIFY, values), pending=None, failures=0), (check,))
    slot = _next(moment, state.known, values)
    if slot is None:
        return give_up_on(moment, replace(state, frame=None, held=(), failures=1))
    return act(state, Step(frame=Frame(VERIFY, values), pending=Pending(Asked.SLOT, slot.ask, slot.name)))


def _check(values: Mapping[str, Value]) -> Request | None:
    """The check, when enough was said; "" stands for what the caller does not have."""
    said = {name: values[name] for name in FACTORS if values.get(name)}
    return Request(VERIFY, said) if len(said) >= int(values.get(NEEDED, FOR_QUESTIONS)) else None


def _next(moment: Moment, known: frozenset[str], values: Mapping[str, Value]) -> Slot | None:
    slots = {slot.name: slot for slot in moment.intents[VERIFY].slots}
    left = (name for name in FACTORS if name in slots and name not in values and name not in known)
    return next((slots[name] for name in left), None)


def _unanswered(moment: Moment, state: State, frame: Frame, pending: Pending) -> Plan | None:
    """Half a value, noise, another question, or nothing that is known."""
    slot = next(slot for slot in moment.intents[VERIFY].slots if slot.name == pending.slot)
    wish = moment.wish(moment.text)
    begun = begun_value(slot, moment.text, frame.partial)
    if not begun and slot.name == NAME and (wish is None or wish.score < SURE):
        begun = begun_name(moment.text)
    if begun:
        waiting = replace(state, frame=replace(frame, partial=begun, age=0), failures=0)
        return Plan(waiting, after=(moment.sentence(moment.sentences.go_on),))
    if wish is not None and not (isinstance(wish, Tool) and wish.name == VERIFY):
        return None
    fresh = replace(state, frame=replace(frame, age=0))
    if is_noise(moment.text):
        return ask_again(moment, fresh, pending)
    if state.failures >= 1 and human(moment):
        return give_up_on(moment, replace(state, frame=None, held=()))
    return ask_again(moment, replace(fresh, failures=state.failures + 1), pending, moment.sentences.say_again)


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


def follow(moment: Moment, before: State, after: State, turn: Turn) -> Follow | None:
    """What comes next of a turn's answers; `after` is the state as planned. None when identity has no part in it."""
    course = _course(before, turn)
    if VERIFY not in moment.intents or not (course.check or course.missing):
        return None
    if course.missing:
        frame = before.frame if before.frame and before.frame.tool == VERIFY else Frame(VERIFY)
        # "block the card ending 7305" says what is wanted, not who is calling
        wanted = {value for request in course.held for value in request.arguments.values()}
        volunteered = {k: v for k, v in _found(moment, turn.text).items() if v not in wanted}
        said = {k: v for k, v in {**frame.values, **volunteered}.items() if k not in after.known}
        return _ask(moment, after, course, {**said, NEEDED: course.missing})
    assert course.check and course.said is not None
    if not course.check.is_error:
        known = after.known | course.said.keys()
        rest = tuple(course.held)
        state = replace(after, frame=None, pending=None, held=rest, known=known)
        return Follow(state, rest, resolved=frozenset(course.refused))
    values = before.frame.values if before.frame and before.frame.tool == VERIFY else {}
    needed = int(values.get(NEEDED, FOR_QUESTIONS))
    if course.check.sentence == NOT_MATCHED:
        return _ask(moment, after, course, {NEEDED: needed})
    if course.check.sentence == NEED_MORE:
        return _ask(moment, after, course, {**values, **course.said, NEEDED: len(course.said) + 1})
    return Follow(replace(after, frame=None, pending=None, held=()))


def _course(before: State, turn: Turn) -> _Course:
    asked = {call.call_id: Request(call.tool, call.arguments) for call in turn.calls}
    course = _Course(list(before.held), [])
    for answer in turn.answers:
        request = asked.get(answer.call_id, Request(answer.tool))
        if answer.tool == VERIFY:
            course.check, course.said, course.missing = answer, request.arguments, 0
        elif answer.is_error and answer.sentence in _MISSING:
            if not course.missing:
                course.held = [] if course.check is None else course.held
            course.held += [] if request in course.held else [request]
            course.refused.append(answer.call_id)
            course.missing = max(course.missing, _MISSING[answer.sentence])
        elif request in course.held and course.check is not None:
            course.held.remove(request)
    return course


def _ask(moment: Moment, after: State, course: _Course, values: Mapping[str, Value]) -> Follow:
    """The check when the same turn said enough, else one question."""
    held = tuple(course.held)
    if course.missing and (check := _check(values)):
        waiting = replace(after, frame=Frame(VERIFY, values), pending=None, held=held)
        return Follow(waiting, (check,), resolved=frozenset(course.refused))
    slot = _next(moment, after.known, values)
    if slot is None:
        return Follow(replace(after, frame=None, pending=None, held=()))
    pending = Pending(Asked.SLOT, slot.ask, slot.name)
    return Follow(replace(after, frame=Frame(VERIFY, values), pending=pending, held=held), question=slot.ask)
