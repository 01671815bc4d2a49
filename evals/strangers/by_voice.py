"""Strangers who speak: each call is a room on a real livekit-server, and a real worker hears and answers it. What the
agent says is taken from its own events, so that the caller mishears nothing; what the caller says is sound."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from agent.events import EndReason, Outcome
from agent.intent import Intent
from agent.profile.profile import Profile
from agent.providers.local.speech_client import SpeechClient
from agent.tooling.toolbox import load_toolbox
from evals import voices
from evals.caller import Caller, Samples
from evals.expecting import Made
from evals.playing import Stage
from evals.questions import HEARD_WELL
from evals.records import Original
from evals.servers import LiveKit, RunningWorker, end, start_worker
from evals.strangers.aloud import aloud
from evals.strangers.line import Line, Reached, Reply
from evals.text_call import NoAnswer

LONGEST_S = 240.0  # of a call, from joining on
GREETING_WITHIN_S = 60.0
ANSWER_WITHIN_S = 15.0  # longer than the agent waits before it asks whether anybody is there
QUIET_S = 1.0  # of the agent, before the caller goes on
EVENT_WITHIN_S = 3.0  # a full machine tells late what was heard already
EVENTS_S = 0.5  # what a turn tells beside its words is on its way
SETTLED_S = 2.0  # a change that had begun when the caller left is carried out
_BUSY = frozenset({"thinking", "speaking"})

Speak = Callable[[str], Awaitable[Samples]]
Event = Mapping[str, object]


class VoiceLine:
    """A line on which words are heard; `speak` gives their sound, int16 mono at 48 kHz."""

    def __init__(self, caller: Caller, speak: Speak) -> None:
        self._caller, self._speak = caller, speak
        self._stage = Stage(caller)
        self._turn: Sequence[Event] = ()  # what the last turn told
        self._events = self._captions = 0  # how many were taken

    @property
    def is_over(self) -> bool:
        """Whether the room is gone."""
        return self._caller.is_disconnected.is_set()

    @property
    def ended(self) -> EndReason | None:
        """Why the agent has ended the call; None while it goes on."""
        if told := self._caller.told("call_ended"):
            return EndReason(str(told[-1]["reason"]))
        return EndReason.CONNECTION_LOST if self.is_over else None

    @property
    def done(self) -> Sequence[Made]:
        """The tools that did what they were asked since the caller's last words."""
        return done_in(self._turn, self._caller.events)

    async def be_greeted(self) -> None:
        """Hear the greeting out. Raises TimeoutError when there is none."""
        await self._stage.until_greeted(GREETING_WITHIN_S)
        self._take()

    async def say(self, words: str) -> Reply:
        """The caller's turn, and the agent's until it is quiet and listens. Raises NoAnswer."""
        sound = await self._speak(aloud(words))
        await self._stage.until_idle()
        if self.is_over:
            raise NoAnswer("the call had ended")
        await self._until_answered(await self._caller.say(sound))
        return self._take()

    async def _until_answered(self, said_until: float) -> None:
        """Until the agent's sound and its event are there and it says no more: what it had begun to say into the
        caller's last words is not the answer to them."""
        while not self.is_over:
            await self._stage.until_heard_out(said_until, QUIET_S, ANSWER_WITHIN_S)
            last_loud = self._stage.ear.last_loud
            await self._until_told(said_until)
            is_quiet = self._stage.ear.last_loud == last_loud and self._caller.agent_state not in _BUSY
            if is_quiet or self._caller.now > said_until + 2 * ANSWER_WITHIN_S:
                return

    async def _until_told(self, said_until: float) -> None:
        """Until the answer that was heard has come as an event, too."""
        if self._stage.ear.last_loud >= said_until:
            with contextlib.suppress(TimeoutError):  # then it was a filler, or noise
                await self._caller.until(
                    lambda caller: caller.told("agent_spoke", said_until) or caller.is_disconnected.is_set(),
                    EVENT_WITHIN_S,
                    "the answer's event",
                )
        await asyncio.sleep(EVENTS_S)

    def _take(self) -> Reply:
        """What has come since it was last taken; what comes late belongs to the next turn."""
        self._turn = self._caller.events[self._events :]
        captions = self._caller.captions[self._captions :]
        self._events += len(self._turn)
        self._captions += len(captions)
        heard = " ".join(one.text for one in captions if one.is_final and not one.is_agent)
        return Reply(" ".join(str(event["text"]) for event in self._turn if event["type"] == "agent_spoke"), heard)


def done_in(turn: Sequence[Event], call: Sequence[Event]) -> list[Made]:
    """The tools that a turn's events tell to have done what they were asked; the call's tell with what."""
    asked = {str(one["tool_call"]): json.loads(str(one["arguments"])) for one in call if one["type"] == "tool_called"}
    returned = [one for one in turn if one["type"] == "tool_returned" and one["outcome"] == Outcome.OK]
    return [Made(str(one["tool"]), asked.get(str(one["tool_call"]), {})) for one in returned]


class VoiceAgent:
    """A profile's worker, whose calls come one after the other and find its database as it is now. Blocking."""

    def __init__(self, profile: Profile, worker: RunningWorker, client: SpeechClient) -> None:
        self.profile = profile
        self.intents: Mapping[str, Intent] = load_toolbox(profile).intents
        self._worker, self._client = worker, client
        self._original = Original.read(worker.var / f"{profile.name}.db")
        self._cast = [voice for voice in voices.present() if voice.name in HEARD_WELL]

    @contextlib.asynccontextmanager
    async def reach(self, number: int) -> AsyncIterator[Reached]:
        """The worker as it began, at this moment, and the voice whose turn it is. Raises Unavailable."""
        self._original.put_back()
        voice = self._cast[number % len(self._cast)]
        try:
            yield Reached(
                now=datetime.now(self.profile.zone),
                before=self._original.content,
                line=self._line(voice),
                after=lambda: self._original.now(self._original.path),
                longest_s=LONGEST_S,
                said_by=voice.name,
            )
        finally:
            await asyncio.sleep(SETTLED_S)

    @contextlib.asynccontextmanager
    async def _line(self, voice: voices.Voice) -> AsyncIterator[Line]:
        async with self._worker.join() as caller:
            line = VoiceLine(caller, lambda text: voices.spoken(self._client, voice, text))
            await line.be_greeted()
            yield line


@contextlib.asynccontextmanager
async def hired(profile: Profile, livekit: LiveKit, client: SpeechClient, folder: Path) -> AsyncIterator[VoiceAgent]:
    """A worker of the profile's own with databases seeded now, in that new folder. Raises NotStarted."""
    worker = await asyncio.to_thread(_start, profile.name, livekit, folder)
    try:
        yield VoiceAgent(profile, worker, client)
    finally:
        await asyncio.to_thread(end, worker.process)


def _start(profile: str, livekit: LiveKit, folder: Path) -> RunningWorker:
    folder.mkdir()
    return start_worker(livekit, folder, PARLEY_PROFILE=profile)
