"""Departments: which one callers name, and when somebody is there."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from agent.call.call import utc_now
from agent.errors import ConfigError
from agent.profile.departments import Department, TransferChoice, department_of, names_another
from agent.sending import invitation_hook_of
from tests.fakes.calls import shop

HOUSE = {
    "billing": Department(called=("invoices", "accounting")),
    "sales": Department(called=("new orders",), hours=("mon-fri 09:00-17:00", "sat 10:00-14:00")),
    "night desk": Department(hours=("fri-mon 20:00-23:30",)),
}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("I want to talk to billing", "billing"),
        ("put me through to Sales, please", "sales"),
        ("it's about my invoices", "billing"),
        ("somebody for a new order", "sales"),
        ("the acounting department", "billing"),
        ("the night desk", "night desk"),
        ("not billing, sales", "sales"),
        ("a person", ""),
        ("the legal department", ""),
        ("", ""),
    ],
)
def test_a_department_is_known_by_what_callers_call_it(said: str, name: str) -> None:
    """A letter misheard will do; of two, the one named last is meant."""
    assert department_of(said, HOUSE) == name


def test_a_department_that_there_is_not_is_one_all_the_same() -> None:
    """So that the caller hears that it is unknown."""
    assert names_another("put me through to the legal department") and names_another("the press office please")
    assert not names_another("a person please") and not names_another("transfer me")


@pytest.mark.parametrize(
    ("name", "at", "is_open"),
    [
        ("billing", "2026-11-22T03:00", True),
        ("sales", "2026-11-20T09:00", True),
        ("sales", "2026-11-20T17:00", False),
        ("sales", "2026-11-21T13:59", True),
        ("sales", "2026-11-22T12:00", False),
        ("night desk", "2026-11-22T21:00", True),
        ("night desk", "2026-11-24T21:00", False),
    ],
)
def test_somebody_is_there_in_its_hours(name: str, at: str, *, is_open: bool) -> None:
    """Always, without any; a range of days may pass the week's end."""
    assert HOUSE[name].is_open(datetime.fromisoformat(at)) is is_open


@pytest.mark.parametrize("line", ["weekdays 9-5", "mon 17:00-09:00", "mon-fri 25:00-26:00", ""])
def test_hours_that_cannot_be_read_are_refused(line: str) -> None:
    """When the profile is read."""
    with pytest.raises(ValidationError):
        Department(hours=(line,))


def test_a_person_with_a_browser_is_a_destination_that_needs_a_signed_webhook() -> None:
    """Otherwise nobody would get the link."""
    hook = {"webhook": "https://desk.example/calls", "secret_variable": "DESK_SECRET"}
    assert TransferChoice.model_validate({"to": ["browser", "+15550100101"], **hook}).to == ("browser", "+15550100101")
    assert Department.model_validate({"to": "browser"}).to == ("browser",)
    for wrong, named in (
        ({"to": "browser"}, "needs a webhook"),
        ({"to": "browser", "webhook": hook["webhook"]}, "needs secret_variable"),
        ({"to": "browsers", **hook}, "and not browser"),
    ):
        with pytest.raises(ValidationError, match=named):
            TransferChoice.model_validate(wrong)


def test_a_department_whose_link_would_go_nowhere_is_said_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is a secret that is not set; without either nobody is invited."""
    desk = {"billing": Department(to=("browser",))}
    assert invitation_hook_of(shop(), utc_now) is None
    with pytest.raises(ConfigError, match=r"billing.*needs transfers\.webhook"):
        invitation_hook_of(shop().model_copy(update={"departments": desk}), utc_now)
    hook = TransferChoice(webhook="https://desk.example/calls", secret_variable="DESK_SECRET")
    ours = shop().model_copy(update={"departments": desk, "transfers": hook})
    with pytest.raises(ConfigError, match="DESK_SECRET"):
        invitation_hook_of(ours, utc_now)
    monkeypatch.setenv("DESK_SECRET", "not-a-secret")
    assert invitation_hook_of(ours, utc_now) is not None
