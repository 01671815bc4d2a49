"""What a call tells besides what happened: consent, tasks that are done, a tier that changed."""

from agent.call.call import Call
from agent.events import (
    AgentSpoke,
    CallerSpoke,
    ConsentGiven,
    ConsentRefused,
    Outcome,
    TaskCompleted,
    TierChanged,
    ToolReturned,
)
from agent.memory.notes import Notes
from agent.memory.recall import Memory
from agent.rules.identity import Decision, Said, Tier
from agent.rules.identity import Outcome as Checked
from agent.tooling.toolbox import load_toolbox
from tests.fakes.calls import Recorded, recorded_call, shop

QUESTION = "Shall I remember you and what we talked about for your next calls?"


def remembering() -> tuple[Call, Recorded]:
    """A call in which the caller was just asked whether they want to be remembered."""
    call, record = recorded_call(memory=Memory(notes=Notes(load_toolbox(shop()).intents)))
    call.emit(CallerSpoke(turn=1, words=3, text="please remember me"))
    call.agreements.announce("remember_me", ("{}",), QUESTION)
    call.emit(AgentSpoke(turn=1, words=12, is_whole=True, text=QUESTION))
    return call, record


def returned(call: Call, tool: str, outcome: Outcome = Outcome.OK) -> None:
    """A tool comes back."""
    call.emit(ToolReturned(tool_call="t", tool=tool, outcome=outcome, duration_ms=1.0, sentence="Done."))


def test_a_no_to_the_question_is_told_as_consent_refused() -> None:
    """Not when it is a no to something else, and not when it is a yes."""
    call, record = remembering()
    call.emit(CallerSpoke(turn=2, words=2, text="no, don't"))
    assert record.of(ConsentRefused) == [ConsentRefused(purpose="memory", how="said_no")]
    call, record = remembering()
    call.emit(CallerSpoke(turn=2, words=2, text="yes please"))
    assert not record.of(ConsentRefused)
    call.emit(AgentSpoke(turn=2, words=5, is_whole=True, text="Is there anything else?"))
    call.emit(CallerSpoke(turn=3, words=1, text="no"))
    assert not record.of(ConsentRefused)


def test_a_yes_that_was_carried_out_is_consent_and_a_task_completed_once() -> None:
    """What is told again in the same turn is not done again; what failed or only looked is no task completed."""
    call, record = remembering()
    call.emit(CallerSpoke(turn=2, words=2, text="yes please"))
    for outcome in (Outcome.FAILED, Outcome.ASKED, Outcome.OK, Outcome.OK):
        returned(call, "remember_me", outcome)
    returned(call, "check_shipping")
    assert record.of(ConsentGiven) == [ConsentGiven(purpose="memory", how="said_yes")]
    assert record.of(TaskCompleted) == [TaskCompleted(task="remember_me", turn=2)]


def test_a_tier_is_told_when_it_changes_and_not_when_it_stays() -> None:
    """A failed check changes nothing."""
    call, record = recorded_call()
    call.identified(Said(), Decision(outcome=Checked.FAILED))
    verified = Decision(outcome=Checked.VERIFIED, customer="C1", tier=Tier.PARTIAL)
    call.identified(Said(name="Anna Lee"), verified)
    call.identified(Said(name="Anna Lee"), verified)
    assert record.of(TierChanged) == [TierChanged(before="none", after="partial", why="verified")]
