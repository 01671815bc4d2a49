"""Identity: as whom the caller of one call was verified, how well, and how often that failed.

rules/identity decides what is right; whoever asks the system of record does so while it holds `lock`.
"""

import asyncio
from dataclasses import dataclass, field

from agent.answer import Answer
from agent.errors import Refused, Unverified
from agent.rules.identity import FACTORS_NEEDED, NO_MORE, NOT_YET, Decision, Outcome, Said, Tier


@dataclass(slots=True)
class Identity:
    """Of one call, in its memory only. `said` holds the factors that were right, for whoever needs one more later;
    `wanted` is the tier that something asked for last. `lock` lets one check at a time count the failures."""

    tier: Tier = Tier.NONE
    customer: str = ""
    said: Said = field(default_factory=Said)
    failed: int = 0
    is_locked: bool = False
    wanted: Tier = Tier.PARTIAL
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def require(self, tier: Tier) -> None:
        """Return when the caller is known well enough. Raises Unverified, or Refused when it will not come to that."""
        if self.tier >= tier:
            return
        if self.is_locked:
            raise Refused(NO_MORE)
        self.wanted = tier
        missing = max(FACTORS_NEEDED[tier] - self.said.count, 1)
        raise Unverified(Answer(NOT_YET[missing], missing=missing), tier, missing)

    def settle(self, said: Said, decision: Decision) -> None:
        """Keep what came of a check."""
        self.is_locked = self.is_locked or decision.locks_call
        if decision.outcome is Outcome.FAILED:
            self.failed += 1
        elif decision.outcome is Outcome.VERIFIED and decision.customer:
            self.tier, self.customer, self.said = max(self.tier, decision.tier), decision.customer, said
