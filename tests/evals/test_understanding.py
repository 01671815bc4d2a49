"""The figures of docs/understanding.md: they may get better, not worse."""

import asyncio

import pytest

from evals.understanding import Result, groups_of, measure, read

FLOORS = {"tools": 0.9, "passages": 0.8, "small talk": 0.8, "out of scope": 0.95, "near": 0.8}


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """The held-out set, decided once."""
    return asyncio.run(measure(read("held_out")))


@pytest.mark.parametrize("group", FLOORS)
def test_the_understanding_is_as_good_as_the_docs_say(results: list[Result], group: str) -> None:
    """Right answers on sentences it was not tuned on, and refusals of what it cannot know."""
    chosen = groups_of(results)[group]
    misses = [miss for result in chosen for miss in result.misses]
    assert 1 - len(misses) / sum(result.total for result in chosen) >= FLOORS[group], misses


def test_the_held_out_set_is_apart() -> None:
    """No sentence of it is in the development set, or in the other set's place."""
    tuned = {sentence for sentences in read("development").values() for sentence in sentences}
    assert not tuned & {sentence for sentences in read("held_out").values() for sentence in sentences}


def test_every_tool_has_ten_held_out_paraphrases() -> None:
    """Fewer would say nothing."""
    for tool in ("lookup_order", "check_shipping", "current_date_and_time", "transfer_to_human", "end_call"):
        assert len(read("held_out")[tool]) >= 10
