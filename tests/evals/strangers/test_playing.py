"""A stranger's call, on a line that only has its replies."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from agent.config import ROOT
from agent.events import EndReason
from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import Profile, load_profile
from evals.expecting import Made
from evals.records import Snapshot
from evals.strangers.caller import Caller
from evals.strangers.goals import Goal
from evals.strangers.line import Line, Reached, Reply
from evals.strangers.playing import TURNS, House, Played, Talk, converse
from evals.strangers.words import Words
from evals.text_call import NoAnswer
from tests.fakes.virtual_time import run

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ASKS, TELLS, ELSE = "What is your order number?", "Order 4571 is on its way.", "I did not get that."
INTENTS: Mapping[str, Intent] = {
    "check_shipping": Intent(
        examples=("where is it",), slots=(Slot(name="order_number", kind=SlotKind.CODE, ask=ASKS),)
    )
}
CONTENT: Snapshot = {
    "orders": ({"number": "4571", "status": "delivered", "closed_at": NOW - timedelta(days=90)},),
    "order_returns": (),
    "order_addresses": (),
}


class Replies:
    """A line whose agent says these, one after the other, and the last for ever. It has done `done` as it says
    TELLS."""

    def __init__(self, *replies: str, done: Sequence[Made] = (), ended: EndReason | None = None) -> None:
        self._replies = list(replies)
        self._done, self._said = done, ""
        self.ended, self.is_over = ended, False
        self.heard: list[str] = []

    @property
    def done(self) -> Sequence[Made]:
        """What was done since the caller's last words."""
        return self._done if self._said == TELLS else ()

    async def say(self, words: str) -> Reply:
        """The next reply, after ten seconds."""
        await asyncio.sleep(10)
        if self.is_over or not self._replies:
            raise NoAnswer("the call had ended")
        self.heard.append(words)
        self._said = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return Reply(self._said, words.upper())


class HangsUp(Replies):
    """Its agent says goodbye by itself, and is gone."""

    async def say(self, words: str) -> Reply:
        """The next reply; after TELLS there is nobody."""
        if self._said == TELLS:
            raise NoAnswer("the call had ended")
        return await super().say(words)


class Desk:
    """An agent with that line, whose systems of record hold `after` when the call is over."""

    def __init__(self, line: Line, longest_s: float | None = None, after: Snapshot | None = None) -> None:
        self.profile: Profile = load_profile("shop", ROOT / "profiles")
        self.intents = INTENTS
        self._line, self._longest_s, self._after = line, longest_s, CONTENT if after is None else after

    @asynccontextmanager
    async def reach(self, number: int) -> AsyncIterator[Reached]:
        """The one line it has."""
        del number
        yield Reached(NOW, CONTENT, self._joined(), lambda: self._after, self._longest_s, "joe")

    @asynccontextmanager
    async def _joined(self) -> AsyncIterator[Line]:
        yield self._line


def shipping(asked: str = "4571") -> list[Made]:
    """The tool was asked with that."""
    return [Made("check_shipping", {"order_number": asked})]


def played(line: Line, longest_s: float | None = None, after: Snapshot | None = None) -> Played:
    """A call for a parcel, in no time."""
    return run(House(Desk(line, longest_s, after), Words({}), seed=1).play(1))


def talked(line: Line) -> Talk:
    """The talk alone."""
    goal = Goal("shop", ("check_shipping",), "", {"order_number": "4571"})
    talk = Talk()
    run(converse(line, Caller(goal, Words({}), INTENTS, random.Random(3), NOW), INTENTS, NOW, talk))
    return talk


def test_a_call_ends_with_the_wish_and_keeps_what_was_said_and_heard() -> None:
    """Whoever's line it is, and with the goodbye that must do nothing more."""
    line = Replies(ASKS, ASKS, TELLS, TELLS, done=shipping())
    call = played(line)
    assert call.verdict.is_right
    assert (call.wish, call.said_by, len(call.turns)) == ("check_shipping", "joe", len(line.heard))
    assert call.turns[0].heard == line.heard[0].upper()


def test_what_was_done_with_another_value_was_not_done() -> None:
    """A tool that only tells something is judged by what it was asked."""
    assert not played(Replies(ASKS, TELLS, done=shipping("4517"))).verdict.is_completed


def test_a_row_that_nobody_wanted_is_wrong_though_all_was_said_well() -> None:
    """It is the database that tells."""
    after = {**CONTENT, "order_returns": ({"order_number": "4571"},)}
    verdict = played(Replies(TELLS, done=shipping()), after=after).verdict
    assert verdict.is_completed
    assert verdict.wrong == ("order_returns: order_number 4571",)


def test_an_agent_that_hangs_up_by_itself_has_done_it_all_the_same() -> None:
    """The caller's goodbye finds nobody."""
    assert talked(HangsUp(TELLS, done=shipping())).is_done


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (Replies(ELSE), "gave up"),
        (Replies(ELSE, ended=EndReason.CALLER_SILENT), "ended: caller_silent"),
        (Replies(), "the call had ended"),
    ],
)
def test_a_call_that_comes_to_nothing_says_why(line: Line, problem: str) -> None:
    """In its verdict."""
    verdict = played(line).verdict
    assert (verdict.is_completed, verdict.problem) == (False, problem)
    assert verdict.turns <= TURNS


def test_a_call_that_takes_too_long_is_left() -> None:
    """What was said until then is kept."""
    call = played(Replies(ELSE), longest_s=25)
    assert call.verdict.problem == "longer than 25 s"
    assert call.verdict.turns == 2
