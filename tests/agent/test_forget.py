"""`python -m agent.forget`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.forget import main
from agent.memory.callers import Callers, Remembered, Who
from agent.memory.store import Store
from backends import follow_ups
from backends.follow_ups import FollowUp, Kind

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)


def test_an_operator_has_a_caller_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the number is written; whoever is not there is no error."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    monkeypatch.setenv("PARLEY_STORE_URL", url)
    Store(url).prepare()
    callers = Callers(url)
    callers.keep(Who(profile="shop", number="+15550100199"), Remembered(called_at=NOW), "call-1")
    callers.keep(Who(profile="bank", customer="c1"), Remembered(called_at=NOW), "call-2")
    assert main(["+1 (555) 010-0199"]) == "forgotten: 1 caller with their calls, and 0 wishes"
    assert main(["c1"]).startswith("forgotten: 1 caller ")
    assert main(["+15550100199"]).startswith("forgotten: 0 callers ")


async def test_callbacks_they_asked_for_go_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the number, and no other's."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("PARLEY_STORE_URL", f"sqlite:///{tmp_path / 'parley.db'}")
    monkeypatch.setenv("PARLEY_BACKEND_URL", url)
    follow_ups.prepare(url)
    backend = follow_ups.connect(url, lambda: NOW)
    for call_id, number in (("call-1", "+15550100199"), ("call-2", "+15550100200")):
        due_at = NOW + timedelta(days=1)
        await backend.note(FollowUp(kind=Kind.CALLBACK, call_id=call_id, number=number, due_at=due_at))
    await backend.aclose()
    assert main(["+15550100199"]) == "forgotten: 0 callers with their calls, and 1 wish"
    assert main(["+15550100199"]).endswith("0 wishes")
    assert main(["+15550100200"]).endswith("1 wish")
