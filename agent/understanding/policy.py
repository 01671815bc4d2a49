"""The decision: a call's history in, a plan for its last turn out. The state is a fold over the turns, never stored, so
that a discarded guess, an interruption or a retry cannot leave a wrong one.

The strategies are tried in order; each is in answers or requests and says None when the turn is not its business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.intent import HAND_OVER, Intent, SlotKind
from agent.language.en.yes_no import find_yes_no
from agent.rules.distress import find_distress
from agent.rules.evidence import Meant
from agent.understanding.after_failure import change_wish, make_instead, take_found, take_offer
from agent.understanding.after_question import answer_confirmation, answer_human, answer_slot
from agent.understanding.corrections import reopen
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import changed
from agent.understanding.history import ToolAnswered, Turn, was_last_said
from agent.understanding.identifying import Follow, follow, identify
from agent.understanding.matching.intents import Question, Talk
from agent.understanding.reading.endings import Ending
from agent.understanding.reading.person_names import find_name
from agent.understanding.reading.small_talk import Small, fixed
from agent.understanding.reading.words import words
from agent.understanding.replies import VERIFY, answer_other_language, give_up_on, offer_person
from agent.understanding.requests import correct_or_follow, say_again_on_noise, take_requests
from agent.understanding.state import Asked, Frame, Pending, Plan, Proposed, Request, State
from agent.understanding.tool_question import wait_for_answer
from agent.understanding.undoing import undo

# Of sentences cut before a pause, 3 in 100 come so near to a known one and are not known to go on; of whole ones in the
# documents' own words, misheard ones among them, 97.
_SURE, _SURE_TALK = 0.74, 0.65
_WHOLE = {Ending.WHOLE: Meant.CLEAR, Ending.DECLARED: Meant.DECLARED}
HORIZON = 20  # turns of the caller that a decision needs; a booking with its changes of mind takes a dozen

_ANNOUNCED = 4  # words; an answer to a question of ours has fewer

Strategy = Callable[[CurrentTurn, State], Plan | None]


def in_distress(current: CurrentTurn, state: State) -> Plan | None:
    """ "I can't breathe": where help is, before all else."""
    return offer_person(current, state, current.sentences.distress) if find_distress(current.text) else None


def stay_silent(current: CurrentTurn, state: State) -> Plan | None:
    """ "The next available agent will be with you shortly" is nobody's wish: what was asked stays asked. Nobody's words
    hold a value of what is being put together."""
    frame = state.frame if state.frame and state.frame.tool in current.intents else None
    is_nobodys = (
        current.is_announced and len(words(current.text)) >= _ANNOUNCED and not (frame and changed(frame, current))
    )
    return Plan(replace(state, frame=state.frame and replace(state.frame, age=0))) if is_nobodys else None


STRATEGIES: tuple[Strategy, ...] = (
    in_distress,
    answer_other_language,
    undo,
    reopen,
    stay_silent,
    answer_human,
    answer_confirmation,
    say_again_on_noise,
    identify,
    take_offer,
    change_wish,
    answer_slot,
    take_found,
    make_instead,
    correct_or_follow,
    take_requests,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now: call these tools, or, when there are none, say this text. `proposed` is what a yes to the text
    would do; `waits` says that the caller still owes an answer, whether the text asks for it again or not."""

    requests: tuple[Request, ...] = ()
    text: str = ""
    meant: Meant = Meant.CLEAR
    proposed: Proposed | None = None
    waits: bool = False


def known_details(history: Sequence[Turn]) -> frozenset[str]:
    """What the caller was verified by so far, however long ago."""
    found: set[str] = set()
    for turn in history:
        right = {answer.call_id for answer in turn.answers if answer.tool == VERIFY and not answer.is_error}
        found.update(*(call.arguments for call in turn.calls if call.call_id in right))
    return frozenset(found)


def plan(current: CurrentTurn, state: State) -> Plan:
    """The first strategy that knows what to do; not understanding is the last."""
    return known_plan(current, state) or give_up_on(current, state.older())


def known_plan(current: CurrentTurn, state: State) -> Plan | None:
    """The first strategy that knows what to do."""
    older = state.older()
    found = (strategy(current, older) for strategy in STRATEGIES)
    return next((planned for planned in found if planned), None)


def meant(current: CurrentTurn, before: State, planned: Plan | None) -> Meant:
    """How much of a wish the words are: what is known to be whole need not be waited for. An answer to what was asked
    is clear, and so is a tool whose arguments were just said; anything else by how near it is to what callers are known
    to say, and by whether they go on from there."""
    if find_distress(current.text):
        return Meant.CLEAR
    if planned is None or current.sentence(current.sentences.go_on) in planned.after:
        return _unclear(current)
    pending = planned.state.pending
    is_asked = pending is not None and pending.asked is Asked.SLOT and pending.text in planned.after
    if is_asked and not planned.requests and not _is_answered(before, planned.state):
        return Meant.UNDERSTOOD if current.is_question and current.ending in _WHOLE else Meant.UNCLEAR
    if _answers(current, before, planned):
        return Meant.CLEAR
    if _says_arguments(current, before, planned):
        return Meant.UNDERSTOOD if current.tells_code else Meant.CLEAR
    return _nearness(current)


