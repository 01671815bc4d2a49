"""What tells a caller that no person speaks, and what does not."""

from pathlib import Path

import pytest

from agent.config import ROOT
from agent.profile.profile import load_profile
from agent.rules.disclosure import discloses_ai


@pytest.mark.parametrize(
    "words",
    [
        "Hello, this is Acme's automated assistant.",
        "You're speaking with an A I.",
        "Hi, I'm Mia, an AI assistant at the clinic.",
        "I am an artificial intelligence",
        "this is our virtual receptionist speaking",
        "I'm a robot, how can I help?",
        "I'm not a person, but I can help.",
        "You have reached the computer voice of Acme",
    ],
)
def test_these_words_disclose_it(words: str) -> None:
    """However it is put."""
    assert discloses_ai(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Hello, this is Mia from Acme.",
        "Hello, this is",
        "Aiden speaking",
        "I'm your assistant",
        "Thank you for waiting",
    ],
)
def test_these_words_do_not(words: str) -> None:
    """A greeting that was cut before it came to that does not either."""
    assert not discloses_ai(words)


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*/profile.yaml")), ids=lambda path: path.parent.name)
def test_every_profile_of_ours_discloses_it_in_its_greeting(path: Path) -> None:
    """The first words of each call."""
    assert discloses_ai(load_profile(path.parent.name, ROOT / "profiles").sentences.greeting)
