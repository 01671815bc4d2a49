"""`python -m agent.forget`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.forget import main
from agent.memory.callers import Callers, Remembered, Who
from agent.memory.store import Store

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)


def test_an_operator_has_a_caller_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the number is written; whoever is not there is no error."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    monkeypatch.setenv("PARLEY_STORE_URL", url)
    Store(url).prepare()
    callers = Callers(url)
    callers.keep(Who(profile="shop", number="+15550100199"), Remembered(called_at=NOW), "call-1")
    callers.keep(Who(profile="bank", customer="c1"), Remembered(called_at=NOW), "call-2")
    assert main(["+1 (555) 010-0199"]) == "forgotten: 1 caller, with the records of their calls"
    assert main(["c1"]).startswith("forgotten: 1 caller,")
    assert main(["+15550100199"]).startswith("forgotten: 0 callers")
