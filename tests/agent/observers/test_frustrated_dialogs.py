"""Whole dialogs, written by somebody who had not read the rules: whom the observer takes for frustrated."""

from pathlib import Path

import pytest
import yaml

from agent.events import CallerSpoke, Event
from agent.rules.repeats import says_again
from tests.agent.observers.test_sentiment import flags_after, spoke

Dialog = dict[str, object]
DIALOGS: dict[str, list[Dialog]] = yaml.safe_load(Path(__file__).with_name("frustration.yaml").read_text("utf-8"))


def events_of(dialog: Dialog) -> list[Event]:
    """The caller's turns, repeats marked as the tap marks them."""
    found: list[CallerSpoke] = []
    for turn in dialog["turns"]:  # type: ignore[attr-defined]  # as the file has it
        text = str(turn["says"])
        found.append(spoke(text, is_repeat=bool(found) and says_again(text, found[-1].text)))
    return [*found]


@pytest.mark.parametrize("dialog", DIALOGS["polite"], ids=lambda dialog: str(dialog["name"]))
def test_a_polite_caller_is_offered_nobody(dialog: Dialog) -> None:
    """Whoever corrects, refuses, complains of a thing or has bad news to tell."""
    assert flags_after(*events_of(dialog)) == []


def test_frustrated_callers_are_found_no_less_than_before() -> None:
    """docs/frustration.md says how few that are: the rule knows phrases, and people have more of them."""
    assert len(DIALOGS["frustrated"]) == len(DIALOGS["polite"]) == 24
    assert sum(bool(flags_after(*events_of(dialog))) for dialog in DIALOGS["frustrated"]) >= 1
