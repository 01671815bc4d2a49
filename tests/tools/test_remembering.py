"""Remembered, recalled and forgotten, as the caller hears it."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent.call.call import Call
from agent.errors import Refused
from agent.events import Outcome, ToolCalled, ToolReturned
from agent.memory.callers import Callers
from agent.memory.notes import Notes
from agent.memory.recall import Memory
from agent.memory.store import Store
from agent.profile.choices import MemoryChoice
from agent.rules.identity import Tier
from agent.tooling.toolbox import load_toolbox
from tests.fakes.calls import NOON, recorded_call, shop
from tests.fakes.contexts import context_of
from tools.remembering import forget_me, recall_last_call, remember_me


@pytest.fixture
def callers(tmp_path: Path) -> Callers:
    """A prepared store."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    Store(url).prepare()
    return Callers(url)


def call_from(callers: Callers, *, days: int = 0, is_private: bool = False) -> Call:
    """A call by the same telephone, some days after NOON."""
    profile = shop().model_copy(update={"memory": MemoryChoice(is_private=is_private)})
    at = NOON + timedelta(days=days)
    notes = Notes(load_toolbox(profile).intents)
    memory = Memory(callers=callers, call_id=f"call-{days}", is_private=is_private, clock=lambda: at, notes=notes)
    call, _ = recorded_call(profile, number="+15550100199", memory=memory)
    call.clock = lambda: at
    return call


def shipped(call: Call, outcome: Outcome = Outcome.OK) -> None:
    """The call's tool comes back."""
    arguments = '{"order_number": "4571"}'
    call.memory.notes.on_event(ToolCalled(tool_call="t", tool="check_shipping", arguments=arguments))
    call.memory.notes.on_event(
        ToolReturned(tool_call="t", tool="check_shipping", outcome=outcome, duration_ms=1.0, sentence="")
    )


async def test_the_next_call_knows_the_name_and_what_it_was_about(callers: Callers) -> None:
    """In one sentence, with what is open."""
    first = call_from(callers)
    assert await remember_me(context_of(first), "Anna") == "Thank you, Anna. I'll remember you the next time you call."
    shipped(first)
    await first.memory.close(first.who)
    second = call_from(callers, days=1)
    asked = "you asked where order 4571 is"
    assert await recall_last_call(context_of(second)) == f"Anna, on Friday, November 20 {asked}."
    shipped(second, Outcome.FAILED)
    await second.memory.close(second.who)
    third = call_from(callers, days=2)
    assert (await recall_last_call(context_of(third))).endswith(f"{asked}. Still open: check shipping.")


async def test_who_never_agreed_is_not_known(callers: Callers) -> None:
    """Nor is one known whose memory is private, before it is clear who calls."""
    assert await recall_last_call(context_of(call_from(callers))) == "I have no notes from an earlier call with you."
    await remember_me(context_of(call_from(callers, is_private=True)))
    call = call_from(callers, days=1, is_private=True)
    with pytest.raises(Refused):
        await recall_last_call(context_of(call))
    call.identity.tier = Tier.PARTIAL
    assert await recall_last_call(context_of(call)) == "On Friday, November 20 we spoke."


async def test_who_wants_to_be_forgotten_is(callers: Callers) -> None:
    """And hears when there was nothing to forget."""
    call = call_from(callers)
    assert await forget_me(context_of(call)) == "I have nothing noted about you."
    assert await remember_me(context_of(call)) == "Thank you. I'll remember you the next time you call."
    assert await forget_me(context_of(call)) == "Done. I have forgotten you and your calls."
    assert callers.find(call.who) is None
