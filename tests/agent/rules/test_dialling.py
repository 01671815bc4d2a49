"""Who may be called, and when: a table of refusals, and what a failed call leads to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.dialling import (
    NOBODY_RANG,
    Known,
    Outcome,
    Policy,
    Reason,
    Verdict,
    again_at,
    may_call,
    outcome_of,
    zones_of,
)

NEW_YORK, CHICAGO, LONDON = "+15185550142", "+13125550142", "+442079460123"
NOON = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # a Monday: 12:00 in New York
POLICY = Policy(
    may_dial=lambda number: not number.startswith("+1212"),
    destinations=frozenset({"US", "GB"}),
    hours=("mon-fri 09:00-20:00", "sat 10:00-18:00"),
    attempts_a_day=2,
    needs_consent=True,
)
AGREED = Known(has_consented=True)


def decided(number: str = NEW_YORK, policy: Policy = POLICY, known: Known = AGREED, at: datetime = NOON) -> object:
    """Verdict and reason."""
    decision = may_call(number, policy, known, at)
    return decision.verdict, decision.reason


def test_who_agreed_is_called_by_day() -> None:
    """The plain case."""
    assert decided() == (Verdict.CALL, Reason.ALLOWED)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", Reason.INVALID_NUMBER),
        ("hello", Reason.INVALID_NUMBER),
        ("5185550142", Reason.INVALID_NUMBER),
        ("+1518555014", Reason.INVALID_NUMBER),
        ("+1 518 555 0142", Reason.INVALID_NUMBER),
        ("sip:+15185550142@evil.example.org", Reason.INVALID_NUMBER),
        ("911", Reason.INVALID_NUMBER),
        ("+1911", Reason.INVALID_NUMBER),
        ("+18765550142", Reason.DESTINATION),
        ("+12844941234", Reason.DESTINATION),
        ("+14165550142", Reason.DESTINATION),
        ("+4915112345678", Reason.DESTINATION),
        ("+37255512345", Reason.DESTINATION),
        ("+870773111632", Reason.DESTINATION),
        ("+12125550142", Reason.DESTINATION),
        ("+19005550142", Reason.DEAR),
        ("+449098790123", Reason.DEAR),
        ("+447600123456", Reason.DEAR),
    ],
)
def test_a_number_that_could_cost_or_is_none_is_never_called(number: str, reason: Reason) -> None:
    """+1 is two dozen countries; premium lines, pagers and satellites are what toll fraud dials."""
    assert decided(number) == (Verdict.NEVER, reason)


@pytest.mark.parametrize(
    ("known", "verdict", "reason"),
    [
        (Known(), Verdict.NEVER, Reason.NO_CONSENT),
        (Known(has_consented=True, has_opted_out=True), Verdict.NEVER, Reason.OPTED_OUT),
        (Known(has_consented=True, is_in_a_call=True), Verdict.LATER, Reason.IN_A_CALL),
        (Known(has_consented=True, attempts=(NOON - timedelta(hours=1),)), Verdict.CALL, Reason.ALLOWED),
        (Known(has_consented=True, attempts=(NOON,) * 2), Verdict.LATER, Reason.ATTEMPTS_TODAY),
        (Known(has_consented=True, attempts=(NOON - timedelta(hours=13),) * 5), Verdict.CALL, Reason.ALLOWED),
    ],
    ids=["no consent", "opted out", "in a call", "once today", "twice today", "yesterday"],
)
def test_our_own_record_decides(known: Known, verdict: Verdict, reason: Reason) -> None:
    """A wish for no calls goes before a consent; yesterday ends at midnight where the telephone is."""
    assert decided(known=known) == (verdict, reason)


def test_a_purpose_that_needs_no_consent_still_heeds_a_wish_for_no_calls() -> None:
    """Such as a recall of a dangerous product."""
    policy = replace(POLICY, needs_consent=False)
    assert decided(policy=policy, known=Known()) == (Verdict.CALL, Reason.ALLOWED)
    assert decided(policy=policy, known=Known(has_opted_out=True)) == (Verdict.NEVER, Reason.OPTED_OUT)


@pytest.mark.parametrize(
    ("number", "at", "opens"),
    [
        (NEW_YORK, "2026-11-30T13:59", "2026-11-30T14:00"),
        (NEW_YORK, "2026-12-01T01:00", "2026-12-01T14:00"),
        (CHICAGO, "2026-11-30T14:30", "2026-11-30T15:00"),
        (LONDON, "2026-11-30T08:10", "2026-11-30T09:00"),
        (NEW_YORK, "2026-12-05T23:00", "2026-12-07T14:00"),
        (NEW_YORK, "2026-12-06T17:00", "2026-12-07T14:00"),
    ],
    ids=["a minute before", "evening", "an hour west", "London", "Saturday evening", "Sunday"],
)
def test_out_of_hours_is_by_the_clock_where_the_telephone_is(number: str, at: str, opens: str) -> None:
    """And the next chance is told."""
    decision = may_call(number, POLICY, AGREED, datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert (decision.verdict, decision.reason) == (Verdict.LATER, Reason.OUT_OF_HOURS)
    assert decision.at == datetime.fromisoformat(opens).replace(tzinfo=UTC)


def test_a_number_of_many_zones_is_called_when_it_is_day_in_all_of_them() -> None:
    """A toll-free number may ring anywhere from Guam to the Virgin Islands; hours that never overlap mean never."""
    assert len(zones_of("+18005550142")) > 20
    assert may_call("+18005550142", POLICY, AGREED, NOON).at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    office = replace(POLICY, hours=("mon-fri 09:00-17:00",))
    assert decided("+18005550142", office) == (Verdict.NEVER, Reason.OUT_OF_HOURS)
    australian = replace(POLICY, destinations=frozenset({"AU"}))
    assert decided("+61491570006", australian, at=datetime(2026, 11, 30, 3, tzinfo=UTC))[0] is Verdict.CALL  # type: ignore[index]
    assert decided("+61491570006", australian, at=datetime(2026, 11, 30, 23, tzinfo=UTC))[0] is Verdict.LATER  # type: ignore[index]


def test_attempts_that_are_spent_wait_for_the_next_day_and_its_hours() -> None:
    """Not for midnight."""
    decision = may_call(NEW_YORK, POLICY, Known(has_consented=True, attempts=(NOON, NOON)), NOON)
    assert decision.at == datetime(2026, 12, 1, 14, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    """It would be another hour on every machine."""
    with pytest.raises(ValueError, match="zone"):
        may_call(NEW_YORK, POLICY, AGREED, NOON.replace(tzinfo=None))


@given(st.text(max_size=20) | st.from_regex(r"\+\d{5,15}", fullmatch=True), st.datetimes(timezones=st.just(UTC)))
def test_nothing_is_called_that_is_no_whole_number_of_an_allowed_country(number: str, at: datetime) -> None:
    """Whatever stands in the list, and at whatever time."""
    try:
        decision = may_call(number, POLICY, AGREED, at)
    except OverflowError:  # the end of all time
        return
    if decision.verdict is Verdict.CALL:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.region_code_for_number(parsed) in POLICY.destinations


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (486, Outcome.BUSY),
        (600, Outcome.BUSY),
        (480, Outcome.NO_ANSWER),
        (408, Outcome.NO_ANSWER),
        (487, Outcome.NO_ANSWER),
        (603, Outcome.REJECTED),
        (607, Outcome.OPTED_OUT),
        (404, Outcome.INVALID),
        (484, Outcome.INVALID),
        (403, Outcome.TRUNK_FAILED),
        (503, Outcome.TRUNK_FAILED),
        (500, Outcome.TRUNK_FAILED),
        (None, Outcome.TRUNK_FAILED),
    ],
)
def test_each_refusal_of_the_line_has_its_outcome(status: int | None, outcome: Outcome) -> None:
    """What nobody knows is the trunk's."""
    assert outcome_of(status) is outcome


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_its_retry_rule(outcome: Outcome) -> None:
    """Who was reached, is a fax, has no such number or wants no calls is not tried again, and nobody for ever."""
    final = {Outcome.PERSON, Outcome.MESSAGE_LEFT, Outcome.FAX, Outcome.OPTED_OUT, Outcome.INVALID}
    again = again_at(outcome, 1, 4, NOON)
    assert (again is None) == (outcome in final)
    assert again is None or again > NOON
    assert again_at(outcome, 4, 4, NOON) is None


def test_a_line_that_is_out_of_order_is_no_attempt_on_a_person() -> None:
    """Nothing rang at their end."""
    assert {Outcome.TRUNK_FAILED, Outcome.NO_AGENT, Outcome.INVALID} == NOBODY_RANG
