"""Departments: whom a caller may want instead of us, by the names that callers use, when somebody is there, and how a
call gets there."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator
from rapidfuzz import fuzz

from agent.files.yaml_file import Section
from agent.rules import hours

_NAMED = re.compile(r"\b(?:the |your )?((?:\w+ ){1,2}?)(?:department|team|desk|division|office)\b")
BROWSER = "browser"  # a person who is sent a link, and joins by it
_DESTINATION = re.compile(rf"{BROWSER}|\+[1-9]\d{{5,14}}|sip:[^\s@:;<>]+@[^\s@;<>]+")
_ALIKE = 87  # of 100: an ear may have got a letter wrong


def _destinations(value: object) -> object:
    """One may be written alone."""
    listed = ([value] if value else []) if isinstance(value, str) else value
    for one in listed if isinstance(listed, (list, tuple)) else ():
        if not (isinstance(one, str) and _DESTINATION.fullmatch(one)):
            raise ValueError(
                f'{one!r} is no number as in "+15550100101", no address as in sip:desk@pbx.example, and not {BROWSER}'
            )
    return listed


Destinations = Annotated[tuple[str, ...], BeforeValidator(_destinations), Field(max_length=10)]


class TransferChoice(Section):
    """How a call is handed to people. `warm`: they are dialled into it, told of it and asked first; `cold`: the
    telephone network is asked to connect the caller elsewhere. `to` is where calls go that are for no department. Links
    for people with a browser are posted to the webhook, signed."""

    mode: Literal["warm", "cold", "off"] = "warm"
    to: Destinations = ()
    ring_s: Annotated[float, Field(ge=5, le=80)] = 25.0
    accept_s: Annotated[float, Field(ge=3, le=60)] = 15.0
    on_hold_music: str = ""
    webhook: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    secret_variable: str = ""

    @model_validator(mode="after")
    def _can_invite(self) -> "TransferChoice":
        if BROWSER in self.to and not self.webhook:
            raise ValueError(f"{BROWSER} needs a webhook, to which the link is sent")
        if self.webhook and not self.secret_variable:
            raise ValueError(
                "a webhook needs secret_variable, which names the variable that its requests are signed with"
            )
        return self


class Department(Section):
    """One of the profile's `departments`. `hours` are lines such as "mon-fri 09:00-17:00" in the profile's time zone;
    without any, somebody is always there. `to` is where a call for it goes: numbers and addresses, tried in order."""

    called: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    to: Destinations = ()

    @field_validator("hours")
    @classmethod
    def _readable(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        hours.refuse_unreadable(lines)
        return lines

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is there; `now` is in the profile's time zone."""
        return not self.hours or hours.are_on(self.hours, now)


def department_of(said: str, departments: dict[str, Department]) -> str:
    """The name of the department that the words name, the one named last; empty when they name none of them."""
    words = re.findall(r"[a-z0-9']+", said.lower())
    found: dict[str, int] = {}
    for name, department in departments.items():
        for called in (name, *department.called):
            at = _last(called.lower().split(), words)
            found[name] = max(at, found.get(name, -1))
    best = max(found, key=lambda name: found[name], default="")
    return best if best and found[best] >= 0 else ""


def names_another(said: str) -> bool:
    """True when the words ask for a department, whether there is such a one or not."""
    return bool(_NAMED.search(said.lower()))


def _last(wanted: list[str], words: list[str]) -> int:
    """Where these words stand last in the others, -1 when nowhere."""
    size = len(wanted)
    windows = [" ".join(words[i : i + size]) for i in range(len(words) - size + 1)]
    alike = [i for i, window in enumerate(windows) if fuzz.ratio(" ".join(wanted), window) >= _ALIKE]
    return alike[-1] if alike else -1
