"""Whether a recording is told or agreed to, by place, and who refuses one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.recording import Asks, asks, place_of, refuses_recording


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("+15185550142", "US-NY"),
        ("+12125550142", "US-NY"),
        ("+14155550142", "US-CA"),
        ("+13055550142", "US-FL"),
        ("+12025550142", "US-DC"),
        ("+18005550142", ""),
        ("+442079460123", "GB"),
        ("+4930123456", "DE"),
        ("+14165550142", "CA"),
        ("", ""),
        ("anonymous", ""),
    ],
)
def test_a_number_has_the_place_where_it_was_given_out(number: str, place: str) -> None:
    """In the United States the state counts; a toll-free number has none."""
    assert place_of(number) == place


@pytest.mark.parametrize(
    ("company", "caller", "what"),
    [
        ("US-NY", "US-NY", Asks.TELL),
        ("US-NY", "US-TX", Asks.TELL),
        ("US-NY", "US-CA", Asks.AGREE),
        ("US-CA", "US-NY", Asks.AGREE),
        ("US-NY", "", Asks.AGREE),
        ("US", "US-NY", Asks.AGREE),
        ("GB", "GB", Asks.TELL),
        ("GB", "DE", Asks.AGREE),
        ("DE", "DE", Asks.AGREE),
        ("GB", "US-FL", Asks.AGREE),
    ],
)
def test_the_stricter_of_both_places_counts(company: str, caller: str, what: Asks) -> None:
    """And a place that nobody knows is strict."""
    assert asks(company, caller) is what


@given(st.text(max_size=8), st.text(max_size=8))
def test_what_is_no_place_is_strict(company: str, caller: str) -> None:
    """Whatever stands there; the order changes nothing."""
    assert asks(company, caller) is asks(caller, company)
    assert asks("US-CA", caller) is Asks.AGREE


REFUSED = """
Don't record me.
Please stop recording.
I don't want this call recorded.
I do not want to be recorded.
I'd rather not be recorded.
Can you turn off the recording?
No recording, please.
Could you please delete the recording?
You may not record this conversation.
I never agreed to being recorded.
Stop taping this.
Can we do this without being recorded?
"""
OTHERWISE = """
Do you have a record of my order?
There's no record of my appointment.
I don't have my medical records.
Is this call recorded?
You can record it.
Don't you record the meter reading?
I'd like a copy of my dental records, not by mail.
It's off the record.
You sound like a broken record, stop it.
Yes, that's fine.
"""


@pytest.mark.parametrize("text", REFUSED.strip().splitlines())
def test_who_wants_no_recording_is_understood(text: str) -> None:
    """At any time of the call."""
    assert refuses_recording(text)


@pytest.mark.parametrize("text", OTHERWISE.strip().splitlines())
def test_who_speaks_of_other_records_refuses_nothing(text: str) -> None:
    """Or only asks."""
    assert not refuses_recording(text)
