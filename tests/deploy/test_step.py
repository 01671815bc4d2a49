"""A step is skipped when it is up to date, and what it left half-done never looks complete."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.steps import redis
from deploy.steps.__main__ import take
from deploy.steps.step import Failed, Progress, Step, last_words


def _step(folder: Path, do: Callable[[Progress], None], fingerprint: str = "1", **more: str) -> Step:
    return Step(name="bake", doing="baking", stamp=folder / "stamp", fingerprint=fingerprint, do=do, **more)  # type: ignore[arg-type]  # names of str fields only


def test_a_step_is_taken_once_and_again_when_its_inputs_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stamp holds what it was made from."""
    baked: list[str] = []
    for fingerprint in ("1", "1", "2"):
        take([_step(tmp_path, lambda _: baked.append("bread"), fingerprint)])
    assert len(baked) == 2
    assert "up to date" in capsys.readouterr().out


def test_a_step_that_fails_is_taken_again(tmp_path: Path) -> None:
    """No stamp without success."""

    def burn(progress: Progress) -> None:
        progress.run(["false", "--oven"])

    with pytest.raises(Failed, match=r"bake: `false --oven` said: nothing; .* give the same command again"):
        take([_step(tmp_path, burn)])
    assert not _step(tmp_path, burn).is_done


def test_a_richer_environment_serves_as_well(tmp_path: Path) -> None:
    """`make run` after `make test` does not take the test tools away."""
    (tmp_path / "stamp").write_text("1 dev")
    assert _step(tmp_path, lambda _: None, also_good="1 dev").is_done


def test_what_is_missing_for_several_steps_is_said_at_once(tmp_path: Path) -> None:
    """So that it can be mended in one go."""

    def refuse(progress: Progress) -> None:
        raise Failed(f"{progress.name} has no oven")

    steps = [Step(name, "x", tmp_path / name, "1", refuse) for name in ("bread", "cake")]
    with pytest.raises(Failed, match=r"(?s)bread: bread has no oven.*cake: cake has no oven"):
        take(steps)


def test_a_missing_redis_is_said_with_what_else_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make phone` builds for minutes, and would start nothing without it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def refuse(_: Progress) -> None:
        raise Failed("bread has no oven")

    with pytest.raises(Failed, match=r"(?s)redis: there is no redis-server on PATH.*apt install.*bread has no oven"):
        take([redis.step(), Step("bread", "x", tmp_path / "bread", "1", refuse)])


def test_a_redis_on_the_path_is_up_to_date() -> None:
    """Which one is said."""
    if not shutil.which("redis-server"):
        pytest.skip("no redis-server here")
    assert redis.step().is_done


def _sleep(progress: Progress) -> None:
    progress.run(["sleep", "60"])


def test_one_step_that_fails_ends_what_the_others_are_doing(tmp_path: Path) -> None:
    """Nobody waits a minute to hear that Go is missing."""

    def fail(_: Progress) -> None:
        time.sleep(0.2)
        raise Failed("out of flour")

    slow = Step("slow", "x", tmp_path / "slow", "1", _sleep)
    began = time.monotonic()
    with pytest.raises(Failed, match="out of flour"):
        take([slow, _step(tmp_path, fail)])
    assert time.monotonic() - began < 10
    assert not slow.is_done


def test_a_stopped_step_starts_nothing_more() -> None:
    """Stopping races with the next command of a step."""
    progress = Progress("bake")
    threading.Thread(target=progress.stop).run()
    with pytest.raises(Failed, match="stopped"):
        progress.run(["true", "x"])


def test_last_words_prefer_the_line_that_speaks_of_an_error() -> None:
    """Tools like to end with a hint or an empty line."""
    assert last_words(["resolving", "error: no such host", "hint: try again", ""]) == "error: no such host"