def _nearness(current: CurrentTurn) -> Meant:
    """By how near the words are to what callers are known to say, and by whether they go on from there."""
    wish = current.wish(current.text)
    if isinstance(wish, Talk) and wish.kind is Small.HELLO and not fixed(current.text):
        return Meant.UNCLEAR  # "I have a question" has yet to be asked
    is_answered = isinstance(wish, Question) and current.is_whole_question and not current.is_torn
    is_sure = wish is not None and wish.score >= (_SURE_TALK if isinstance(wish, Talk) else _SURE)
    if not is_sure or current.ending not in _WHOLE:
        return Meant.UNDERSTOOD if is_answered and (is_sure or current.has_object) else _unclear(current)
    if isinstance(wish, Question) and current.is_torn:
        return Meant.UNCLEAR
    return Meant.UNDERSTOOD if current.is_told and not isinstance(wish, Talk) else _WHOLE[current.ending]


def _unclear(current: CurrentTurn) -> Meant:
    """As they were heard, or as what they sound like."""
    goes_on = Ending.GOES_ON in {current.ending, current.endings.of(current.text)}
    return Meant.BEGUN if goes_on else Meant.UNCLEAR


def _says_arguments(current: CurrentTurn, before: State, planned: Plan) -> bool:
    """True when a tool is to be called with more than what is remembered: "it's about order" after one was told has
    that one's number, and yet the number of another may be about to come. Words that a tool only looks through for
    something that may be in them are nothing said for it."""
    remembered = [value for request in before.last for value in request.arguments.values()]
    return any(
        value not in remembered and not _may_hold(current, request.tool, name)
        for request in planned.requests
        for name, value in request.arguments.items()
    )


def _may_hold(current: CurrentTurn, tool: str, name: str) -> bool:
    slots = current.intents[tool].slots if tool in current.intents else ()
    return any(slot.name == name and slot.kind is SlotKind.WORDS and slot.is_optional for slot in slots)


def _answers(current: CurrentTurn, before: State, planned: Plan) -> bool:
    """True when the words are an answer to what was asked, and not another wish while the question stands open."""
    if before.pending is None:
        return False
    if before.pending.asked is Asked.SLOT:
        wanted = before.frame.tool if before.frame else ""
        return any(request.tool == wanted for request in planned.requests) or _is_answered(before, planned.state)
    return bool(planned.requests) or find_yes_no(current.text) is not None


def _is_answered(before: State, after: State) -> bool:
    """What was asked for was said, and the next question of the same wish is open."""
    asked = before.pending.slot if before.pending else ""
    same = before.frame and after.frame and before.frame.tool == after.frame.tool
    return bool(asked and same and after.frame and after.frame.values.get(asked))


def decide(
    history: Sequence[Turn], turn_at: Callable[[int], CurrentTurn], idle: str, known: frozenset[str] = frozenset()
) -> Decision:
    """The decision for the last turn of a non-empty history. `turn_at` gives each turn as the policy sees it, by its
    number, `idle` is said when the last turn was answered already and something must be said nevertheless, and `known`
    is what the caller was verified by before it."""
    state = State(known=known)
    for number, turn in enumerate(history[:-1]):
        current = turn_at(number)
        state = settle(state, plan(current, state), turn, current)
    turn, current = history[-1], turn_at(len(history) - 1)
    understood = known_plan(current, state)
    planned = understood or give_up_on(current, state.older())
    if _was_handed_over(turn):
        planned = understood or Plan(state)  # what the other one says of itself is answer enough
        if any(_is_weaker(request, turn, current) for request in planned.requests):
            planned = Plan(state)
        if planned.requests and not _already(planned.requests, turn):
            return Decision(planned.requests)
    if turn.unsaid:
        return _after_tools(planned, turn, follow(current, state, planned.state, turn))
    if turn.calls or turn.said:
        return Decision(text=idle)
    text = "" if planned.requests else planned.text
    decision = _said(text, planned.state)
    return replace(decision, requests=planned.requests, meant=meant(current, state, understood))


def _said(text: str, state: State) -> Decision:
    return Decision(text=text, proposed=_proposed(text, state), waits=state.pending is not None)


def _proposed(text: str, state: State) -> Proposed | None:
    """What the caller is asked to agree to, if the text ends in that."""
    pending, frame = state.pending, state.frame
    if not frame or not pending or pending.asked is not Asked.CONFIRM or not was_last_said(pending.text, text):
        return None
    return Proposed(frame.tool, frame.values, pending.text)


def _was_handed_over(turn: Turn) -> bool:
    """True when the turn has only brought another persona, who now sees what it is about."""
    is_done = bool(turn.answers) and not any(answer.is_error for answer in turn.answers)
    return is_done and all(call.tool.startswith(HAND_OVER) for call in turn.calls)


def _is_weaker(request: Request, turn: Turn, current: CurrentTurn) -> bool:
    """True for handing over once more on words that are no nearer to that than to what it was handed over for."""
    taken = max(current.nearness(call.tool) for call in turn.calls)
    return request.tool.startswith(HAND_OVER) and current.nearness(request.tool) <= taken


