"""How many requests may be asked twice: a rival costs money, so only a share of the turns may have one."""

from dataclasses import dataclass, replace

BURST = 3.0  # a slow minute may use what quiet ones have saved


@dataclass(frozen=True, slots=True)
class Budget:
    """Of one call. Every request saves `share` of a hedge; `saved` is how many there are now."""

    share: float
    saved: float = BURST

    def asked(self) -> "Budget":
        """One more request was made."""
        return replace(self, saved=min(BURST, self.saved + self.share))

    @property
    def is_enough(self) -> bool:
        """True when a rival may be asked."""
        return self.share > 0.0 and self.saved >= 1.0

    def spent(self) -> "Budget":
        """A rival was asked."""
        return replace(self, saved=self.saved - 1.0)
