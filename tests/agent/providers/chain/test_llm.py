"""Who answers, and what the caller hears, when an LLM is late, refuses, or breaks off."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from livekit.agents import APIError, llm

from agent.events import Hedged, ProviderFailed, ProviderReplaced
from agent.providers.chain.line import Line
from agent.providers.chain.llm import LATE_S, STALLED_S, ChainedLLM, Manner
from tests.agent.providers.chain.conftest import Told
from tests.fakes.providers import Fault, Thinker
from tests.fakes.virtual_time import run

ANSWER = "Your order is with the carrier and comes on Friday"
MANNER = Manner(hedge_after_s=0.6, share=0.1, amends="Sorry about that.")


@dataclass
class Heard:
    """One answer: its words, its tool calls, and when the first came."""

    text: str = ""
    first_s: float = 0.0
    tools: list[str] = field(default_factory=list)


async def asked(chain: ChainedLLM) -> Heard:
    """Ask it something."""
    loop, heard = asyncio.get_running_loop(), Heard()
    began = loop.time()
    history = llm.ChatContext([llm.ChatMessage(role="user", content=["Where is my order?"])])
    async with chain.chat(chat_ctx=history) as stream:
        async for chunk in stream:
            if chunk.delta and (chunk.delta.content or chunk.delta.tool_calls):
                heard.first_s = heard.first_s or loop.time() - began
                heard.text += chunk.delta.content or ""
                heard.tools += [call.name for call in chunk.delta.tool_calls]
    return heard


def chain_of(said: Told, first: Thinker, second: Thinker, *, local: int = -1, manner: Manner = MANNER) -> ChainedLLM:
    """Two that think."""
    return ChainedLLM(said.line("llm", local, first=first, second=second), manner, said.events.append)


def test_the_first_answers_as_long_as_all_is_well(said: Told) -> None:
    """And nobody else is asked."""
    first, second = Thinker(ANSWER), Thinker("no")

    async def call() -> Heard:
        return await asked(chain_of(said, first, second))

    assert run(call()).text.split() == ANSWER.split()
    assert not second.asked and not said.events


def test_a_hard_turn_is_the_large_ones_and_a_small_one_stands_behind_it(said: Told) -> None:
    """Another turn keeps to the chain's order."""
    small, large = Thinker(ANSWER), Thinker(ANSWER)
    hard = [False, True, True]

    async def call() -> None:
        line: Line[llm.LLM[Any]] = said.line("llm", -1, first=small, second=large)
        line.links = tuple(replace(link, is_for_hard=link.it is large) for link in line.links)
        chain = ChainedLLM(line, MANNER, said.events.append, lambda _: hard.pop(0))
        for _ in range(2):
            await asked(chain)
        assert (len(small.asked), len(large.asked)) == (1, 1)
        large.fault = Fault("refuses")
        assert (await asked(chain)).text.split() == ANSWER.split()

    run(call())
    assert len(small.asked) == 2


@pytest.mark.parametrize("kind", ["refuses", "breaks"])
def test_an_error_costs_no_wait(said: Told, kind: str) -> None:
    """The next is asked at once."""
    first, second = Thinker("no"), Thinker(ANSWER)
    first.fault = Fault(kind)

    async def call() -> Heard:
        return await asked(chain_of(said, first, second))

    heard = run(call())
    assert heard.text.split() == ANSWER.split()
    assert heard.first_s < 0.5
    assert len(said.of(ProviderFailed)) == 1
    assert said.of(ProviderReplaced) == [ProviderReplaced(role="llm", provider="first", by="second", reason="error")]


def test_a_late_first_word_gets_a_rival_and_the_quicker_one_is_heard(said: Told) -> None:
    """The caller does not wait for a time-out."""
    first, second = Thinker("no"), Thinker(ANSWER)
    first.fault = Fault("late", by_s=30.0)

    async def call() -> Heard:
        return await asked(chain_of(said, first, second))

    heard = run(call())
    assert heard.text.split() == ANSWER.split()
    assert MANNER.hedge_after_s < heard.first_s < MANNER.hedge_after_s + 0.3
    assert said.of(Hedged) == [Hedged(provider="first", rival="second", has_won=True)]


def test_who_was_late_and_answers_first_nevertheless_is_heard(said: Told) -> None:
    """A hedge that loses costs its request, and is no failure of the one that was quick enough."""
    first, second = Thinker(ANSWER), Thinker("no", first_s=5.0)
    first.fault = Fault("late", by_s=0.6)

    async def call() -> Heard:
        return await asked(chain_of(said, first, second))

    assert run(call()).text.split() == ANSWER.split()
    assert said.of(Hedged) == [Hedged(provider="first", rival="second", has_won=False)]
    assert not said.of(ProviderFailed)


