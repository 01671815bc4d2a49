"""Recordings of people: any rate, noise around the words, and where in them somebody speaks."""

import wave
from collections.abc import AsyncIterator
from pathlib import Path

import av
import numpy as np
import pytest

from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import RATE, Samples
from evals.gaps import LEAD_S, gap
from evals.mixing import knock, silence
from evals.onset import fine_end_s
from evals.recordings import TAIL_S, Recorded, decoded, first, hesitating, recordings, spoken
from evals.servers import NotStarted
from tests.fakes.recordings import hiss, noise, vowel

CHANCE = np.random.default_rng(3)


def sound(*parts: np.ndarray, noise_db: float = -200.0) -> Samples:
    """The parts as int16, over noise."""
    whole = np.concatenate(parts)
    under = noise(CHANCE, noise_db, len(whole) / RATE)[: len(whole)]
    return np.rint(whole[: len(under)] + under).astype(np.int16)


def written(path: Path, samples: Samples, rate: int = RATE) -> Path:
    """As a WAV or FLAC file of that rate."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate = RATE
    made = np.concatenate([part.to_ndarray()[0] for part in (*resampler.resample(frame), *resampler.resample(None))])
    if path.suffix == ".wav":
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(made.tobytes())
        return path
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=rate, layout="mono")
        whole = av.AudioFrame.from_ndarray(made[None, :], format="s16", layout="mono")
        whole.sample_rate = rate
        container.mux([*stream.encode(whole), *stream.encode(None)])
    return path


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("ending", [".wav", ".flac"])
def test_a_file_of_any_rate_is_as_long_as_it_was(tmp_path: Path, rate: int, ending: str) -> None:
    """And its words end where they ended."""
    samples = sound(silence(0.4), vowel(0.8), silence(0.6))
    heard = decoded(written(tmp_path / f"one{ending}", samples, rate))
    assert len(heard) / RATE == pytest.approx(1.8, abs=0.02)
    assert spoken(heard)[-1].ended == pytest.approx(1.2, abs=0.03)


@pytest.mark.parametrize("noise_db", [-200.0, -65.0, -48.0, -43.0])
def test_a_tail_of_noise_is_no_speech(noise_db: float) -> None:
    """Of a quiet room or a loud one; neither is a click in it, nor a breath."""
    click, breath = np.full(RATE // 100, 4000.0), noise(CHANCE, -60.0, 0.3)
    whole = sound(
        silence(0.5), vowel(0.6), silence(0.2), vowel(0.5), silence(0.5), breath, click, silence(2.0), noise_db=noise_db
    )
    spans = spoken(whole)
    assert [(round(span.began, 1), round(span.ended, 1)) for span in spans] == [(0.5, 1.1), (1.3, 1.8)]


def test_a_recording_without_a_silence_is_all_speech() -> None:
    """Its softest tenth is somebody's voice, not the room."""
    assert spoken(sound(vowel(1.5)))[0].length_s == pytest.approx(1.5, abs=0.03)


@pytest.fixture
async def voice(speech_socket: Path) -> AsyncIterator[Samples]:
    """A short sentence by a voice, in one piece."""
    client = SpeechClient(speech_socket)
    yield await voices.spoken(client, voices.present()[0], "Tell me more.")
    await client.aclose()


async def test_a_recording_begins_with_its_first_word_and_keeps_its_noise(tmp_path: Path, voice: Samples) -> None:
    """What lies before is cut, what lies behind is kept for longer than anybody waits; the longest silence is told."""
    whole = sound(silence(1.0), voice, silence(0.6), voice, silence(4.0), noise_db=-60)
    written(tmp_path / "one.flac", whole, 16_000)
    (one,) = await first(recordings(tmp_path), None)
    assert one.name == "one" and one.truth is None
    assert one.sound.ends_s == pytest.approx(2 * len(voice) / RATE + 0.6, abs=0.06)
    assert one.sound.rest_s == pytest.approx(TAIL_S, abs=0.01)
    assert one.pause_s == pytest.approx(0.6, abs=0.06)


