"""What a caller hears when nobody of a role works any more: that a person knows of it, if one does."""

import pytest

from agent.call.call import Call
from agent.config import ROOT
from agent.profile.profile import load_profile
from agent.tooling.toolbox import load_toolbox, note_for_people
from backends.follow_ups import FollowUp, FollowUps, Kind
from tests.fakes.calls import recorded_call


class Notes:
    """Where wishes for a person are kept, unless it is down, too."""

    def __init__(self, *, is_down: bool = False) -> None:
        self.kept: list[FollowUp] = []
        self._is_down = is_down

    async def note(self, follow_up: FollowUp) -> None:
        """Keep one."""
        if self._is_down:
            raise OSError
        self.kept.append(follow_up)


def call_of(name: str, notes: Notes) -> Call:
    """A call of that profile, at its end."""
    profile = load_profile(name, ROOT / "profiles")
    call, _ = recorded_call(profile, backends={FollowUps: notes}, number="+15550123")
    toolbox = load_toolbox(profile)
    call.note_for_people = lambda: note_for_people(toolbox, call)
    return call


@pytest.mark.parametrize("name", ["shop", "restaurant", "dental", "bank"])
async def test_a_person_gets_a_note_of_the_call_and_the_caller_hears_it(name: str) -> None:
    """By the profile's own tool, which no model had to ask for; with the number to call back."""
    notes = Notes()
    call = call_of(name, notes)
    assert await call.last_words() == call.profile.sentences.out_of_order
    assert "wants_human" in call.flags
    assert all((note.kind, note.number) == (Kind.TRANSFER, "+15550123") for note in notes.kept)


async def test_nothing_is_promised_where_nobody_could_be_told() -> None:
    """The system of record is down, too; or there is none."""
    call = call_of("shop", Notes(is_down=True))
    assert await call.last_words() == call.profile.sentences.limit_goodbye
    call.note_for_people = None
    assert await call.last_words() == call.profile.sentences.limit_goodbye
