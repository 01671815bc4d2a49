"""When nothing more is asked of a provider, and when it is asked again."""

from hypothesis import given
from hypothesis import strategies as st

from agent.rules.breaker import FAILURES, LONGEST_REST_S, PROBE_S, REST_S, SURE, WINDOW_S, Breaker, Failure, State


def opened(at: float = 0.0) -> Breaker:
    """One that was opened then."""
    return Breaker().failed(at, Failure.REFUSED)


def test_one_failure_is_chance() -> None:
    """The caller has another provider for it; the next request goes to the first again."""
    assert Breaker().failed(0.0, Failure.ERROR).state(0.1) is State.CLOSED


def test_failures_of_any_kind_add_up() -> None:
    """An error, a time-out and a silence are all an answer that did not come."""
    for first in (Failure.ERROR, Failure.TIMED_OUT, Failure.STALLED):
        for second in (Failure.ERROR, Failure.TIMED_OUT, Failure.STALLED):
            assert Breaker().failed(0.0, first).failed(1.0, second).state(1.1) is State.OPEN


def test_what_is_no_chance_opens_at_once() -> None:
    """A wrong key will not be right at the next request, and a deaf ear not hear the next words."""
    for failure in (Failure.REFUSED, Failure.DEAF):
        assert Breaker().failed(0.0, failure).state(0.1) is State.OPEN


def test_few_failures_among_many_answers_are_lived_with() -> None:
    """The rate counts, too: a provider that fails every tenth time is better than none."""
    breaker = Breaker()
    for number in range(40):
        at = float(number)
        breaker = breaker.failed(at, Failure.ERROR) if number % 10 == 9 else breaker.worked(at)
        assert breaker.state(at) is State.CLOSED


def test_failures_long_ago_are_forgotten() -> None:
    """A failure a minute is no outage."""
    breaker = Breaker().failed(0.0, Failure.STALLED).failed(WINDOW_S + 1.0, Failure.STALLED)
    assert breaker.state(WINDOW_S + 1.1) is State.CLOSED


def test_after_a_rest_one_probe_is_made_and_no_other_beside_it() -> None:
    """Unless whoever made it is never heard of again."""
    resting = opened()
    assert not resting.may_probe(REST_S - 0.1)
    assert resting.may_probe(REST_S)
    probing = resting.probing(REST_S)
    assert probing.state(REST_S) is State.HALF_OPEN and not probing.may_probe(REST_S + 1.0)
    assert probing.may_probe(REST_S + PROBE_S + 0.1)


def test_a_probe_that_works_closes_and_forgets() -> None:
    """The next single failure is chance again."""
    closed = opened().probing(REST_S).worked(REST_S + 0.5)
    assert closed == Breaker()
    assert closed.failed(REST_S + 1.0, Failure.ERROR).state(REST_S + 1.0) is State.CLOSED


def test_each_probe_that_fails_makes_the_rest_longer_up_to_half_a_minute() -> None:
    """So that what works again is used again within a minute."""
    breaker, at = opened(), 0.0
    rests = []
    for _ in range(6):
        rests.append(breaker.rest_s)
        at += breaker.rest_s
        breaker = breaker.probing(at).failed(at, Failure.ERROR)
    assert rests == [REST_S, 2 * REST_S, 4 * REST_S, LONGEST_REST_S, LONGEST_REST_S, LONGEST_REST_S]


def test_late_news_of_old_requests_do_not_prolong_the_rest() -> None:
    """Several calls were asking when it broke."""
    breaker = opened()
    assert breaker.failed(REST_S - 0.1, Failure.TIMED_OUT) == breaker


@given(st.lists(st.tuples(st.floats(0.0, 20.0), st.sampled_from([None, *Failure])), max_size=60))
def test_whatever_happens_it_can_be_tried_again_within_a_minute(steps: list[tuple[float, Failure | None]]) -> None:
    """And it is never open before as many failures as that takes."""
    breaker, now, failures = Breaker(), 0.0, 0
    for passed, failure in steps:
        now += passed
        breaker = breaker.failed(now, failure) if failure else breaker.worked(now)
        failures += failure is not None and (FAILURES if failure in SURE else 1)
        assert breaker.state(now) is not State.OPEN or failures >= FAILURES
        assert breaker.state(now) is State.CLOSED or breaker.may_probe(now + LONGEST_REST_S)
