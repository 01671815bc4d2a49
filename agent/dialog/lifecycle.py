"""Lifecycle: when the agent speaks without being asked (idle prompt, apology, goodbye) and when the call ends.

It hears our events and two signals, knows no LiveKit, and acts through `speak`, `until_silent` and `close`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

from agent.call.call import Call
from agent.events import (
    AgentSpoke,
    CallerSpoke,
    ConnectionFound,
    ConnectionLost,
    EndReason,
    Event,
    ProviderFailed,
    TurnEnded,
)
from agent.profile.profile import Sentences
from agent.rules.hold import Hold
from agent.understanding.reading.small_talk import Small, fixed

MAX_FAILURES = 3  # in a row, each apologised for, before the call is given up
APOLOGY_APART_S = 4.0  # one fault makes several parts fail: one apology for them

TAKEN_BACK = frozenset({EndReason.CALLER_GOODBYE, EndReason.CALLER_SILENT})  # by whoever speaks into the goodbye
PUT_OFF = frozenset({EndReason.TURN_LIMIT, EndReason.TIME_LIMIT})  # once, until that is answered

Speak = Callable[[str, bool], Awaitable[None]]
UntilSilent = Callable[[], Awaitable[None]]
Close = Callable[[EndReason], Awaitable[None]]


class Lifecycle:
    """One per call. `speak` returns when the sentence was played (or could not be), and is told whether the caller may
    speak into it; `until_silent` returns when nothing is left to be said; `close` ends the session; `hold` tells what a
    line without words sounds like."""

    def __init__(
        self,
        call: Call,
        *,
        speak: Speak,
        until_silent: UntilSilent,
        close: Close,
        hold: Callable[[], Hold] = lambda: Hold.NOT,
    ) -> None:
        self._call = call
        self._limits = call.profile.limits
        self._speak = speak
        self._until_silent = until_silent
        self._close = close
        self._hold = hold
        self._held_s = 0.0
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._reason: EndReason | None = None
        self._ending: asyncio.Task[None] | None = None
        self._is_closing = False
        self._is_put_off = False  # a limit's goodbye, until an answer was given
        self._is_last = False
        self._is_resting = False
        self._is_busy = False
        self._prompts = 0
        self._failures = 0
        self._apologised_at = -APOLOGY_APART_S
        self._has_apologised = False  # since the caller spoke: a turn that ends with that forgives nothing
        self._lost_at: float | None = None

    @property
    def _sentences(self) -> Sentences:
        """In the language that is spoken now."""
        return self._call.profile.sentences

    @property
    def reason(self) -> EndReason | None:
        """Why the call is ending; None while it goes on."""
        return self._reason

    @property
    def is_last(self) -> bool:
        """True from the goodbye that nothing takes back: what is said now is not listened to."""
        return self._is_last

    @property
    def is_resting(self) -> bool:
        """True while the caller is on hold, or talks with somebody else: silence is nobody's then."""
        return self._is_resting

    def rest(self, *, for_good: bool = False) -> None:
        """The caller is not ours for now, or `for_good`: then the call may last, too."""
        self._is_resting = True
        self._cancel("idle")
        if for_good:
            self._cancel("call")

    def wake(self) -> None:
        """The caller is ours again."""
        self._is_resting = False
        self._prompts = 0
        self._arm_idle()

    def start(self, spent_s: float = 0.0) -> None:
        """Start the clock of the call's length, of which so much is spent, and of silence."""
        left_s = max(0.0, self._limits.max_call_s - spent_s)
        self._later("call", left_s, lambda: self._end(EndReason.TIME_LIMIT, self._limit_sentence))
        self._arm_idle()

    def on_event(self, event: Event) -> None:
        """React to what happened."""
        match event:
            case CallerSpoke(turn=turn, text=text):
                self._prompts, self._held_s = 0, 0.0
                # a new turn is owed an answer, or an apology of its own
                self._apologised_at, self._has_apologised = -APOLOGY_APART_S, False
                self._spoke_into_goodbye(text)
                if turn > self._limits.max_turns:
                    self._end(EndReason.TURN_LIMIT, self._limit_sentence)
            case AgentSpoke(text=text) if text.endswith((self._sentences.limit_goodbye, self._sentences.out_of_order)):
                self._end(EndReason.PROVIDER_FAILED, None)
            case AgentSpoke(text=text) if text.endswith(self._sentences.apology):
                self._apologised_at, self._has_apologised = self._loop.time(), True
            case TurnEnded() | AgentSpoke(turn=0) if not self._has_apologised:
                self._failures = 0
            case ProviderFailed(role="stt" | "tts", is_recoverable=False):
                self._apologise()

    def on_busy(self, is_busy: bool) -> None:
        """Somebody speaks or thinks, or nobody does: silence is counted from then."""
        self._is_busy = is_busy
        self._arm_idle()

    def on_connection(self, is_connected: bool) -> None:
        """The caller's connection dropped or came back. The session itself stays open for `reconnect_s`."""
        if is_connected and self._lost_at is not None:
            self._call.emit(ConnectionFound(away_s=round(self._loop.time() - self._lost_at, 2)))
            self._lost_at = None
            self._cancel("reconnect")
        elif not is_connected and self._lost_at is None:
            self._lost_at = self._loop.time()
            self._call.emit(ConnectionLost())
            self._later("reconnect", self._limits.reconnect_s, lambda: self._end(EndReason.CONNECTION_LOST, None))
        self._arm_idle()

    def hang_up(self, reason: EndReason) -> None:
        """End the call once the agent has said what it is saying."""
        self._end(reason, None)

    def give_up(self, reason: EndReason) -> None:
        """End the call, and say that it cannot go on."""
        self._end(reason, self._limit_sentence)

    async def aclose(self) -> None:
        """Stop all timers and wait for what was begun."""
        for name in list(self._timers):
            self._cancel(name)
        own = asyncio.current_task()
        for task in [task for task in self._tasks if task is not own]:
            task.cancel()
        await asyncio.gather(*(task for task in self._tasks if task is not own), return_exceptions=True)

    @property
    def _limit_sentence(self) -> str:
        return self._sentences.limit_goodbye

    def _arm_idle(self) -> None:
        self._cancel("idle")
        if not (self._is_busy or self._is_resting) and self._reason is None and self._lost_at is None:
            self._later("idle", self._limits.idle_prompt_s, self._on_idle)

    def _on_idle(self) -> None:
        if (hold := self._hold()) is not Hold.NOT:
            self._wait_on_hold(hold)
            return
        if self._prompts >= self._limits.idle_prompts:
            self._end(EndReason.CALLER_SILENT, self._sentences.idle_goodbye)
            return
        self._prompts += 1
        self._spawn(self._say(self._sentences.idle_prompt))

    def _wait_on_hold(self, hold: Hold) -> None:
        self._held_s += self._limits.idle_prompt_s
        if self._held_s < self._limits.hold_s:
            self._arm_idle()
        else:
            reason = EndReason.CONNECTION_LOST if hold is Hold.DEAD else EndReason.CALLER_SILENT
            self._end(reason, self._sentences.idle_goodbye)

    async def _say(self, sentence: str) -> None:
        await self._speak(sentence, True)
        self._arm_idle()

    def _apologise(self) -> None:
        now = self._loop.time()
        if self._reason is not None or now - self._apologised_at < APOLOGY_APART_S:
            return
        self._apologised_at = now
        self._failures += 1
        if self._failures >= MAX_FAILURES:
            self._end(EndReason.PROVIDER_FAILED, self._limit_sentence)
        else:
            self._spawn(self._say(self._sentences.apology))

    def _spoke_into_goodbye(self, text: str) -> None:
        """ "Bye!" - "oh, one more thing": who speaks into a goodbye keeps the line, unless to return it.
        Where a limit ends the call, they get an answer first."""
        reason, ending = self._reason, self._ending
        if reason is None or ending is None or self._is_closing or self._is_last or fixed(text) is Small.GOODBYE:
            return
        if self._call.survey.reply_to(text):
            return
        if reason in TAKEN_BACK:
            ending.cancel()
            self._reason = self._ending = None
            self._arm_idle()
        elif reason in PUT_OFF:
            ending.cancel()
            self._is_last, self._is_put_off = self._is_put_off, True  # whoever goes on and on ends nevertheless
            self._ending = self._spawn(self._finish_at_last(reason))

    def _end(self, reason: EndReason, sentence: str | None) -> None:
        if self._reason is not None:
            return
        self._reason = reason
        self._cancel("idle")
        self._ending = self._spawn(self._finish(reason, sentence))

    async def _finish(self, reason: EndReason, sentence: str | None) -> None:
        if sentence is not None and reason in {EndReason.PROVIDER_FAILED, EndReason.COST_LIMIT}:
            sentence = await self._call.last_words()
        if sentence is not None:
            await self._speak(sentence, not self._is_last)
        await self._until_silent()
        if reason is EndReason.CALLER_GOODBYE and self._call.survey.is_due:
            await self._speak(self._call.survey.ask(), True)
            await self._call.survey.wait()
            await self._until_silent()
        self._is_closing = True
        await self._close(reason)

    async def _finish_at_last(self, reason: EndReason) -> None:
        await self._until_silent()
        self._is_last = True
        await self._finish(reason, self._limit_sentence)

    def _later(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        self._cancel(name)
        self._timers[name] = self._loop.call_later(seconds, act)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
