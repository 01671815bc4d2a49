"""Plays scenes in a call and records what a judge needs: says the words at the right moment of the agent's speech."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from evals.caller import RATE, Caller, Samples, Side
from evals.mixing import Echo, RoomNoise
from evals.onset import FLOOR_DB, HOLD_WINDOWS, levels_db, onset_s
from evals.scenes import Item, Room
from evals.verdicts import SILENCE_S, Take, Told, spans

QUIET_S = 0.7  # the agent is done when it has been silent for so long
PATIENCE_S = 2.2  # and after a disturbance only then, for it may resume
ANSWER_WITHIN_S = 6.0
SETTLE_S = 1.2  # after an answer's end, in which a reply to a murmur would come
LONGEST_S = 25.0
AFTER_INTERRUPTION_S = 2.5
VOICED_S = 0.03  # sound so fresh is sound now
JUST_S = 2.0
NEAR_S = 0.15
LEAD_IN_S = 0.2  # of each recording
_LOUD = 10 ** (FLOOR_DB / 10)


class TooShort(TimeoutError):
    """The agent fell silent before the moment at which the caller was to speak."""


@dataclass(slots=True)
class Ear(Side):
    """The agent's side, which also knows whether the agent is speaking now. Judges look at the recording."""

    listeners: list[Callable[[Samples], None]] = field(default_factory=list)
    onsets: list[float] = field(default_factory=list)
    last_loud: float = -1.0
    _run: int = 0

    def add(self, at: float, samples: Samples) -> None:
        """Hear one frame."""
        Side.add(self, at, samples)
        for listen in self.listeners:
            listen(samples)
        is_loud = np.mean((samples / 32768.0) ** 2) > _LOUD
        self._run = self._run + 1 if is_loud else 0
        if self._run >= HOLD_WINDOWS:
            if at - self.last_loud > SILENCE_S:
                self.onsets.append(at)
            self.last_loud = at

    def onset_after(self, second: float) -> float | None:
        """When the agent next began to speak."""
        return next((onset for onset in self.onsets if onset >= second), None)


@dataclass(frozen=True, slots=True)
class Played:
    """A scene as it was: the take for the judges, the agent's sound from the scene's beginning, and both envelopes."""

    item: Item
    take: Take
    agent: Samples
    caller_db: tuple[float, ...]
    agent_db: tuple[float, ...]


