"""What a caller who agreed is told after the call: by a real SMTP server and a real gateway, once, and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from aiohttp import web

from agent.afterwards.confirming import confirmation_of, keep_confirmation
from agent.afterwards.reminding import send_due
from agent.afterwards.results import CallOutbox
from agent.call.call import Call
from agent.config import Settings
from agent.errors import ConfigError
from agent.events import (
    CallEnded,
    CallerSpoke,
    CallJoined,
    ConsentGiven,
    EndReason,
    Outcome,
    ToolCalled,
    ToolReturned,
)
from agent.memory.confirmations import Confirmations
from agent.memory.notes import Notes
from agent.memory.recall import Memory
from agent.memory.store import Store, StoredCall
from agent.profile.after_call import ConfirmationChoice
from agent.sending import confirmation_sender_of, signature
from agent.tooling.toolbox import load_toolbox
from agent.worker import after_calls
from tests.agent.afterwards.test_results import BOOK, SAID
from tests.agent.test_sending import Inbox, inbox
from tests.fakes.calls import Recorded, recorded_call, shop
from tests.fakes.loopback import listening

__all__ = ["inbox"]  # the fixture

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
SECRET = "k" * 32
TEXT = "reference 483920"
PRIVATE = ("Priya", "Sharma", "5550100199", "77123456")


def call_of(tools: tuple[str, ...] = (), **confirmations: str) -> tuple[Call, Recorded]:
    """A call of a profile that sends so."""
    choice = ConfirmationChoice.model_validate(confirmations)
    profile = shop().model_copy(update={"confirmations": choice, "tools": (*shop().tools, *tools)})
    intents = {"book_table": BOOK, **load_toolbox(profile).intents}
    call, record = recorded_call(profile)
    return replace(call, memory=Memory(notes=Notes(intents))), record


def booked(call: Call, to: str, *, is_done: bool = True) -> Call:
    """It has ended, a table was booked in it, and the caller wants word of that."""
    call.emit(CallJoined(profile="shop", channel="phone"))
    outcome = Outcome.OK if is_done else Outcome.FAILED
    call.emit(CallerSpoke(turn=1, words=5, text="This is Priya Sharma, my account is 77123456"))
    call.emit(ToolCalled(tool_call="t1", tool="book_table", arguments=json.dumps(SAID)))
    call.emit(ToolReturned(tool_call="t1", tool="book_table", outcome=outcome, duration_ms=1.0, sentence="Booked."))
    call.confirm_to = to
    call.emit(CallEnded(reason=EndReason.CALLER_GOODBYE, duration_s=30.0, turns=3))
    return call


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """A store with the record of one call."""
    store = Store(f"sqlite:///{tmp_path / 'parley.db'}")
    store.prepare()
    store.save(StoredCall(id="call-1", profile="shop", channel="phone", started_at=NOW), [])
    yield f"sqlite:///{tmp_path / 'parley.db'}"
    store.close()


async def sent_by_two(url: str, call: Call, *, since: int = 0, minutes: int = 60) -> None:
    """Two workers look what is due, for so long."""
    now = NOW
    send = confirmation_sender_of(call.profile, lambda: now)
    assert send is not None
    outboxes = [CallOutbox(Confirmations(url, SECRET), "shop", lambda: now) for _ in range(2)]
    for minute in range(since, since + minutes, 2):
        now = NOW + timedelta(minutes=minute)
        await asyncio.gather(*(send_due(outbox, send) for outbox in outboxes))


async def test_who_wants_a_mail_gets_one_that_says_what_was_done(
    url: str, inbox: tuple[Inbox, str], tmp_path: Path
) -> None:
    """Though the server took none at first; in nobody's database is the address in clear, and after it is sent none."""
    box, address = inbox
    call = booked(call_of(smtp=address, mail_from="shop@example.com")[0], "priya@example.org")
    await keep_confirmation(call, Confirmations(url, SECRET), NOW)
    await keep_confirmation(call, Confirmations(url, SECRET), NOW)
    kept = (tmp_path / "parley.db").read_bytes()
    assert b"priya@example.org" not in kept and b"483920" not in kept
    box.answer = "451 later"
    await sent_by_two(url, call, minutes=10)
    box.answer = "250 OK"
    await sent_by_two(url, call, since=10)
    taken = [message_from_bytes(raw) for raw in box.messages]
    assert len({message["Message-ID"] for message in taken}) == 1
    assert box.accepted == 1
    assert (taken[-1]["To"], taken[-1]["From"]) == ("priya@example.org", "shop@example.com")
    text = taken[-1].get_payload(decode=True).decode().strip()  # type: ignore[union-attr]  # of one part
    assert text == "Acme customer desk: you booked a table for four Friday, November 27, reference 483920."
    assert not [private for private in PRIVATE if private in text]


