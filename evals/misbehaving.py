"""`python -m evals misbehaving`: what callers hear of a large model that misbehaves, each way in a call of its own.

A real session of the shop, by text in and sound out, with OpenAI's plugins against an endpoint on loopback. The last
line is JSON: the longest silence, words that were never meant for ears, writes without a yes.
"""

import argparse
import asyncio
import json
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from livekit import rtc
from livekit.agents import NOT_GIVEN, AgentSession, FunctionTool, RunContext, function_tool, llm, tts

from agent.call.call import Call
from agent.config import ROOT
from agent.dialog.fillers import Fillers
from agent.dialog.lifecycle import Lifecycle
from agent.dialog.persona import Persona
from agent.events import AgentSpoke, EndReason, Event
from agent.profile.choices import ProviderChoice
from agent.profile.profile import Profile, load_profile
from agent.providers import catalog
from agent.providers.local.local_models import Option
from agent.providers.local.speech_client import SpeechClient
from agent.tap import Tap
from agent.tooling.toolbox import Toolbox, connect_backends, guard, load_toolbox, prepare_backends
from agent.turns.options import PATIENCE
from agent.turns.voice_out import VoiceOut
from evals.records import Snapshot, snapshot
from tests.fakes.calls import NOON
from tests.fakes.loopback import listening
from tests.fakes.misbehaving_server import MisbehavingServer
from tests.fakes.misbehaviours import APOLOGY, BEHAVES, GOODBYE, MISBEHAVIOURS, Misbehaviour

AT_ONCE = 8  # more take the processor from one another, which would be heard as silence
TURN_WITHIN_S = 30.0
SILENCE_S = 2.5  # the longest that a caller may be left in
NOTATION = re.compile(r"[{}<>|`\[\]]|[a-z]_[a-z]")  # what no sentence of the shop holds


