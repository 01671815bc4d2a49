"""What may be done: only what was read back, once, after a plain yes that the caller spoke to it."""

import pytest

from agent.agreement import Agreements
from agent.errors import Refused

PAY, OTHER = ("P1", 500), ("P1", 600)


def read_back(figures: tuple[object, ...] = PAY) -> Agreements:
    """A call in which it has just been read back."""
    agreements = Agreements("call-1")
    agreements.hear("pay Ravi five hundred")
    assert agreements.agreed("pay", figures) is None
    agreements.spoke(is_whole=True)
    return agreements


def test_a_yes_in_the_next_turn_agrees() -> None:
    """And gives the key, which begins with the call's id."""
    agreements = read_back()
    agreements.hear("yes, please")
    agreed = agreements.agreed("pay", PAY)
    assert agreed and agreed.key == "call-1:1"


@pytest.mark.parametrize("words", ["no", "hmm", "yes, no, wait", "what does it cost", "I'm not sure", ""])
def test_anything_else_does_not(words: str) -> None:
    """A model that calls the tool all the same only has it read back again."""
    agreements = read_back()
    agreements.hear(words)
    assert agreements.agreed("pay", PAY) is None


def test_nothing_is_agreed_in_the_turn_in_which_it_is_read_back() -> None:
    """However often a model asks, and though the caller's words hold a yes."""
    agreements = Agreements("call-1")
    agreements.hear("yes, pay Ravi five hundred")
    assert [agreements.agreed("pay", PAY) for _ in range(3)] == [None] * 3


def test_a_yes_to_half_of_it_is_none() -> None:
    """Nor to what a model never said: it is read back again, and then counts."""
    for halves in ([False], [True, False], []):
        agreements = Agreements("call-1")
        agreements.agreed("pay", PAY)
        for is_whole in halves:
            agreements.spoke(is_whole=is_whole)
        agreements.hear("yes")
        assert agreements.agreed("pay", PAY) is None
        agreements.spoke(is_whole=True)
        agreements.hear("yes")
        assert agreements.agreed("pay", PAY)


def test_a_yes_is_to_the_figures_that_were_read_back() -> None:
    """Others are read back first, even if they were agreed to in words."""
    agreements = read_back()
    agreements.hear("yes")
    assert agreements.agreed("pay", OTHER) is None
    agreements.spoke(is_whole=True)
    agreements.hear("yes")
    assert agreements.agreed("pay", OTHER)


def test_two_at_once_are_one_too_many() -> None:
    """One yes would mean both."""
    agreements = read_back()
    with pytest.raises(Refused):
        agreements.agreed("pay", OTHER)


def test_what_is_done_is_told_again_in_its_turn_and_read_back_in_a_later_one() -> None:
    """A repeated call of the same turn is a repetition, one of a later turn another wish with a key of its own."""
    agreements = read_back()
    agreements.hear("yes")
    first = agreements.agreed("pay", PAY)
    assert first
    agreements.finish(first, "Paid.")
    repeated = agreements.agreed("pay", PAY)
    assert repeated and repeated.sentence == "Paid."
    agreements.hear("yes")
    assert agreements.agreed("pay", PAY) is None and agreements.was_done("pay", PAY)
    agreements.spoke(is_whole=True)
    agreements.hear("yes")
    second = agreements.agreed("pay", PAY)
    assert second and second.key != first.key


def test_an_answer_that_did_not_come_is_asked_for_under_the_same_key() -> None:
    """A time-out does not undo the yes; a refusal does."""
    agreements = read_back()
    agreements.hear("yes")
    first = agreements.agreed("pay", PAY)
    agreements.hear("try again")
    assert first and agreements.agreed("pay", PAY) is first
    assert agreements.again("pay", "P1") is first and agreements.again("pay", "P2") is None
    agreements.drop()
    assert agreements.agreed("pay", PAY) is None