async def test_who_wants_a_text_message_gets_it_once_though_the_gateway_was_down(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed, for that number, and under one key."""
    monkeypatch.setenv("PARLEYS_GATEWAY_SECRET", "s3cret")
    tries: list[bool] = []
    taken: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        body, headers = await request.read(), request.headers
        assert headers["Parley-Signature"] == signature("s3cret", headers["Parley-Timestamp"], body)
        tries.append(len(tries) >= 3)
        if not tries[-1]:
            return web.Response(status=503)
        taken.append(json.loads(body))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/text", take)
    async with listening(app) as address:
        choice = {"gateway": f"http://{address}/text", "secret_variable": "PARLEYS_GATEWAY_SECRET"}
        call = booked(call_of((), **choice)[0], "+15550100199")
        await keep_confirmation(call, Confirmations(url, SECRET), NOW)
        await sent_by_two(url, call)
    assert tries == [False, False, False, True]
    assert [(one["to"], one["profile"], one["id"]) for one in taken] == [("+15550100199", "shop", "call-1")]
    assert TEXT in taken[0]["text"] and not [name for name in PRIVATE if name in taken[0]["text"]]


@pytest.mark.parametrize(("to", "is_done"), [("", True), ("+15550100199", False)])
async def test_without_a_wish_or_a_deed_nothing_is_kept(url: str, to: str, *, is_done: bool) -> None:
    """Who never agreed is never written to."""
    call = booked(call_of(gateway="https://x.example", secret_variable="S")[0], to, is_done=is_done)
    confirmations = Confirmations(url, SECRET)
    await keep_confirmation(call, confirmations, NOW)
    assert confirmations.claim("shop", NOW) == []


def test_the_yes_to_it_is_told_as_consent() -> None:
    """To messages, for the ledger of consent."""
    call, record = call_of(("text_confirmation",), gateway="https://x.example", secret_variable="S")
    call.emit(CallerSpoke(turn=2, words=1, text="yes"))
    call.emit(ToolCalled(tool_call="t2", tool="text_confirmation", arguments='{"number": "+15550100199"}'))
    call.emit(
        ToolReturned(tool_call="t2", tool="text_confirmation", outcome=Outcome.OK, duration_ms=1.0, sentence="Yes.")
    )
    assert record.of(ConsentGiven) == [ConsentGiven(purpose="messages", how="said_yes")]
    assert confirmation_of(call) == "", "and is not itself something that was done"


async def test_what_another_secret_sealed_is_sent_to_nobody(url: str) -> None:
    """It stays for whoever has the key, until it is given up."""
    confirmations = Confirmations(url, SECRET)
    confirmations.keep("call-1", "shop", "{}", NOW)
    assert Confirmations(url, "another" * 6).claim("shop", NOW) == []
    assert [due.body for due in confirmations.claim("shop", NOW + timedelta(hours=1))] == ["{}"]


async def test_what_is_given_up_is_forgotten(url: str) -> None:
    """The address does not stay for want of a gateway."""
    confirmations = Confirmations(url, SECRET)
    confirmations.keep("call-1", "shop", "{}", NOW)
    confirmations.claim("shop", NOW)
    confirmations.later("call-1", NOW + timedelta(days=3))
    assert confirmations.claim("shop", NOW + timedelta(days=9)) == []
    with confirmations._engine.connect() as connection:  # noqa: SLF001  # nothing else would read it
        assert connection.exec_driver_sql("select state, sealed from call_confirmations").one() == ("failed", "")


def test_a_worker_sends_what_its_profiles_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says before any call which secret is missing."""
    profile = call_of(gateway="https://x.example", secret_variable="PARLEYS_GATEWAY_SECRET")[0].profile
    monkeypatch.setenv("PARLEYS_GATEWAY_SECRET", "s3cret")
    assert len(after_calls(Settings.model_validate({}), [profile, shop()])) == 1
    monkeypatch.delenv("PARLEYS_GATEWAY_SECRET")
    with pytest.raises(ConfigError, match=r"confirmations.*PARLEYS_GATEWAY_SECRET"):
        after_calls(Settings.model_validate({}), [profile])


@pytest.mark.parametrize("wrong", [{"gateway": "https://x.example"}, {"smtp": "smtp://x.example:25"}, {"smtp": "x"}])
def test_half_a_choice_is_refused(wrong: dict[str, str]) -> None:
    """When the profile is read."""
    with pytest.raises(ValueError, match=r"gateway|smtp|pattern"):
        ConfirmationChoice.model_validate(wrong)
