"""The strategy for who wants something undone: by the tool that undoes it, or by a person where there is none."""

from agent.language.en.yes_no import find_yes_no
from agent.understanding.current_turn import Moment
from agent.understanding.frames import start
from agent.understanding.matching.intents import SURE, Talk, Tool, Wish
from agent.understanding.reading.denials import Against, against, takes_back
from agent.understanding.reading.small_talk import Small
from agent.understanding.replies import act, leave, offer_person
from agent.understanding.state import Plan, State

_LATELY = 4  # turns; what was done earlier in the call has to be named


def undo(moment: Moment, state: State) -> Plan | None:
    """ "Can you cancel that payment?": never another payment. What is only being put together is dropped."""
    wish = moment.wish(moment.text)
    done = _done(moment, state)
    is_said = isinstance(wish, Talk) and wish.kind is Small.UNDO and not _is_yes(moment)
    if not is_said and not _takes_back(moment, wish, done):
        return None
    if state.frame:
        return leave(moment, state) if wish and wish.score >= SURE else None
    if not done and moment.is_denied:
        return leave(moment, state)  # "I never booked anything"
    meant = done or moment.nearest_change
    undone_by = meant if meant in moment.undoing and not done else moment.undone_by(meant)
    if undone_by in moment.intents:
        return act(state, start(undone_by, moment.text, moment, state))
    return offer_person(moment, state, moment.sentence(moment.sentences.cannot_undo))


def _is_yes(moment: Moment) -> bool:
    """ "Yes, pay it" is as near to "don't pay it" as a vector can tell, and wants the other thing."""
    return find_yes_no(moment.text) is True and not takes_back(moment.text)


def _takes_back(moment: Moment, wish: Wish | None, done: str) -> bool:
    """ "Cancel the return" right after it was started is about that, and not about what a document says of orders."""
    if not done or moment.asks_how or (isinstance(wish, Talk) and wish.score >= SURE):
        return False
    is_other = isinstance(wish, Tool) and wish.score >= SURE and wish.name not in {done, moment.undone_by(done)}
    return not is_other and against(moment.text, moment.intents[done], is_undoing=False) is Against.UNDO


def _done(moment: Moment, state: State) -> str:
    """The last tool of the last turns that changed something."""
    if state.last_age > _LATELY:
        return ""
    known = (request.tool for request in reversed(state.last) if request.tool in moment.intents)
    return next((tool for tool in known if moment.intents[tool].changes_something), "")
