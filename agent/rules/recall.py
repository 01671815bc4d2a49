"""What of earlier calls may be told in this one: a number is no proof of who is calling."""

from agent.rules.identity import Tier


def may_tell(tier: Tier, *, is_private: bool) -> bool:
    """True when the caller may hear, and a large model read, what is kept of them. Where a profile's memory is private,
    only to who was verified: else a borrowed telephone would tell its owner's business."""
    return tier >= Tier.PARTIAL or not is_private
