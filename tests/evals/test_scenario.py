"""Scenario files: what is read, what is refused and how, and how many calls they are."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.config import ROOT
from agent.errors import ConfigError
from agent.profile.profile import Profile, load_profile
from evals.scenario import Script, load_scripts

COLUMNS = {"orders": ("number", "status")}
GOOD = """\
clock: 2026-11-20T12:00:00
scenarios:
  - name: asks
    turns:
      - say: [where is order 4571, track 4571]
        calls: [check_shipping]
      - say: bye
"""


@pytest.fixture
def shop(tmp_path: Path) -> Profile:
    """The shop, with scenarios of the test's own."""
    (tmp_path / "scenarios").mkdir()
    return load_profile("shop", ROOT / "profiles").model_copy(update={"folder": tmp_path})


def load(profile: Profile, text: str) -> list[Script]:
    """The scripts of one file."""
    (profile.folder / "scenarios" / "one.yaml").write_text(text, encoding="utf-8")
    return load_scripts(profile, COLUMNS)


def test_each_wording_is_a_call_of_its_own(shop: Profile) -> None:
    """Where another turn has fewer, they begin anew; the clock is the profile's."""
    scripts = load(shop, GOOD)
    assert [script.words for script in scripts] == [("where is order 4571", "bye"), ("track 4571", "bye")]
    assert scripts[0].clock == datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("America/New_York"))
    assert scripts[0].name == "one: asks"


def test_a_callers_words_are_words(shop: Profile) -> None:
    """YAML takes a bare yes for true and digits for a number."""
    assert [s.words[1] for s in load(shop, GOOD.replace("say: bye", "say: [yes, 4571]"))] == ["yes", "4571"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: asks", "nam: asks", "line 3: scenarios.0.nam: unknown key; the keys are in docs/scenarios.md"),
        ("say: bye", "silence: false", "line 7: scenarios.0.turns.1: a turn is one of"),
        ("[check_shipping]", "[check_ship]", "line 6: scenarios.0.turns.0.calls.0: no tool 'check_ship'"),
        ("[check_shipping]", "[{tool: end_call, with: 1}]", "line 6: scenarios.0.turns.0.calls.0.with: unknown key"),
        (
            "say: bye",
            "say: bye\n        said: [sentences.helo]",
            "line 8: scenarios.0.turns.1.said.0: no sentence 'helo'",
        ),
        ("name: asks", "name: asks\n    never_calls: [pay]", "line 4: scenarios.0.never_calls.0: no tool 'pay'"),
        ("clock: 2026-11-20T12:00:00\n", "", "clock: this key is missing"),
        ("clock:", "profile: bank\nclock:", "line 1: profile: a file in this folder is about shop"),
    ],
)
def test_a_wrong_key_names_file_line_and_key(shop: Profile, old: str, new: str, message: str) -> None:
    """As in profile.yaml."""
    with pytest.raises(ConfigError, match=r"one\.yaml, line") as raised:
        load(shop, GOOD.replace(old, new))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("{table: order}", "no table 'order' (there are: orders)"),
        ("{table: orders, where: {numer: 1}}", "no column 'numer' (there are: number, status)"),
        ("{table: orders, values: {state: x}}", "no column 'state'"),
        ("{table: orders, unchanged: true, count: 1}", "have no `count`"),
        ("{table: orders, values: {status: x}, count: 0}", "no row can have `values`"),
        ("{table: orders, count: -1}", "must be 0 or more"),
    ],
)
def test_rows_that_could_not_be_judged_are_refused(shop: Profile, rows: str, message: str) -> None:
    """A misspelt column would be an expectation that never fails."""
    with pytest.raises(ConfigError) as raised:
        load(shop, f"{GOOD}    database: [{rows}]\n")
    assert message in str(raised.value) and "line 8" in str(raised.value)


def test_two_scenarios_of_one_name_are_refused(shop: Profile) -> None:
    """Reports tell them apart by it."""
    with pytest.raises(ConfigError, match="another scenario has this name"):
        load(shop, GOOD + GOOD.split("scenarios:\n")[1])
