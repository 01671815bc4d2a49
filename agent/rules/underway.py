"""Rooms to which a worker's jobs are on their way: accepted, and not begun yet, while a process comes up for them."""

from collections.abc import Callable, Collection

LONGEST_S = 10.0  # a process that has not begun its job by then never will


class Underway:
    """One per worker; `now` is a steady clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since: dict[str, float] = {}

    def accept(self, room: str) -> None:
        """A job will begin there."""
        self._since[room] = self._now()

    def rooms(self, begun: Collection[str]) -> set[str]:
        """Those that are still waited for; `begun` are the rooms in which a job of this worker runs."""
        oldest = self._now() - LONGEST_S
        self._since = {room: at for room, at in self._since.items() if at > oldest and room not in begun}
        return set(self._since)
