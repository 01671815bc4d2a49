"""What `evals faults` plans and measures, and a short version of it: one bad fault at each stage."""

import asyncio

import numpy as np
import pytest

from evals.caller import RATE
from evals.fault_calls import Case, Moment, Outcome, longest_silence_s
from evals.faults import FAULTS, LONGEST_S, ROLES, figures, measure, plan
from tests.rig.faults import Fault

ADDED_S = 2.0  # by a fault, to what the same caller waited for on the same busy machine just before


def sound(*spans: tuple[float, float]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Ten seconds in which these are loud."""
    samples = np.zeros(10 * RATE, np.int16)
    for start, end in spans:
        samples[int(start * RATE) : int(end * RATE)] = 5000
    return samples


@pytest.mark.parametrize(
    ("spans", "silence"),
    [
        ([(1.0, 3.0)], 1.0),  # before the answer
        ([(0.5, 1.0), (3.0, 4.0), (4.4, 5.0)], 2.0),  # in it
        ([(0.5, 4.0)], 0.5),  # what follows it is nobody's
        ([(0.2, 0.21), (2.0, 4.0)], 2.0),  # a click is no answer
        ([], 15.0),
    ],
)
def test_the_longest_silence_is_before_or_in_the_answer(spans: list[tuple[float, float]], silence: float) -> None:
    """As a person would wait."""
    assert longest_silence_s(sound(*spans), 15.0) == pytest.approx(silence, abs=0.03)


def test_the_plan_has_each_fault_at_each_stage_and_moment() -> None:
    """More than a hundred calls."""
    cases = plan(FAULTS, list(ROLES))
    assert len(cases) == len(set(cases)) == len(FAULTS) * len(ROLES) * len(Moment) >= 100


def test_figures_are_those_of_all_calls() -> None:
    """The longest silence is the longest of any turn."""
    case = Case("stt", Fault.RESET, Moment.START)
    told = figures([Outcome(case, [0.5, 1.5]), Outcome(case, [2.0], words_lost=1, is_lost=True)])
    assert (told["calls"], told["max_gap_ms"], told["words_lost"], told["calls_lost"]) == (2, 2000, 1, 1)


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(240)
def test_a_provider_that_fails_in_mid_utterance_costs_no_word_and_no_long_silence() -> None:
    """A deaf ear, a mind that stalls, a voice that breaks: through the real plugins, heard at the caller's end."""
    cases = [
        Case("stt", Fault.HALF_OPEN, Moment.MIDDLE),
        Case("llm", Fault.STALLED, Moment.MIDDLE),
        Case("tts", Fault.RESET, Moment.MIDDLE),
    ]
    outcomes = asyncio.run(measure(cases))
    assert figures(outcomes)["words_lost"] == figures(outcomes)["calls_lost"] == 0
    for outcome in outcomes:
        healthy_s, failing_s = outcome.gaps_s
        assert failing_s < max(LONGEST_S, healthy_s + ADDED_S), outcome
