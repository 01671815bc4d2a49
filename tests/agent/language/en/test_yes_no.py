"""Nothing but yes or no; the rest of the table is in test_slots."""

import pytest

from agent.language.en.yes_no import find_yes_no, is_bare


@pytest.mark.parametrize("said", ["yes", "Yes, please.", "no thanks", "okay, go ahead", "nope"])
def test_a_bare_answer_wants_nothing_else(said: str) -> None:
    """It is never compared with examples."""
    assert is_bare(said)


@pytest.mark.parametrize("said", ["", "yes, and when do you close", "no, I meant 4571", "not sure"])
def test_more_than_yes_or_no_is_not_bare(said: str) -> None:
    """Then it is read for what it says."""
    assert not is_bare(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("that works for me", True),
        ("sounds like a plan", True),
        ("that would be lovely", True),
        ("it suits me well", True),
        ("I'm happy with that", True),
        ("Great.", True),
        ("that doesn't work for me", False),
        ("none of those", False),
        ("that's not great", None),
        ("I'm not happy with that", None),
        ("what's a good time", None),
        ("that's great but can I come later", None),
    ],
)
def test_approval_is_a_yes(text: str, said: bool | None) -> None:
    """Of what was just said, and not of something else."""
    assert find_yes_no(text) is said
