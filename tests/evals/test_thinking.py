"""The cost of a turn: what is asked, and how it is told."""

from evals.thinking import Figures, questions


def test_questions_are_about_one_order_and_lack_nothing() -> None:
    """None names another number."""
    found = questions()
    assert len(found) >= 10
    assert all(text.endswith("it's order 4571") for text in found)


def test_a_line_tells_turns_times_and_requests() -> None:
    """Also of a way that no turn took."""
    assert Figures.of("x", [(10.0, 2), (20.0, 0), (30.0, 1)]).line().split() == ["x", "3", "20.0", "38.0", "1.0"]
    assert Figures.of("x", []).line().split() == ["x", "0", "nan", "nan", "0.0"]
