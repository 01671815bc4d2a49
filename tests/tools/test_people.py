"""The wish for a person: noted, or passed on with what the call was about."""

from pathlib import Path

import pytest
from livekit.agents import llm

from agent.errors import Unavailable
from agent.events import FlagRaised
from backends import follow_ups
from backends.follow_ups import FollowUps
from evals.records import columns, snapshot
from tests.fakes.calls import NOON, recorded_call
from tests.fakes.contexts import context_of
from tools.people import request_human, told, transfer_to_human


async def test_a_wish_for_a_person_raises_the_flag_and_says_how() -> None:
    """Twice wished is one flag."""
    call, record = recorded_call()
    assert await request_human(context_of(call)) == call.profile.sentences.human
    await request_human(context_of(call))
    assert call.flags == {"wants_human"}
    assert record.of(FlagRaised) == [FlagRaised(flag="wants_human", reason="the caller asked for a person")]


async def test_a_wish_is_passed_on_with_reason_summary_and_number(tmp_path: Path) -> None:
    """Once a call; an LLM's words where there are some."""
    columns()
    url = f"sqlite:///{tmp_path / 'f.db'}"
    follow_ups.prepare(url)
    call, record = recorded_call(backends={FollowUps: follow_ups.connect(url, lambda: NOON)}, number="+15550100200")
    assert await transfer_to_human(context_of(call), "the lamp broke", "Order 4571.") == call.profile.sentences.human
    await transfer_to_human(context_of(call))
    (row,) = snapshot(url)["follow_ups"]
    assert (row["kind"], row["about"], row["summary"]) == ("transfer", "the lamp broke", "Order 4571.")
    assert (row["number"], row["due_at"]) == ("+15550100200", None)
    assert len(record.of(FlagRaised)) == 1


async def test_a_wish_for_a_department_says_which(tmp_path: Path) -> None:
    """Each once a call, and a general one beside it; who is not in is said, and an unknown one goes to everybody."""
    columns()
    url = f"sqlite:///{tmp_path / 'f.db'}"
    follow_ups.prepare(url)
    call, _ = recorded_call(backends={FollowUps: follow_ups.connect(url, lambda: NOON)})
    human = call.profile.sentences.human
    assert await transfer_to_human(context_of(call), department="billing please") == f"That goes to billing. {human}"
    await transfer_to_human(context_of(call), department="I said billing")
    assert await transfer_to_human(context_of(call), department="the press office") == (
        f"I know no such department, only billing, sales and returns, so it goes to everybody. {human}"
    )
    assert {row["department"] for row in snapshot(url)["follow_ups"]} == {"", "billing"}
    assert len(snapshot(url)["follow_ups"]) == 2


async def test_a_wish_that_cannot_be_kept_is_not_promised() -> None:
    """The flag is up, and the caller hears that it could not be noted."""
    call, _ = recorded_call()
    with pytest.raises(Unavailable):
        await transfer_to_human(context_of(call))
    assert call.flags == {"wants_human"}


def test_the_summary_is_what_was_said_and_done_last() -> None:
    """In quotation marks what the caller said, so that nobody takes it for ours; never longer than its column."""
    history = llm.ChatContext.empty()
    history.add_message(role="user", content="where is my order")
    history.add_message(role="assistant", content="What is your order number?")
    history.insert(llm.FunctionCallOutput(call_id="1", name="find", output="It was shipped.", is_error=False))
    assert told(history.items) == "“where is my order” [find: It was shipped.]"
    history.add_message(role="user", content="a" * 5000)
    assert len(told(history.items)) == 1000
