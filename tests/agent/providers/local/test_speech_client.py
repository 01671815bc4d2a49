"""The client and the real models behind it."""

import asyncio
import json
import os
import signal
import struct
from pathlib import Path

import numpy as np
import pytest

from agent.errors import ProviderError
from agent.providers.local.framing import Header, Kind, encode, read_message
from agent.providers.local.models.smart_turn import weights
from agent.providers.local.speech_client import SOCKET_VARIABLE, SpeechClient
from agent.providers.local.supervisor import SpeechProcess
from evals.wer import errors, words
from tests.agent.providers.conftest import say

PATIENCE_S = 60.0  # a busy test machine may take longer to load the models than a caller would wait
SENTENCES = (
    "I would like to return something.",
    "When will my package arrive?",
    "Can I talk to a person, please?",
    "Thank you, that is all for today.",
    "Are you open on Sunday?",
    "My order number is four five seven one.",
)


async def test_what_hibari_says_moonshine_hears(client: SpeechClient) -> None:
    """The two local models understand each other; hibari says no sentence twice alike, so a word in ten may be lost."""
    wrong = total = 0
    for sentence in SENTENCES:
        heard = await client.transcribe((await say(client, sentence, 16_000)).tobytes())
        wrong, total = wrong + errors(sentence, heard), total + len(words(sentence))
    assert wrong / total <= 0.1


@pytest.mark.parametrize("word", ["Yes.", "No.", "Yes, please."])
async def test_short_answers_are_heard(client: SpeechClient, word: str) -> None:
    """What confirmations hang on survives without silence around it, in most of five renderings at least."""
    heard = [await client.transcribe((await say(client, word, 16_000)).tobytes()) for _ in range(5)]
    assert sum(errors(word, text) == 0 for text in heard) >= 3


