"""Which turns a large LLM gets, as docs/providers.md has it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import ROOT
from agent.rules.hardness import SEVERAL, UNSURE, Weighed, Why, weigh


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        (Weighed(), Why.SIMPLE),  # an answer to what was asked, or no router
        (Weighed(confidence=0.9), Why.SIMPLE),
        (Weighed(confidence=UNSURE), Why.SIMPLE),
        (Weighed(confidence=UNSURE - 0.01), Why.UNSURE),
        (Weighed(confidence=0.9, tools=1), Why.SIMPLE),
        (Weighed(confidence=0.9, tools=SEVERAL), Why.SEVERAL_TOOLS),
        (Weighed(confidence=0.9, tools=1, failures=1), Why.FAILED),
        (Weighed(confidence=0.1, tools=3, failures=2), Why.FAILED),
    ],
)
def test_what_decides_is_the_first_that_holds(turn: Weighed, why: Why) -> None:
    """Failures, then tools, then doubt."""
    assert weigh(turn) is why
    assert why.is_hard is (why is not Why.SIMPLE)


@given(st.none() | st.floats(0, 1), st.integers(0, 5), st.integers(0, 5))
def test_more_trouble_never_makes_a_turn_simple(confidence: float | None, tools: int, failures: int) -> None:
    """Each count and each doubt goes one way."""
    turn = Weighed(confidence, tools, failures)
    if weigh(turn).is_hard:
        assert weigh(Weighed(confidence, tools + 1, failures)).is_hard
        assert weigh(Weighed(confidence, tools, failures + 1)).is_hard
        assert confidence is None or weigh(Weighed(confidence / 2, tools, failures)).is_hard


def test_the_page_has_the_table() -> None:
    """A line for each reason, with the numbers of the rule."""
    page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", page, re.M))
    assert {why.value for why in Why} <= table.keys()
    assert str(UNSURE) in table[Why.UNSURE] and str(SEVERAL) in table[Why.SEVERAL_TOOLS]
