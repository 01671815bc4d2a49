"""Outgoing: a call of ours that somebody has picked up, until it is a conversation: who is there, and what they hear.

A person hears at once who is calling, for whom and why; a voicemail gets its message or nothing; a screener one
sentence, and time; a menu the key that leads on. Decisions are rules/answering.py's, here is what is done about them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.profile.campaign import Outbound, Purpose
from agent.rules import menus
from agent.rules.answering import Heard, Who, asks_to_wait, judge, machine
from agent.rules.dialling import Outcome
from agent.telephony.tones import Tones

LOOK_S = 0.05
LOUD = 330.0  # of int16, root mean square: the softest voice over a telephone
BREAK_S = 0.3  # silence within speech
WATCHED_S = 12.0  # after the opening, a machine may still turn out to be one
BEEP_WAIT_S = 45.0  # the longest greeting
NO_BEEP_S = 3.5  # of silence after a greeting: there is no beep
AFTER_BEEP_S = 0.3
THROUGH_S = 45.0  # the longest that a screener or a menu is waited for
SECOND_S = 1.2
HEARD_S = 0.15  # shorter sounds are clicks


Second = Callable[[], Coroutine[None, None, Who | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Does:
    """What can be done on the line. `say` returns when the sentence was heard, or was stopped; `stop` stops what is
    said; `tell` hears who it was, once it is known and each time that it changes."""

    say: Callable[[str, bool], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]
    press: Callable[[str], Awaitable[None]]
    hang_up: Callable[[], None]
    tell: Callable[[Outcome], None] = lambda _: None


class Ear:
    """What is heard of whoever picked up, since the last `forget`."""

    def __init__(self, rate: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self.tones = Tones(rate)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._words, self._waits = "", False
        self._spoke_s = self._silent_s = self._loud_s = 0.0
        self._began = self._clock()
        self._beeps = self.tones.beeps

    def frame(self, samples: NDArray[np.int16]) -> None:
        """More sound, int16 mono."""
        self.tones.hear(samples)
        length_s = len(samples) / self._rate
        is_loud = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) > LOUD and not self.tones.is_sounding
        self._loud_s = self._loud_s + length_s if is_loud else 0.0
        self._silent_s = 0.0 if self._loud_s >= HEARD_S else self._silent_s + length_s
        if self._silent_s < BREAK_S and (self._spoke_s or self._loud_s >= HEARD_S):
            self._spoke_s += length_s

    def words(self, text: str) -> None:
        """A stretch of speech, as it was understood."""
        if asks_to_wait(text) and machine(text) is None:
            self.forget()
            self._waits = True
            return
        self._words, self._waits = f"{self._words} {text}".strip(), False

    @property
    def heard(self) -> Heard:
        """All of it."""
        return Heard(
            words=self._words,
            spoke_s=self._spoke_s,
            silent_s=self._silent_s,
            since_s=self._clock() - self._began,
            has_beeped=self.tones.beeps > self._beeps,
            has_fax=self.tones.has_fax,
            was_asked_to_wait=self._waits,
        )


class Outgoing:
    """One per call of ours. `run` returns when there is a conversation, or the line is to be hung up. `second` is
    another's opinion of who has picked up, such as a large model's; None where it has none."""

    def __init__(
        self,
        outbound: Outbound,
        purpose: Purpose,
        fields: Mapping[str, str],
        does: Does,
        rate: int,
        clock: Callable[[], float] | None = None,
        second: Second | None = None,
    ) -> None:
        self._outbound = outbound
        self._purpose = purpose
        self._fields = fields
        self._does = does
        self._clock = clock or asyncio.get_running_loop().time
        self._ear = Ear(rate, self._clock)
        self._machine = asyncio.Event()
        self._is_watched = False
        self._menus_left = outbound.menus
        self._has_left = False
        self._second = second
        self._opinion: asyncio.Task[Who | None] | None = None
        self.is_deciding = True

    def leave(self) -> None:
        """It is a conversation already: they want no calls, and are answered at once."""
        self._has_left, self.is_deciding = True, False

    def frame(self, samples: NDArray[np.int16]) -> None:
        """More of the line's sound."""
        if self.is_deciding or self._is_watched:
            self._ear.frame(samples)

    def takes(self, text: str) -> bool:
        """Whether these words, a whole turn, are for us: nobody answers them then."""
        if self._is_watched and machine(text) is not None:
            self.is_deciding = True
            self._machine.set()
        if self.is_deciding:
            self._ear.words(text)
        return self.is_deciding

    async def run(self) -> None:
        """Once something can be said; what was heard since the line was answered counts."""
        self._opinion = asyncio.create_task(self._second(), name="second opinion") if self._second else None
        who = await self._first()
        while True:
            match who:
                case Who.FAX:
                    return self._end(Outcome.FAX)
                case Who.VOICEMAIL:
                    return await self._leave_message()
                case Who.SCREENER:
                    await self._introduce()
                    who = await self._after(Outcome.SCREENED)
                case Who.MENU:
                    if not self._menus_left:
                        return self._end(Outcome.MENU)
                    await self._choose()
                    who = await self._after(Outcome.MENU)
                case Who.PERSON | Who.NOBODY:
                    if not await self._open(who):
                        return None
                    who = await self._who()
                case _:
                    return None

    async def _first(self) -> Who | None:
        """Who it is at first. A machine is known by what it says; whether it is a person is asked twice where it can
        be, for as long as a person waits."""
        who = await self._who()
        if self._opinion is None:
            return who
        if who in {Who.PERSON, Who.NOBODY}:
            await asyncio.wait({self._opinion}, timeout=SECOND_S)
        self._opinion.cancel()  # while it lasts nothing can be said
        (found,) = await asyncio.gather(self._opinion, return_exceptions=True)
        is_machine = isinstance(found, Who) and found not in {Who.PERSON, Who.NOBODY}
        return found if is_machine and who in {Who.PERSON, Who.NOBODY} else who  # type: ignore[return-value]  # a Who

    async def _who(self, within_s: float = float("inf")) -> Who | None:
        began = self._clock()
        while (found := judge(self._ear.heard)) is None:
            if self._clock() - began > within_s:
                return Who.NOBODY
            if self._has_left:
                return None
            await asyncio.sleep(LOOK_S)
        return found

    async def _after(self, outcome: Outcome) -> Who | None:
        """Who comes after a machine that was answered; None when nobody does, and the line is hung up."""
        self._does.tell(outcome)
        began = self._clock()
        while self._clock() - began < THROUGH_S:
            self._ear.forget()
            who = await self._who(THROUGH_S - (self._clock() - began))
            if who is not Who.NOBODY or self._has_left:
                return who
        self._end(outcome)
        return None

    async def _introduce(self) -> None:
        await self._does.say(self._outbound.introduction(self._purpose, self._fields), False)

    async def _choose(self) -> None:
        self._menus_left -= 1
        chosen = menus.choice(self._ear.heard.words)
        if chosen.keys:
            await self._does.press(chosen.keys)
        else:
            await self._does.say(chosen.word, False)

    async def _leave_message(self) -> None:
        message = self._outbound.message(self._purpose, self._fields)
        if message and await self._beep():
            await self._does.say(message, False)
            return self._end(Outcome.MESSAGE_LEFT)
        return self._end(Outcome.VOICEMAIL)

    async def _beep(self) -> bool:
        """Until it records; False when it never does."""
        until = self._clock() + BEEP_WAIT_S
        while self._clock() < until:
            heard = self._ear.heard
            if heard.has_beeped or heard.silent_s >= NO_BEEP_S:
                await asyncio.sleep(AFTER_BEEP_S)
                return True
            await asyncio.sleep(LOOK_S)
        return False

    async def _open(self, who: Who) -> bool:
        """Say why we call. True when a machine turns out to be listening; else the conversation has begun."""
        self._does.tell(Outcome.ANSWERED if who is Who.NOBODY else Outcome.PERSON)
        self._ear.forget()
        self.is_deciding, self._is_watched = False, True
        saying = asyncio.ensure_future(self._does.say(self._outbound.opening(self._purpose, self._fields), True))
        unmasked = asyncio.create_task(self._unmasked(), name="machine")
        try:
            await asyncio.wait({saying, unmasked}, return_when=asyncio.FIRST_COMPLETED)
            if not self._machine.is_set():
                await asyncio.wait({unmasked}, timeout=WATCHED_S)
        finally:
            unmasked.cancel()
        self._is_watched = False
        if not self._machine.is_set():
            return False
        self._machine.clear()
        await self._does.stop()
        await asyncio.gather(saying, return_exceptions=True)
        return True

    async def _unmasked(self) -> None:
        await self._machine.wait()

    def _end(self, outcome: Outcome) -> None:
        self._does.tell(outcome)
        self._does.hang_up()
