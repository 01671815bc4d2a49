"""Who hears, thinks and speaks in each call at the moment: the profile's first of each role, until another did it
instead."""

from collections.abc import Mapping

from agent.events import CallEnded, Event, ProviderReplaced


class Doing:
    """`first` are the names of the first providers, by profile and role."""

    def __init__(self, first: Mapping[str, Mapping[str, str]]) -> None:
        self._first = first
        self._instead: dict[str, dict[str, str]] = {}

    def on_event(self, call_id: str, event: Event) -> None:
        """Learn who does it now; a chain says so each time that somebody else did."""
        match event:
            case ProviderReplaced(role=role, by=by):
                self._instead.setdefault(call_id, {})[role] = by
            case CallEnded():
                self._instead.pop(call_id, None)

    def name(self, call_id: str, profile: str, role: str) -> str | None:
        """Who does it; None where nobody knows."""
        return self._instead.get(call_id, {}).get(role) or self._first.get(profile, {}).get(role)
