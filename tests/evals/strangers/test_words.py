"""Strangers' sentences, cut for other values."""

import random
from datetime import date, time
from pathlib import Path

import pytest

from agent.errors import ConfigError
from evals.strangers.words import COLUMNS, TODAY, Template, cut, read_words

THEN = date(2026, 11, 20)
SIX = '{""time"": ""18:30""}'
LINES = (
    ("1", "Restaurants_2", "ReserveRestaurant", "INFORM", SIX, "Make it half past 6 in the evening.", "?"),
    ("1", "Restaurants_2", "ReserveRestaurant", "AFFIRM", "", "Yes, that is right.", "?"),
    ("2", "Services_4", "BookAppointment", "INFORM_INTENT", "", "I need to see a psychologist.", ""),
    ("3", "Flights_3", "SearchOnewayFlight", "AFFIRM", "", "Yes please.", "?"),
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of four turns."""
    rows = ["\t".join(COLUMNS)]
    rows += ["\t".join(f'"{cell}"' if cell.startswith("{") else cell for cell in line) for line in LINES]
    found = tmp_path / "said.tsv"
    found.write_text("\n".join(rows), encoding="utf-8")
    return found


@pytest.mark.parametrize(
    ("said", "slots", "values", "again"),
    [
        ("On the 4th of this month.", {"date": "2019-03-04"}, {"day": date(2026, 12, 3)}, "On the 3rd of December."),
        ("March 5th, please", {"date": "2019-03-05"}, {"day": date(2026, 12, 24)}, "December 24th, please"),
        ("Book at evening 6:45.", {"time": "18:45"}, {"at": time(20, 0)}, "Book at evening 8:00."),
        ("at half past 11 in the morning", {"time": "11:30"}, {"at": time(9, 0)}, "at 9:00 in the morning"),
        ("for four people", {"party_size": "4"}, {"party": 2}, "for two people"),
        ("Send $1,630.", {"amount": "1630"}, {"amount": 55}, "Send $55."),
    ],
)
def test_another_value_takes_the_place_of_theirs(
    said: str, slots: dict[str, str], values: dict[str, object], again: str
) -> None:
    """In the form in which they said it, or the nearest there is."""
    template = cut(said, slots, TODAY)
    assert template is not None
    assert template.filled(values, THEN) == again


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("Sometime soon", {"date": "2019-03-04"}),
        ("Table for 2 at Sino", {"party_size": "2", "restaurant_name": "Sino"}),
        ("I like Sipan for 2", {"party_size": "2"}),
        ("2 tables for 2", {"party_size": "2"}),
    ],
)
def test_what_is_only_theirs_is_no_template(said: str, slots: dict[str, str]) -> None:
    """A value that is not found, found twice, or that nobody here has."""
    assert cut(said, slots, TODAY) is None


def test_a_file_gives_templates_by_what_is_done_with_them(path: Path) -> None:
    """Of those services that are like ours; a psychologist is a dentist, and what was used is counted."""
    words, rng = read_words(path), random.Random(1)
    assert len(words) == 3
    assert words.choose(rng, "restaurant", "ReserveRestaurant", "tell", ("at",)) == Template(
        "Make it {at}.", {"at": "half past in the part"}
    )
    opening = words.choose(rng, "dental", "BookAppointment", "open", (), ("day",))
    assert opening is not None
    assert opening.text == "I need to see a dentist."
    assert words.choose(rng, "dental", "BookAppointment", "tell", ("at",)) is None
    assert len(words.used) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [("a\tb\n", "needs a column 'dialogue'"), ("\t".join(COLUMNS) + "\n", "is about a table"), (None, "--words")],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, text: str | None, told: str) -> None:
    """In a sentence."""
    path = tmp_path / "said.tsv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=told):
        read_words(path)
