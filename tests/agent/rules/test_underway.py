"""Rooms to which a job is on its way."""

from dataclasses import dataclass

from agent.rules.underway import LONGEST_S, Underway


@dataclass
class Clock:
    """A steady one."""

    now: float = 100.0

    def __call__(self) -> float:
        """In seconds."""
        return self.now


def test_a_room_is_waited_for_until_its_job_begins() -> None:
    """Then it is the worker's like any other, and once it has ended nothing is on its way there."""
    underway = Underway(Clock())
    underway.accept("one")
    underway.accept("two")
    assert underway.rooms(begun=()) == {"one", "two"}
    assert underway.rooms(begun={"one", "three"}) == {"two"}
    assert underway.rooms(begun=()) == {"two"}


def test_a_job_that_never_begins_is_not_waited_for_for_ever() -> None:
    """Another one may be sent then."""
    clock = Clock()
    underway = Underway(clock)
    underway.accept("one")
    clock.now += LONGEST_S / 2
    underway.accept("two")
    clock.now += LONGEST_S / 2
    assert underway.rooms(begun=()) == {"two"}
