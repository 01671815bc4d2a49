"""The one shape of a witness: who hears or reads what a caller says, and has an opinion on whether the turn is over."""

from typing import Protocol

from livekit import rtc

from agent.rules.evidence import Who


class Witness(Protocol):
    """One per call."""

    @property
    def who(self) -> Who:
        """Under which name its word is weighed."""

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """What is heard, 16 bits mono of any rate."""

    def on_silence(self) -> None:
        """The question will come: who listens may begin to think."""

    async def probability(self, text: str) -> float | None:
        """That what was said so far is a whole turn, 0 to 1; None when it cannot say."""

    def on_end(self) -> None:
        """The turn is over; the next begins."""