async def test_a_knock_before_and_a_hiss_behind_the_words_are_no_words(tmp_path: Path, voice: Samples) -> None:
    """However loud and near: nobody's voice is in them. A short word far from the others is one."""
    thump, sigh = knock(CHANCE), hiss(CHANCE, 0.4)
    written(tmp_path / "one.wav", sound(thump, silence(0.4), voice, silence(0.4), sigh, silence(1.0)))
    (one,) = await first(recordings(tmp_path), None)
    assert one.sound.ends_s == pytest.approx(len(voice) / RATE, abs=0.06)
    assert one.pause_s < 0.3
    written(tmp_path / "one.wav", sound(voice, silence(1.5), voice[: len(voice) // 2], silence(1.0)))
    (one,) = await first(recordings(tmp_path), None)
    assert one.pause_s == pytest.approx(1.5, abs=0.06)


async def test_the_gap_is_counted_from_the_last_word_not_from_the_noise_behind_it(
    tmp_path: Path, voice: Samples
) -> None:
    """An agent that answers 0.5 s after it does so into the recording's tail; who speaks in its pause cuts it off."""
    written(tmp_path / "noisy.wav", sound(voice, silence(0.7), voice, silence(3.0), noise_db=-48))
    (one,) = await first(recordings(tmp_path), None)
    said, ended_s = np.concatenate([silence(LEAD_S), one.sound.samples]), LEAD_S + one.sound.ends_s
    assert fine_end_s(said, RATE) > ended_s + 1, "there is noise behind the last word"
    answered = gap(said, sound(silence(ended_s + 0.5), vowel(1.0), silence(0.5)), one.sound.tail_s)
    assert answered.ms == pytest.approx(500, abs=20)
    paused_s = LEAD_S + len(voice) / RATE + 0.3
    assert gap(said, sound(silence(paused_s), vowel(1.0), silence(3.0)), one.sound.tail_s).verdict == "cut_off"


async def test_recordings_come_in_a_mixed_order_that_never_changes_with_their_texts(
    tmp_path: Path, voice: Samples
) -> None:
    """From folders below, too; one in which nobody speaks is left out."""
    for number in range(6):
        (tmp_path / str(number % 2)).mkdir(exist_ok=True)
        written(tmp_path / str(number % 2) / f"{number}.wav", sound(voice, silence(0.3)))
    written(tmp_path / "silent.wav", sound(silence(1.0), noise_db=-70))
    (tmp_path / "1" / "3.txt").write_text("what is this\nthing\n")
    (tmp_path / "list.json").write_text("{}")
    one, again = [Recorded(await first(recordings(tmp_path), None)) for _ in range(2)]
    asked = [one.asked(number) for number in range(6)]
    assert {question.voice for question in asked} == {f"{number % 2}/{number}" for number in range(6)}
    assert asked == [again.asked(number) for number in range(6)] == [one.asked(number) for number in range(6, 12)]
    assert [question.text for question in asked if question.is_known] == ["what is this thing"]
    assert all(one[question].ends_s > 0.2 for question in asked)
    assert len(await first(recordings(tmp_path), 2)) == 2


async def test_only_who_stops_within_a_sentence_hesitates(tmp_path: Path, voice: Samples) -> None:
    """The scene says what is left of the sound when the last word is over."""
    for name, pause_s in (("fluent", 0.05), ("thinks", 0.8)):
        written(tmp_path / f"{name}.wav", sound(voice, silence(pause_s), voice, silence(1.0)))
    (item,) = await hesitating(tmp_path)
    assert (item.voice, item.judge, item.play) == ("thinks", "cut off", "ask")
    assert item.pause_s == pytest.approx(0.8, abs=0.06)
    assert item.rest_s == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("name", ["song.mp3", "broken.wav", "text.flac"])
async def test_a_folder_without_sound_is_one_sentence(tmp_path: Path, name: str) -> None:
    """Which says where."""
    (tmp_path / name).write_text("no sound at all")
    with pytest.raises(NotStarted, match="--recordings: "):
        await first(recordings(tmp_path), None)


async def test_by_telephone_a_recording_is_narrowed_before_its_words_are_looked_for(
    tmp_path: Path, voice: Samples
) -> None:
    """The same words at nearly the same moments."""
    written(tmp_path / "one.wav", sound(silence(0.5), voice, silence(1.0), noise_db=-60))
    (wide,) = await first(recordings(tmp_path), None)
    (narrow,) = await first(recordings(tmp_path, is_phone=True), None)
    assert narrow.sound.ends_s == pytest.approx(wide.sound.ends_s, abs=0.06)
    assert not np.array_equal(narrow.sound.samples, wide.sound.samples)
