"""Who hears the caller, and whether every word of theirs arrives once, when an STT refuses, breaks or goes deaf."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from livekit import rtc
from livekit.agents import stt

from agent.events import ProviderFailed, ProviderReplaced
from agent.providers.breakers import Breakers
from agent.providers.chain.line import Line, Link, told
from agent.providers.chain.stt import ChainedSTT
from agent.rules.breaker import REST_S
from agent.rules.deafness import LATE_S, STALLED_S
from tests.agent.providers.chain.conftest import Told
from tests.fakes.providers import FRAME_S, SILENCE_S, WORD_S, Fault, Hearer, LevelVAD, as_it_is, frames
from tests.fakes.virtual_time import run

_Type = stt.SpeechEventType
SENTENCE = [1, 2, 3, 4, 5, 6, 7, 8, 9]
PAUSE = [0] * 12  # 3.6 s


@dataclass
class Turns:
    """What the session got: the finals, when each came, and how often a turn began and ended."""

    finals: list[str] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    begun: int = 0
    ended: int = 0


async def said_to(chain: ChainedSTT, words: Sequence[int]) -> Turns:
    """Say it, at the pace of speech."""
    loop, turns = asyncio.get_running_loop(), Turns()
    began = loop.time()
    stream = chain.stream()

    async def speak() -> None:
        for frame in frames(words):
            stream.push_frame(frame)
            await asyncio.sleep(FRAME_S)
        stream.end_input()

    speaking = asyncio.create_task(speak())
    async for event in stream:
        if event.type is _Type.FINAL_TRANSCRIPT:
            turns.finals.append(event.alternatives[0].text)
            turns.at_s.append(loop.time() - began)
        turns.begun += event.type is _Type.START_OF_SPEECH
        turns.ended += event.type is _Type.END_OF_SPEECH
    await speaking
    await stream.aclose()
    return turns


def as_said(words: Sequence[int]) -> str:
    """The transcript of words that were heard."""
    return " ".join(f"w{word}" for word in words)


def chain_of(line: Line[stt.STT[None]]) -> ChainedSTT:
    """Ears whose turns end where the STT says so."""
    heard: list[rtc.AudioFrame] = []
    return ChainedSTT(line, LevelVAD(), lambda: as_it_is, heard.append)


def test_the_first_hears_as_long_as_all_is_well(said: Told) -> None:
    """And nobody else is connected."""
    first, second = Hearer("first"), Hearer("second")

    async def call() -> Turns:
        return await said_to(
            chain_of(said.line("stt", first=first, second=second)), [*SENTENCE, *PAUSE, *SENTENCE, 0, 0]
        )

    turns = run(call())
    assert turns.finals == [as_said(SENTENCE)] * 2
    assert (turns.begun, turns.ended) == (2, 2)
    assert second.opened == 0 and not said.events


@pytest.mark.parametrize("kind", ["refuses", "breaks", "stalls"])
@pytest.mark.parametrize("after", [0, 1, 4, 8])
def test_no_word_is_lost_when_an_ear_fails_in_mid_utterance(said: Told, kind: str, after: int) -> None:
    """The next hears the caller from the beginning, and there is one turn."""
    first, second = Hearer("first"), Hearer("second")
    first.fault = Fault(kind, after=after)

    async def call() -> Turns:
        return await said_to(chain_of(said.line("stt", first=first, second=second)), [*SENTENCE, *PAUSE])

    turns = run(call())
    assert turns.finals == [as_said(SENTENCE)]
    assert (turns.begun, turns.ended) == (1, 1)
    assert turns.at_s[0] < WORD_S * len(SENTENCE) + LATE_S + SILENCE_S + 0.4
    assert 1 <= len(said.of(ProviderFailed)) <= 2, "between two turns the first is tried once more"
    assert said.of(ProviderReplaced)


@pytest.mark.parametrize("words", [[1], [1, 2], [3, 1, 2, 4]])
def test_a_short_answer_to_a_deaf_ear_is_heard_too(said: Told, words: list[int]) -> None:
    """ "Yes." is over before a second and a half of speech."""
    first, second = Hearer("first"), Hearer("second")
    first.fault = Fault("stalls")

    async def call() -> Turns:
        return await said_to(chain_of(said.line("stt", first=first, second=second)), [*words, *PAUSE])

    turns = run(call())
    assert turns.finals == [as_said(words)]
    assert turns.at_s[0] < WORD_S * len(words) + LATE_S + 0.5


def test_a_deaf_ear_is_not_listened_to_in_the_next_turn(said: Told) -> None:
    """That another had words where it had none is no chance: the next turn is heard at once."""
    first, second = Hearer("first"), Hearer("second")
    first.fault = Fault("stalls")

    async def call() -> Turns:
        chain = chain_of(said.line("stt", first=first, second=second))
        return await said_to(chain, [*SENTENCE, *PAUSE, *SENTENCE, *PAUSE])

    turns = run(call())
    assert turns.finals == [as_said(SENTENCE)] * 2
    ended = WORD_S * (2 * len(SENTENCE) + len(PAUSE))
    assert turns.at_s[1] < ended + SILENCE_S + 0.2
    (failure,) = said.of(ProviderFailed)
    assert failure == ProviderFailed(role="stt", provider="first", reason="deaf", is_recoverable=True)


def test_what_was_heard_before_is_not_heard_again(said: Told) -> None:
    """Only what has no final is told to the next."""
    first, second = Hearer("first"), Hearer("second")

    async def call() -> Turns:
        chain = chain_of(said.line("stt", first=first, second=second))
        asyncio.get_running_loop().call_later(WORD_S * 13, lambda: setattr(first, "fault", Fault("breaks")))
        return await said_to(chain, [*SENTENCE, 0, 0, 0, 0, 7, 8, 9, 5, 6, *PAUSE])

    assert run(call()).finals == [as_said(SENTENCE), as_said([7, 8, 9, 5, 6])]


def test_an_stt_that_waits_for_the_end_is_not_deaf_for_it(said: Told) -> None:
    """One without interim results says nothing while a long sentence is spoken."""
    first, second = Hearer("first", has_interim=False), Hearer("second")

    async def call() -> Turns:
        return await said_to(chain_of(said.line("stt", first=first, second=second)), [*SENTENCE, *PAUSE])

    assert run(call()).finals == [as_said(SENTENCE)]
    assert second.opened == 0 and WORD_S * len(SENTENCE) > STALLED_S


def test_a_noise_is_nobodys_fault(said: Told) -> None:
    """The VAD took it for speech; the other ear finds no word in it either."""
    first, second = Hearer("first"), Hearer("second")
    first.fault = second.fault = Fault("stalls")

    async def call() -> Turns:
        return await said_to(chain_of(said.line("stt", first=first, second=second)), [1, *PAUSE, *PAUSE])

    turns = run(call())
    assert not turns.finals and not said.events
    assert turns.begun == turns.ended


def test_when_all_are_deaf_the_caller_is_told_once(said: Told) -> None:
    """Through the session's error, which dialog/lifecycle apologises for; the stream lives on."""
    first, second = Hearer("first"), Hearer("second")
    first.fault = second.fault = Fault("stalls")
    errors: list[object] = []

    async def call() -> Turns:
        chain = chain_of(said.line("stt", first=first, second=second))
        chain.on("error", errors.append)
        asyncio.get_running_loop().call_later(9.0, lambda: setattr(second, "fault", Fault()))
        return await said_to(chain, [*SENTENCE, *PAUSE, *PAUSE, *SENTENCE, *PAUSE])

    assert run(call()).finals == [as_said(SENTENCE)]
    assert len(errors) == 1


