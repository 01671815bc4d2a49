"""What is carried over from a job that died: all that the next one needs, and the keys of requests with it."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import llm

from agent.call.call import Call
from agent.errors import Asked
from agent.events import AgentSpoke, CallerSpoke, EndReason, TransferEnded
from agent.memory.kept import KeptCalls
from agent.memory.store import Store
from agent.redaction.door import Door
from agent.rescue.taking_up import Carried, Keeper, read
from agent.rules.identity import Said, Tier
from tests.fakes.calls import NOON, recorded_call

QUESTION = "Shall I pay it?"


def history(*turns: tuple[str, str]) -> llm.ChatContext:
    """A conversation of these messages."""
    found = llm.ChatContext.empty()
    for role, words in turns:
        found.add_message(role=role, content=words)  # type: ignore[arg-type]  # one of LiveKit's roles
    return found


def carried_of(call: Call, *turns: tuple[str, str]) -> Carried:
    """What that call is now, after these messages."""
    return Carried.of(
        call,
        room="room-1",
        agent="agent-1",
        caller="caller-1",
        channel="browser",
        started_at=NOON,
        turns=2,
        history=history(*turns),
    )


def again(carried: Carried) -> tuple[Carried, Call]:
    """The other job's side: what it reads, and its call."""
    found = read(carried.model_dump_json().encode())
    assert found is not None
    call, _ = recorded_call()
    found.restore(call)
    return found, call


def turn(call: Call, words: str, answer: str) -> None:
    """Both sides of one exchange."""
    call.emit(CallerSpoke(turn=1, words=1, text=words))
    call.emit(AgentSpoke(turn=1, words=1, is_whole=True, text=answer))


def test_who_the_caller_is_is_carried_over() -> None:
    """Nobody proves twice who they are, and nobody gets new attempts by a crash."""
    call, _ = recorded_call()
    known = call.identity
    known.tier, known.customer, known.failed, known.is_locked, known.wanted = Tier.PARTIAL, "c-7", 2, True, Tier.FULL
    known.said = Said(name="ann lee", date_of_birth=date(1980, 5, 3))
    call.number, call.persona, call.flags, call.memory.has_consent = "+15550100", "clerk", {"wants_human"}, True
    _, other = again(carried_of(call))
    assert (other.tier, other.customer, other.identity.failed, other.identity.is_locked) == (
        Tier.PARTIAL,
        "c-7",
        2,
        True,
    )
    assert (other.identity.said, other.identity.wanted) == (known.said, Tier.FULL)
    assert (other.number, other.persona, other.flags) == ("+15550100", "clerk", {"wants_human"})
    assert other.memory.has_consent


def asked(call: Call, figures: tuple[object, ...]) -> None:
    """The caller wants to pay, and is asked about it to the end."""
    call.agreements.hear("pay it")
    with pytest.raises(Asked):
        call.agreements.agreed("pay", figures, QUESTION)
    call.agreements.spoke(QUESTION, is_whole=True)


@pytest.mark.parametrize("figures", [("c-1",), ("payee", "account", 1250), (7, None, "x y"), ("a", True, 0.5)])
def test_what_was_read_back_is_agreed_to_with_the_same_key_afterwards(figures: tuple[object, ...]) -> None:
    """The job dies between the question and the yes: the request that follows is the same one."""
    call, _ = recorded_call()
    asked(call, figures)
    _, other = again(carried_of(call))
    other.agreements.hear("yes")
    assert other.agreements.agreed("pay", figures, QUESTION).key == "call-1:1"


def test_a_yes_that_was_heard_needs_no_other() -> None:
    """The job dies while the request is carried out: it goes on with the key under which it was begun."""
    call, _ = recorded_call()
    asked(call, ("x", 1))
    call.agreements.hear("yes please")
    before = call.agreements.agreed("pay", ("x", 1), QUESTION)
    _, other = again(carried_of(call, ("user", "yes please")))
    assert other.agreements.agreed("pay", ("x", 1), QUESTION).key == before.key
    again_ = other.agreements.again("pay", "x")
    assert again_ is not None and again_.key == before.key


