"""A private memory opens to the verified, another one to everybody."""

import pytest

from agent.rules.identity import Tier
from agent.rules.recall import may_tell


@pytest.mark.parametrize("tier", list(Tier))
def test_a_private_memory_needs_a_tier(tier: Tier) -> None:
    """Every tier but none will do."""
    assert may_tell(tier, is_private=True) is (tier is not Tier.NONE)
    assert may_tell(tier, is_private=False)
