"""What a call came to: JSON without a caller's words, posted to a real receiver once, however long that was down."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from agent.afterwards.reminding import send_due
from agent.afterwards.results import CallOutbox, keep_result, result_of
from agent.call.call import Call
from agent.events import CallEnded, CallJoined, EndReason, FlagRaised, Outcome, ToolCalled, ToolReturned
from agent.intent import Intent, Slot, SlotKind
from agent.memory.notes import Notes
from agent.memory.recall import Memory
from agent.memory.results import Results
from agent.memory.store import Store, StoredCall
from agent.profile.after_call import ResultChoice
from agent.sending import ResultHook, Webhook, signature
from tests.fakes.calls import recorded_call, shop
from tests.fakes.loopback import listening

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
BOOK = Intent(
    examples=("a table",),
    noted="booked a table for {party} {day}, reference {reference}",
    slots=(
        Slot(name="party", kind=SlotKind.NUMBER, ask="How many?"),
        Slot(name="day", kind=SlotKind.DATE, ask="When?"),
        Slot(name="reference", kind=SlotKind.CODE, ask="Which?"),
        Slot(name="account", kind=SlotKind.CODE, ask="Which account?"),
        Slot(name="name", kind=SlotKind.NAME, ask="Who?"),
        Slot(name="number", kind=SlotKind.PHONE, ask="Which number?"),
    ),
)
SAID = {
    "party": 4, "day": "2026-11-27", "reference": "483920", "account": "77123456", "name": "Priya Sharma",
    "number": "+15550100199",
}  # fmt: skip
PRIVATE = ("Priya", "Sharma", "5550100199", "77123456")


def call_for(**results: object) -> Call:
    """A call of a profile that wants these results."""
    call, _ = recorded_call()
    profile = shop().model_copy(update={"results": ResultChoice.model_validate(results)})
    notes = Notes({"book_table": BOOK})
    return replace(call, profile=profile, memory=Memory(notes=notes))


def booked(
    call: Call, outcome: Outcome = Outcome.OK, reason: EndReason = EndReason.CALLER_GOODBYE
) -> dict[str, object]:
    """The result after a booking."""
    call.emit(CallJoined(profile="shop", channel="phone"))
    call.emit(ToolCalled(tool_call="t1", tool="book_table", arguments=json.dumps(SAID)))
    call.emit(ToolReturned(tool_call="t1", tool="book_table", outcome=outcome, duration_ms=1.0, sentence="Booked."))
    call.emit(CallEnded(reason=reason, duration_s=30.0, turns=3))
    assert call.score.final is not None
    return result_of(call, *call.score.final, NOW)


def test_a_result_says_what_was_wanted_and_done() -> None:
    """By tools, references and the values that the profile asks for; what nobody said is null."""
    result = booked(call_for(values=["party", "day", "reference", "email"]))
    assert (result["outcome"], result["intents"]) == ("completed", ["book_table"])
    assert result["done"] == [{"tool": "book_table", "outcome": "ok"}]
    assert result["references"] == [{"of": "reference", "id": "483920"}]
    assert result["values"] == {"party": 4, "day": "2026-11-27", "reference": "483920", "email": None}
    assert json.loads(json.dumps(result)) == result


def test_no_value_that_names_somebody_is_in_it_even_if_it_is_asked_for() -> None:
    """Names, numbers, and codes that no note may name."""
    text = json.dumps(booked(call_for(values=list(SAID))))
    assert not [private for private in PRIVATE if private in text]


@pytest.mark.parametrize(
    ("outcome", "reason", "flag", "expected"),
    [
        (Outcome.OK, EndReason.CALLER_LEFT, "", "completed"),
        (Outcome.FAILED, EndReason.CALLER_LEFT, "", "not_completed"),
        (Outcome.OK, EndReason.CALLER_LEFT, "wants_human", "escalated"),
        (Outcome.OK, EndReason.CRASHED, "wants_human", "dropped"),
    ],
)
def test_the_outcome_is_one_word(outcome: Outcome, reason: EndReason, flag: str, expected: str) -> None:
    """The worst that is true."""
    call = call_for()
    if flag:
        call.emit(FlagRaised(flag=flag, reason="asked"))
    assert booked(call, outcome, reason)["outcome"] == expected


class Receiver:
    """A webhook that is down until it is not, and knows a signature when it sees one."""

    def __init__(self) -> None:
        self.is_up = False
        self.tries = 0
        self.taken: list[str] = []

    async def take(self, request: web.Request) -> web.Response:
        """POST /calls."""
        self.tries += 1
        body, headers = await request.read(), request.headers
        assert headers["Parley-Signature"] == signature("s3cret", headers["Parley-Timestamp"], body)
        assert json.loads(body)["call"] == headers["Idempotency-Key"]
        if not self.is_up:
            return web.Response(status=503)
        self.taken.append(headers["Idempotency-Key"])
        return web.Response(status=204)


async def test_a_receiver_that_was_down_for_an_hour_gets_every_result_once(tmp_path: Path) -> None:
    """Asked by two workers at once, more and more rarely, until it is there again."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    store = Store(url)
    store.prepare()
    now = NOW
    for number in range(12):
        store.save(StoredCall(id=f"call-{number}", profile="shop", channel="phone", started_at=NOW), [])
        call = replace(call_for(webhook="https://example.org", secret_variable="S"), id=f"call-{number}")
        booked(call)
        await keep_result(call, Results(url), NOW)
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/calls", receiver.take)
    async with listening(app) as address:
        hook = ResultHook(Webhook(f"http://{address}/calls", "s3cret", lambda: now))
        outboxes = [CallOutbox(Results(url), "shop", lambda: now) for _ in range(2)]
        for minutes in range(0, 130, 5):
            now = NOW + timedelta(minutes=minutes)
            receiver.is_up = minutes >= 60
            await asyncio.gather(*(send_due(outbox, hook) for outbox in outboxes))
    store.close()
    assert sorted(receiver.taken) == sorted(f"call-{number}" for number in range(12))
    assert receiver.tries < 12 * 12, "it was left in peace more and more"


async def test_a_store_that_fails_costs_the_result_and_not_the_jobs_end(tmp_path: Path) -> None:
    """One line in the log says so."""
    call = call_for()
    booked(call)
    await keep_result(call, Results(f"sqlite:///{tmp_path / 'nothing' / 'parley.db'}"), NOW)


async def test_a_call_that_never_ended_has_no_result(tmp_path: Path) -> None:
    """Nobody came, or another agent had it."""
    call = call_for()
    await keep_result(call, Results(f"sqlite:///{tmp_path / 'parley.db'}"), NOW)
    assert not (tmp_path / "parley.db").exists()
