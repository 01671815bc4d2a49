"""The strategy for who wants something undone: by the tool that undoes it, or by a person where there is none."""

from agent.language.en.yes_no import find_yes_no
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import start
from agent.understanding.matching.intents import SURE, Talk, Tool, Wish
from agent.understanding.reading.denials import Against, against, takes_back
from agent.understanding.reading.small_talk import Small
from agent.understanding.replies import act, leave, offer_person
from agent.understanding.state import Plan, State

_LATELY = 4  # turns; what was done earlier in the call has to be named


def undo(current: CurrentTurn, state: State) -> Plan | None:
    """ "Can you cancel that payment?": never another payment. What is only being put together is dropped."""
    wish = current.wish(current.text)
    done = _done(current, state)
    is_said = isinstance(wish, Talk) and wish.kind is Small.UNDO and not _is_yes(current)
    if not is_said and not _takes_back(current, wish, done):
        return None
    if state.frame:
        return leave(current, state) if wish and wish.score >= SURE else None
    if not done and current.is_denied:
        return leave(current, state)  # "I never booked anything"
    meant = done or current.nearest_change
    undone_by = meant if meant in current.undoing and not done else current.undone_by(meant)
    if undone_by in current.intents:
        return act(state, start(undone_by, current.text, current, state))
    return offer_person(current, state, current.sentence(current.sentences.cannot_undo))


def _is_yes(current: CurrentTurn) -> bool:
    """ "Yes, pay it" is as near to "don't pay it" as a vector can tell, and wants the other thing."""
    return find_yes_no(current.text) is True and not takes_back(current.text)


def _takes_back(current: CurrentTurn, wish: Wish | None, done: str) -> bool:
    """ "Cancel the return" right after it was started is about that, and not about what a document says of orders."""
    if not done or current.asks_how or (isinstance(wish, Talk) and wish.score >= SURE):
        return False
    is_other = isinstance(wish, Tool) and wish.score >= SURE and wish.name not in {done, current.undone_by(done)}
    return not is_other and against(current.text, current.intents[done], is_undoing=False) is Against.UNDO


def _done(current: CurrentTurn, state: State) -> str:
    """The last tool of the last turns that changed something."""
    if state.last_age > _LATELY:
        return ""
    known = (request.tool for request in reversed(state.last) if request.tool in current.intents)
    return next((tool for tool in known if current.intents[tool].changes_something), "")
