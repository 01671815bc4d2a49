"""Nothing but yes or no; the rest of the table is in test_slots."""

import pytest

from agent.nlu.yes_no import is_bare


@pytest.mark.parametrize("said", ["yes", "Yes, please.", "no thanks", "okay, go ahead", "nope"])
def test_a_bare_answer_wants_nothing_else(said: str) -> None:
    """It is never compared with examples."""
    assert is_bare(said)


@pytest.mark.parametrize("said", ["", "yes, and when do you close", "no, I meant 4571", "not sure"])
def test_more_than_yes_or_no_is_not_bare(said: str) -> None:
    """Then it is read for what it says."""
    assert not is_bare(said)