def test_without_budget_nobody_is_asked_twice_before_it_is_too_late(said: Told) -> None:
    """Then the next is asked whatever it costs."""
    first, second = Thinker("no"), Thinker(ANSWER)
    first.fault = Fault("late", by_s=30.0)

    async def call() -> Heard:
        return await asked(chain_of(said, first, second, manner=Manner(0.6, 0.0, "")))

    assert LATE_S < run(call()).first_s < LATE_S + 0.3
    assert not said.of(Hedged)


def test_a_local_one_is_no_rival_but_a_last_resort(said: Told) -> None:
    """It understands less than a large model that is a little late."""
    first, second = Thinker(ANSWER), Thinker("no", first_s=0.05)
    first.fault = Fault("late", by_s=0.7)

    async def call() -> Heard:
        return await asked(chain_of(said, first, second, local=1))

    assert run(call()).text.split() == ANSWER.split()
    assert not second.asked


@pytest.mark.parametrize("kind", ["stalls", "breaks"])
def test_the_next_goes_on_where_an_answer_broke_off(said: Told, kind: str) -> None:
    """It is told what was said, and the caller hears one answer."""
    first, second = Thinker(ANSWER), Thinker("carrier and comes on Friday")
    first.fault = Fault(kind, after=5)

    async def call() -> tuple[Heard, float]:
        began = asyncio.get_running_loop().time()
        return await asked(chain_of(said, first, second)), asyncio.get_running_loop().time() - began

    heard, seconds = run(call())
    assert heard.text.split() == ANSWER.split()
    assert seconds < STALLED_S + 1.5
    told = [item for item in second.asked[0].items if isinstance(item, llm.ChatMessage)]
    assert told[-2].role == "assistant" and (told[-2].text_content or "").split() == ANSWER.split()[:5]


def test_one_that_cannot_go_on_begins_anew_and_says_so(said: Told) -> None:
    """The local understanding has one answer only."""
    first, second = Thinker(ANSWER), Thinker("It comes on Friday.")
    first.fault = Fault("breaks", after=3)

    async def call() -> Heard:
        return await asked(chain_of(said, first, second, local=1))

    assert " ".join(run(call()).text.split()) == "Your order is Sorry about that. It comes on Friday."
    assert len(second.asked[0].items) == 1


def test_what_stalls_and_speaks_again_first_is_heard_to_its_end(said: Told) -> None:
    """Nothing is said twice."""
    first, second = Thinker(ANSWER), Thinker("no", first_s=9.0)
    first.fault = Fault("pauses", after=4, by_s=STALLED_S + 0.4)

    async def call() -> Heard:
        return await asked(chain_of(said, first, second))

    assert run(call()).text.split() == ANSWER.split()
    assert len(second.asked) == 1


def test_a_tool_call_is_not_asked_for_twice(said: Told) -> None:
    """What broke behind it is no matter: the tool's answer is told in the next step."""
    first, second = Thinker(ANSWER, tool="book"), Thinker("no", tool="book")
    first.fault = Fault("breaks", after=0)

    async def call() -> Heard:
        return await asked(chain_of(said, first, second))

    assert run(call()).tools == ["book"]
    assert not second.asked


def test_when_nobody_answers_the_error_is_raised_at_once(said: Told) -> None:
    """Whoever asked apologises."""
    first, second = Thinker("no"), Thinker("no")
    first.fault = second.fault = Fault("refuses")

    async def call() -> None:
        with pytest.raises(APIError):
            await asked(chain_of(said, first, second))

    run(call())
    assert len(said.of(ProviderFailed)) == 2


def test_who_is_known_to_be_down_is_not_asked_first(said: Told) -> None:
    """After two failures the third turn goes to the next at once, without the wait."""
    first, second = Thinker("no"), Thinker(ANSWER)
    first.fault = Fault("late", by_s=30.0)

    async def call() -> list[float]:
        chain = chain_of(said, first, second)
        return [(await asked(chain)).first_s for _ in range(3)]

    waits = run(call())
    assert waits[0] > MANNER.hedge_after_s and waits[2] < 0.3
    assert len(first.asked) == 2


def test_an_empty_answer_is_passed_on(said: Told) -> None:
    """It is no outage; dialog/reply reminds the model."""
    first, second = Thinker(""), Thinker("no")

    async def call() -> Heard:
        return await asked(chain_of(said, first, second))

    assert run(call()) == Heard()
    assert not second.asked
