"""How written things are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.providers.pronounce import spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It costs $19.99.", "It costs nineteen dollars and ninety nine cents."),
        ("$1 or $1,299.50", "one dollar or one thousand two hundred and ninety nine dollars and fifty cents"),
        ("£0.05 and €20", "five pence and twenty euros"),
        ("$0", "zero dollars"),
        ("At 10:30 AM or 9:05 p.m.", "At ten thirty A M or nine oh five P M"),
        ("from 9:00 to 17:00", "from nine o clock to seventeen hundred"),
        ("open until 5 pm", "open until five P M"),
        ("on 2026-11-21", "on November twenty first, twenty twenty six"),
        ("on 2026-13-45", "on 2026-13-45"),
        ("call 555-0100", "call five five five, zero one zero zero"),
        ("call (555) 010-0199", "call five five five, zero one zero, zero one nine nine"),
        ("order 0012345", "order zero zero one two three four five"),
        ("parcel 123456789", "parcel one two three four five six seven eight nine"),
        ("order #4571", "order number 4571"),
        ("order 4 5 7 1", "order 4 5 7 1"),
        ("write to help@acme.example", "write to help at acme dot example"),
        ("**Great** news `now` 🎉", "Great news now"),
        ("we are here 24/7", "we are here twenty four seven"),
    ],
)
def test_it_is_said_as_a_person_would(written: str, said: str) -> None:
    """Money, times, dates, telephone numbers, codes, addresses and marks."""
    assert spoken(written) == said


@given(st.text(max_size=200))
def test_any_text_can_be_spoken(text: str) -> None:
    """Nothing an LLM writes raises, and saying it twice changes nothing more."""
    assert spoken(spoken(text)) == spoken(spoken(spoken(text)))
