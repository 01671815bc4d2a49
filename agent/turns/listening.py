"""Listening: what the caller says while the agent speaks. The STT's events go in; those that are a turn come out.

At the first sound over the agent's voice the agent is held; the words decide whether it goes on or has been stopped.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from livekit.agents import stt

from agent.rules.interruption import Judgement, Overlap, Verdict

_Type = stt.SpeechEventType
GOES_ON_S = 0.35  # of silence: after "okay," a caller may say what it is about, and until then the agent is held
RESUMES_S = 0.78  # after the hold, behind a murmur; with 0.16 s to the ear and back less than a second
WORDS_LATE_S = 0.1  # after the sound, at the least
LOOK_AGAIN_S = 0.05
SAME_SOUND_S = 0.25  # more of it has no room for another word and the time that it takes to make it out
Judge = Callable[[Overlap], Judgement]


class FloorLike(Protocol):
    """The agent's side; turns/floor is the real one."""

    @property
    def is_taken(self) -> bool:
        """True while the agent's voice sounds or is held."""

    @property
    def may_be_stopped(self) -> bool:
        """False while something must be told to its end."""

    @property
    def saying(self) -> str:
        """What the agent is saying."""

    @property
    def is_asking(self) -> bool:
        """True when it is at a question, or right behind one."""

    def hold(self) -> None:
        """Silence at once."""

    def release(self) -> None:
        """Go on at the cut."""

    def stop(self) -> None:
        """Give the floor to the caller."""

    async def until_stoppable(self) -> None:
        """Until the agent may be stopped."""


@dataclass(slots=True)
class _Over:
    """Speech over the agent's voice, as far as it has come. `said` are its finals, `agent_says` what the agent last
    said: an echo is heard out when the voice is over."""

    events: list[stt.SpeechEvent] = field(default_factory=list)
    said: str = ""
    agent_says: str = ""
    last: stt.SpeechEvent | None = None
    readings: list[tuple[str, float]] = field(default_factory=list)  # with the seconds of sound that each is of
    held_at: float | None = None  # by the loop's clock, while it is
    has_murmured: bool = False


