"""When a tool has read back what it would do and asks: its question waits for an answer as one of ours would."""

from dataclasses import replace

from agent.understanding.current_turn import CurrentTurn
from agent.understanding.history import Turn
from agent.understanding.state import Asked, Frame, Pending, State


def wait_for_answer(current: CurrentTurn, state: State, turn: Turn) -> State:
    """The state of a turn in which a tool that changes something has asked: for a yes, or for one of its slots. It is
    all read back again until it was heard to its end."""
    asked = {call.call_id: call for call in turn.calls}
    for answer in reversed(turn.answers):
        intent = current.intents.get(answer.tool)
        if intent is None or not intent.changes_something or answer.call_id not in asked:
            continue
        slot = next((slot for slot in intent.slots if slot.name == answer.meaning.asks), None)
        if slot is None and not answer.meaning.wants_yes:
            return state
        values = asked[answer.call_id].arguments
        pending = Pending(Asked.CONFIRM, answer.sentence)
        if slot:
            values = {name: value for name, value in values.items() if name != slot.name}
            pending = Pending(Asked.SLOT, slot.ask, slot.name)
        return replace(state, frame=Frame(answer.tool, values), pending=pending)
    return state
