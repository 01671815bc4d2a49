"""Departments: whom a caller may want instead of us, by the names that callers use, and when somebody is there."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import Field, field_validator
from rapidfuzz import fuzz

from agent.rules import hours
from agent.yaml_file import Section

_NAMED = re.compile(r"\b(?:the |your )?((?:\w+ ){1,2}?)(?:department|team|desk|division|office)\b")
_ALIKE = 87  # of 100: an ear may have got a letter wrong


class Department(Section):
    """One of the profile's `departments`. `hours` are lines such as "mon-fri 09:00-17:00" in the profile's time zone;
    without any, somebody is always there. `to` is where a call for it goes, a number or an address."""

    called: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    to: Annotated[str, Field(max_length=200)] = ""

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
