"""What is read out of a page that was watched while its agent died."""

import pytest

from evals.deaths_seen import Change, opening, seconds_until

HOLD, BACK = "Please hold the line for a moment.", "Sorry, I lost you for a moment. Let's go on where we were."


def shown(at: float, last: str = "", *, agent: str = "listening", notice: str = "") -> Change:
    """One state of the page."""
    return Change(at, agent, "call", notice, last)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([shown(99.0, "Hello"), shown(101.0, agent="away"), shown(104.0, f"{BACK[:20]}")], (1.0, 4.0)),
        ([shown(100.5, HOLD[:18]), shown(103.0, f"{HOLD} {BACK}")], (0.5, 3.0)),
        ([shown(103.25, f"Hello. {BACK}")], (3.25, 3.25)),
        ([shown(102.0, notice="Nobody is there.")], (2.0, None)),
        ([shown(99.0, notice="An old notice."), shown(101.0, "Hello")], (None, None)),
    ],
    ids=["a sign, then back", "told by a caption", "only back", "never back", "never told"],
)
def test_seconds_count_from_the_death(changes: list[Change], expected: tuple[float | None, float | None]) -> None:
    """What was there before it does not count; a caption counts from its first words on."""
    assert seconds_until(changes, 100.0, HOLD, BACK) == expected


def test_an_opening_is_the_first_three_words() -> None:
    """Captions grow as they are spoken."""
    assert (opening(BACK), opening("Hold on")) == ("Sorry, I lost", "Hold on")
