"""The witness of the words: reads, and needs no sound, so it serves every STT."""

from livekit import rtc

from agent.rules.evidence import Who
from agent.turns.witnesses.completeness import Completeness


class Words:
    """By the completeness model of the profile's language."""

    who = Who.WORDS

    def __init__(self, model: Completeness) -> None:
        self._model = model

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """It reads only."""

    def on_silence(self) -> None:
        """It has to wait for the words."""

    async def probability(self, text: str) -> float | None:
        """At once."""
        return self._model.probability(text)

    def on_end(self) -> None:
        """Nothing is remembered."""
