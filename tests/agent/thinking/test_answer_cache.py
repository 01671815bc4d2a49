"""Answers are found again by whoever asks nearly the same, and by nobody else."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from agent.thinking.answer_cache import Answers, Asked, version_of
from tests.fakes.calls import shop


@dataclass
class Clock:
    """Stands until it is set."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def asked(angle: float, source: str = "returns.md#Returns", key: str = "") -> Asked:
    """A question in two dimensions: its nearness to another is the cosine between their angles."""
    return Asked(np.array([np.cos(angle), np.sin(angle)], np.float32), source, key)


def answers(path: Path, clock: Clock | None = None, *, version: str = "v1", max_items: int = 10) -> Answers:
    """As another job of the machine would open them."""
    return Answers(path, version, threshold=0.9, max_items=max_items, ttl_s=60, clock=clock or Clock())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in a folder that is not there yet."""
    return tmp_path / "cache" / "answers.db"


def test_another_job_finds_what_one_has_kept(path: Path) -> None:
    """Each call is a process of its own."""
    answers(path).keep(asked(0.0), "Within thirty days.")
    assert answers(path).find(asked(0.1)) == "Within thirty days."


@pytest.mark.parametrize(
    "other",
    [asked(0.6), asked(0.0, source="store.md#Parking"), asked(0.0, key="not")],
    ids=["farther", "another passage", "a negation"],
)
def test_another_question_is_not_answered(path: Path, other: Asked) -> None:
    """Near, about the same, and in the same sense: all three."""
    answers(path).keep(asked(0.0), "Within thirty days.")
    assert answers(path).find(other) is None


def test_the_nearest_is_taken(path: Path) -> None:
    """When two are near enough."""
    answers(path).keep(asked(0.3), "farther")
    answers(path).keep(asked(0.1), "nearer")
    assert answers(path).find(asked(0.0)) == "nearer"


def test_an_answer_expires(path: Path) -> None:
    """And its row goes with the next one that is kept."""
    clock = Clock()
    answers(path, clock).keep(asked(0.0), "old")
    clock.now += 61
    assert answers(path, clock).find(asked(0.0)) is None
    answers(path, clock).keep(asked(1.0), "new")
    assert count(path) == 1


def test_a_changed_profile_knows_nothing(path: Path) -> None:
    """The documents may say something else now."""
    answers(path, version="v1").keep(asked(0.0), "old")
    assert answers(path, version="v2").find(asked(0.0)) is None
    answers(path, version="v2").keep(asked(1.0), "new")
    assert count(path) == 1


def test_the_least_lately_used_goes_first(path: Path) -> None:
    """It is bounded."""
    clock = Clock()
    store = answers(path, clock, max_items=2)
    for number in range(3):
        clock.now += 1
        store.keep(asked(float(number)), f"answer {number}")
        clock.now += 1
        store.find(asked(0.0))
    assert [store.find(asked(float(number))) for number in range(3)] == ["answer 0", None, "answer 2"]


def test_a_file_that_is_no_database_is_made_anew(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Once it is warned of; the next answer is kept."""
    path.parent.mkdir()
    path.write_bytes(b"no database" * 500)
    store = answers(path)
    assert store.find(asked(0.0)) is None
    store.keep(asked(0.0), "answer")
    assert store.find(asked(0.0)) == "answer"
    assert [record.message for record in caplog.records] == ["answers not kept"]


def test_a_folder_that_cannot_be_made_costs_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The LLM is asked instead."""
    (tmp_path / "file").touch()
    store = answers(tmp_path / "file" / "answers.db")
    store.keep(asked(0.0), "answer")
    assert store.find(asked(0.0)) is None
    assert len(caplog.records) == 1


def test_a_file_that_another_holds_is_not_waited_for(path: Path) -> None:
    """A caller does not wait for a lock."""
    answers(path).keep(asked(0.0), "answer")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    answers(path).keep(asked(1.0), "lost")
    holder.rollback()
    holder.close()
    assert answers(path).find(asked(0.0)) == "answer" and answers(path).find(asked(1.0)) is None


def test_every_word_of_a_profile_is_its_version(tmp_path: Path) -> None:
    """The same files give the same version; another document another."""
    profile = shop()
    assert version_of(profile) == version_of(shop())
    (tmp_path / "personas").mkdir()
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "profile.yaml").touch()
    (tmp_path / "personas" / f"{profile.persona}.md").touch()
    other = profile.model_copy(update={"folder": tmp_path})
    before = version_of(other)
    (tmp_path / "knowledge" / "new.md").write_text("# New\nThing.")
    assert before != version_of(other) != version_of(profile)


def count(path: Path) -> int:
    """The rows of the file."""
    with sqlite3.connect(path) as file:
        return int(file.execute("SELECT count(*) FROM answers").fetchone()[0])
