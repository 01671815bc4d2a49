"""A large model is asked once for what the knowledge alone answers, and always for all else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import APIConnectionError, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr

from agent.thinking.answer_cache import Answers
from agent.thinking.cached_llm import Cache, CachedLLM
from agent.understanding.matching.embedding import Embedder
from tests.fakes.embedder import DeadEmbedder, WordEmbedder
from tests.fakes.knowledge import PARKING, WordKnowledge

QUESTION = "Where can I park behind the house?"
GOOD = "You can park behind the house."


class Model(llm.LLM[Any]):
    """Says `reply` word by word, or asks for `tool`, or fails; counts how often it was asked."""

    def __init__(self, reply: str = GOOD, *, tool: str = "", fails: bool = False) -> None:
        super().__init__()
        self.reply, self.tool, self.fails, self.asked = reply, tool, fails, 0

    @property
    def model(self) -> str:
        """A name."""
        return "large"

    @property
    def provider(self) -> str:
        """Another."""
        return "cloud"

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,  # as LiveKit calls it
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """One answer."""
        self.asked += 1
        return ModelStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class ModelStream(llm.LLMStream):
    """It, as it is written."""

    async def _run(self) -> None:
        model = self._llm
        assert isinstance(model, Model)
        if model.fails:
            raise APIConnectionError("down", retryable=False)
        calls = [llm.FunctionToolCall(name=model.tool, arguments="{}", call_id="c1")] if model.tool else []
        for word in model.reply.split(" "):
            self._event_ch.send_nowait(
                llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", content=f"{word} ", tool_calls=calls))
            )


def history(*said: str) -> llm.ChatContext:
    """Caller and agent in turn, the caller last; before it the instructions."""
    context = llm.ChatContext.empty()
    context.add_message(role="system", content="Be kind.")
    for number, text in enumerate(reversed(said)):
        context.items.insert(1, llm.ChatMessage(role="assistant" if number % 2 else "user", content=[text]))
    return context


Build = Callable[..., tuple[CachedLLM, list[str]]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A cached model as a call has it, on one file, and the passages whose answers were given again."""

    def made(model: Model, embedder: Embedder | None = None) -> tuple[CachedLLM, list[str]]:
        answers = Answers(tmp_path / "a.db", "v1", threshold=0.85, max_items=9, ttl_s=60, clock=lambda: 1000.0)
        reused: list[str] = []
        cache = Cache(answers, embedder or WordEmbedder(), WordKnowledge(), 0.5)
        return CachedLLM(model, cache, reused.append), reused

    return made


async def answer(cached: llm.LLM[Any], *said: str) -> str:
    """What it says to this history."""
    return (await cached.chat(chat_ctx=history(*said)).collect()).text.strip()


async def test_the_second_caller_is_answered_without_the_model(build: Build) -> None:
    """Another call, another process: the same words, the model asked once."""
    model = Model()
    first, second = build(model), build(model)
    assert await answer(first[0], QUESTION) == GOOD
    assert await answer(second[0], "Hello. How can I help?", QUESTION) == GOOD
    assert model.asked == 1
    assert (first[1], second[1]) == ([], [PARKING.source])


@pytest.mark.parametrize(
    "said",
    [
        ("Where can I park it?",),
        ("Where can I park today behind the house?",),
        ("Where can I park behind the house of Jane?",),
        ("Which number is it?", QUESTION),
        ("Park behind the house.",),
        ("Why is the sky blue?",),
    ],
)
async def test_what_is_not_the_knowledges_alone_is_always_asked(build: Build, said: tuple[str, ...]) -> None:
    """Pointing words, time, names, an open question of the agent's, no question, another subject."""
    model = Model()
    cached, reused = build(model)
    await answer(cached, *said)
    await answer(cached, *said)
    assert model.asked == 2 and not reused


@pytest.mark.parametrize(
    "model",
    [Model("You can park at number 12."), Model("Jane, park behind the house."), Model(tool="find_parking")],
    ids=["a number", "a name", "a tool"],
)
async def test_an_answer_that_is_more_than_the_knowledge_is_not_kept(build: Build, model: Model) -> None:
    """It may be this caller's."""
    cached, reused = build(model)
    await answer(cached, QUESTION)
    await answer(cached, QUESTION)
    assert model.asked == 2 and not reused


async def test_what_follows_a_tool_is_passed_on(build: Build) -> None:
    """The history ends with its result, not with a question."""
    model = Model()
    cached, _ = build(model)
    await answer(cached, QUESTION)
    context = history(QUESTION)
    context.items.append(llm.FunctionCallOutput(call_id="c1", name="t", output="12", is_error=False))
    await cached.chat(chat_ctx=context).collect()
    assert model.asked == 2


async def test_an_answer_that_was_cut_is_not_kept(build: Build) -> None:
    """Half an answer is none."""
    model = Model()
    cached, _ = build(model)
    async with cached.chat(chat_ctx=history(QUESTION)) as stream:
        await anext(stream)
    await answer(cached, QUESTION)
    assert model.asked == 2


async def test_without_vectors_the_model_answers(build: Build) -> None:
    """The speech process is away: nothing is found and nothing kept, and nobody notices."""
    model = Model()
    cached, _ = build(model, DeadEmbedder())
    assert [await answer(cached, QUESTION) for _ in range(2)] == [GOOD, GOOD]
    assert model.asked == 2


async def test_a_failure_of_the_model_is_told_as_without_a_cache(build: Build) -> None:
    """LiveKit and tap.py hear the wrapped model's error once."""
    cached, _ = build(Model(fails=True))
    errors: list[llm.LLMError] = []
    cached.on("error", errors.append)
    with pytest.raises(APIConnectionError):
        await answer(cached, QUESTION)
    assert [error.recoverable for error in errors] == [False]


async def test_figures_are_the_models(build: Build) -> None:
    """Only what was asked is measured; names are those of the wrapped one."""
    cached, _ = build(Model())
    metrics: list[object] = []
    cached.on("metrics_collected", metrics.append)
    for _ in range(2):
        await answer(cached, QUESTION)
    assert len(metrics) == 1
    assert (cached.model, cached.provider) == ("large", "cloud")