class Ear:
    """Plays in real time, and remembers when there was sound: seconds on the loop's clock."""

    def __init__(self) -> None:
        self._clock = asyncio.get_running_loop().time
        self._until = 0.0
        self.spans: list[tuple[float, float]] = []

    @property
    def queued_duration(self) -> float:
        """What is left to play."""
        return max(0.0, self._until - self._clock())

    def clear_queue(self) -> None:
        """Silence."""
        self._until = min(self._until, self._clock())
        self.spans = [(began, min(ended, self._until)) for began, ended in self.spans if began < self._until]

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Play this next."""
        began = max(self._clock(), self._until)
        self._until = began + frame.duration
        if self.spans and began - self.spans[-1][1] < 0.05:
            self.spans[-1] = (self.spans[-1][0], self._until)
        else:
            self.spans.append((began, self._until))


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn of the caller's: the longest silence before and in the answer, and the answer; None for no answer."""

    silence_s: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One way to misbehave. `leaked` are words that were never meant for ears."""

    way: Misbehaviour
    turns: Sequence[Heard]
    leaked: Sequence[str]
    ended: EndReason | None

    @property
    def silence_s(self) -> float:
        """The longest one; infinite where nothing was heard."""
        return max(float("inf") if turn.silence_s is None else turn.silence_s for turn in self.turns)

    @property
    def missed(self) -> list[str]:
        """What should have been heard and was not."""
        told = zip(self.way.hears, self.turns, strict=True)
        missing = [words for words, turn in told if words not in turn.text]
        return missing + (["the end of the call"] if self.way.ends != (self.ended is not None) else [])


@dataclass
class Talk:
    """One call, as session.py puts it together, without a room."""

    server: MisbehavingServer
    profile: Profile
    toolbox: Toolbox
    voice: tts.TTS[Any]
    backends: dict[type, object]
    way: Misbehaviour
    captions: list[str] = field(default_factory=list)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    call: Call = field(init=False)

    async def __aenter__(self) -> Self:
        self.call = Call(
            id=self.way.name,
            profile=self.profile,
            publish=lambda _id, _at, event: self._publish(event),
            hang_up=lambda reason: self.lifecycle.hang_up(reason),  # noqa: PLW0108  # there is no lifecycle yet
            backends=self.backends,
            clock=lambda: NOON,
        )
        self.ear = Ear()
        self.out = VoiceOut(self.ear)
        self.out.begin()
        self.mind = catalog.mind_of(self.profile, SpeechClient(Path()))
        self.session: AgentSession[Call] = AgentSession(
            llm=self.mind, tts=self.voice, userdata=self.call, conn_options=PATIENCE, user_away_timeout=None
        )
        self.session.output.audio = self.out
        self.lifecycle = Lifecycle(self.call, speak=self._speak, until_silent=self._until_silent, close=self._close)
        self.fillers = Fillers(
            self.call,
            {},
            say=self._fill,
            caller_speaks=lambda: False,
            agent_speaks=lambda: self.session.agent_state == "speaking",
        )
        self.tap = Tap(self.call, on_busy=self.lifecycle.on_busy, on_close=lambda _: None)
        self.tap.attach(self.session)
        await self.session.start(Persona(self.profile, self.toolbox.tools), record=False, session_host=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.fillers.aclose()
        await self.lifecycle.aclose()
        await self.session.aclose()
        await self.out.aclose()
        await self.mind.aclose()

    async def verdict(self) -> Verdict:
        """All turns of the way, judged."""
        self.server.forget(self.way.name)
        self.lifecycle.start()
        turns = [await self.say(self.way.name) for _ in self.way.hears]
        words = [word for word in self.way.never if any(word in text for text in self.told)]
        marks = [found for text in self.told for found in NOTATION.findall(text)]
        return Verdict(self.way, turns, [*words, *marks], self.lifecycle.reason)

    async def say(self, words: str) -> Heard:
        """The caller's turn, until the agent has nothing more to say."""
        before, asked_at = len(self.captions), asyncio.get_running_loop().time()
        with suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(TURN_WITHIN_S):
                await self.session.generate_reply(user_input=words)
                await self.session.wait_for_idle()
                if self.lifecycle.reason:
                    await self.is_over.wait()
        spans = [(max(began, asked_at), ended) for began, ended in self.ear.spans if ended > asked_at]
        gaps = [began - until for (began, _), until in zip(spans, [asked_at, *(e for _, e in spans)], strict=False)]
        return Heard(max(gaps) if gaps else None, " ".join(self.captions[before:]))

    @property
    def told(self) -> list[str]:
        """All that was spoken, captioned and is remembered of the agent's own words."""
        history = [i for i in self.session.history.items if isinstance(i, llm.ChatMessage) and i.role == "assistant"]
        return [*self.captions, *(item.text_content or "" for item in history)]

    def _publish(self, event: Event) -> None:
        if isinstance(event, AgentSpoke):
            self.captions.append(event.text)
        self.lifecycle.on_event(event)
        self.fillers.on_event(event)
        self.tap.on_event(event)

    async def _speak(self, sentence: str, may_be_stopped: bool) -> None:
        with suppress(RuntimeError):
            await self.session.say(sentence, allow_interruptions=NOT_GIVEN if may_be_stopped else False)

    async def _fill(self, sentence: str) -> bool:
        with suppress(RuntimeError):
            await self.session.say(sentence, add_to_chat_ctx=False)
            return True
        return False

    async def _until_silent(self) -> None:
        with suppress(RuntimeError):
            await self.session.wait_for_idle()

    async def _close(self, reason: EndReason) -> None:
        self.is_over.set()


@function_tool
async def wait_for_ever(ctx: RunContext[Call]) -> str:
    """Wait."""
    await asyncio.sleep(60)
    return ctx.userdata.profile.sentences.goodbye


async def _alone(talk: Talk) -> Verdict:
    async with talk:
        return await talk.verdict()


