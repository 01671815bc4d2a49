"""Values and lost words in texts that an STT writes in many ways."""

import pytest

from evals.written import holds, lost_and_doubled


@pytest.mark.parametrize(
    "text",
    [
        "one zero zero five",
        "ten oh five",
        "10-05",
        "1, double 0, 5",
        "One, oh, oh, five.",
        "It's 1005, thanks",
        "100 5",
    ],
)
def test_a_number_is_the_same_however_it_is_written(text: str) -> None:
    """Words, groups and digits."""
    assert holds(text, "1005")
    assert not holds(text, "1006")


def test_tens_take_the_unit_behind_them() -> None:
    """Forty five is 45, forty alone is 40, triple seven is 777."""
    assert holds("forty five seventy one", "4571")
    assert holds("forty triple seven", "40777")
    assert not holds("", "40777")


@pytest.mark.parametrize(
    "text",
    ["jane dot miller at example dot com.", "Jane.Miller@example.com", "it's jane. miller at example.com, thanks"],
)
def test_an_address_is_the_same_however_it_is_written(text: str) -> None:
    """Spelled out or written."""
    assert holds(text, "jane.miller@example.com")
    assert not holds(text, "jane.mueller@example.com")


def test_a_word_lost_or_doubled_at_the_cut_is_found() -> None:
    """And an error far from the cut is the STT's."""
    said = "you can return anything unused within thirty days of delivery and it is free"
    assert lost_and_doubled(said, said, 0.4) == (0, 0)
    assert lost_and_doubled(said, said.replace("unused ", ""), 0.3) == (1, 0)
    assert lost_and_doubled(said, said.replace("unused", "unused unused"), 0.3) == (0, 1)
    assert lost_and_doubled(said, said.replace("unused ", ""), 1.0) == (0, 0)
