"""Persona: who speaks. Built from the profile's Markdown; keeps the context within the profile's limits and keeps
listening when an STT stream dies."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Collection, Sequence
from math import inf
from typing import Protocol, Self

from livekit import rtc
from livekit.agents import Agent, APIError, FlushSentinel, ModelSettings, StopResponse, llm, stt
from livekit.agents.types import TimedString

from agent.call.call import Call
from agent.dialog.context import bounded, instruct, tell_known
from agent.dialog.offering import is_done, offer_due, with_offer
from agent.dialog.reading_back import calls_of, question_due, word_for_word
from agent.dialog.reply import LETTER_S, Reply
from agent.profile.languages import instructions_of
from agent.profile.profile import Limits, Profile
from agent.providers import catalog
from agent.providers.wrapped_llm import question
from agent.rules.distress import find_distress
from agent.rules.opting_out import opts_out
from agent.thinking.local_llm import PROPOSED
from agent.tooling.toolbox import announce
from agent.understanding.replies import in_danger
from agent.understanding.state import Proposed

RETRY_S = 0.5
_CHANGED = "The caller speaks another language now."
TurnsOf = Callable[[AsyncIterable[stt.SpeechEvent]], AsyncGenerator[stt.SpeechEvent, None]]


class Tongue(Protocol):
    """Which language is spoken; spoken_language.py is the real one."""

    def hear(self, text: str) -> bool:
        """A turn of the caller's, before it is answered; true when the answer is in another language than before."""

    def confirmation(self, text: str) -> tuple[str, bool]:
        """What is said first to the turn that changed the language, and whether that answers all of it."""


