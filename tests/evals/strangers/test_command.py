"""Calls of strangers, played on the real agent."""

import json
import re
import sys
from pathlib import Path

import pytest

from evals.strangers import command
from evals.strangers.judge import Said, Verdict
from evals.strangers.playing import Played
from evals.strangers.words import COLUMNS

SAID = (
    ("Banks_2", "CheckBalance", "INFORM_INTENT", "", "I'd like to know my balance"),
    ("Banks_2", "CheckBalance", "INFORM", '"{""account_type"": ""checking""}"', "In my checking account"),
    ("Restaurants_2", "ReserveRestaurant", "AFFIRM", "", "Yes, that is right."),
)


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A small file."""
    rows = ["\t".join(COLUMNS), *("\t".join(("1", *line, "")) for line in SAID)]
    path = tmp_path / "said.tsv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def run(words: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    """The command on that file."""
    monkeypatch.setattr(sys, "argv", ["python -m evals strangers", "--words", str(words), *more])
    return command.main()


def test_the_last_line_is_json_and_a_call_can_be_had_again(
    words: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its seed and its number, with all that was said."""
    assert run(words, monkeypatch, "--profile", "shop", "--calls", "2", "--seed", "3") == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found.keys() == {"calls", "completed", "wrong_rows", "loops", "turns_p50"}
    assert (found["calls"], found["wrong_rows"]) == (2, 0)
    again = []
    for _ in range(2):
        assert run(words, monkeypatch, "--profile", "shop", "--only", "1", "--seed", "3") == 0
        told = capsys.readouterr().out
        told = re.sub(r"\d{6}", "…", told)  # a return's code is drawn anew
        again.append([line for line in told.splitlines() if line.startswith(("  caller:", "  agent:", "  =>"))])
    assert again[0] == again[1]
    assert len(again[0]) > 2


@pytest.mark.parametrize(("more", "told"), [(("--only", "3"), "needs one --profile"), (("--calls", "0"), "at least 1")])
def test_what_cannot_be_played_is_told(
    words: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], told: str
) -> None:
    """In a sentence."""
    assert run(words, monkeypatch, *more) == 2
    assert told in capsys.readouterr().err


def test_every_house_gets_its_share_of_the_calls() -> None:
    """Counted by itself, as by text."""
    assert [command.numbers(10, house, 4) for house in range(4)] == [[0, 1, 2], [0, 1, 2], [0, 1], [0, 1]]
    assert command.numbers(1, 3, 4) == []


def test_calls_by_voice_have_a_line_each_and_are_shown_as_they_fail(
    words: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forty, unless more or fewer are asked for; the last line says that they were spoken."""
    asked: list[int] = []

    async def no_calls(*given: object) -> list[Played]:
        asked.append(int(str(given[2])))
        turns = (Said("my order", "Which one?", heard="my older"),)
        call = Played("shop", 0, "check_shipping", turns, Verdict(False, (), "", 1, "gave up"), "joe", 31.0)
        tell = given[-1]
        assert callable(tell)
        tell(call, 1)
        return [call]

    monkeypatch.setattr(command, "by_voice", no_calls)
    assert run(words, monkeypatch, "--audio", "--failures") == 0
    told = capsys.readouterr().out
    assert asked == [command.SPOKEN_CALLS]
    assert "  1 of 40  shop 0 check_shipping (joe): not completed (gave up); 1 turns, 31 s" in told
    assert "  heard:  my older" in told
    assert json.loads(told.splitlines()[-1]) == {
        "calls": 1, "completed": 0, "wrong_rows": 0, "loops": 0, "turns_p50": 1, "spelled_otherwise": 0,
        "audio": True,
    }  # fmt: skip
