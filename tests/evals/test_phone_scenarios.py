"""What a telephone's scenario is judged by: the call's history as the call keeps it."""

from typing import cast

from livekit.agents import llm

from agent.rescue.taking_up import Carried
from evals.expecting import Made
from evals.phone_scenarios import Transcript


class Kept:
    """Stands for what a call keeps; only its history is read."""

    def __init__(self, *items: llm.ChatItem) -> None:
        self.context = llm.ChatContext(items=list(items))


def said(role: llm.ChatRole, text: str) -> llm.ChatMessage:
    """One message."""
    return llm.ChatMessage(role=role, content=[text])


def taken(talk: Transcript, *items: llm.ChatItem) -> Transcript:
    """The transcript, with that history."""
    talk.take(cast(Carried, Kept(*items)))
    return talk


def test_a_turn_is_what_is_new_in_the_history() -> None:
    """Words of each side apart, tools with what they were given."""
    before = said("assistant", "Hello.")
    talk = taken(Transcript(), before)
    known = talk.ids
    call = llm.FunctionCall(call_id="1", name="check_shipping", arguments='{"order_number": "4571"}')
    given = llm.FunctionCallOutput(call_id="1", name="check_shipping", output="It ships.", is_error=False)
    taken(talk, before, said("user", "Where is 4571?"), call, given, said("assistant", "It ships."))
    assert (talk.said("user", known), talk.said("assistant", known)) == ("Where is 4571?", "It ships.")
    assert talk.made(known) == (Made("check_shipping", {"order_number": "4571"}),)
    assert talk.is_answered


def test_a_tool_that_is_at_work_and_a_callers_last_word_are_no_answer() -> None:
    """A filler is not the agent's last word."""
    call = llm.FunctionCall(call_id="1", name="check_shipping", arguments="{}")
    assert not taken(Transcript(), said("user", "Hello?")).is_answered
    assert not taken(Transcript(), said("user", "Hello?"), call, said("assistant", "One moment.")).is_answered


def test_what_a_call_kept_last_stays_when_it_is_over() -> None:
    """The goodbye is judged, too."""
    talk = taken(Transcript(), said("assistant", "Goodbye."))
    talk.take(None)
    assert talk.said("assistant", frozenset()) == "Goodbye."
