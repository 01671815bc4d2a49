"""Bridge: a word of the profile's own where a caller would wait in silence for a provider that is late. It is played
from what was rendered before, beside the session, whose next speech may be the one that does not come."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from agent.events import CallerSpoke, Event
from agent.rules.fillers import choose

AFTER_S = 1.75  # behind the caller's last sound as it is known, 0.3 s late; 0.2 s later it is at the caller's ear
AT_LEAST_S = 0.8  # behind the turn's end, however long that was waited for: most answers are there by then
HEARD_LATE_S = 0.15  # less, from the end of the speech itself
LOOK_S = 0.05
MOST = 3  # in one silence: then an apology must come

Play = Callable[[str], Awaitable[float]]  # a sentence: seconds of its sound, 0 without any


class Bridge:
    """One per call. `caller_speaks`, `sounds` (anything of the agent's) and `is_starving` (a speech that has run dry)
    tell what is to be heard now; `on_spoken` hears of each bridge."""

    def __init__(
        self,
        play: Play,
        sentences: Sequence[str],
        *,
        caller_speaks: Callable[[], bool],
        sounds: Callable[[], bool],
        is_starving: Callable[[], bool],
        on_spoken: Callable[[], None],
    ) -> None:
        self._play = play
        self._sentences = sentences
        self._caller_speaks = caller_speaks
        self._sounds = sounds
        self._is_starving = is_starving
        self._on_spoken = on_spoken
        self._clock = asyncio.get_running_loop().time
        self._stopped_at = self._clock()  # the caller, speaking
        self._silent_since: float | None = None  # and something is owed to the caller
        self._own_until = 0.0  # what sounds until then is the bridge
        self._said: list[str] = []
        self._count = 0

    def on_event(self, event: Event) -> None:
        """The caller's turn is over: an answer is owed."""
        if isinstance(event, CallerSpoke) and self._silent_since is None:
            self._silent_since = max(self._stopped_at, self._clock() - (AFTER_S - AT_LEAST_S))

    def on_unheard(self, ended_at: float | None) -> None:
        """The caller has spoken, until then on the loop's clock, and no STT has words for it; None: it was nothing."""
        if ended_at is None:
            self._settle()
        elif self._silent_since is None and not self._caller_speaks():
            self._silent_since = ended_at + HEARD_LATE_S

    async def run(self) -> None:
        """Watch, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._clock()
            if self._caller_speaks():
                self._stopped_at = now
            if self._caller_speaks() or (self._sounds() and now > self._own_until):
                self._settle()
            elif self._is_starving() and self._silent_since is None:
                self._silent_since = now
            if self._silent_since is not None and now - self._silent_since >= AFTER_S and self._count < MOST:
                await self._say_one()

    async def _say_one(self) -> None:
        self._count += 1
        began = self._silent_since = self._clock()
        for _ in self._sentences:  # until one has sound
            sentence = choose((), self._sentences, self._said)
            if sentence is None:
                return
            self._said.append(sentence)
            if seconds := await self._play(sentence):
                self._on_spoken()
                self._silent_since = began + seconds
                self._own_until = self._silent_since + LOOK_S
                return

    def _settle(self) -> None:
        self._silent_since, self._count = None, 0
