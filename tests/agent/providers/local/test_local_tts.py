"""The TTS on the real voice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from livekit.agents import APIConnectionError, APIConnectOptions, tts
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT

from agent.errors import ProviderError
from agent.providers.local.local_tts import LocalTTS
from agent.providers.local.speech_client import SpeechClient
from tests.agent.providers.conftest import Samples

ORDER = "Order four five seven one was shipped."


@pytest.fixture
def mouth(client: SpeechClient) -> LocalTTS:
    """The TTS as a call uses it."""
    return LocalTTS(client)


async def rendered(mouth: LocalTTS, text: str) -> Samples:
    """All of a text's sound."""
    return np.concatenate([np.frombuffer(frame.data, np.int16) for frame in await mouth.render(text)])


async def test_speech_begins_at_once_and_ends_soon(mouth: LocalTTS) -> None:
    """The voice's silence in front is cut to a few milliseconds, and that behind bounded: callers wait for both."""
    sound = await rendered(mouth, "Your order has shipped.")
    audible = np.flatnonzero(np.abs(sound) > 0.01 * 32767)
    assert audible[0] / mouth.sample_rate < 0.01
    assert 0.1 < (len(sound) - audible[-1]) / mouth.sample_rate < 0.3
    assert 0.4 < np.abs(sound).max() / 32767 < 0.9


async def test_a_reply_is_spoken_sentence_by_sentence(mouth: LocalTTS) -> None:
    """While an LLM still writes, the whole sentences are spoken; each carries its own text for the transcript."""
    transcripts: list[str] = []
    duration_s = 0.0
    async with mouth.stream() as stream:
        for token in "Hello there. It costs $5.99. Any", "thing", " else?":
            stream.push_text(token)
        stream.end_input()
        async for audio in stream:
            transcripts += map(str, audio.frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, []))
            duration_s += audio.frame.duration
    assert [text.strip() for text in transcripts] == ["Hello there.", "It costs $5.99.", "Anything else?"]
    assert 3.0 < duration_s < 7.0


async def test_words_are_never_split_between_two_pieces(mouth: LocalTTS) -> None:
    """An LLM's tokens cut words anywhere; the transcript has them whole."""
    transcripts: list[str] = []
    async with mouth.stream() as stream:
        for letter in "This is fine. So is this":
            stream.push_text(letter)
        stream.end_input()
        async for audio in stream:
            transcripts += map(str, audio.frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, []))
    assert "".join(transcripts).split() == ["This", "is", "fine.", "So", "is", "this"]


async def test_a_kept_opening_is_found_by_a_reply_as_it_is_written(mouth: LocalTTS) -> None:
    """hibari says nothing twice alike: two replies that begin with the same samples began with what was kept."""
    answer = "You can return anything unused within thirty days of delivery. Returns are free."
    await mouth.keep_opening(answer)
    beginnings: list[bytes] = []
    for _ in range(2):
        sound = b""
        async with mouth.stream() as stream:
            for word in answer.split():
                stream.push_text(f"{word} ")
            stream.end_input()
            async for audio in stream:
                sound += bytes(audio.frame.data)
        beginnings.append(sound[: mouth.sample_rate])  # half a second
    assert beginnings[0] == beginnings[1]


@pytest.mark.parametrize("text", ["🎉", "...", "**"])
async def test_what_cannot_be_said_is_a_moment_of_silence(mouth: LocalTTS, text: str) -> None:
    """LiveKit would take no sound at all for a failure and say the text in its error."""
    sound = await rendered(mouth, text)
    assert len(sound) < mouth.sample_rate
    async with mouth.stream() as stream:
        stream.push_text(text)
        stream.end_input()
        assert [audio async for audio in stream]


async def test_a_sentence_that_was_prepared_is_said_as_it_was_made(mouth: LocalTTS) -> None:
    """hibari says nothing twice alike: a reply that begins with the prepared samples made nothing anew."""
    mouth.prepare("Order four five seven one was shipped. Anything else?")
    async with asyncio.timeout(10):
        prepared = b"".join([piece async for piece in mouth.sound(ORDER, is_opening=True)])
    mouth.prepare(ORDER)
    other = b"".join([piece async for piece in mouth.sound("It was delivered.", is_opening=True)])
    again = b"".join([piece async for piece in mouth.sound(ORDER, is_opening=True)])
    fresh = b"".join([piece async for piece in mouth.sound(ORDER, is_opening=True)])
    assert len({prepared, other, again, fresh}) == 4 and all((prepared, other, again, fresh))
    await mouth.aclose()


async def test_a_reply_begins_with_what_was_prepared_for_it(client: SpeechClient) -> None:
    """The voice is asked for the sentence once, by `prepare`; the rest of the reply is asked for when it is said."""
    asked: list[str] = []

    def pronounce(sentence: str) -> str:
        asked.append(sentence)
        return sentence

    mouth = LocalTTS(client, pronounce)
    mouth.prepare(ORDER)
    async with mouth.stream() as stream:
        stream.push_text(f"{ORDER} Anything else?")
        stream.end_input()
        sound = [audio async for audio in stream]
    assert sound and asked == [ORDER, "Anything else?"]
    await mouth.aclose()


class Slow:
    """A speech process that takes ten seconds for a sentence."""

    sample_rate, voice = 24_000, "hibari"

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def synthesize(self, text: str, **_: bool) -> AsyncIterator[bytes]:
        """Nothing, late."""
        try:
            await asyncio.sleep(10)
            yield b""
        finally:
            self.ended.append(text)


async def test_what_was_prepared_and_is_not_said_is_given_up() -> None:
    """Another guess takes its place, and the end of the call all of it."""
    slow = Slow()
    mouth = LocalTTS(slow)  # type: ignore[arg-type]  # all of a client that is asked here
    mouth.prepare("It was delivered.")
    await asyncio.sleep(0)
    mouth.prepare(ORDER)
    mouth.prepare(ORDER)
    await asyncio.sleep(0.01)
    assert slow.ended == ["It was delivered."]
    await mouth.aclose()
    await asyncio.sleep(0.01)
    assert slow.ended == ["It was delivered.", ORDER]


async def test_what_could_not_be_prepared_fails_when_it_is_said(tmp_path: Path) -> None:
    """As if it had not been: LiveKit asks once more then, and tells."""
    mouth = LocalTTS(SpeechClient(tmp_path / "nobody", return_timeout_s=0.1))
    mouth.prepare(ORDER)
    await asyncio.sleep(0.3)
    with pytest.raises(ProviderError):
        assert [piece async for piece in mouth.sound(ORDER, is_opening=True)] == []


async def test_a_dead_process_is_livekits_connection_error(tmp_path: Path) -> None:
    """So that LiveKit retries and says `error`."""
    mouth = LocalTTS(SpeechClient(tmp_path / "nobody", return_timeout_s=0.1))
    said: list[tts.TTSError] = []
    mouth.on("error", said.append)
    with pytest.raises(APIConnectionError):
        async with mouth.synthesize(
            "Hello.", conn_options=APIConnectOptions(max_retry=1, retry_interval=0.0)
        ) as speech:
            await speech.collect()
    assert [error.recoverable for error in said] == [True, False]
