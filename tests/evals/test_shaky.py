"""What is told of a bad day."""

import pytest

from evals.fault_outcomes import Outcome
from evals.shaky import CASE, Day
from tests.rig.faults import Fault
from tests.rig.rig import KEYS


def test_a_day_is_told_by_its_turns_and_by_what_its_requests_would_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four turns, one lost; six requests to the first model and two to the second, each of 1500 and 40 tokens."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    outcomes = [Outcome(CASE, [0.5, 1.5]), Outcome(CASE, [1.0, 2.0], turns_lost=1)]
    day = Day(outcomes, hedges=2, hedges_won=1, requests={"openai": 6, "anthropic": 2}, met={Fault.BROKEN: 2})
    told = day.figures()
    assert (told["turns"], told["turns_answered"], told["hedges"], told["errors_met"]) == (4, 3, 2, 2)
    assert told["requests_a_turn"] == 2.0 and told["p50_gap_ms"] == 1250 and told["max_gap_ms"] == 2000
    # gpt-4.1-mini: 476 x $0.40 + 1024 x $0.10 + 40 x $1.60 a million; claude-haiku-4: 476 x $1 + 1024 x $0.10 + 40 x $5
    cents = 6 * (476 * 0.40 + 1024 * 0.10 + 40 * 1.60) / 10_000 + 2 * (476 * 1.0 + 1024 * 0.10 + 40 * 5.0) / 10_000
    assert told["llm_cents_a_turn"] == pytest.approx(cents / 4, abs=0.0002)
    assert Day().figures() == {"calls": 0}