@pytest.mark.parametrize("kind", ["refuses", "breaks"])
def test_when_all_refuse_what_was_said_is_kept_until_one_returns(said: Told, kind: str) -> None:
    """Nothing is lost, however late it is understood."""
    first, second = Hearer("first"), Hearer("second")
    first.fault = second.fault = Fault(kind)

    async def call() -> Turns:
        chain = chain_of(said.line("stt", first=first, second=second))
        asyncio.get_running_loop().call_later(4.0, lambda: setattr(second, "fault", Fault()))
        return await said_to(chain, [*SENTENCE, *PAUSE, *PAUSE])

    assert run(call()).finals == [as_said(SENTENCE)]


async def test_the_first_hears_again_when_it_works_again(said: Told) -> None:
    """Between two turns, after a probe with what the caller had said; on the real clock, since breakers use threads."""
    now = [0.0]
    breakers = Breakers(None, told(said.events.append), lambda: now[0])
    first, second = Hearer("first"), Hearer("second")
    first.fault = Fault("refuses")
    links: list[Link[stt.STT[None]]] = [Link("first", first, is_local=False), Link("second", second, is_local=True)]
    chain = chain_of(Line("stt", links, breakers, said.events.append))
    for _ in range(2):
        assert (await said_to(chain, [1, 2, 3, 0, 0, 0, 0])).finals == [as_said([1, 2, 3])]
    first.fault = Fault()
    now[0] += REST_S
    probing = asyncio.create_task(breakers.run())
    await asyncio.sleep(0.5)
    before = second.opened
    assert (await said_to(chain, [1, 2, 3, 0, 0, 0, 0])).finals == [as_said([1, 2, 3])]
    assert second.opened == before
    assert said.of(ProviderReplaced)[-1] == ProviderReplaced(
        role="stt", provider="second", by="first", reason="returned"
    )
    probing.cancel()
    await asyncio.gather(probing, return_exceptions=True)