async def test_a_paraphrase_is_closer_than_another_topic(client: SpeechClient) -> None:
    """Vectors are of length 1 and mean something; the same text gives the same vector."""
    rows = await client.embed(["where is my order", "track my package", "do you like cheese", "where is my order"])
    assert rows.shape == (4, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert rows[0] @ rows[1] > 0.3 > rows[0] @ rows[2]
    assert np.array_equal(rows[0], rows[3])


async def test_vectors_are_those_of_the_reference(client: SpeechClient) -> None:
    """The numpy pass does what sentence-transformers does: a pair published with the model keeps its similarity."""
    rows = await client.embed(["That is a happy person", "That is a very happy person"])
    assert rows[0] @ rows[1] == pytest.approx(0.9429, abs=0.002)


async def test_a_sentence_means_the_same_alone_and_in_a_crowd(client: SpeechClient) -> None:
    """Padding to the longest of a batch does not leak into the shorter ones."""
    alone = await client.embed(["opening hours tomorrow"])
    crowd = await client.embed([f"a much longer sentence, number {n}, about something else" for n in range(20)])
    both = await client.embed(["opening hours tomorrow "] + ["a far longer sentence about quite another thing"] * 3)
    assert crowd.shape == (20, 384)
    assert both[0] @ alone[0] == pytest.approx(1.0, abs=1e-4)


async def test_nothing_to_embed_is_no_rows(client: SpeechClient) -> None:
    """An empty list is answered without asking the process."""
    assert (await client.embed([])).shape == (0, 384)


async def test_five_calls_at_once_get_their_own_answers(speech_socket: Path) -> None:
    """Each of five clients hears and speaks at the same time, and none gets another's words."""
    clients = [SpeechClient(speech_socket) for _ in range(5)]
    words = ["returns", "shipping", "goodbye", "orders", "Saturday"]

    async def one_call(client: SpeechClient, word: str) -> str:
        return await client.transcribe((await say(client, f"I want to ask about {word}.", 16_000)).tobytes())

    heard = await asyncio.gather(*map(one_call, clients, words))
    for client in clients:
        await client.aclose()
    assert [word.lower() in text.lower().replace("-", "") for word, text in zip(words, heard, strict=True)] == [
        True
    ] * 5


async def test_a_cancelled_request_leaves_the_line_usable(client: SpeechClient) -> None:
    """The caller interrupted: what was being made is dropped, and the next request is answered."""
    speaking = asyncio.create_task(client.embed([f"sentence number {n}" for n in range(400)]))
    await asyncio.sleep(0.05)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert (await client.embed(["hello"])).shape == (1, 384)


async def test_sound_comes_clause_by_clause(client: SpeechClient) -> None:
    """A long text is several pieces, so that the first can be heard before the last is made."""
    text = "Your order has shipped. It arrives on Monday, and you can follow it in the e-mail that we sent you."
    pieces = [len(pcm) async for pcm in client.synthesize(text)]
    assert len(pieces) >= 2
    assert sum(pieces) / 2 / client.sample_rate > 3.0


async def test_a_kept_phrase_is_the_same_sound_for_every_call(client: SpeechClient, speech_socket: Path) -> None:
    """hibari never says a thing twice alike: equal sound shows that the phrase was not spoken again."""
    await client.keep("This phrase is kept.")
    other = SpeechClient(speech_socket)
    try:
        kept = [b"".join([pcm async for pcm in who.synthesize("This phrase is kept.")]) for who in (client, other)]
    finally:
        await other.aclose()
    assert kept[0] == kept[1] != b""


@pytest.mark.parametrize("junk", [b"GET / HTTP/1.1\r\n\r\n", struct.pack("!II", 0, 0), struct.pack("!II", 9, 1 << 31)])
async def test_a_bad_frame_costs_only_its_own_connection(
    speech_socket: Path, client: SpeechClient, junk: bytes
) -> None:
    """Whoever writes nonsense is hung up on; the others talk on."""
    reader, writer = await asyncio.open_unix_connection(speech_socket)
    writer.write(junk)
    async with asyncio.timeout(5):
        while await reader.read(1024):
            pass
    writer.close()
    assert (await client.embed(["still there"])).shape == (1, 384)


async def test_a_request_survives_the_death_of_the_process(mortal: SpeechProcess) -> None:
    """The process is killed in mid-request: the session is told at once, the answer comes from its successor."""
    failures: list[tuple[str, str]] = []
    client = SpeechClient(
        mortal.socket, on_failure=lambda *failure: failures.append(failure), return_timeout_s=PATIENCE_S
    )
    sound = await say(client, "I would like to know when you are open on Saturday.", 16_000)
    first_pid = mortal.pid
    assert first_pid
    asking = asyncio.create_task(client.transcribe(sound.tobytes()))
    os.kill(first_pid, signal.SIGSTOP)  # so that the request is surely under way when the process dies
    await asyncio.sleep(0.1)
    os.kill(first_pid, signal.SIGKILL)
    await asyncio.sleep(0.3)
    assert [role for role, _ in failures] == ["stt"]
    assert not asking.done()
    assert errors("I would like to know when you are open on Saturday.", await asking) <= 2
    assert mortal.pid != first_pid
    assert len(failures) == 1
    await client.aclose()


async def test_speech_goes_on_where_the_process_died(mortal: SpeechProcess) -> None:
    """Killed between two clauses: what was handed out is not repeated, the rest is not lost."""
    client = SpeechClient(mortal.socket, return_timeout_s=PATIENCE_S)
    text = "The first sentence is here. The second sentence follows it. And the third one ends this."
    whole = [len(pcm) async for pcm in client.synthesize(text)]
    lengths = list[int]()
    async for pcm in client.synthesize(text):
        lengths.append(len(pcm))
        if len(lengths) == 1 and mortal.pid:
            os.kill(mortal.pid, signal.SIGKILL)
    assert len(lengths) == len(whole) == 3
    await client.aclose()


async def test_a_process_that_stays_away_is_a_provider_error(folder: Path) -> None:
    """Nobody listens: the session hears of it at once, the request fails when patience ends."""
    failures: list[str] = []
    client = SpeechClient(
        folder / "nobody.sock", on_failure=lambda role, _reason: failures.append(role), return_timeout_s=0.2
    )
    with pytest.raises(ProviderError, match="did not come back"):
        await client.embed(["hello"])
    assert failures == ["embedding"]


async def test_a_process_that_hangs_is_a_provider_error(folder: Path) -> None:
    """Somebody greets but never answers: the request ends by its own clock."""

    async def greet_and_hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode(Header(kind=Kind.READY, sample_rate=16_000)))
        while await reader.read(1 << 20):
            pass
        writer.close()

    async with await asyncio.start_unix_server(greet_and_hang, folder / "deaf.sock"):
        client = SpeechClient(folder / "deaf.sock", reply_timeout_s=0.2)
        with pytest.raises(ProviderError, match="no answer"):
            await client.transcribe(bytes(3200))
        assert client.sample_rate == 16_000
        await client.aclose()


