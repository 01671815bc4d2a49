"""The table is distress.yaml: what callers in danger say, and what only sounds like it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from agent.config import ROOT
from agent.profile.profile import load_profile
from agent.rules.distress import Danger, find_distress
from agent.tooling.toolbox import load_toolbox

TABLE = yaml.safe_load((Path(__file__).parent / "distress.yaml").read_text(encoding="utf-8"))
LEAST = 0.95


def sentences(part: str) -> list[str]:
    """All kinds of a part together."""
    return [sentence for kind in TABLE[part].values() for sentence in kind]


def test_it_knows_what_it_was_made_from() -> None:
    """None of the development sentences is missed."""
    assert [said for said in sentences("development") if find_distress(said) is None] == []


def test_it_knows_what_it_was_not_made_from() -> None:
    """Of at least forty held out sentences of three kinds hardly one is missed."""
    held_out = sentences("held_out")
    missed = [said for said in held_out if find_distress(said) is None]
    assert len(held_out) >= 40
    assert 1 - len(missed) / len(held_out) >= LEAST, missed


@pytest.mark.parametrize("said", TABLE["calm"])
def test_what_only_sounds_like_it_is_none(said: str) -> None:
    """A word alone is no danger."""
    assert find_distress(said) is None


@pytest.mark.parametrize("name", ["bank", "dental", "restaurant", "shop"])
def test_nothing_that_a_shipped_tool_is_wanted_with_is_distress(name: str) -> None:
    """What tools declare that callers say is about business."""
    intents = load_toolbox(load_profile(name, ROOT / "profiles")).intents
    assert [said for intent in intents.values() for said in intent.examples if find_distress(said)] == []


def _ordinary() -> Iterator[str]:
    for path in (ROOT / "profiles").glob("*/scenarios/*.yaml"):
        for scenario in yaml.safe_load(path.read_text(encoding="utf-8"))["scenarios"]:
            if "distress" in scenario.get("flags", ()) or scenario["name"] == "is in danger":
                continue
            for turn in scenario["turns"]:
                said = turn.get("say", ())
                yield from map(str, said if isinstance(said, list) else [said])


def test_nothing_in_ordinary_scenarios_is_distress() -> None:
    """Those of the shipped profiles, but for the ones that say it is."""
    assert [said for said in _ordinary() if find_distress(said)] == []


@pytest.mark.parametrize(
    ("said", "danger"),
    [
        ("I want to kill myself", Danger.SELF_HARM),
        ("I can\u2019t breathe", Danger.MEDICAL),
        ("Somebody is in my house!", Danger.VIOLENCE),
        ("I'd like to pay my bill, but I think I'm having a heart attack.", Danger.MEDICAL),
    ],
)
def test_it_says_of_which_kind(said: str, danger: Danger) -> None:
    """The reason stands in the flag; curly quotes, capitals and other words around it change nothing."""
    assert find_distress(said) is danger