def asking(profile: Profile, base_url: str) -> Profile:
    """The profile with the endpoint's model."""
    choice = ProviderChoice(name="openai", options={"base_url": base_url, "model": "fake"})
    limits = profile.limits.model_copy(update={"max_reply_words": 20})  # what is cut there is cut at any length
    providers = profile.providers.model_copy(update={"llm": (choice,)})
    sentences = profile.sentences.model_copy(update={"apology": APOLOGY, "limit_goodbye": GOODBYE})  # soon said
    return profile.model_copy(update={"providers": providers, "limits": limits, "sentences": sentences})


@dataclass(frozen=True, slots=True)
class Report:
    """All ways, and what was in the systems of record before and after."""

    verdicts: Sequence[Verdict]
    before: Snapshot
    after: Snapshot

    @property
    def writes(self) -> int:
        """Rows that are not as they were."""
        return sum(len(set(map(str, self.after[name])) ^ set(map(str, rows))) for name, rows in self.before.items())


async def measure(ways: Sequence[Misbehaviour] = MISBEHAVIOURS) -> Report:
    """Every way in a call of its own, a few at once."""
    shop = load_profile("shop", ROOT / "profiles")
    toolbox = load_toolbox(shop)
    waiting: FunctionTool[..., Any] = guard(wait_for_ever, shop.limits.tool_timeout_s)
    toolbox = Toolbox((*toolbox.tools, waiting), toolbox.intents)
    server = MisbehavingServer(behaviours={way.name: way.behaviour for way in (BEHAVES, *ways)})
    with TemporaryDirectory(prefix="parley-") as folder:
        url = f"sqlite:///{folder}/shop.db"
        prepare_backends(shop, url, lambda: NOON)
        backends = connect_backends(shop, url, lambda: NOON)
        before = snapshot(url)
        async with listening(server.application()) as address:
            server.base_url = f"http://{address}/v1"
            profile = asking(shop, server.base_url)

            speech = SpeechClient(Path())
            options: dict[str, Option] = {"base_url": server.base_url, "response_format": "wav"}
            voice = catalog.build_tts(ProviderChoice(name="openai", options=options), catalog.Lent(speech))

            def talk_of(way: Misbehaviour) -> Talk:
                return Talk(server, profile, toolbox, voice, backends, way)

            verdicts = [await _alone(talk_of(BEHAVES))]  # the first one loads what all use
            async with AsyncExitStack() as stack:
                # all begin before one is listened to: to begin takes the processor, which would be heard as silence
                talks = [await stack.enter_async_context(talk_of(way)) for way in ways]
                places = asyncio.Semaphore(AT_ONCE)

                async def play(talk: Talk) -> Verdict:
                    async with places:
                        return await talk.verdict()

                verdicts += await asyncio.gather(*map(play, talks))
            for number, verdict in enumerate(verdicts):  # a busy machine is slow, not wrong
                if verdict.silence_s > SILENCE_S or verdict.missed:
                    verdicts[number] = await _alone(talk_of(verdict.way))
            await voice.aclose()
        return Report(verdicts, before, snapshot(url))


def main() -> int:
    """Measure and print. 1 when a caller would notice."""
    parser = argparse.ArgumentParser(prog="python -m evals misbehaving", description=__doc__)
    parser.add_argument("--words", action="store_true", help="print what was heard, too")
    arguments = parser.parse_args()
    report = asyncio.run(measure())
    for one in report.verdicts:
        remarks = [*(f"not heard: {words}" for words in one.missed), *(f"leaked: {word}" for word in one.leaked)]
        print(f"{one.way.name:<38}{one.silence_s:6.2f} s  {'; '.join(remarks) or 'as it should be'}")
        if arguments.words:
            print(*(f"    {turn.text}" for turn in one.turns), sep="\n")
    figures = {
        "ways": len(report.verdicts),
        "longest_silence_s": round(max(one.silence_s for one in report.verdicts), 2),
        "words_never_meant_for_ears": sum(len(one.leaked) for one in report.verdicts),
        "writes_without_a_yes": report.writes,
        "missed": sum(len(one.missed) for one in report.verdicts),
    }
    print(json.dumps(figures))
    is_fine = figures["longest_silence_s"] <= SILENCE_S and not any(list(figures.values())[2:])
    return 0 if is_fine else 1
