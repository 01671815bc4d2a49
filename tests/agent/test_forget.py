"""`python -m agent.forget`."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.config import Settings
from agent.forget import main
from agent.memory.callers import Callers, Remembered, Who
from agent.memory.store import Store
from agent.profile.profile import load_profile
from agent.upkeep.keeping import rules
from backends import follow_ups, tables
from backends.follow_ups import FollowUp, Kind
from backends.seating import Guest, Wish
from backends.slots import FORGOTTEN, NotBooked, Offer
from evals.records import columns, snapshot

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


async def test_what_calls_left_in_systems_of_record_goes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each profile that is served: a table under that number, and what a customer without one wished for."""
    monkeypatch.setenv("PARLEY_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("PARLEY_PROFILE", "restaurant")
    monkeypatch.setenv("PARLEY_PROFILES", "bank")
    now = datetime.now(UTC)
    tables.prepare(f"sqlite:///{tmp_path / 'restaurant.db'}")
    house = tables.connect(f"sqlite:///{tmp_path / 'restaurant.db'}", lambda: now)
    week = [await offers(house, (now + timedelta(days=7 + day)).date()) for day in range(6)]
    free = next(offer for offers_of_day in week for offer in offers_of_day)
    wish = Wish(2, free.starts_at.date(), free.starts_at.time())
    await house.book("key", wish, Guest("Zadie Quill", "+15550100199"))
    await house.aclose()
    bank_url = f"sqlite:///{tmp_path / 'bank.db'}"
    follow_ups.prepare(bank_url)
    backend = follow_ups.connect(bank_url, lambda: NOW)
    await backend.note(FollowUp(kind=Kind.TRANSFER, call_id="call-1", customer="C1003"))
    await backend.aclose()
    assert main(["+15550100199"]).endswith("1 wish")
    assert main(["C1003"]).endswith("1 wish")
    assert main(["C1003"]).endswith("0 wishes")
    columns()
    book = snapshot(f"sqlite:///{tmp_path / 'restaurant.db'}", ["table_bookings"])["table_bookings"]
    names = {row["name"] for row in book}
    assert "Zadie Quill" not in names and FORGOTTEN in names


async def offers(house: tables.Tables, day: date) -> tuple[Offer, ...]:
    """What is free for two; nothing on a closed day."""
    try:
        return await house.free(2, day)
    except NotBooked:
        return ()


async def test_a_worker_deletes_what_is_too_old_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its store, and in the systems of record of each profile that it serves."""
    monkeypatch.setenv("PARLEY_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("PARLEY_PROFILES", "bank")
    settings = Settings.load()
    for name in settings.served:
        follow_ups.prepare(settings.backend(name))
        backend = follow_ups.connect(settings.backend(name), lambda: NOW)
        await backend.note(FollowUp(kind=Kind.TRANSFER, call_id="call-1"))
        await backend.aclose()
    profiles = [load_profile(name, settings.profiles_dir) for name in settings.served]
    Store(settings.store).prepare()
    Callers(settings.store).keep(Who(profile="shop", number="+15550100199"), Remembered(called_at=NOW), "call-1")
    for before, counts in (
        (NOW, [0, 0, 0, 0, 0]),
        (NOW + timedelta(days=1), [1, 0, 0, 1, 1]),  # no calls of ours, and no recordings
        (NOW + timedelta(days=1), [0, 0, 0, 0, 0]),
    ):
        assert [rule.expire(before) for rule in rules(settings, profiles)] == [*counts, 0, 0]
