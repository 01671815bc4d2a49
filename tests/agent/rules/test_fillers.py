"""Which filler is said next."""

from hypothesis import given
from hypothesis import strategies as st

from agent.rules.fillers import Filler, choose, filled, filler_of

GENERAL = ("One moment.", "Let me see.", "Just a second.")


def test_a_tools_own_words_go_first() -> None:
    """And the profile's follow when its only sentence was the last one."""
    assert choose(("Let me find that order.",), GENERAL, ()) == "Let me find that order."
    assert choose(("Let me find that order.",), GENERAL, ("Let me find that order.",)) == "One moment."


def test_what_was_said_longest_ago_comes_next() -> None:
    """All are heard before one is heard again."""
    said: list[str] = []
    for _ in range(6):
        said.append(choose((), GENERAL, said) or "")
    assert said == [*GENERAL, *GENERAL]


def test_nothing_is_better_than_the_same_again() -> None:
    """A single sentence is not said twice in a row."""
    assert choose((), ("One moment.",), ("One moment.",)) is None


@given(st.lists(st.sampled_from("abc"), min_size=2, unique=True), st.lists(st.sampled_from("xyz"), unique=True))
def test_never_the_same_twice_in_a_row(general: list[str], own: list[str]) -> None:
    """Whatever a profile and its tools say, a call of twenty fillers never repeats itself at once, nor falls silent."""
    said: list[str] = []
    for _ in range(20):
        sentence = choose(own, general, said)
        assert sentence is not None and sentence != (said[-1] if said else None)
        said.append(sentence)


def test_a_filler_is_found_on_the_tool_that_declares_it() -> None:
    """Any object can carry one; others have none."""

    class Tool:
        """Stands for a FunctionTool."""

    filler = Filler(sentences=("Hold on.",), after_s=0.1)
    assert filler_of(filled(filler)(Tool())) is filler
    assert filler_of(Tool()) is None
