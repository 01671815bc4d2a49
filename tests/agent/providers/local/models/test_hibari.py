"""What is hibari's own: letters, accents, threads."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.providers.local.models.hibari import DEFAULT_VOICE, Hibari, lettered
from agent.speaking.pronounce import spoken


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        ("We are open from 9am.", "A"),
        ("Plan A costs less.", "A"),
        ("Your code is AB12.", "A"),
        ("Ask the FBI.", "I"),
        ("It is an AI.", "AI"),
        ("A, B and C are left.", "A"),
        ("Your VAT ID, please.", "I"),
        ("AI may err.", "AI"),
    ],
)
def test_letters_are_said_as_letters(written: str, letters: str) -> None:
    """Each A and I that is spelled has its phoneme."""
    said = lettered(spoken(written))
    assert [letter for letter in "AI" if f"[{letter}](/" in said] == list(letters)


@pytest.mark.parametrize(
    "written", ["A return is free.", "I can help.", "May I ask?", "It is a plan, and I like it.", "I, too, am a VIP."]
)
def test_articles_and_pronouns_stay_words(written: str) -> None:
    """Only letters are marked."""
    assert not lettered(spoken(written)).startswith("[")


def test_a_british_voice_reads_by_british_rules(tmp_path: Path) -> None:
    """The file's name in hibari's registry tells; any other name is American."""
    said = {}
    for name in ("bf_emma.int8.onnx", "mine.onnx"):
        shutil.copy(DEFAULT_VOICE, tmp_path / name)
        said[name] = len(Hibari(tmp_path / name).speak("Ask for the bath."))
    assert len(set(said.values())) == 2


def test_two_threads_do_not_disturb_one_another() -> None:
    """Two callers wait for their first clause at once."""
    voice = Hibari()
    clauses = [f"Order {word} was shipped." for word in ("one", "seventeen", "ninety nine", "four thousand")] * 4
    alone = [len(voice.speak(clause)) for clause in clauses]
    with ThreadPoolExecutor(2) as pool:
        together = [len(sound) for sound in pool.map(voice.speak, clauses)]
    assert all(abs(one - other) < 2000 for one, other in zip(alone, together, strict=True))
