"""One call's memory: nothing kept without consent, nothing told before its time, nothing that stops a call."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import Refused, Unavailable
from agent.events import Outcome, ToolReturned
from agent.intent import Intent
from agent.memory.callers import Callers, Who
from agent.memory.notes import Notes
from agent.memory.recall import ANOTHERS, AWAY, NOBODY, Memory
from agent.memory.store import Store
from agent.rules.identity import Tier
from agent.rules.line_number import line_number
from tests.fakes.databases import locked

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
ANNA = Who(profile="shop", number="+15550100199")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A prepared store."""
    Store(f"sqlite:///{tmp_path / 'parley.db'}").prepare()
    return tmp_path / "parley.db"


def memory(path: Path, call_id: str = "call-1", *, is_private: bool = False) -> Memory:
    """That of a new call."""
    notes = Notes({"check": Intent(examples=(), noted="asked where it is")})
    callers = Callers(f"sqlite:///{path}")
    return Memory(callers=callers, call_id=call_id, is_private=is_private, clock=lambda: NOW, notes=notes)


def worked(memory: Memory, outcome: Outcome = Outcome.OK) -> None:
    """The call's tool returns."""
    memory.notes.on_event(ToolReturned(tool_call="t", tool="check", outcome=outcome, duration_ms=1.0, sentence=""))


async def test_without_consent_nothing_is_kept(path: Path) -> None:
    """However much was done."""
    first = memory(path)
    worked(first)
    await first.close(ANNA)
    assert await memory(path).told(ANNA, Tier.FULL) is None


async def test_who_agreed_is_known_in_the_next_call_and_need_not_agree_again(path: Path) -> None:
    """Name, last call, what is open."""
    first = memory(path)
    await first.consent(ANNA, "Anna")
    worked(first)
    await first.close(ANNA)
    second = memory(path, "call-2")
    known = await second.told(ANNA, Tier.NONE)
    assert known is not None
    assert (known.name, known.summary, known.open_matters) == ("Anna", "asked where it is", ())
    worked(second, Outcome.FAILED)
    await second.close(ANNA)
    third = await memory(path, "call-3").told(ANNA, Tier.NONE)
    assert third is not None
    assert (third.name, third.summary, third.open_matters) == ("Anna", "asked where it is", ("check",))


async def test_a_private_memory_is_told_to_the_verified_only(path: Path) -> None:
    """The number that calls is no proof."""
    first = memory(path, is_private=True)
    await first.consent(ANNA, "Anna")
    second = memory(path, "call-2", is_private=True)
    assert await second.told(ANNA, Tier.NONE) is None
    known = await second.told(ANNA, Tier.PARTIAL)
    assert known is not None and known.name == "Anna"


async def test_forgetting_is_at_once_and_the_call_leaves_nothing(path: Path) -> None:
    """Even what is done afterwards."""
    first = memory(path)
    await first.consent(ANNA, "Anna")
    assert await first.forget(ANNA)
    assert not await first.forget(ANNA)
    worked(first)
    await first.close(ANNA)
    assert await memory(path).told(ANNA, Tier.FULL) is None


async def test_nobody_known_cannot_be_remembered(path: Path) -> None:
    """A browser has no number."""
    nobody = Who(profile="shop")
    with pytest.raises(Refused, match=NOBODY):
        await memory(path).consent(nobody)
    assert await memory(path).told(nobody, Tier.FULL) is None


@pytest.mark.parametrize("shown", ["+266696687", "Anonymous", "sip:anonymous@anonymous.invalid", "restricted", ""])
async def test_two_callers_who_hide_their_numbers_know_nothing_of_each_other(path: Path, shown: str) -> None:
    """The first one's name is not the second one's to hear, however the line says that there is no number."""
    for call_id, name in (("call-1", "Anna"), ("call-2", "")):
        hidden = Who(profile="shop", number=line_number(shown))
        this = memory(path, call_id)
        assert await this.told(hidden, Tier.FULL) is None
        with pytest.raises(Refused, match=NOBODY):
            await this.consent(hidden, name)
        worked(this)
        await this.close(hidden)


async def test_a_borrowed_telephone_does_not_rename_its_owner(path: Path) -> None:
    """Who was verified once must be verified to be changed."""
    await memory(path).consent(Who(profile="shop", number=ANNA.number, customer="c1"), "Anna")
    with pytest.raises(Refused, match=ANOTHERS):
        await memory(path, "call-2").consent(ANNA, "Mallory")


async def test_a_store_that_fails_costs_the_memory_and_not_the_call(path: Path) -> None:
    """A tool says so, everything else goes on."""
    first = memory(path)
    await first.consent(ANNA)
    with locked(path):
        second = memory(path, "call-2")
        with pytest.raises(Unavailable, match=AWAY):
            await second.consent(ANNA)
        with pytest.raises(Unavailable, match=AWAY):
            await second.forget(ANNA)
        await second.close(ANNA)
    with pytest.raises(Unavailable, match=AWAY):
        await Memory().consent(ANNA)


async def test_a_store_that_is_gone_tells_nothing_and_is_asked_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No turn waits for it again."""
    gone = memory(tmp_path / "none" / "parley.db")
    assert [await gone.told(ANNA, Tier.FULL) for _ in range(2)] == [None, None]
    assert [record.message for record in caplog.records] == ["no memory"]
