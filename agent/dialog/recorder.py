"""Recorder: whether, and from when, this call is recorded: told or asked for by the rule of both places, refused at any
time. What a recording is, recording.py says; the conversation is the same with and without one.
"""

import asyncio
import contextlib
import logging
import time

import numpy as np
from livekit import rtc

from agent.call.call import Call
from agent.config import Settings
from agent.dialog.sayings import Sayings
from agent.errors import ConfigError
from agent.events import AgentSpoke, CallerSpoke, ConsentGiven, ConsentRefused, Event
from agent.recording import AGENT, CALLER, KEY, RATE, SUFFIX, Recording, folder_of
from agent.rules.recording import Asks, asks, place_of, refuses_recording
from agent.secrets.sealed_file import master_key
from agent.turns.voice_out import RATE as VOICE_RATE

logger = logging.getLogger("parley.recording")
FLAG = "recorded"


class Recorder:
    """One per call. Hand it both sides' frames and all turns, whether or not it records."""

    def __init__(self, call: Call, settings: Settings, sayings: Sayings) -> None:
        self._call = call
        self._settings = settings
        self._sayings = sayings
        self._says = call.profile.recording
        self._recording: Recording | None = None
        self._is_asking = False
        self._is_refused = not self._says.enabled
        self._narrowing = rtc.AudioResampler(VOICE_RATE, RATE)
        self._saying: asyncio.Task[None] | None = None

    async def tell(self) -> None:
        """Before the first words: that it is recorded, where it is enough to say so."""
        if not self._is_refused and self._asks is Asks.TELL:
            await self._sayings.speak(self._says.tells)
            self._start()

    async def ask(self) -> None:
        """After them: whether it may be, where both must agree."""
        if not self._is_refused and self._asks is Asks.AGREE:
            self._is_asking = True
            await self._sayings.speak(self._says.asks)

    def takes(self, text: str, after: str) -> bool:
        """Whether a turn is about the recording, and nobody else answers it. `after` is what the agent said last."""
        if not self._says.enabled:
            return False
        if refuses_recording(text):
            return self._refuse()
        if not self._is_asking:
            return False
        self._is_asking = False
        answer = self._call.language.find_yes_no(text) if after.endswith(self._says.asks) else None
        if answer is None:
            return False  # they talk of something else: without a yes to it there is no recording
        if not answer:
            return self._refuse()
        self._call.emit(ConsentGiven(purpose="recording", how="said_yes"))
        self._start()
        self._say(self._says.agreed)
        return True

    def on_caller_frame(self, frame: rtc.AudioFrame) -> None:
        """20 ms of the caller's, at RATE."""
        if self._recording is not None:
            self._recording.hear(CALLER, np.frombuffer(frame.data, np.int16))

    def on_agent_frame(self, frame: rtc.AudioFrame) -> None:
        """20 ms of the agent's voice, as it is played."""
        if self._recording is not None:
            for narrow in self._narrowing.push(frame):
                self._recording.hear(AGENT, np.frombuffer(narrow.data, np.int16))

    def on_event(self, event: Event) -> None:
        """A turn that held a number is not kept."""
        if self._recording is not None and isinstance(event, CallerSpoke | AgentSpoke):
            self._recording.spoke(event.text)

    async def aclose(self) -> None:
        """The call is over."""
        recording, self._recording = self._recording, None
        if recording is not None:
            with contextlib.suppress(OSError):  # the disk is full: what is written is written
                await asyncio.to_thread(recording.close)
        if self._saying is not None:
            await asyncio.gather(self._saying, return_exceptions=True)

    @property
    def _asks(self) -> Asks:
        return asks(self._says.place, place_of(self._call.number))

    def _start(self) -> None:
        if self._recording is not None or self._is_refused:
            return
        path = folder_of(self._settings) / f"{self._call.id}{SUFFIX}"
        try:
            self._recording = Recording(path, master_key(self._settings.recording_key, KEY), time.monotonic)
        except (ConfigError, OSError) as error:
            logger.error("call not recorded", extra={"call": self._call.id, "error": type(error).__name__})
            return
        self._call.flag(FLAG, "the caller was told" if self._asks is Asks.TELL else "the caller agreed")

    def _refuse(self) -> bool:
        recording, self._recording = self._recording, None
        if not self._is_refused:  # a second no is no news
            how = "said_no" if recording is None else "withdrew"
            self._call.emit(ConsentRefused(purpose="recording", how=how))
        self._is_asking, self._is_refused = False, True
        if recording is not None:
            recording.discard()
        self._say(self._says.deleted if recording is not None else self._says.refused)
        return True

    def _say(self, sentence: str) -> None:
        self._saying = asyncio.create_task(self._sayings.speak(sentence), name="about the recording")
