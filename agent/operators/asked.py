"""What an operator asked for, out of a page's address; what is no sense there does not choose."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import get_args
from zoneinfo import ZoneInfo

from agent.events import Channel, EndReason
from agent.memory.looking import Wanted

DAYS, WORDS = ("since", "until"), ("profile", "channel", "reason", "flag", "search")
FLAGS = ("wants_human", "frustrated", "distress")
LONGEST = 64


def wanted_in(query: Mapping[str, str], zone: ZoneInfo) -> Wanted:
    """Which calls the address asks for."""
    days = {name: _day(query.get(name, "")) for name in DAYS}
    words = {name: query.get(name, "").strip()[:LONGEST] for name in WORDS}
    return Wanted(
        since=days["since"],
        until=days["until"],
        profile=words["profile"],
        channel=words["channel"],
        reason=words["reason"],
        flag=words["flag"],
        search=words["search"],
        zone=zone,
    )


def query_of(wanted: Wanted) -> dict[str, str]:
    """The same again, for links."""
    values = {field.name: getattr(wanted, field.name) for field in fields(wanted) if field.name != "zone"}
    return {name: str(value) for name, value in values.items() if value}


def choices(profiles: Sequence[str]) -> list[tuple[str, str, Sequence[str]]]:
    """What one may choose of: the field, its title, its values."""
    return [
        ("profile", "Profile", profiles),
        ("channel", "Channel", get_args(Channel)),
        ("reason", "Ended by", [reason.value for reason in EndReason]),
        ("flag", "Flag", FLAGS),
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