class Listening:
    """One per call. `wordless_s`: sound without words holds the agent no longer than this. `caller_silent_s` tells for
    how long the caller has made no sound, or None where the STT does not know. `doubts_short` is true of an STT that
    makes words of murmurs; another one's words are believed, however short they sound."""

    def __init__(
        self,
        floor: FloorLike,
        judge: Judge,
        *,
        wordless_s: float,
        on_overlap: Callable[[Judgement], None],
        caller_silent_s: Callable[[], float | None] = lambda: None,
        doubts_short: bool = False,
    ) -> None:
        self._floor = floor
        self._judge = judge
        self._wordless_s = wordless_s
        self._on_overlap = on_overlap
        self._caller_silent_s = caller_silent_s
        self._doubts_short = doubts_short
        self._over: _Over | None = None
        self._timer: asyncio.TimerHandle | None = None
        # a murmur was heard then, by the loop's clock, and the timer is for what may follow it
        self._murmured_at: float | None = None

    async def turns_of(self, events: AsyncIterable[stt.SpeechEvent]) -> AsyncGenerator[stt.SpeechEvent, None]:
        """The events without those of backchannels, noise and echo."""
        try:
            async for event in events:
                for passed in self._on_event(event):
                    if passed.type is _Type.END_OF_SPEECH:
                        await self._floor.until_stoppable()  # the caller's next turn waits for the result of this one
                    yield passed
        finally:
            self._end_overlap()

    def _on_event(self, event: stt.SpeechEvent) -> list[stt.SpeechEvent]:
        if event.type is _Type.START_OF_SPEECH and self._floor.is_taken and self._floor.may_be_stopped:
            self._begin_overlap(event)
            return []
        if self._over is None:
            return [event]
        self._over.events.append(event)
        if event.type is _Type.END_OF_SPEECH:
            return self._at_end(self._over)
        if event.alternatives and event.alternatives[0].text:
            return self._on_words(self._over, event)
        return []

    def _begin_overlap(self, event: stt.SpeechEvent) -> None:
        self._over = self._over or _Over()
        self._over.events.append(event)
        self._over.agent_says = self._floor.saying
        self._hold(self._over)

    def _on_words(self, over: _Over, event: stt.SpeechEvent) -> list[stt.SpeechEvent]:
        text = f"{over.said} {event.alternatives[0].text}".strip()
        if event.type is _Type.FINAL_TRANSCRIPT:
            over.said = text
        is_whole = event.type is not _Type.INTERIM_TRANSCRIPT
        judgement = self._judge(self._overlap(over, text, event, is_whole=is_whole))
        over.last = event
        over.readings += [(one.text, _sound_s(event) or 0.0) for one in event.alternatives]
        if judgement.verdict is Verdict.STOP:
            return self._stopped(over, judgement)
        if judgement.verdict is Verdict.UNDECIDED and self._murmured_at is not None:
            self._arm(self._wordless_s)  # there was more to come
        elif judgement.verdict is Verdict.GO_ON:
            self._on_murmur(over, is_final=event.type is _Type.FINAL_TRANSCRIPT)
        return []

    def _on_murmur(self, over: _Over, *, is_final: bool) -> None:
        """What follows a murmur is waited for once: behind "oh, … okay" nothing more is expected."""
        if is_final or over.has_murmured:
            self._release(over)
        elif over.held_at is not None:
            now = asyncio.get_running_loop().time()
            self._arm(self._goes_on_in_s(over.held_at, now))
            self._murmured_at = now
        over.has_murmured = True

    def _overlap(self, over: _Over, text: str, event: stt.SpeechEvent | None, *, is_whole: bool = True) -> Overlap:
        over.agent_says = self._floor.saying or over.agent_says
        overlap = Overlap(text, over.agent_says, is_whole, self._floor.is_asking)
        return replace(overlap, sound_s=_sound_s(event), also=_also(over, event)) if self._doubts_short else overlap

    def _at_end(self, over: _Over) -> list[stt.SpeechEvent]:
        judgement = self._judge(self._overlap(over, over.said, over.last))
        if judgement.verdict is Verdict.STOP:
            return self._stopped(over, judgement)
        self._on_overlap(judgement)
        self._end_overlap()
        return []

    def _stopped(self, over: _Over, judgement: Judgement) -> list[stt.SpeechEvent]:
        self._on_overlap(judgement)
        self._over = None
        self._cancel_timer()
        if self._floor.is_taken and self._floor.may_be_stopped:
            self._floor.stop()
        return over.events

    def _end_overlap(self) -> None:
        if self._over:
            self._release(self._over)
            self._over = None

    def _hold(self, over: _Over) -> None:
        if over.held_at is None:
            over.held_at = asyncio.get_running_loop().time()
            self._floor.hold()
            self._arm(self._wordless_s)

    def _arm(self, seconds: float) -> None:
        """Let the agent go on after so long, unless something else is heard until then."""
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._on_time)

    def _release(self, over: _Over) -> None:
        self._cancel_timer()
        if over.held_at is not None:
            over.held_at = None
            self._floor.release()

    def _goes_on_in_s(self, held_at: float, murmured_at: float) -> float:
        """How much more silence is waited for behind a murmur: the less, the longer it was."""
        silent_s = self._silent_s(murmured_at)
        left_s = GOES_ON_S - silent_s
        return min(left_s, held_at + RESUMES_S - asyncio.get_running_loop().time()) if silent_s > 0.0 else left_s

    def _silent_s(self, murmured_at: float) -> float:
        """For how long nothing has been heard; by the words' time where the STT does not tell."""
        told = self._caller_silent_s()
        return told if told is not None else asyncio.get_running_loop().time() - murmured_at + WORDS_LATE_S

    def _on_time(self) -> None:
        """No other verdict in time: whatever it is, it is not a person who wants to be heard."""
        over, murmured_at = self._over, self._murmured_at
        if over is None or over.held_at is None:
            return
        loop = asyncio.get_running_loop()
        left_s = 0.0
        if murmured_at is not None and loop.time() - murmured_at < self._wordless_s:
            left_s = self._goes_on_in_s(over.held_at, murmured_at)
        if left_s > 0.0:
            self._timer = loop.call_later(max(left_s, LOOK_AGAIN_S), self._on_time)
        else:
            with contextlib.suppress(RuntimeError):
                self._release(over)

    def _cancel_timer(self) -> None:
        self._murmured_at = None
        if self._timer:
            self._timer.cancel()
            self._timer = None


def _sound_s(event: stt.SpeechEvent | None) -> float | None:
    """How long the words took to say, where the STT tells."""
    if event is None or not event.alternatives:
        return None
    said = event.alternatives[0]
    return said.end_time - said.start_time if said.end_time > said.start_time else None


def _also(over: _Over, event: stt.SpeechEvent | None) -> tuple[str, ...]:
    """What the STT made of the same sound in other hearings: its alternatives, and what else it said of it before."""
    sound_s = _sound_s(event)
    if event is None or sound_s is None:
        return ()
    now = event.alternatives[0].text
    before = [text for text, of_s in over.readings if sound_s - of_s < SAME_SOUND_S and text != now]
    return (*before, *(one.text for one in event.alternatives[1:]))
