"""What an STT that ends turns by itself asks: how long this silence must be. turns/endpointing answers."""

from typing import Protocol

from livekit import rtc

from agent.rules.endpointing import Wait


class TurnEnd(Protocol):
    """Who says when a silence ends the turn; turns/endpointing is the real one. Without one the VAD does."""

    def on_speech(self) -> None:
        """The caller has begun, or goes on after a silence."""

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """What is heard, speech and silence alike, 16 kHz mono."""

    def on_silence(self) -> None:
        """A silence begins that may be the end."""

    async def wait(self, text: str) -> Wait:
        """How long the silence after these words must last to be the end, and why."""

    def on_end(self) -> None:
        """The turn is over."""
