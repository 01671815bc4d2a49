"""`python -m agent.observers.audit`, as an operator or an auditor uses it."""

import io
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import ConfigError, StoreError
from agent.events import (
    AgentSpoke,
    AiDisclosed,
    CallerSpoke,
    CallJoined,
    Event,
    Outcome,
    ToolCalled,
    ToolReturned,
    ValueSealed,
)
from agent.memory.ledger import Ledger
from agent.memory.store import Store
from agent.observers.audit.__main__ import main
from agent.observers.audit.records import record_of
from agent.redaction.door import Door, Sealer

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
KEY, PRIVACY = "a" * 32, "p" * 32
CALL: list[Event] = [
    CallJoined(profile="shop", channel="phone"),
    AgentSpoke(turn=0, words=5, is_whole=True, text="Hello, this is an automated assistant."),
    AiDisclosed(turn=0),
    CallerSpoke(turn=1, words=6, text="my card is 4111 1111 1111 1111"),
    ToolCalled(tool_call="t", tool="lookup_order", arguments='{"order_number": "4571"}'),
    ToolReturned(tool_call="t", tool="lookup_order", outcome=Outcome.OK, duration_ms=1.0, sentence="It is on its way."),
    AgentSpoke(turn=1, words=5, is_whole=True, text="It is on its way."),
]


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of a worker that has had one call; its profile keeps values."""
    monkeypatch.setenv("PARLEY_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("PARLEY_AUDIT_KEY", KEY)
    monkeypatch.setenv("PARLEY_PRIVACY_KEY", PRIVACY)
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    Store(url).prepare()
    door = Door(level="keep", sealer=Sealer(PRIVACY))
    told = [one for event in CALL for one in door.told(event)]
    assert any(isinstance(one, ValueSealed) for one in told)
    records = [record for one in told if (record := record_of("call-1", NOW, one))]
    Ledger(url, KEY, lambda: NOW).append(records)
    return tmp_path / "parley.db"


def run(*arguments: str) -> tuple[int, str]:
    """What it returns and prints."""
    out = io.StringIO()
    return main([*arguments], out), out.getvalue()


def test_verify_says_that_the_log_is_whole() -> None:
    """And how much of it there is."""
    assert run("verify") == (0, "whole: 8 records on 1 days, signed\n")


def test_verify_names_the_record_that_was_changed(path: Path) -> None:
    """And fails, for whoever runs it every night."""
    with sqlite3.connect(path) as db:
        db.execute("UPDATE audit_records SET body = '{}' WHERE position = 3")
    assert run("verify") == (1, "record 3 was changed: it does not say what it said when it was written\n")


def test_whoever_has_the_public_key_alone_can_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the export."""
    public = json.loads(run("export")[1].splitlines()[0])["public_key"]
    monkeypatch.delenv("PARLEY_AUDIT_KEY")
    assert run("verify", "--public-key", public)[0] == 0
    code, told = run("verify", "--public-key", "00" * 32)
    assert code == 1 and "signed by another key" in told


def test_show_tells_a_call_and_when_the_ai_was_disclosed() -> None:
    """Placeholders stay, unless who holds the key asks."""
    _, told = run("show", "call-1")
    assert told.startswith("AI disclosed in the greeting, at 2026-11-20T17:00:00.000+00:00 (record 3)\n")
    assert "my card is <CARD_1>" in told and "4111" not in told
    assert "<CARD_1>=4111 1111 1111 1111" in run("show", "call-1", "--unsealed")[1]


def test_show_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is not there, a key, the right key: a sentence each."""
    with pytest.raises(StoreError, match="no call call-9"):
        run("show", "call-9")
    monkeypatch.setenv("PARLEY_PRIVACY_KEY", "q" * 32)
    with pytest.raises(ConfigError, match="not the key"):
        run("show", "call-1", "--unsealed")
    monkeypatch.delenv("PARLEY_PRIVACY_KEY")
    with pytest.raises(ConfigError, match="PARLEY_PRIVACY_KEY"):
        run("show", "call-1", "--unsealed")


def test_export_for_training_is_conversations_without_ids_and_values() -> None:
    """One line a call; sealed values stay where they are."""
    (line,) = map(json.loads, run("export", "--for", "training")[1].splitlines())
    assert line["profile"] == "shop"
    assert [message["role"] for message in line["messages"]] == ["assistant", "user", "assistant", "tool", "assistant"]
    assert line["messages"][1]["content"] == "my card is <CARD_1>"
    assert "call-1" not in str(line) and "sealed" not in str(line)


def test_export_has_every_record_with_its_place_in_the_chain() -> None:
    """And the head of each day."""
    lines = [json.loads(line) for line in run("export")[1].splitlines()]
    assert [line["position"] for line in lines if "digest" in line] == [*range(1, 9)]
    assert lines[-1]["day"] == "2026-11-20"
