"""Who is calling: the tiers, the locks, and that nothing is given away by words or by time."""

import gc
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.identity import (
    LOCKED_FOR,
    MAX_FAILED,
    NEED_MORE,
    NO_MORE,
    NOT_MATCHED,
    WINDOW,
    Decision,
    Outcome,
    Said,
    Tier,
    decide,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Customer:
    """A record of these tests."""

    customer: str
    name: str
    date_of_birth: date
    city: str
    account_last_fours: tuple[str, ...]
    card_last_fours: tuple[str, ...]
    failed_at: tuple[datetime, ...] = ()
    locked_until: datetime | None = None


PRIYA = Customer("C1", "Priya Sharma", date(1985, 3, 5), "Mumbai", ("4412", "9036"), ("7305",))
RAHUL = Customer("C2", "Rahul Sharma", date(1983, 11, 21), "Mumbai", ("1287",), ("2218",))
BOTH = (PRIYA, RAHUL)
RIGHT = Said(
    name="preeya sarma",
    date_of_birth=PRIYA.date_of_birth,
    account_last_four="9036",
    card_last_four="7305",
    city="mumbai",
)
WRONG = {
    "name": "rajesh verma",
    "date_of_birth": date(1985, 3, 6),
    "account_last_four": "4413",
    "card_last_four": "7350",
    "city": "Jaipur",
}
FACTORS = tuple(WRONG)


def _said(*factors: str, **wrong: object) -> Said:
    return Said(**{name: getattr(RIGHT, name) for name in factors} | wrong)


def _decide(said: Said, records: Sequence[Customer] = BOTH, wanted: Tier = Tier.FULL, failed: int = 0) -> Decision:
    return decide(said, records, wanted, failed, NOW)


@pytest.mark.parametrize(
    ("factors", "wanted", "tier"),
    [
        (("name", "date_of_birth"), Tier.PARTIAL, Tier.PARTIAL),
        (("name", "account_last_four"), Tier.PARTIAL, Tier.PARTIAL),
        (("card_last_four", "date_of_birth"), Tier.PARTIAL, Tier.PARTIAL),
        (("name", "date_of_birth", "city"), Tier.PARTIAL, Tier.FULL),
        (("name", "date_of_birth", "account_last_four"), Tier.FULL, Tier.FULL),
        (("account_last_four", "card_last_four", "city"), Tier.FULL, Tier.FULL),
        (FACTORS, Tier.FULL, Tier.FULL),
        (("name", "date_of_birth"), Tier.NONE, Tier.PARTIAL),
    ],
)
def test_two_factors_are_partial_and_three_full(factors: tuple[str, ...], wanted: Tier, tier: Tier) -> None:
    """Any two, any three; a misheard name counts."""
    expected = Decision(outcome=Outcome.VERIFIED, tier=tier, customer="C1")
    assert _decide(_said(*factors), wanted=wanted) == expected


@pytest.mark.parametrize(
    ("factors", "wanted"),
    [((), Tier.NONE), ((), Tier.FULL), (("name",), Tier.PARTIAL), (("name", "city"), Tier.FULL)],
)
def test_too_few_factors_are_asked_for_and_cost_no_attempt(factors: tuple[str, ...], wanted: Tier) -> None:
    """Whether they are right is not said, nor looked at."""
    for records in (BOTH, ()):
        assert _decide(_said(*factors), records, wanted) == Decision(outcome=Outcome.TOO_FEW, sentence=NEED_MORE)


@pytest.mark.parametrize("wrong", FACTORS)
def test_one_wrong_factor_fails_however_many_are_right(wrong: str) -> None:
    """And the decision does not tell which it was."""
    decisions = {_decide(replace(RIGHT, **{name: WRONG[name]})) for name in FACTORS}  # type: ignore[arg-type]  # as above
    assert decisions == {Decision(outcome=Outcome.FAILED, sentence=NOT_MATCHED, charged=("C1",))}
    assert _decide(_said("name", "city", **{wrong: WRONG[wrong]})).tier is Tier.NONE


def test_numbers_are_not_tolerated() -> None:
    """Nor two digits changed about, nor one that belongs to somebody else, nor a card's for an account's."""
    for number in ("4421", "1287", "7305", "441", "44120", "none", "nothing said", ""):
        assert _decide(_said("name", "date_of_birth", account_last_four=number)).outcome is Outcome.FAILED


def test_being_the_only_one_found_proves_nothing() -> None:
    """One record, nothing right: failed, and it is not charged with it."""
    said = Said(name="john smith", date_of_birth=date(1970, 1, 1), city="Boston")
    assert _decide(said, (PRIYA,)) == Decision(outcome=Outcome.FAILED, sentence=NOT_MATCHED)


def test_an_unknown_caller_hears_what_a_known_one_hears() -> None:
    """Nobody found, somebody found, somebody locked: one sentence."""
    wrong = _said("name", "date_of_birth", account_last_four="0000")
    locked = replace(PRIYA, locked_until=NOW + timedelta(seconds=1))
    heard = {_decide(wrong, records).sentence for records in ((), BOTH, (locked,))}
    assert heard | {_decide(RIGHT, (locked,)).sentence} == {NOT_MATCHED}


def test_two_whom_all_of_it_fits_are_told_apart_by_one_more() -> None:
    """Father and son of one name in one city."""
    son = replace(PRIYA, customer="C3", date_of_birth=date(2005, 3, 5))
    both = _decide(_said("name", "city"), (PRIYA, son), Tier.PARTIAL)
    assert both == Decision(outcome=Outcome.TOO_FEW, sentence=NEED_MORE)
    assert _decide(_said("name", "city", "date_of_birth"), (PRIYA, son)).customer == "C1"


@pytest.mark.parametrize(
    ("failed", "sentence", "locks"), [(0, NOT_MATCHED, False), (1, NOT_MATCHED, False), (2, NO_MORE, True)]
)
def test_the_third_failure_locks_the_call(failed: int, sentence: str, locks: bool) -> None:
    """For an unknown caller too."""
    for records in (BOTH, ()):
        decision = _decide(replace(RIGHT, city="Jaipur"), records, failed=failed)
        assert (decision.outcome, decision.sentence, decision.locks_call) == (Outcome.FAILED, sentence, locks)


def test_in_a_locked_call_right_answers_do_not_help() -> None:
    """And no account is charged any more."""
    assert _decide(RIGHT, failed=3) == Decision(outcome=Outcome.LOCKED, sentence=NO_MORE, locks_call=True)


def test_repeated_calls_lock_the_account_for_a_time() -> None:
    """The sixth failure within a day; one that is older is forgotten."""
    recent = tuple(NOW - timedelta(hours=n) for n in range(1, MAX_FAILED))
    wrong = replace(RIGHT, city="Jaipur")
    decision = _decide(wrong, (replace(PRIYA, failed_at=recent), RAHUL))
    assert (decision.locked, decision.locks_until) == (("C1",), NOW + LOCKED_FOR)
    assert decision.sentence == NOT_MATCHED, "the caller does not learn of it"
    older = (*recent[1:], NOW - WINDOW)
    assert _decide(wrong, (replace(PRIYA, failed_at=older),)).locked == ()


def test_a_locked_account_opens_again_and_is_not_locked_for_longer() -> None:
    """Whoever goes on trying is not counted against it."""
    locked = replace(PRIYA, locked_until=NOW + timedelta(seconds=1), failed_at=(NOW,) * 9)
    assert _decide(RIGHT, (locked,)) == Decision(outcome=Outcome.FAILED, sentence=NOT_MATCHED)
    assert _decide(RIGHT, (replace(locked, locked_until=NOW),)).outcome is Outcome.VERIFIED


def test_a_failure_counts_against_whom_the_caller_came_nearest_to() -> None:
    """Two things right of one, one of another: the first is charged."""
    said = Said(name="priya sharma", card_last_four="7305", account_last_four="1287")
    assert _decide(said).charged == ("C1",)
    assert _decide(Said(name="x y", city="mumbai", card_last_four="0000")).charged == ("C1", "C2")


def test_a_naive_time_is_refused() -> None:
    """It would mean something else on every machine."""
    with pytest.raises(ValueError, match="without a zone"):
        decide(RIGHT, BOTH, Tier.FULL, 0, datetime(2026, 11, 21))  # noqa: DTZ001


SAID = st.builds(
    Said,
    name=st.sampled_from([None, "priya sharma", "rahul sharma", "x"]),
    date_of_birth=st.sampled_from([None, PRIYA.date_of_birth, RAHUL.date_of_birth, date(2000, 1, 1)]),
    account_last_four=st.sampled_from([None, "4412", "1287", "0000"]) | st.text(max_size=5),
    card_last_four=st.sampled_from([None, "7305", "2218", "0000"]),
    city=st.sampled_from([None, "mumbai", "pune", ""]),
)


@given(SAID, st.lists(st.sampled_from(BOTH), unique=True), st.sampled_from(Tier), st.integers(0, 4))
def test_nobody_is_verified_with_anything_wrong(said: Said, records: list[Customer], wanted: Tier, failed: int) -> None:
    """Whatever is said: verified means found, everything right, enough of it, and no lock."""
    decision = decide(said, records, wanted, failed, NOW)
    assert (decision.customer is not None) == (decision.outcome is Outcome.VERIFIED) == (decision.tier > Tier.NONE)
    assert set(decision.charged) <= {record.customer for record in records}
    if decision.customer is None:
        return
    (record,) = [one for one in records if one.customer == decision.customer]
    assert failed < 3 and decision.tier == min(said.count - 1, Tier.FULL) >= wanted
    assert said.name in {None, record.name.lower()} and said.city in {None, record.city.lower()}
    assert said.date_of_birth in {None, record.date_of_birth}
    assert said.account_last_four in {None, *record.account_last_fours}
    assert said.card_last_four in {None, *record.card_last_fours}


def test_a_wrong_factor_takes_as_long_as_any_other() -> None:
    """Whichever is wrong, all of them, none, and with nobody found: within 10 percent of each other.

    The fastest tenth of interleaved rounds is compared, which a busy machine moves least. Without the records that fill
    up, nobody would be found in a fraction of the time.
    """
    cases: dict[str, tuple[Said, Sequence[Customer]]] = {
        name: (replace(RIGHT, **{name: WRONG[name]}), BOTH)  # type: ignore[arg-type]  # FACTORS' own
        for name in FACTORS
    }
    cases |= {"all": (Said(**WRONG), BOTH), "none": (RIGHT, BOTH), "nobody": (RIGHT, ())}  # type: ignore[arg-type]
    taken: dict[str, list[int]] = {name: [] for name in cases}
    gc.disable()
    try:
        for _ in range(300):
            for name, (said, records) in cases.items():
                started = time.perf_counter_ns()
                decide(said, records, Tier.FULL, 0, NOW)
                taken[name].append(time.perf_counter_ns() - started)
    finally:
        gc.enable()
    fast = {name: statistics.quantiles(times, n=10)[0] for name, times in taken.items()}
    assert max(fast.values()) / min(fast.values()) < 1.10, fast


def test_said_has_the_five_factors() -> None:
    """One that is added must be compared, charged and tried here."""
    assert {factor.name for factor in fields(Said)} == set(FACTORS)