def _already(requests: Sequence[Request], turn: Turn) -> bool:
    return any(request.tool == call.tool for request in requests for call in turn.calls)


def _after_tools(planned: Plan, turn: Turn, followed: Follow | None) -> Decision:
    """The tools have answered: say it, or go on with what their answers lead to. One question a turn."""
    if followed is None:
        text = _join(*planned.before, *(a.sentence for a in turn.unsaid), *_after(planned, turn))
        return _said(text, planned.state)
    if followed.requests:
        return Decision(followed.requests)
    told = [answer.sentence for answer in turn.unsaid if answer.call_id not in followed.resolved]
    pending = planned.state.pending
    after = [text for text in planned.after if not (followed.question and pending and text == pending.text)]
    text = _join(*planned.before, *dict.fromkeys(told), *after, followed.question)
    return _said(text, followed.state)


def settle(before: State, planned: Plan, turn: Turn, current: CurrentTurn) -> State:
    """The state after a turn that is over: what was really called and answered counts, not what was planned."""
    sentences = [answer.sentence for answer in turn.answers if answer.sentence]
    said = _join(*planned.before, *sentences, *_after(planned, turn))
    state = planned.state
    if state.frame is None and not turn.calls and (name := find_name(current.text)):
        state = replace(state, name=name)
    if turn.calls:
        called = tuple(Request(c.tool, c.arguments) for c in turn.calls if not c.tool.startswith(HAND_OVER))
        last_age = 0 if called else before.last_age
        state = replace(state, last=called or before.last, last_age=last_age, failures=0)
        followed = follow(current, before, state, turn)
        if followed:
            state, said = followed.state, _join(said, followed.question)
        else:
            looked = before.frame.looked if before.frame else None
            state = _refused(_judged(state, turn), turn, current.intents, looked)
        if not followed or not followed.question:
            state = wait_for_answer(current, state, turn)
    elif planned.requests and before.pending:
        state = before  # cut off before the tool ran: a confirmation or a slot is still open
    return replace(state, said=said or state.said)


def _judged(state: State, turn: Turn) -> State:
    """With what was refused, and without what has been had since. That somebody is to say first who they are refuses
    nothing."""
    wrong = {a.call_id for a in turn.answers if a.is_error and not a.meaning.missing}
    refused = set(state.refused)
    for call in turn.calls:
        said = call.arguments.items()
        refused = refused | said if call.call_id in wrong else refused - said
    return replace(state, refused=frozenset(refused))


def _refused(state: State, turn: Turn, intents: Mapping[str, Intent], looked: Request | None) -> State:
    """What could not be had stays wanted until the caller takes a way out, says another value, or drops it."""
    if no := _no_to_look(state, turn):
        if state.frame and state.frame.tool in intents and (asking := _one_more(state, state.frame, no, intents)):
            return asking
        asked = _refusal(no)
        return replace(state, frame=state.frame and replace(state.frame, refusal=asked), pending=asked)
    refusals = {answer.call_id: answer for answer in turn.answers if answer.is_error}
    for call in turn.calls:
        if call.call_id not in refusals or call.tool not in intents or state.frame:
            continue
        no = refusals[call.call_id]
        if asking := _one_more(state, Frame(call.tool, call.arguments), no, intents):
            return asking
        if intents[call.tool].confirm:
            return replace(state, frame=Frame(call.tool, call.arguments, looked=looked), pending=_refusal(no))
    return state


def _one_more(state: State, frame: Frame, no: ToolAnswered, intents: Mapping[str, Intent]) -> State | None:
    """Waiting for the one more detail that a refusal asks for; None where it asks for none."""
    asking = next((slot for slot in intents[frame.tool].slots if slot.name == no.meaning.asks), None)
    if asking is None:
        return None
    values = {key: value for key, value in frame.values.items() if key != asking.name}
    pending = Pending(Asked.SLOT, asking.ask, asking.name)
    return replace(state, frame=replace(frame, values=values, looked=None), pending=pending)


def _refusal(no: ToolAnswered) -> Pending:
    return Pending(Asked.CHANGE, no.sentence, leads_on=no.meaning.leads_on)


def _no_to_look(state: State, turn: Turn) -> ToolAnswered | None:
    """The refusal of the look before a question, which then need not be asked."""
    looked = state.frame.looked if state.frame and state.pending else None
    asked = {call.call_id for call in turn.calls if looked and call.tool == looked.tool}
    return next((a for a in turn.answers if a.is_error and a.call_id in asked), None)


def _after(planned: Plan, turn: Turn) -> tuple[str, ...]:
    """What is said after the tools' sentences; the question that a look has made idle is not."""
    pending = planned.state.pending
    is_idle = pending is not None and bool(planned.requests) and bool(_no_to_look(planned.state, turn))
    return tuple(text for text in planned.after if not (is_idle and pending and text == pending.text))


def _join(*sentences: str) -> str:
    return " ".join(s.strip() for s in sentences if s.strip())
