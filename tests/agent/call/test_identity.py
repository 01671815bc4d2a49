"""What a call keeps of who the caller is, and the only door to private rows."""

import pytest

from agent.errors import Refused, Unverified
from agent.events import IdentityChecked
from agent.rules.identity import NO_MORE, NOT_YET, Decision, Outcome, Said, Tier
from tests.fakes.calls import recorded_call

RIGHT = Said(name="Priya Sharma", city="Mumbai")


async def test_a_call_opens_no_door_by_itself() -> None:
    """The refusal carries which tier is needed and how much is missing, and is a sentence."""
    call, _ = recorded_call()
    assert await call.require(Tier.NONE) == ""
    for tier, missing in ((Tier.PARTIAL, 2), (Tier.FULL, 3)):
        with pytest.raises(Unverified) as refused:
            await call.require(tier)
        assert (refused.value.tier, refused.value.missing, refused.value.sentence) == (tier, missing, NOT_YET[missing])


async def test_two_details_open_questions_and_one_more_opens_actions() -> None:
    """What was right is kept, so that the caller says it once a call."""
    call, record = recorded_call()
    call.identified(RIGHT, Decision(outcome=Outcome.VERIFIED, tier=Tier.PARTIAL, customer="C1"))
    assert await call.require(Tier.PARTIAL) == "C1"
    with pytest.raises(Unverified) as refused:
        await call.require(Tier.FULL)
    assert (refused.value.missing, call.identity.wanted) == (1, Tier.FULL)
    three = RIGHT.joined(Said(card_last_four="7305"))
    call.identified(three, Decision(outcome=Outcome.VERIFIED, tier=Tier.FULL, customer="C1"))
    assert await call.require(Tier.FULL) == "C1"
    assert [event.tier for event in record.events if isinstance(event, IdentityChecked)] == ["partial", "full"]


async def test_a_locked_call_keeps_its_tier_and_asks_no_more() -> None:
    """Questions that were allowed stay allowed; actions are refused for good, without another word about details."""
    call, record = recorded_call()
    call.identified(RIGHT, Decision(outcome=Outcome.VERIFIED, tier=Tier.PARTIAL, customer="C1"))
    call.identified(Said(), Decision(outcome=Outcome.FAILED, locks_call=True))
    assert await call.require(Tier.PARTIAL) == "C1"
    with pytest.raises(Refused) as refused:
        await call.require(Tier.FULL)
    assert type(refused.value) is Refused and refused.value.sentence == NO_MORE
    assert record.events[-1] == IdentityChecked(outcome="failed", tier="partial", failed=1, is_locked=True)


def test_details_said_later_count() -> None:
    """A correction replaces what it corrects and nothing else."""
    assert RIGHT.joined(Said(city="Pune")) == Said(name="Priya Sharma", city="Pune")
