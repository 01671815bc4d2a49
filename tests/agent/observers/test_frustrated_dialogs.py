"""Whole dialogs, written by people who had not read the rules: whom the observer takes for frustrated."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from agent.events import CallerSpoke, Event
from agent.observers.frustration import load
from agent.providers.local.models.minilm import MiniLM
from agent.rules.repeats import says_again
from tests.agent.observers.test_sentiment import flags_after, spoke

Dialog = dict[str, object]
Dialogs = dict[str, list[Dialog]]
FILES = ("frustration", "frustration_later")


def read(name: str) -> Dialogs:
    """The dialogs in a file beside this one."""
    found: Dialogs = yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text("utf-8"))
    return found


@cache
def likelihood(text: str) -> float:
    """As the speech process and the learned model have it."""
    return load().likelihood(_minilm().embed([text])[0])


@cache
def _minilm() -> MiniLM:
    return MiniLM()


def events_of(dialog: Dialog) -> list[Event]:
    """The caller's turns, repeats marked as the tap marks them."""
    found: list[CallerSpoke] = []
    for turn in dialog["turns"]:  # type: ignore[attr-defined]  # as the file has it
        text = str(turn["says"])
        found.append(spoke(text, is_repeat=bool(found) and says_again(text, found[-1].text)))
    return [*found]


def found_in(dialogs: list[Dialog]) -> int:
    """How many are taken for frustrated."""
    return sum(bool(flags_after(*events_of(dialog), likelihood=likelihood)) for dialog in dialogs)


@pytest.mark.parametrize("dialog", read("frustration")["polite"], ids=lambda dialog: str(dialog["name"]))
def test_a_polite_caller_is_offered_nobody(dialog: Dialog) -> None:
    """Whoever corrects, refuses, complains of a thing or has bad news to tell."""
    assert flags_after(*events_of(dialog), likelihood=likelihood) == []


@pytest.mark.parametrize(("name", "at_least", "at_most"), [("frustration", 21, 0), ("frustration_later", 19, 3)])
def test_frustrated_callers_are_found_and_polite_ones_are_not(name: str, at_least: int, at_most: int) -> None:
    """The figures of docs/frustration.md, which are those of the first sight for the later file."""
    dialogs = read(name)
    assert found_in(dialogs["frustrated"]) >= at_least
    assert found_in(dialogs["polite"]) <= at_most


def test_without_the_model_the_rule_alone_finds_few() -> None:
    """While the speech process is away; it is no reason to call anybody frustrated."""
    for name in FILES:
        for dialog in read(name)["polite"]:
            assert flags_after(*events_of(dialog)) == []
