"""The decision: a call's history in, a plan for its last turn out. The state is a fold over the turns, never stored, so
that a discarded guess, an interruption or a retry cannot leave a wrong one.

The strategies are tried in order; each is in answers or requests and says None when the turn is not its business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.nlu.answers import answer_confirmation, answer_human, answer_slot
from agent.nlu.endings import Ending
from agent.nlu.history import Item, Turn, turns
from agent.nlu.intent import HAND_OVER
from agent.nlu.intents import Talk
from agent.nlu.moment import Moment
from agent.nlu.replies import give_up_on
from agent.nlu.requests import correct_or_follow, say_again_on_noise, take_requests
from agent.nlu.small_talk import Small, fixed
from agent.nlu.state import Asked, Plan, Request, State
from agent.rules.endpointing import Meant

# Of sentences cut before a pause, 3 in 100 come so near to a known one and are not known to go on; of whole ones in the
# documents' own words, misheard ones among them, 97.
_SURE, _SURE_TALK = 0.74, 0.65
_BY_ENDING = {Ending.WHOLE: Meant.CLEAR, Ending.OPEN: Meant.OPEN, Ending.GOES_ON: Meant.LACKING}
HORIZON = 8  # turns of the caller; nothing that matters waits longer

Strategy = Callable[[Moment, State], Plan | None]
STRATEGIES: tuple[Strategy, ...] = (
    answer_human,
    answer_confirmation,
    say_again_on_noise,
    answer_slot,
    correct_or_follow,
    take_requests,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now: call these tools, or, when there are none, say this text."""

    requests: tuple[Request, ...] = ()
    text: str = ""
    meant: Meant = Meant.CLEAR


def recent(items: Sequence[Item]) -> list[Turn]:
    """The turns that the decision needs."""
    return turns(items)[-HORIZON:]


def plan(moment: Moment, state: State) -> Plan:
    """The first strategy that knows what to do; not understanding is the last."""
    return known_plan(moment, state) or give_up_on(moment, state.older())


def known_plan(moment: Moment, state: State) -> Plan | None:
    """The first strategy that knows what to do."""
    older = state.older()
    found = (strategy(moment, older) for strategy in STRATEGIES)
    return next((planned for planned in found if planned), None)


def meant(moment: Moment, before: State, planned: Plan | None) -> Meant:
    """How much of a wish the words are: turn-taking waits for what may be missing. An answer to what was asked is
    clear, and so is a tool with its arguments; anything else by how near it is to what callers are known to say, and
    by whether they go on from there."""
    if planned is None or moment.sentence(moment.sentences.go_on) in planned.after:
        return Meant.UNCLEAR
    pending = planned.state.pending
    is_asked = pending is not None and pending.asked is Asked.SLOT and pending.text in planned.after
    if is_asked and not planned.requests:
        return Meant.LACKING
    if before.pending or any(request.arguments for request in planned.requests):
        return Meant.CLEAR
    wish = moment.wish(moment.text)
    if isinstance(wish, Talk) and wish.kind is Small.HELLO and not fixed(moment.text):
        return Meant.LACKING  # "I have a question" has yet to be asked
    if wish is None or wish.score < (_SURE_TALK if isinstance(wish, Talk) else _SURE):
        return Meant.UNCLEAR
    return _BY_ENDING[moment.endings.of(moment.text)]


def decide(history: Sequence[Turn], moment_of: Callable[[int], Moment], idle: str) -> Decision:
    """The decision for the last turn of a non-empty history. `moment_of` gives each turn's moment by its number, and
    `idle` is said when the last turn was answered already and something must be said nevertheless."""
    state = State()
    for number, turn in enumerate(history[:-1]):
        state = settle(state, plan(moment_of(number), state), turn)
    turn, moment = history[-1], moment_of(len(history) - 1)
    known = known_plan(moment, state)
    planned = known or give_up_on(moment, state.older())
    if _was_handed_over(turn):
        planned = known or Plan(state)  # what the other one says of itself is answer enough
        if planned.requests and not _already(planned.requests, turn):
            return Decision(planned.requests)
    if turn.unsaid:
        return Decision(text=_join(*planned.before, *(a.sentence for a in turn.unsaid), *planned.after))
    if turn.calls or turn.said:
        return Decision(text=idle)
    return Decision(planned.requests, "" if planned.requests else planned.text, meant(moment, state, known))


def _was_handed_over(turn: Turn) -> bool:
    """True when the turn has only brought another persona, who now sees what it is about."""
    is_done = bool(turn.answers) and not any(answer.is_error for answer in turn.answers)
    return is_done and all(call.tool.startswith(HAND_OVER) for call in turn.calls)


def _already(requests: Sequence[Request], turn: Turn) -> bool:
    return any(request.tool == call.tool for request in requests for call in turn.calls)


def settle(before: State, planned: Plan, turn: Turn) -> State:
    """The state after a turn that is over: what was really called and answered counts, not what was planned."""
    sentences = [answer.sentence for answer in turn.answers if answer.sentence]
    said = _join(*planned.before, *sentences, *planned.after)
    state = planned.state
    if turn.calls:
        called = tuple(Request(c.tool, c.arguments) for c in turn.calls if not c.tool.startswith(HAND_OVER))
        last_age = 0 if called else before.last_age
        state = replace(state, last=called or before.last, last_age=last_age, failures=0)
    elif planned.requests and before.pending:
        state = before  # cut off before the tool ran: a confirmation or a slot is still open
    return replace(state, said=said or state.said)


def _join(*sentences: str) -> str:
    return " ".join(s.strip() for s in sentences if s.strip())