async def test_many_texts_are_as_patient_as_few(folder: Path) -> None:
    """A profile's hundreds of examples on a busy machine: a reply's clock runs for a piece, not for all of them."""

    async def answer_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode(Header(kind=Kind.READY, sample_rate=16_000)))
        while asked := await read_message(reader):
            await asyncio.sleep(0.1)
            rows = np.ones((len(json.loads(asked.payload)), 384), np.float32).tobytes()
            writer.write(encode(Header(kind=Kind.DONE, request=asked.header.request), rows))
        writer.close()

    async with await asyncio.start_unix_server(answer_slowly, folder / "slow.sock"):
        client = SpeechClient(folder / "slow.sock", reply_timeout_s=0.5)
        assert (await client.embed([f"sentence {n}" for n in range(330)])).shape == (330, 384)
        await client.aclose()


async def test_jobs_find_the_socket_in_the_environment(speech_socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker names the socket once, for all its jobs."""
    monkeypatch.setenv(SOCKET_VARIABLE, str(speech_socket))
    client = SpeechClient.from_environment()
    await client.connect()
    assert (client.voice, client.sample_rate) == ("hibari", 24_000)
    await client.aclose()


async def test_the_process_says_whether_a_turn_is_over(client: SpeechClient) -> None:
    """By Smart Turn, where its wheel is installed; a failure of its own where it is not, and no other request's."""
    sound = (await say(client, "Where is my order?", 16_000)).tobytes()
    if weights():
        assert all(
            0.0 <= probability <= 1.0 for probability in [await client.is_over(sound), await client.is_over(b"")]
        )
    else:
        with pytest.raises(ProviderError):
            await client.is_over(sound)
    assert await client.transcribe(sound)


async def test_a_process_without_ear_and_voice_still_embeds(folder: Path) -> None:
    """Where all hear and speak in the cloud: knowledge, router and cache need the vectors, and that is all."""
    process = SpeechProcess(folder / "speech.sock", arguments=("--no-stt", "--no-tts"))
    client = SpeechClient(process.socket, return_timeout_s=PATIENCE_S)
    await process.start()
    try:
        await process.ready()
        assert (await client.embed(["Where is my order?"])).shape == (1, 384)
        with pytest.raises(ProviderError):
            await client.transcribe(bytes(32_000))
        with pytest.raises(ProviderError):
            await client.keep("Hello.")
    finally:
        await client.aclose()
        await process.aclose()


async def test_more_texts_than_one_request_takes_come_back_in_their_order(client: SpeechClient) -> None:
    """A whole profile's: no single answer outlasts its time limit on a busy machine. Each is what it is alone."""
    texts = [f"Where is order number {number}?" for number in range(150)]
    rows = await client.embed(texts)
    alone = await client.embed([texts[149]])
    assert rows.shape == (150, 384)
    assert np.allclose(rows[149], alone[0], atol=1e-5)
    assert (await client.embed([])).shape == (0, 384)
