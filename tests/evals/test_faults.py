"""What `evals faults` plans and measures, and a short version of it: one bad fault at each stage."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from agent.providers.chain.llm import GO_ON
from evals.caller import RATE
from evals.fault_calls import Question, judge, longest_silence_s
from evals.fault_outcomes import Case, Moment, Outcome, figures, keep, kept, table
from evals.fault_stage import ANSWER, ROLES, TOLD_BY, mind
from evals.faults import FAULTS, LONGEST_S, measure, plan
from tests.rig.content import Heard
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


def test_calls_that_are_kept_make_a_table_with_those_of_another_run(tmp_path: Path) -> None:
    """Each agent's by itself, as they were."""
    file = tmp_path / "calls.jsonl"
    ours = [
        Outcome(Case("stt", Fault.RESET, Moment.START), [0.5, 1.5], log=["   1.00 hello"]),
        Outcome(Case("llm", Fault.CUT, Moment.BETWEEN), [0.6], returned_s=5.1),
    ]
    for outcome in ours:
        keep(file, "parley", outcome)
    keep(file, "plain", Outcome(Case("tts", Fault.LATE, Moment.MIDDLE), [9.0], is_lost=True))
    assert kept(file, "parley") == ours and len(kept(file, "plain")) == 1
    assert kept(tmp_path / "none", "parley") == []
    rows = {line[:24].strip(): line[24:].split() for line in table(ours).splitlines()}
    assert rows["all"] == ["2", "0.60", "1.41", "1.50", "0", "0", "0", "0", "0"]
    assert rows["stt"][:4] == ["1", "1.00", "1.45", "1.50"]


@pytest.mark.parametrize(
    ("heard", "lost", "twice"),
    [
        ("You can return anything within 30 days, as long as it's unused and in its box. " + ANSWER[80:], 0, 0),
        ("Just a moment. " + ANSWER, 0, 0),
        (ANSWER[:80], 1, 0),
        ("", 2, 0),
        (ANSWER[:80] + ANSWER, 0, 1),
        (ANSWER[:40] + ANSWER[30:], 0, 0),  # a word or two twice is no sentence
    ],
)
def test_sentences_are_lost_or_said_twice_by_what_is_heard(heard: str, lost: int, twice: int) -> None:
    """Most of the words that tell them."""
    outcome = Outcome(Case("tts", Fault.RESET, Moment.MIDDLE), [])
    judge(Question(np.zeros(1, np.int16), (), TOLD_BY), heard, outcome)
    assert (outcome.sentences_lost, outcome.sentences_repeated, outcome.turns_lost) == (lost, twice, lost == 2)


def test_the_second_llm_goes_on_where_the_first_broke_off() -> None:
    """As a model does that is told to."""
    before = [("system", "Be kind."), ("user", "what is your policy on a return")]
    broken = [*before, ("assistant", "You can return anything within"), ("system", "The connection broke off")]
    as_callers = [*broken[:-1], ("user", f"<instructions>\n{GO_ON}\n</instructions>")]
    assert mind(Heard(before, [])) == ANSWER
    assert mind(Heard(as_callers, [])) == mind(Heard(broken, []))
    assert mind(Heard(broken, [])) == ANSWER.removeprefix("You can return anything within ")


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(240)
def test_a_provider_that_fails_in_mid_utterance_costs_no_word_and_no_long_silence() -> None:
    """A deaf ear, a mind that stalls, a voice that breaks: through the real plugins, heard at the caller's end."""
    cases = [
        Case("stt", Fault.HALF_OPEN, Moment.MIDDLE),
        Case("llm", Fault.STALLED, Moment.MIDDLE),
        Case("tts", Fault.RESET, Moment.MIDDLE),
    ]
    outcomes: list[Outcome] = []
    asyncio.run(measure(cases, outcomes.append))
    told = figures(outcomes)
    assert told["words_lost"] == told["calls_lost"] == told["turns_lost"] == 0, outcomes
    for outcome in outcomes:
        healthy_s, failing_s = outcome.gaps_s
        assert failing_s < max(LONGEST_S, healthy_s + ADDED_S), outcome
