"""Whose voice is heard, and with how much silence in between, when one is late, fails, or stalls in mid-sentence."""

import asyncio
from dataclasses import dataclass, field

import pytest
from livekit.agents import APIError, tts

from agent.events import ProviderFailed, ProviderReplaced
from agent.providers.chain.tts import FIRST_S, ChainedTTS
from tests.agent.providers.chain.conftest import Told
from tests.fakes.providers import Fault, Talker
from tests.fakes.virtual_time import run

TEXT = (
    "Your order left our warehouse on Monday. It is with the carrier now, and they say that it will be at your door "
    "on Friday before noon. Is there anything else?"
)
FIRST, SECOND = 1, 2


@dataclass
class Heard:
    """Sound as a player at the caller's ear would play it: seconds by voice, the wait before it, the gaps in it."""

    seconds: dict[int, float] = field(default_factory=dict)
    first_s: float = 0.0
    gap_s: float = 0.0


async def spoken(chain: ChainedTTS, text: str = TEXT, *, words_per_s: float = 1000.0) -> Heard:
    """Let it say the text, which a model writes at that pace."""
    loop, heard = asyncio.get_running_loop(), Heard()
    began = loop.time()
    async with chain.stream() as stream:
        writing = asyncio.create_task(_written(stream, text, words_per_s))
        until = 0.0
        async for audio in stream:
            now, level = loop.time(), int(audio.frame.data[len(audio.frame.data) // 2])
            heard.first_s = heard.first_s or now - began
            heard.gap_s = max(heard.gap_s, now - until if until else 0.0)
            until = max(until, now) + audio.frame.duration
            heard.seconds[level] = heard.seconds.get(level, 0.0) + audio.frame.duration
        await writing
    return heard


async def _written(stream: tts.SynthesizeStream, text: str, words_per_s: float) -> None:
    for word in text.split():
        stream.push_text(f"{word} ")
        await asyncio.sleep(1 / words_per_s)
    stream.end_input()


def chain_of(said: Told, first: Talker, second: Talker) -> ChainedTTS:
    """Two voices, on the loop's clock."""
    clock = asyncio.get_running_loop().time
    return ChainedTTS(said.line("tts", first=first, second=second), lambda text: text, clock)


def given(talker: Talker) -> str:
    """All that it was given to say."""
    return " ".join("".join(talker.said).split())


def test_the_first_says_all_of_it_as_long_as_all_is_well(said: Told) -> None:
    """And nobody else is given anything."""
    first, second = Talker(FIRST), Talker(SECOND)

    async def call() -> Heard:
        return await spoken(chain_of(said, first, second))

    heard = run(call())
    assert given(first) == TEXT and not second.said and not said.events
    assert heard.gap_s == 0.0 and heard.first_s < 0.3


@pytest.mark.parametrize("kind", ["refuses", "late"])
def test_the_next_says_it_when_the_first_does_not_begin(said: Told, kind: str) -> None:
    """After a second at most."""
    first, second = Talker(FIRST), Talker(SECOND)
    first.fault = Fault(kind, by_s=60.0)

    async def call() -> Heard:
        return await spoken(chain_of(said, first, second))

    heard = run(call())
    assert given(second) == TEXT
    assert heard.first_s < FIRST_S + 0.5
    assert FIRST not in heard.seconds
    assert len(said.of(ProviderReplaced)) == 1


@pytest.mark.parametrize("kind", ["stalls", "breaks"])
@pytest.mark.parametrize("after_s", [0.5, 1.3, 2.2, 4.4, 6.0])
def test_the_next_goes_on_in_mid_sentence(said: Told, kind: str, after_s: float) -> None:
    """Behind what was heard: no word is lost, hardly one is said twice, and the pause is a breath."""
    first, second = Talker(FIRST), Talker(SECOND)
    first.fault = Fault(kind, after=after_s)

    async def call() -> Heard:
        return await spoken(chain_of(said, first, second))

    heard = run(call())
    assert TEXT.endswith(given(second)) and given(second)
    letters_heard = heard.seconds[FIRST] * first.pace
    overlap = letters_heard + len(given(second)) - len(TEXT)
    assert -12 <= overlap <= 25, (heard, given(second))
    assert heard.gap_s < 0.7, heard
    assert len(said.of(ProviderFailed)) == 1


def test_a_slow_writer_is_no_stall(said: Told) -> None:
    """The voice waits for the model, not the other way round."""
    first, second = Talker(FIRST), Talker(SECOND)

    async def call() -> Heard:
        return await spoken(chain_of(said, first, second), words_per_s=1.5)

    run(call())
    assert given(first) == TEXT and not second.said and not said.events


@pytest.mark.parametrize("pace", [11.0, 19.0])
def test_a_voice_with_another_pace_is_no_stall(said: Told, pace: float) -> None:
    """Neither a slow one nor a quick one, however the text comes."""
    for words_per_s in (2.0, 4.0, 1000.0):
        first, second = Talker(FIRST, pace=pace), Talker(SECOND)

        async def call(first: Talker = first, second: Talker = second, words_per_s: float = words_per_s) -> Heard:
            return await spoken(chain_of(said, first, second), words_per_s=words_per_s)

        run(call())
        assert given(first) == TEXT and not second.said and not said.events


def test_when_nobody_speaks_the_error_is_raised(said: Told) -> None:
    """Without a time-out for each of them."""
    first, second = Talker(FIRST), Talker(SECOND)
    first.fault = second.fault = Fault("refuses")

    async def call() -> float:
        began = asyncio.get_running_loop().time()
        with pytest.raises(APIError):
            await spoken(chain_of(said, first, second))
        return asyncio.get_running_loop().time() - began

    assert run(call()) < 0.5
    assert len(said.of(ProviderFailed)) == 2


def test_who_is_known_to_be_down_is_not_waited_for_again(said: Told) -> None:
    """The third reply begins as quickly as if there were one voice only."""
    first, second = Talker(FIRST), Talker(SECOND)
    first.fault = Fault("late", by_s=60.0)

    async def call() -> list[float]:
        chain = chain_of(said, first, second)
        return [(await spoken(chain, "One moment, please.")).first_s for _ in range(3)]

    waits = run(call())
    assert waits[0] > FIRST_S and waits[2] < 0.3


def test_a_whole_text_is_spoken_by_whoever_can(said: Told) -> None:
    """What is rendered beforehand, such as the apology."""
    first, second = Talker(FIRST), Talker(SECOND)
    first.fault = Fault("refuses")

    async def call() -> float:
        frame = await chain_of(said, first, second).synthesize("One moment, please.").collect()
        return frame.duration

    assert run(call()) > 1.0
