"""Where a sentence may be cut, and what of it is embedded."""

import pytest

from agent.understanding.reading.requests_in_one import clauses, follow_up, normal, readings


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("where is order 4571", ("where is order 4571",)),
        ("where is order 4571 and when do you close", ("where is order 4571", "when do you close")),
        ("Where is it? Can I park there?", ("Where is it", "Can I park there")),
        ("where are 4571 and 4572 and do you ship to Canada", ("where are 4571 and 4572", "do you ship to Canada")),
        ("do you ship to Canada, how much is it", ("do you ship to Canada", "how much is it")),
        ("", ("",)),
    ],
)
def test_a_sentence_is_cut_where_another_request_may_begin(said: str, parts: tuple[str, ...]) -> None:
    """At "and", at full stops, at a comma before a question word."""
    assert clauses(said) == parts


def test_greetings_and_polite_leads_are_not_embedded() -> None:
    """They would pull every polite sentence towards the same examples."""
    assert normal("Hi, um, could you tell me where my parcel is?") == "where my parcel is"
    assert normal("Hello!") == "hello!".strip("!")


def test_a_follow_up_is_joined_to_the_question_before_it() -> None:
    """And only a short one that leans on it."""
    assert follow_up("and on sunday?", "when do you close") == "when do you close on sunday"
    assert follow_up("on sunday", "when do you close") == ""
    assert follow_up("and on sunday?", "") == ""


def test_all_readings_are_known_before_anything_is_decided() -> None:
    """So that the model is asked once for a turn."""
    assert readings("and on sunday?", "when do you close") == ("on sunday", "when do you close on sunday")
