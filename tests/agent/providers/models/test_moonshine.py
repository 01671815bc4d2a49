"""What Moonshine's answers are tidied of."""

import pytest

from agent.providers.models.moonshine import tidy


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("You", ""),
        ("You.", ""),
        ("The first is the first is the first is the first is the first is", ""),
        ("I am here. " + "I am not going to talk about it. " * 8, "I am here."),
        (
            "Please send the parcel to my house and not to the shop, " + "to the shop, " * 3 + "thanks.",
            "Please send the parcel to my house and not to the shop, thanks.",
        ),
        ("Five, five, five, five, five, five, five, five.", "Five, five, five, five, five, five, five, five."),
        ("Five, five, five, five.", "Five, five, five, five."),
        ("No, no, no, no.", "No, no, no, no."),
        ("What day is it to-day?", "What day is it today?"),
        ("Good-bye.", "Goodbye."),
        ("Four-five-seven-one.", "Four five seven one."),
        ("Twenty-one.", "Twenty-one."),
        ("  Thank   you. ", "Thank you."),
    ],
)
def test_made_up_words_go_and_real_ones_stay(answer: str, text: str) -> None:
    """Stock answers to noise and loops vanish; repeated digits and short words are what callers say."""
    assert tidy(answer) == text
