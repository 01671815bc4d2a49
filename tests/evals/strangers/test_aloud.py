"""Sentences as their callers say them."""

import pytest

from evals.strangers.aloud import aloud


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("it's 4571", "it's four five seven one"),
        ("it ends in 0421", "it ends in zero four two one"),
        ("the zip is 10003", "the zip is one zero zero zero three"),
        ("(212) 555-0142", "two one two, five five five, zero one four two"),
        ("sure, 2125550142", "sure, two one two, five five five, zero one four two"),
        ("212 555", "two one two five five five"),
        ("0142", "zero one four two"),
        ("born March 7th 1960", "born March seventh, nineteen sixty"),
        ("the 7th of March 1960", "the seventh of March, nineteen sixty"),
        ("Send $1,250.", "Send one thousand two hundred and fifty dollars."),
        ("250 bucks", "two hundred and fifty bucks"),
        ("Make it 20:30", "Make it eight thirty P M"),
        ("for 4, at 8:00 pm", "for four, at eight P M"),
    ],
)
def test_a_code_is_said_figure_by_figure_and_a_day_a_sum_and_a_count_are_not(written: str, said: str) -> None:
    """No digit is left for a voice to guess at."""
    assert aloud(written) == said
