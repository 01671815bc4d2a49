"""Clocks that stand still until a test moves them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.calls import NOON


@dataclass
class StandingClock:
    """Shows NOON (a Friday, noon in New York), or where it was set to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        """What it shows."""
        return self.at

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by
