"""Events as JSON: what others have stored stays readable."""

import json
from dataclasses import MISSING, fields
from pathlib import Path

from agent import events
from agent.events import VERSION, Event, as_json, private
from tests.test_pii import every_event

STORED = json.loads(Path(__file__).with_name("events.json").read_text(encoding="utf-8"))
KINDS = {name: kind for name, kind in vars(events).items() if isinstance(kind, type) and issubclass(kind, Event)}


def test_there_is_a_stored_example_of_each_event_and_of_no_other() -> None:
    """Whoever adds an event adds its example."""
    made = {as_json(event, private(event))["type"] for event in every_event("words")}
    assert {example["type"] for example in STORED} == made


def test_what_was_stored_is_what_the_event_is_now_but_for_fields_that_have_a_default() -> None:
    """A field that went, or came without a default, breaks whoever reads the JSON: that is a new version."""
    for example in STORED:
        kind = next(kind for name, kind in KINDS.items() if name.lower() == example["type"].replace("_", ""))
        known = {one.name: one for one in fields(kind)}
        stored = {name: value for name, value in example.items() if name not in {"type", "version"}}
        assert stored.keys() <= known.keys(), kind
        needed = {name for name, one in known.items() if one.default is MISSING and one.default_factory is MISSING}
        assert needed <= stored.keys(), kind
        event = kind(**stored)
        assert json.loads(json.dumps(as_json(event, private(event)))).items() >= example.items()
        assert example["version"] == VERSION


def test_every_event_can_be_written_as_json() -> None:
    """Nothing but numbers, words and truth in it."""
    for event in every_event("words"):
        assert json.loads(json.dumps(as_json(event, private(event))))["type"]