def test_the_next_request_gets_a_new_key() -> None:
    """What was done stays done: it is told before it is done again, and then it is another request."""
    call, _ = recorded_call()
    asked(call, ("x", 1))
    call.agreements.hear("yes")
    done = call.agreements.agreed("pay", ("x", 1), QUESTION)
    call.agreements.finish(done, "Done.")
    call.agreements.spoke("Done.", is_whole=True)
    _, other = again(carried_of(call))
    assert other.agreements.was_done("pay", ("x", 1))
    asked(other, ("x", 1))
    other.agreements.hear("yes")
    assert other.agreements.agreed("pay", ("x", 1), QUESTION).key != done.key


def test_who_somebody_is_stays_out_of_notes_after_it_too() -> None:
    """What was said before the job died is known to be private by the next one."""
    call, _ = recorded_call()
    said = carried_of(call, ("assistant", "What is your full name?"), ("user", "Ann Lee"))
    _, other = again(said)
    assert "Lee" not in other.discreet("Ann Lee is upset")


def test_a_value_has_the_same_placeholder_after_it() -> None:
    """Whoever reads the record sees that it is the same card, and another one is another."""
    card, other_card = "4111 1111 1111 1111", "5555 5555 5555 4444"
    call, _ = recorded_call()
    before, after = Door(), Door()
    said = [("user", f"my number is 415 555 0132 and my card {card}"), ("assistant", "Which card was it?")]
    before.told(CallerSpoke(turn=1, words=1, text=said[0][1]))
    before.told(AgentSpoke(turn=1, words=1, is_whole=True, text=said[1][1]))
    found, _ = again(carried_of(call, *said))
    found.tell_again(after)
    for text in (f"it was {card}", f"no, it was {other_card}"):
        spoke = CallerSpoke(turn=2, words=1, text=text)
        assert after.told(spoke) == before.told(spoke)
    assert after.masked(card) == "<CARD_1>" and after.masked(other_card) == "<CARD_2>"


@pytest.mark.parametrize(
    ("turns", "is_owed"),
    [
        ((), False),
        ((("assistant", "Hello."),), False),
        ((("assistant", "Hello."), ("user", "my order?")), True),
        ((("user", "my order?"), ("assistant", "Its number?")), False),
    ],
)
def test_a_caller_who_had_the_last_word_is_owed_an_answer(turns: tuple[tuple[str, str], ...], is_owed: bool) -> None:
    """And nobody else: the conversation itself is carried over word for word."""
    call, _ = recorded_call()
    found, _ = again(carried_of(call, *turns))
    assert found.is_owed_an_answer is is_owed
    assert [message.text_content for message in found.context.messages()] == [words for _, words in turns]


@pytest.mark.parametrize("state", [None, b"", b"{}", b"\xff\xfe", b'{"call_id": 1}', b"[" * 100])
def test_what_cannot_be_read_is_not_taken_up(state: bytes | None) -> None:
    """Of another version, or of nobody."""
    assert read(state) is None


@dataclass
class Steps:
    """A call that changes while it is kept."""

    call: Call = field(default_factory=lambda: recorded_call()[0])
    asked: int = 0

    def state(self) -> Carried:
        """How often it was asked is told by the turns."""
        self.asked += 1
        return carried_of(self.call).model_copy(update={"turns": self.asked})


