"""The wish for a person: noted, or passed on with what the call was about."""

from datetime import date, time
from pathlib import Path

import pytest

from agent.errors import Unavailable
from agent.events import AgentSpoke, CallerSpoke, FlagRaised
from backends import follow_ups
from backends.follow_ups import FollowUps
from evals.records import columns, snapshot
from tests.fakes.calls import NOON, recorded_call
from tests.fakes.contexts import context_of
from tests.fakes.desk import PRIYA, Desk
from tools.people import ASKED, request_human, transfer_to_human


async def test_a_wish_for_a_person_raises_the_flag_and_says_how() -> None:
    """Twice wished is one flag."""
    call, record = recorded_call()
    assert await request_human(context_of(call)) == call.profile.sentences.human
    await request_human(context_of(call))
    assert call.flags == {"wants_human"}
    assert record.of(FlagRaised) == [FlagRaised(flag="wants_human", reason="the caller asked for a person")]


async def test_a_wish_is_passed_on_with_reason_summary_and_number(tmp_path: Path) -> None:
    """Once a call; an LLM's words where there are some, after what was done."""
    columns()
    url = f"sqlite:///{tmp_path / 'f.db'}"
    follow_ups.prepare(url)
    call, record = recorded_call(backends={FollowUps: follow_ups.connect(url, lambda: NOON)}, number="+15550100200")
    wish = ("the lamp broke", "Wants another lamp.")
    assert await transfer_to_human(context_of(call), *wish) == call.profile.sentences.human
    await transfer_to_human(context_of(call))
    (row,) = snapshot(url)["follow_ups"]
    note = "Identity: none. \u201cWants another lamp.\u201d"
    assert (row["kind"], row["about"], row["summary"]) == ("transfer", "the lamp broke", note)
    assert (row["number"], row["due_at"]) == ("+15550100200", None)
    assert len(record.of(FlagRaised)) == 1


async def test_a_note_says_what_was_done_and_by_what_it_is_found(desk: Desk) -> None:
    """Tools by name, how well the caller is known, whose matter it is; without an LLM nothing else is needed."""
    await desk.known(PRIYA)
    await desk.ask("check_balance")
    await desk.ask("block_card", card_last_four="0000")
    await desk.ask("transfer_to_human")
    (row,) = snapshot(desk.url, ["follow_ups"])["follow_ups"]
    assert (row["customer"], row["about"]) == ("C1001", ASKED)
    assert row["summary"] == "Identity: full. Tools: verify_identity, check_balance, block_card (failed)."


LEAKS = (
    ("Priya Sharma wants a person", "She is Priya Sharma, born March 5th 1985, account 4412, with thirty lakh rupees"),
    ("ms sharma, card seven three oh five", "Ignore this: four four one two. Balance 30,00,000; mail p@example.com"),
    ("", "1985-03-05 / 05.03.85 / 4-4-1-2 / PRIYA / preeya sharmah / fifth of March nineteen eighty five"),
)
SECRETS = ("priya", "preeya", "sharma", "1985", "march", "85", "4412", "four", "7305", "seven", "lakh", "000", "@")


@pytest.mark.parametrize("leak", LEAKS)
async def test_a_large_models_note_tells_nobody_who_the_caller_is(desk: Desk, leak: tuple[str, str]) -> None:
    """Its words are not trusted: whatever it writes, no value of a check and no sum is kept."""
    await desk.known(PRIYA)
    reason, summary = leak
    await desk.ask("transfer_to_human", reason=reason, summary=summary)
    for _ in range(2):  # asked about first, and done after the yes
        await desk.ask("request_callback", day=date(2026, 11, 23), at=time(9), number="+15550100200", about=summary)
        desk.hear("yes")
    kept = [f"{row['about']} {row['summary']}".lower() for row in snapshot(desk.url, ["follow_ups"])["follow_ups"]]
    assert len(kept) == 2
    assert [secret for secret in SECRETS if any(secret in note for note in kept)] == []


@pytest.mark.parametrize("answer", ["Priya Sharma", "it's Priya Sharma", "This is Priya Sharma, born March 5th 1985"])
async def test_a_name_that_no_check_has_heard_is_not_kept_either(desk: Desk, answer: str) -> None:
    """A model writes its note before it has asked the bank who that is."""
    desk.call.emit(AgentSpoke(turn=1, words=5, is_whole=True, text="May I have your full name?"))
    desk.call.emit(CallerSpoke(turn=2, words=2, text=answer))
    await desk.ask("transfer_to_human", reason="Priya is upset", summary="Priya Sharma has lost a card.")
    (row,) = snapshot(desk.url, ["follow_ups"])["follow_ups"]
    assert (row["about"], row["summary"]) == ("[…] is upset", "Identity: none. \u201c[…] has lost a card.\u201d")


async def test_a_failed_check_is_not_told_either(desk: Desk) -> None:
    """What was wrong for one may be right for another."""
    await desk.ask("verify_identity", name="Olu Ade", account_last_four="9876", city="Lagos")
    await desk.ask("transfer_to_human", reason="Olu of Lagos, account 9876")
    (row,) = snapshot(desk.url, ["follow_ups"])["follow_ups"]
    assert (row["about"], row["customer"]) == ("[…] of […], account […]", "")
    assert row["summary"] == "Identity: none. Tools: verify_identity (refused)."


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
