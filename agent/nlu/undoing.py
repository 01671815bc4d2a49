"""The strategy for who wants something undone: by the tool that undoes it, or by a person where there is none."""

from agent.nlu.frames import start
from agent.nlu.intents import SURE, Talk
from agent.nlu.moment import Moment
from agent.nlu.replies import act, leave, offer_person
from agent.nlu.small_talk import Small
from agent.nlu.state import Plan, State

_LATELY = 8  # turns; what was done earlier in the call has to be named


def undo(moment: Moment, state: State) -> Plan | None:
    """ "Can you cancel that payment?": never another payment. What is only being put together is dropped."""
    wish = moment.wish(moment.text)
    if not isinstance(wish, Talk) or wish.kind is not Small.UNDO:
        return None
    if state.frame:
        return leave(moment, state) if wish.score >= SURE else None
    done = _done(moment, state)
    if not done and moment.is_denied:
        return leave(moment, state)  # "I never booked anything"
    meant = done or moment.nearest_change
    undone_by = meant if meant in moment.undoing and not done else moment.undone_by(meant)
    if undone_by in moment.intents:
        return act(state, start(undone_by, moment.text, moment, state))
    return offer_person(moment, state, moment.sentence(moment.sentences.cannot_undo))


def _done(moment: Moment, state: State) -> str:
    """The last tool of the last turns that changed something."""
    if state.last_age > _LATELY:
        return ""
    known = (request.tool for request in reversed(state.last) if request.tool in moment.intents)
    return next((tool for tool in known if moment.intents[tool].changes_something), "")
