"""LiveKit's end-of-turn model inside its wheel, which hears melody and pace. 50 ms of one core a prediction, in the
call's own process; the weights are licensed for use with LiveKit Agents only."""

import asyncio
from typing import Any

from livekit import rtc
from livekit.agents import inference

from agent.rules.evidence import Who


class V1Mini:
    """One stream of the model."""

    who = Who.V1_MINI

    def __init__(self) -> None:
        # without a version LiveKit's dev mode would choose its cloud model
        self._stream = inference.TurnDetector(version="v1-mini").stream()
        self._prediction: asyncio.Future[Any] | None = None  # LiveKit's event type is not public

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """What is heard."""
        self._stream.push_audio(frame)

    def on_silence(self) -> None:
        """Think while the words are still being made out. A new silence drops the question before."""
        self._prediction = self._stream.predict()

    async def probability(self, text: str) -> float | None:
        """0 to 1, from the sound alone."""
        prediction = self._prediction or self._stream.predict()
        return float((await asyncio.shield(prediction)).end_of_turn_probability)

    def on_end(self) -> None:
        """The next turn begins without the memory of this one."""
        self._prediction = None
        self._stream.flush(reason="turn over")