class Persona(Agent):
    """The agent of one call."""

    def __init__(
        self,
        profile: Profile,
        tools: Sequence[llm.Tool],
        turns_of: TurnsOf | None = None,
        on_sound: Callable[[rtc.AudioFrame], None] | None = None,
        on_wish: Callable[[Sequence[llm.FunctionToolCall]], None] | None = None,
        changing: Collection[str] = (),
    ) -> None:
        super().__init__(instructions=profile.instructions, tools=list(tools))
        self._limits: Limits = profile.limits
        # the local understanding cannot hang: on a busy machine its answer is late, and better than an apology
        self._within_s = inf if catalog.is_understanding(profile.providers) else profile.limits.answer_within_s
        self._turns_of = turns_of or _as_they_come
        self._on_sound = on_sound
        self.takes: Callable[[str], bool] = lambda _: False  # whether a turn is somebody else's business
        self.language: Tongue | None = None  # where several are spoken
        self.is_mute: Callable[[], bool] = lambda: False  # nobody is answered meanwhile: nothing need be thought
        self._on_wish = on_wish  # hears which tools a turn will call, or would, if it is only a guess
        self._changing = changing  # the tools that change something
        self.saying = ""  # the text of the current speech, as far as it is known
        self._asked_at = 0.0  # when the caller's turn, or a guess of it, reached the model; on the loop's clock
        self._spoken_until = 0.0  # when the voice will have said what it was given, by estimate

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        """LiveKit's own node, begun anew when its stream dies: otherwise the agent would never hear again."""
        async with contextlib.aclosing(self._turns_of(self._heard(audio, model_settings))) as turns:
            async for event in turns:
                yield event

    async def transcription_node(
        self, text: AsyncIterable[str | TimedString], model_settings: ModelSettings
    ) -> AsyncGenerator[str | TimedString, None]:
        """LiveKit's own node; what is being said is noted, since an echo of it is no interruption."""
        self.saying = ""
        clock = asyncio.get_running_loop().time
        async for piece in text:
            self.saying += piece
            self._spoken_until = max(self._spoken_until, clock()) + len(piece) * LETTER_S
            yield piece

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """What is for somebody else, such as a voicemail's greeting, is not answered; what was prepared in another
        language is not said."""
        if self.takes(new_message.text_content or ""):
            raise StopResponse
        if self.language and self.language.hear(new_message.text_content or ""):
            turn_ctx.add_message(role="system", content=_CHANGED)  # LiveKit drops an answer to another history

    async def _heard(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        async with _Replay(_watched(audio, self._on_sound) if self._on_sound else audio) as replay:
            while not replay.is_over:
                try:
                    async for event in Agent.default.stt_node(self, replay.frames(), model_settings):
                        if isinstance(event, stt.SpeechEvent):
                            yield event
                except APIError:  # LiveKit has told tap.py, which told the caller
                    await asyncio.sleep(RETRY_S)

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[llm.ChatChunk | str | FlushSentinel, None]:
        """LiveKit's own node on a bounded history, with the tools and instructions of the persona who speaks; what
        comes of it is a Reply. What a tool reads back is said whole, and as it stands. Who is in danger hears where
        help is; no LLM is asked."""
        if self.is_mute():
            return
        call: Call = self.session.userdata
        silent_since = self._silent_since(chat_ctx)
        tools = [tool for tool in tools if call.may_use(tool.id)]
        first, is_all = self._in_another_language(chat_ctx)
        if answer := _by_rule(call, question(chat_ctx)[0], tools) or (first if is_all else ""):
            yield answer
            return
        if first:
            yield f"{first} "
        whole = chat_ctx.copy()
        own = "\n\n".join(filter(None, (call.speaker.instructions, instructions_of(call.profile))))
        instruct(whole, str(self.instructions), own)
        if known := await call.memory.told(call.who, call.tier):
            tell_known(whole, known)
        reply = Reply(
            lambda history: Agent.default.llm_node(self, history, tools, model_settings),
            call,
            provider=self.session.llm.provider if isinstance(self.session.llm, llm.LLM) else "",
            within_s=self._within_s,
            silent_since=silent_since,
            tools=[tool.id for tool in tools],
            may_call=model_settings.tool_choice != "none",
        )
        stream = reply.to(bounded(whole, self._limits.max_context_tokens))
        if asked := question_due(call, chat_ctx):
            stream = word_for_word(stream, asked, chat_ctx)
        elif (offer := offer_due(call, [tool.id for tool in tools])) and not is_done(chat_ctx, self._changing):
            stream = with_offer(stream, offer)
        async with contextlib.aclosing(stream) as chunks:
            async for chunk in chunks:
                if proposed := _proposed(chunk):
                    announce(call, tools, proposed)
                if self._on_wish and (wished := calls_of(chunk)):
                    self._on_wish(wished)
                yield chunk

    def _in_another_language(self, chat_ctx: llm.ChatContext) -> tuple[str, bool]:
        """What is said first to a turn that changed the language, and whether that is all."""
        return self.language.confirmation(question(chat_ctx)[0]) if self.language else ("", False)

    def _silent_since(self, chat_ctx: llm.ChatContext) -> float:
        """The caller's words begin a silence; what was said since then, a filler too, begins it anew."""
        now = asyncio.get_running_loop().time()
        if not (chat_ctx.items and isinstance(chat_ctx.items[-1], llm.FunctionCallOutput)):
            self._asked_at = self._spoken_until = now
        return max(self._asked_at, self._spoken_until)


async def _watched(
    audio: AsyncIterable[rtc.AudioFrame], on_sound: Callable[[rtc.AudioFrame], None]
) -> AsyncIterator[rtc.AudioFrame]:
    async for frame in audio:
        on_sound(frame)
        yield frame


async def _as_they_come(events: AsyncIterable[stt.SpeechEvent]) -> AsyncGenerator[stt.SpeechEvent, None]:
    async for event in events:
        yield event


def _by_rule(call: Call, said: str, tools: Sequence[llm.Tool]) -> str:
    """What no LLM is asked for: help in danger, thanks for an answer to the survey, no more calls; or nothing."""
    if find_distress(said):
        return " ".join(in_danger(call.profile.sentences, [tool.id for tool in tools]))
    if thanks := call.survey.reply_to(said):
        return thanks
    return call.profile.sentences.no_more_calls if call.number and opts_out(said) else ""  # opening.py writes it down


def _proposed(chunk: llm.ChatChunk | str | FlushSentinel) -> Proposed | None:
    """Taken out of the chunk: it is for us, not for LiveKit's history."""
    if not isinstance(chunk, llm.ChatChunk) or not chunk.delta or not chunk.delta.extra:
        return None
    found = chunk.delta.extra.pop(PROPOSED, None)
    return found if isinstance(found, Proposed) else None


class _Replay:
    """Frames of one source for several readers, one after the other: the next goes on where the last one died."""

    def __init__(self, source: AsyncIterable[rtc.AudioFrame]) -> None:
        self._source = source
        self._queue: asyncio.Queue[rtc.AudioFrame | None] = asyncio.Queue()
        self.is_over = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._fill(), name="stt_replay")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _fill(self) -> None:
        async for frame in self._source:
            self._queue.put_nowait(frame)
        self._queue.put_nowait(None)

    async def frames(self) -> AsyncIterator[rtc.AudioFrame]:
        while (frame := await self._queue.get()) is not None:
            yield frame
        self.is_over = True
