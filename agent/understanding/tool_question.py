"""When a tool has read back what it would do and asks: its question waits for an answer as one of ours would."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.intent import Slot
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.history import Turn
from agent.understanding.reading.words import words
from agent.understanding.state import Asked, Frame, Pending, State

_SENTENCE = re.compile(r"[^.!?]+[.!?]+")


def asked_slot(sentence: str, slots: Sequence[Slot]) -> str:
    """The slot whose declared question the sentence ends in; "" for none."""
    question = words((_SENTENCE.findall(sentence) or [""])[-1])
    return next((slot.name for slot in slots if question and words(slot.ask) == question), "")


def wait_for_answer(current: CurrentTurn, state: State, turn: Turn) -> State:
    """The state of a turn in which a tool that changes something has asked: for a yes, or for one of its slots. It is
    all read back again until it was heard to its end."""
    asked = {call.call_id: call for call in turn.calls}
    for answer in reversed(turn.answers):
        intent = current.intents.get(answer.tool)
        if intent is None or not intent.changes_something or answer.call_id not in asked:
            continue
        slot = asked_slot(answer.sentence, intent.slots)
        if (answer.is_error and not slot) or not answer.sentence.endswith("?"):
            return state
        question = _SENTENCE.findall(answer.sentence)[-1].strip()
        values = {name: value for name, value in asked[answer.call_id].arguments.items() if name != slot}
        pending = Pending(Asked.SLOT, question, slot) if slot else Pending(Asked.CONFIRM, answer.sentence)
        return replace(state, frame=Frame(answer.tool, values), pending=pending)
    return state
