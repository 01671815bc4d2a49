"""Surroundings: what an STT may know of the call that it hears in. It asks whenever it wants to know."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.rules.line import Ears
from agent.understanding.dictation.expected import Expected

Wanted = Callable[[str], Expected | None]  # of a text: the value that it announces, or that it was asked for


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`is_phone` is true of a caller who was on a telephone before anything streamed. `ears` are the VAD's settings by
    the profile and the channel; None leaves the VAD as it is."""

    is_phone: Callable[[], bool] = lambda: False
    is_agent_speaking: Callable[[], bool] = lambda: False
    wanted: Wanted = lambda _: None
    ears: Callable[[], Ears | None] = lambda: None
