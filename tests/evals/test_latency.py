"""The run of the meter, without servers: when it is over, what it writes."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evals.figures import SetName, Turn
from evals.latency import FRUITLESS_ROUNDS, Options, Run, main, report
from evals.servers import NotStarted
from evals.stages import Stages

STAGES = Stages(inbound=50, stt=100, waiting=150, llm=10, tts=20, output=5, residual=15, outbound=80)


def turn(agent: str = "ours", ms: float | None = 430.0, asked: SetName = "declared") -> Turn:
    """A plain turn."""
    return Turn(
        agent="ours" if agent == "ours" else "plain", asked=asked, call=0, question="Where?", voice="joe", kind="plain",
        verdict="counted" if ms else "silent", ms=ms, stages=STAGES if agent == "ours" and ms else None,
    )  # fmt: skip


def test_a_run_wants_turns_of_both_agents() -> None:
    """Those that were discarded do not count."""
    run = Run("declared", {"ours": 2, "plain": 2})
    run.add("ours", [turn(), turn(ms=None), turn()])
    run.add("plain", [turn("plain"), turn("plain", ms=None)])
    assert (run.done("ours"), run.done("plain")) == (1.0, 0.5)
    assert not run.is_next("ours") and run.is_next("plain")


def test_fewer_turns_of_the_plain_agent_are_spread_over_the_run() -> None:
    """A third of its calls for each of ours: both see the machine at the same hours."""
    run = Run("declared", {"ours": 6, "plain": 2})
    played = ""
    while run.done("ours") < 1 or run.done("plain") < 1:
        for agent in ("ours", "plain"):
            if run.is_next("ours" if agent == "ours" else "plain"):
                run.add("ours" if agent == "ours" else "plain", [turn(agent)])
                played += agent[0]
    assert sorted(played) == sorted("ooooooppp"[:8]) and played.startswith("opoo")


def test_a_run_with_an_agent_that_does_not_answer_ends() -> None:
    """It says which."""
    run = Run("declared", {"ours": 2, "plain": 2})
    run.add("ours", [turn(ms=None)])
    run.add("ours", [turn()])
    for _ in range(FRUITLESS_ROUNDS - 1):
        run.add("ours", [turn(ms=None)])
    with pytest.raises(NotStarted, match="ours"):
        run.add("ours", [turn(ms=None)])


class Images(HTMLParser):
    """Keeps where a page has its pictures from."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an image."""
        self.sources += [value or "" for name, value in attrs if (tag, name) == ("img", "src")]


def test_a_report_is_a_page_with_its_pictures_inside_and_a_last_line_of_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And every turn, for whoever wants to look closer."""
    turns = [turn(), turn(ms=500.0), turn("plain", 900.0), turn(ms=None), turn(ms=700.0, asked="strangers")]
    report(turns, Options(callers=5, is_phone=True), tmp_path / "out")
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["p50_ms"], last["ratio"], last["band"], last["callers"]) == (465, 0.52, "phone", 5)
    assert (last["strangers_p50_ms"], last["declared_p50_ms"], last["people_p50_ms"]) == (700, 465, None)
    for picture in ("distribution.png", "waterfall-strangers.png", "waterfall-declared.png"):
        assert (tmp_path / "out" / picture).read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "out" / "index.html").read_text()
    images = Images()
    images.feed(page)
    assert len(images.sources) == 3 and all(source.startswith("data:image/png;base64,") for source in images.sources)
    assert "strangers&#x27; sentences, ours" in page and "declared questions, plain, ours" in page and "$" not in page
    assert len(json.loads((tmp_path / "out" / "turns.json").read_text())["turns"]) == 5


@pytest.mark.parametrize("option", ["--recordings", "--sentences"])
def test_what_is_not_there_is_said_before_anything_is_started(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence that names the option."""
    monkeypatch.setattr("sys.argv", ["latency", option, str(tmp_path / "nowhere")])
    with pytest.raises(NotStarted, match=option):
        main()


def test_recordings_of_people_are_asked_for_with_their_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is started."""
    monkeypatch.setattr("sys.argv", ["latency", "--only", "people"])
    with pytest.raises(SystemExit):
        main()
    assert "--recordings DIR" in capsys.readouterr().err


def test_a_report_of_modes_has_a_row_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the picture, the page and the JSON."""
    realtime = replace(turn(ms=650.0), agent="realtime")
    report([turn(), realtime], Options(), tmp_path / "out")
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["p50_ms"], last["realtime_p50_ms"], last["realtime_n"]) == (430, 650, 1)
    assert (tmp_path / "out" / "distribution.png").read_bytes().startswith(b"\x89PNG")
    assert "declared questions, plain, realtime mode" in (tmp_path / "out" / "index.html").read_text()