@pytest.fixture
def kept(tmp_path: Path) -> KeptCalls:
    """An empty one."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    Store(url).prepare()
    return KeptCalls(url, "secret")


async def written(kept: KeptCalls, turns: int) -> None:
    """So much is in the database."""
    async with asyncio.timeout(10):
        while turns_in(kept) < turns:  # noqa: ASYNC110  # another thread writes
            await asyncio.sleep(0.01)


def turns_in(kept: KeptCalls) -> int:
    """Of the state that is in the database; 0 while there is none."""
    found = kept.find("room-1")
    state = read(found.state) if found else None
    return state.turns if state else 0


async def test_each_step_is_kept_and_the_end_forgets_it(kept: KeptCalls) -> None:
    """From the first moment of the call to its last."""
    steps, keeper = Steps(), Keeper(kept, "worker-1", now)
    keeper.start(steps.state)
    await written(kept, 1)
    keeper.on_event(CallerSpoke(turn=1, words=1, text="hello"))
    await written(kept, 2)
    await keeper.forget("call-1")
    assert kept.find("room-1") is None


async def test_what_is_kept_stays_when_the_job_stops_without_an_end(kept: KeptCalls) -> None:
    """Then another goes on."""
    steps, keeper = Steps(), Keeper(kept, "worker-1", now)
    keeper.start(steps.state)
    await written(kept, 1)
    await keeper.stop()
    assert kept.find("room-1") is not None


async def test_a_store_that_fails_does_not_hurt_the_call(tmp_path: Path) -> None:
    """A full disk, or none: the call goes on, and could only not be taken up."""
    keeper = Keeper(KeptCalls(f"sqlite:///{tmp_path / 'none' / 'parley.db'}", "secret"), "worker-1", now)
    keeper.start(Steps().state)
    for _ in range(3):
        keeper.on_event(CallerSpoke(turn=1, words=1, text="hello"))
        await asyncio.sleep(0.05)
    await keeper.forget("call-1")


async def test_a_call_that_a_person_has_taken_is_nothing_to_be_taken_up(kept: KeptCalls) -> None:
    """Should its job die, the two go on talking, and no other job comes between them."""
    steps, keeper = Steps(), Keeper(kept, "worker-1", now)
    keeper.start(steps.state)
    await written(kept, 1)
    keeper.on_event(TransferEnded(way="warm", department="", outcome="joined"))
    async with asyncio.timeout(5):
        while kept.find("room-1") is not None:  # noqa: ASYNC110  # written by a thread
            await asyncio.sleep(0.02)
    keeper.on_event(AgentSpoke(turn=1, words=1, is_whole=True, text="hello"))
    await asyncio.sleep(0.1)
    assert kept.find("room-1") is None
    await keeper.stop()


SAID = (("user", "Where is my order?"), ("assistant", "What is your order number?"))
NUMBER = "+15550100199"


def by_phone(**changes: object) -> Carried:
    """A telephone call that got as far as a question."""
    call, _ = recorded_call(number=NUMBER)
    return carried_of(call, *SAID).model_copy(update={"channel": "phone", **changes})


async def rung_again(
    kept: KeptCalls,
    left: Carried,
    reason: EndReason,
    *,
    after_s: float = 30.0,
    number: str = NUMBER,
    private: bool = False,
) -> Carried | None:
    """What the next call from that number finds."""
    before = Keeper(kept, "worker-1", now)
    before.start(lambda: left)
    await before.leave_behind(reason, is_private=private)
    await before.forget(left.call_id)
    later = Keeper(kept, "worker-2", lambda: NOON + timedelta(seconds=after_s))
    return await later.take_up_again(left.profile, number)


@pytest.mark.parametrize("reason", [EndReason.CALLER_LEFT, EndReason.CONNECTION_LOST])
async def test_who_is_cut_off_and_rings_again_goes_on_once(kept: KeptCalls, reason: EndReason) -> None:
    """With the question that was asked; a third call begins anew, and no worker takes what is left for a call."""
    found = await rung_again(kept, by_phone(), reason)
    assert found is not None and found.last_words == SAID[1][1]
    assert await Keeper(kept, "worker-1", now).take_up_again(found.profile, NUMBER) is None
    assert kept.beat("worker-1", NOON) == {"worker-1": 1}


@pytest.mark.parametrize(
    ("changes", "how"),
    [
        ({}, {"reason": EndReason.CALLER_GOODBYE}),
        ({}, {"reason": EndReason.TRANSFERRED}),
        ({}, {"after_s": 61.0}),
        ({}, {"number": "+15550100198"}),
        ({}, {"number": ""}),
        ({}, {"private": True}),
        ({"tier": Tier.PARTIAL}, {}),
        ({"customer": "C1001"}, {}),
        ({"channel": "browser"}, {}),
        ({"number": ""}, {}),
        ({"turns": 0}, {}),
    ],
)
async def test_nothing_is_told_to_who_may_be_somebody_else(
    kept: KeptCalls, changes: dict[str, object], how: dict[str, Any]
) -> None:
    """A number is no proof; a call that ended is no call that broke off."""
    assert await rung_again(kept, by_phone(**changes), **{"reason": EndReason.CALLER_LEFT, **how}) is None


async def test_what_nobody_has_rung_for_is_gone_after_a_minute(kept: KeptCalls) -> None:
    """The worker that sweeps takes it away."""
    before = Keeper(kept, "worker-1", now)
    before.start(by_phone)
    await before.leave_behind(EndReason.CALLER_LEFT, is_private=False)
    await before.forget("call-1")
    kept.close_lost(NOON + timedelta(seconds=70), timedelta(minutes=1))
    assert await Keeper(kept, "worker-2", now).take_up_again("shop", NUMBER) is None


def now() -> datetime:
    """A clock that stands still."""
    return NOON
