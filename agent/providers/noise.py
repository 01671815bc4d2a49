"""What is taken out of a caller's sound before anybody hears it: LiveKit's `noise_cancellation` hook, filled by what
the profile chose. docs/turns.md has what that is worth."""

from collections.abc import Callable
from importlib import import_module

from livekit import rtc

from agent.profile.choices import NoiseChoice

Cleaner = rtc.FrameProcessor[rtc.AudioFrame]


def cleaners(choice: NoiseChoice) -> Callable[[], Cleaner] | None:
    """Makes one for each microphone, since it remembers the sound before; None where nothing is taken out. Blocking: a
    process calls it before its first call, so that the model is loaded by then."""
    if choice.remover == "none":
        return None
    hush = import_module("livekit.plugins.hush")  # only where it is chosen: it loads three models

    def make() -> Cleaner:
        cleaner: Cleaner = hush.noise_suppression(strength=choice.strength)
        return cleaner

    make()
    return make
