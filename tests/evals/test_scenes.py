"""The written scenes are many enough, and made the same way each time."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from agent.providers.local.speech_client import SpeechClient
from evals.caller import RATE
from evals.hearing import transcribed
from evals.mixing import SPEECH_DB, audible_db
from evals.onset import FLOOR_DB, levels_db
from evals.scenes import FOLDER, Casting, dictation, greetings, hesitations, rooms
from evals.wer import errors

SCENES = {path.stem: yaml.safe_load(path.read_text()) for path in FOLDER.glob("*.yaml")}


def test_every_hesitation_has_one_pause_inside_it() -> None:
    """Sixty at least, of five kinds, and words on both sides of each pause."""
    lines = [text for texts in SCENES["hesitations"].values() for text in texts]
    assert len(lines) >= 60
    assert len(SCENES["hesitations"]) == 5
    assert all(len([part for part in line.split("|") if part.strip()]) == 2 for line in lines)


def test_there_are_forty_that_must_stop_the_agent_and_forty_that_must_not() -> None:
    """Each backchannel is said by two voices."""
    overlaps = SCENES["overlaps"]
    assert sum(len(texts) for texts in overlaps["interruptions"].values()) >= 40
    assert 2 * len(overlaps["backchannels"]) >= 40


async def test_same_seed_makes_the_same_choices(speech_socket: Path) -> None:
    """Voices, pauses and moments; a model's own sound is never twice the same."""
    client = SpeechClient(speech_socket)
    first, second = [await hesitations(Casting(client, most=4)) for _ in range(2)]
    assert [(item.voice, item.pause_s) for item in first] == [(item.voice, item.pause_s) for item in second]
    one, other = [await greetings(Casting(client, most=3)) for _ in range(2)]
    assert [item.into_s for item in one] == [item.into_s for item in other]
    await client.aclose()


async def test_pause_is_in_the_sound(speech_socket: Path) -> None:
    """A silence as long as the item says, in speech of the level of all speech."""
    client = SpeechClient(speech_socket)
    for item in await hesitations(Casting(client, most=3)):
        quiet = levels_db(item.sound, RATE) <= FLOOR_DB
        runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(int), [0]]))))[::2]
        assert runs.max() * 0.01 == pytest.approx(item.pause_s, abs=0.06)
        assert audible_db(item.sound) == pytest.approx(SPEECH_DB, abs=1.5)
    await client.aclose()


async def test_a_pause_stands_at_a_words_edge_of_the_whole_sentence(speech_socket: Path) -> None:
    """What is heard before it are the words before the `|`, and no part of another: a half sentence that is spoken for
    itself would end with a final melody, which is no hesitation."""
    client = SpeechClient(speech_socket)
    await client.connect()
    right = 0
    for item in await hesitations(Casting(client, most=6)):
        quiet = np.flatnonzero(levels_db(item.sound, RATE) <= FLOOR_DB) * 0.01
        longest = max(np.split(quiet, np.flatnonzero(np.diff(quiet) > 0.015) + 1), key=len)
        heard = await transcribed(client, item.sound[: int(longest[0] * RATE)], lead_in_s=0.4)
        right += errors(item.text.split("|")[0], heard) <= 1
    assert right >= 4  # a small model mishears some
    await client.aclose()


async def test_dictation_asks_for_a_number_first_and_rooms_have_their_sound(speech_socket: Path) -> None:
    """Order numbers come after a question; noise and a second voice have a sound, the echo has none."""
    client = SpeechClient(speech_socket)
    spoken = await dictation(Casting(client, most=2))
    assert [item.lead is not None for item in spoken] == [item.play == "dictate" for item in spoken]
    made = await rooms(Casting(client, most=1))
    assert {item.kind.split(",")[0] for item in made} == {"noise 20 dB", "noise 10 dB", "second voice", "echo"}
    assert all((item.room is not None and item.room.sound is None) == item.kind.startswith("echo") for item in made)
    await client.aclose()
