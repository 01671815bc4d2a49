"""Numbers as callers give them, by the country the profile is in."""

import pytest

from agent.errors import Refused
from tools.telephone import e164


@pytest.mark.parametrize(
    ("said", "locale", "number"),
    [
        ("2125550101", "en-US", "+12125550101"),
        ("1 (212) 555-0101", "en-US", "+12125550101"),
        ("+12125550101", "en-US", "+12125550101"),
        ("+442079460018", "en-US", "+442079460018"),
        ("020 7946 0018", "en-GB", "+442079460018"),
        ("44 20 7946 0018", "en-GB", "+442079460018"),
        ("98765 43210", "en-IN", "+919876543210"),
        ("098765 43210", "en-IN", "+919876543210"),
    ],
)
def test_a_whole_number_becomes_e164(said: str, locale: str, number: str) -> None:
    """With or without the country, and with what is dialled before it at home."""
    assert e164(said, locale) == number


@pytest.mark.parametrize("said", ["", "555 0101", "212 555 01012", "+123"])
def test_no_whole_number_is_refused(said: str) -> None:
    """With a sentence that asks for it again."""
    with pytest.raises(Refused, match="area code"):
        e164(said, "en-US")