class Stage:
    """One call with the agent."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.ear = Ear()
        caller.heard = self.ear
        self._room: Callable[[Samples], Samples] = caller.microphone

    async def play(self, item: Item) -> Played:
        """One scene. Raises TimeoutError when the agent did not do what the scene builds on."""
        self.enter(item.room)
        try:
            async with asyncio.timeout(LONGEST_S):
                match item.play:
                    case "ask":
                        return await self._ask(item)
                    case "over" | "over greeting":
                        return await self._over(item)
                    case "dictate":
                        return await self._dictate(item)
        finally:
            self.enter(None)

    def enter(self, room: Room | None) -> None:
        """Let the microphone hear that room from now on."""
        self.ear.listeners.clear()
        if room is None:
            self.caller.microphone = self._room
        elif room.sound is None:
            echo = Echo(room.level_db)
            self.ear.listeners.append(echo.hear)
            self.caller.microphone = echo
        else:
            self.caller.microphone = RoomNoise(room.sound, room.level_db)

    async def until_silent(self, since: float, silent_s: float = QUIET_S, within_s: float = ANSWER_WITHIN_S) -> None:
        """Until the agent has spoken since then and been silent for a while, or not spoken at all for `within_s`."""
        while not self.caller.is_disconnected.is_set():
            now = self.caller.now
            if self.ear.last_loud >= since and now - self.ear.last_loud > silent_s:
                return
            if self.ear.last_loud < since and now - since > within_s:
                return
            await asyncio.sleep(0.02)

    async def until_heard_out(self, since: float, silent_s: float = QUIET_S, within_s: float = ANSWER_WITHIN_S) -> None:
        """Until the agent has answered, is quiet, and says that it listens: a tool or a pause in between is not its
        end. Without an answer it takes `within_s`, and twice that while the agent is at work."""
        deadline = since + within_s
        while not self.caller.is_disconnected.is_set():
            await self.until_silent(since, silent_s, within_s)
            is_done = self.caller.agent_state not in {"thinking", "speaking"}
            if (is_done and self.ear.last_loud >= since) or self.caller.now > deadline + within_s:
                return
            if is_done and self.caller.now > deadline:
                return
            await asyncio.sleep(0.05)

    async def until_greeted(self, within_s: float) -> None:
        """Until the greeting is over, heard or given up; a click on the line is none. Raises TimeoutError."""
        await self.caller.until(lambda caller: caller.told("greeted"), within_s, "the greeting")
        await self.until_idle()

    async def until_idle(self) -> None:
        """Until the agent has been silent for a while, whatever it said."""
        while self.caller.now - self.ear.last_loud < QUIET_S:  # noqa: ASYNC110  # what is heard raises no event
            await asyncio.sleep(0.02)

    async def _ask(self, item: Item) -> Played:
        """Say it into silence and hear the answer out."""
        await self.until_idle()
        started, began, ended = await self._say(item)
        await self.until_silent(ended)
        if item.judge == "answered" and self.ear.last_loud > ended:  # a room may have made a pause in it
            await self._until_answered(ended)
        return self._played(item, started, began, ended)

    async def _over(self, item: Item) -> Played:
        """Say it into the agent's speech, `into_s` after its onset; once more when that speech was too short."""
        if item.play == "over greeting":
            return await self._into(item, await self._until_onset(0.0))
        if self._has_just_begun:  # the reply to the last interruption is as good to talk into as any
            with contextlib.suppress(TooShort):
                return await self._into(item, self.ear.onsets[-1])
        return await self._into(item, await self._until_onset(await self._asked(item)))

    async def _into(self, item: Item, onset: float) -> Played:
        while self.caller.now < onset + item.into_s or self.caller.now - self.ear.last_loud > VOICED_S:
            if self.caller.now - self.ear.last_loud > QUIET_S:
                raise TooShort("the answer was too short to talk into")
            await asyncio.sleep(0.005)
        _, began, ended = await self._say(item)
        await (self._until_stopped(ended) if item.judge == "yielded" else self._until_answered(ended))
        return self._played(item, onset - LEAD_IN_S, began, ended)

    async def _dictate(self, item: Item) -> Played:
        """Ask for something that needs a value, and give it when the agent has asked for it."""
        asked = await self._asked(item)
        await self.until_silent(asked)
        if self.ear.last_loud < asked:
            raise TimeoutError("the agent did not ask for the value")
        return await self._ask(item)

    async def _asked(self, item: Item) -> float:
        """Ask for a long answer; since when it may have begun."""
        assert item.lead is not None
        await self.until_idle()
        return await self.caller.say(item.lead)

    @property
    def _has_just_begun(self) -> bool:
        is_speaking = self.caller.now - self.ear.last_loud < SILENCE_S
        return is_speaking and self.caller.now - self.ear.onsets[-1] < JUST_S

    async def _until_onset(self, since: float) -> float:
        while (onset := self.ear.onset_after(since)) is None:
            if self.caller.now - since > ANSWER_WITHIN_S:
                raise TimeoutError("the agent did not speak")
            await asyncio.sleep(0.005)
        return onset

    async def _until_stopped(self, ended: float) -> None:
        """Long enough to see whether the old answer comes back."""
        await asyncio.sleep(max(0.0, ended + AFTER_INTERRUPTION_S - self.caller.now))

    async def _until_answered(self, ended: float) -> None:
        """Until the answer is over and nothing more has come for a while."""
        while not self.caller.is_disconnected.is_set():
            quiet_s = self.caller.now - self.ear.last_loud
            if quiet_s > (SETTLE_S if self.caller.told("agent_spoke", ended) else PATIENCE_S):
                return
            await asyncio.sleep(0.02)

    async def _say(self, item: Item) -> tuple[float, float, float]:
        """When the scene, the words and their end were."""
        started = self.caller.now - LEAD_IN_S
        padding_s = (-len(item.sound) % (RATE // 100)) / RATE
        ended = await self.caller.say(item.sound) - padding_s
        return started, ended - len(item.sound) / RATE, ended - item.rest_s

    def _played(self, item: Item, started: float, began: float, ended: float) -> Played:
        now = self.caller.now
        started = max(0.0, started)
        agent, sent = (side.rendered(now, started) for side in (self.ear, self.caller.sent))
        levels = levels_db(agent, RATE)
        if item.room is None:  # in a quiet one the recording knows better than the queue when the words went out
            moved = moved_by(sent, began - started)
            began, ended = began + moved, ended + moved
        told = [
            Told(float(str(e["heard_at"])) - started, str(e["type"]), e)
            for e in self.caller.events
            if float(str(e["heard_at"])) > started
        ]
        said = [c.text for c in self.caller.captions if not c.is_agent and c.is_final and c.at > began]
        take = Take(
            began=began - started,
            ended=ended - started,
            agent=spans(levels, FLOOR_DB),
            length_s=now - started,
            events=tuple(told),
            said=tuple(said),
        )
        return Played(item, take, agent, _coarse(levels_db(sent, RATE)), _coarse(levels))


def moved_by(sent: Samples, expected_s: float) -> float:
    """How much later than expected the first sound of what was sent is; 0 when there is none near."""
    first = max(0.0, expected_s - NEAR_S)
    found = onset_s(sent[int(first * RATE) :], RATE)
    return found + first - expected_s if found is not None and found < 2 * NEAR_S else 0.0


def _coarse(levels: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, ...]:
    """The louder of each two windows: 20 ms are fine enough for a picture."""
    even = levels[: len(levels) // 2 * 2].reshape(-1, 2)
    return tuple(round(float(level), 1) for level in even.max(axis=1))
