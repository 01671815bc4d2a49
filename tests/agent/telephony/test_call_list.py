"""A list of calls: what is read of it, and what becomes of each row while lines are busy, dead or answered."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.memory.dialled import DONE, WAITING, Attempt, Dial, Dialled
from agent.memory.store import Store
from agent.profile.campaign import Outbound
from agent.rules.dialling import NOBODY_RANG, Outcome
from agent.telephony.call_list import CallList, Pace, Row, read_rows, report, wanted, write_report
from agent.telephony.dialler import Result
from tests.fakes.clocks import StandingClock

NOON = datetime(2026, 11, 30, 17, tzinfo=UTC)
OUTBOUND = Outbound.model_validate(
    {
        "company": "Acme Dental",
        "destinations": ["US"],
        "attempts": 3,
        "purposes": {"reminder": {"says": "You have an appointment {about}.", "needs_consent": False}},
    }
)
PURPOSE = OUTBOUND.purposes["reminder"]
NUMBERS = tuple(f"+151855501{number:02}" for number in range(40, 60))


@dataclass
class FakeLine:
    """Ends each call with the next of its outcomes, a person when none is left. `most` is how many ran at once."""

    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    rang: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    most: int = 0
    goes_on: bool = False
    takes_s: float = 0.0

    def may_dial(self, number: str) -> bool:
        """Anything."""
        return True

    async def attempt(self, dial: Dial, attempt_id: str) -> Result:
        """One call."""
        assert dial.number not in self.running
        self.rang.append(dial.number)
        self.running.append(dial.number)
        self.most = max(self.most, len(self.running))
        await asyncio.sleep(self.takes_s)
        self.running.remove(dial.number)
        left = self.outcomes.get(dial.number, [])
        outcome = left.pop(0) if left else Outcome.PERSON
        return Result(outcome, has_rung=outcome not in NOBODY_RANG)

    async def is_running(self, attempt: Attempt) -> bool:
        """Of a run before this one."""
        return self.goes_on

    async def until_over(self, attempt_id: str) -> Outcome:
        """It was answered."""
        return Outcome.PERSON


@pytest.fixture
def dialled(tmp_path: Path) -> Iterator[Dialled]:
    """An empty record."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    store = Store(url)
    store.prepare()
    store.close()
    found = Dialled(url)
    yield found
    found.close()


@dataclass
class Made:
    """A list that is run, as often as a test wants."""

    dialled: Dialled
    line: FakeLine
    clock: StandingClock
    rows: list[Row]
    said: list[str] = field(default_factory=list)

    async def run(self, **pace: object) -> list[Dial]:
        """Once, with that pace."""
        dials = self.dialled.want(wanted("dental", "reminder", "monday.csv", self.rows, self.clock()))
        one = CallList(
            dials[0].list, self.dialled, OUTBOUND, PURPOSE,
            pace=Pace(**{"per_minute": 60_000.0, "wait": timedelta(0), **pace}),  # type: ignore[arg-type]
            clock=self.clock, say=self.said.append,
        )  # fmt: skip
        await asyncio.wait_for(one.run(self.line), 30)
        return self.dialled.of(dials[0].list)


def made(dialled: Dialled, *numbers: str, **outcomes: list[Outcome]) -> Made:
    """A list of these numbers; outcomes by `n` and the number's last two digits."""
    line = FakeLine({f"+151855501{name.removeprefix('n')}": left for name, left in outcomes.items()})
    rows = [Row(number, {"about": "on Tuesday"}) for number in numbers]
    return Made(dialled, line, StandingClock(NOON), rows)


async def test_each_row_is_called_once(dialled: Dialled) -> None:
    """Though it stands twice in the list, and the list is run again."""
    one = made(dialled, NUMBERS[0], NUMBERS[1], NUMBERS[0])
    await one.run()
    after = await one.run()
    assert sorted(one.line.rang) == [NUMBERS[0], NUMBERS[1]]
    assert [(dial.state, dial.outcome) for dial in after] == [(DONE, "person")] * 2


async def test_calls_run_side_by_side_but_no_more_than_asked_for(dialled: Dialled) -> None:
    """And the pace holds."""
    one = made(dialled, *NUMBERS[:8])
    one.line.takes_s = 0.3
    began = asyncio.get_running_loop().time()
    await one.run(at_once=3, per_minute=600.0)
    assert one.line.most == 3
    assert asyncio.get_running_loop().time() - began > 0.7


async def test_a_busy_number_is_tried_again_later_and_not_for_ever(dialled: Dialled) -> None:
    """By its retry rule, up to the attempts of a day and of the profile."""
    one = made(dialled, NUMBERS[0], n40=[Outcome.BUSY] * 9)
    (dial,) = await one.run()
    assert (dial.state, dial.next_at) == (WAITING, NOON + timedelta(minutes=15))
    one.clock.forward(timedelta(minutes=16))
    await one.run()
    one.clock.forward(timedelta(minutes=16))
    (dial,) = await one.run()
    assert (len(one.line.rang), dial.next_at) == (2, datetime(2026, 12, 1, 14, tzinfo=UTC))  # two today are enough
    one.clock.forward(timedelta(days=1))
    (dial,) = await one.run()
    assert (len(one.line.rang), dial.state, dial.outcome) == (3, DONE, "busy")
    reasons = [reason for _, _, reason in dialled.decisions(dial)]
    assert reasons == ["allowed", "allowed", "attempts_today", "allowed"]


async def test_a_trunk_that_fails_again_and_again_stops_the_list(dialled: Dialled) -> None:
    """Nobody's attempts are spent on it; the rest is for another run."""
    failing = {f"n{number}": [Outcome.TRUNK_FAILED] for number in range(40, 60)}
    one = made(dialled, *NUMBERS, **failing)
    after = await one.run()
    assert len(one.line.rang) == 3
    assert all(dial.state == WAITING and dial.attempts == 0 for dial in after)
    assert "the trunk has failed 3 times in a row" in one.said[-1]


async def test_a_crash_loses_nobody_and_calls_nobody_twice(dialled: Dialled) -> None:
    """A call that goes on is seen to its end; one that is gone counts as an attempt, and is made later."""
    one = made(dialled, NUMBERS[0], NUMBERS[1])
    first, second = dialled.want(wanted("dental", "reminder", "monday.csv", one.rows, NOON))
    for dial in (first, second):
        attempt = dialled.begin(dial, NOON, NOON + timedelta(hours=5))
        assert attempt is not None
        if dial is first:
            dialled.answered(attempt, "person")
    after = await one.run()
    assert one.line.rang == []
    assert [(dial.state, dial.outcome, dial.attempts) for dial in after] == [(DONE, "person", 1), (WAITING, "lost", 1)]
    one.clock.forward(timedelta(minutes=16))
    assert {dial.state for dial in await one.run()} == {DONE}
    assert one.line.rang == [second.number]


async def test_who_asked_for_no_more_calls_is_off_every_list(dialled: Dialled) -> None:
    """Whether they said so in the call or their network did (607)."""
    one = made(dialled, NUMBERS[0], n40=[Outcome.OPTED_OUT])
    await one.run()
    one.rows = [Row(NUMBERS[0], {"about": "on Friday"})]
    after = await one.run()
    assert len(one.line.rang) == 1
    assert sorted(dial.outcome or "" for dial in after) == ["opted_out", "opted_out"]


async def test_without_an_agent_nobody_is_rung_and_the_run_ends(dialled: Dialled) -> None:
    """It does not try for ever."""
    one = made(dialled, NUMBERS[0], n40=[Outcome.NO_AGENT])
    (dial,) = await one.run()
    assert (dial.state, dial.attempts, dial.outcome) == (WAITING, 0, "no_agent")


def test_the_report_counts_and_its_file_has_every_row(dialled: Dialled, tmp_path: Path) -> None:
    """What waits is told with its time."""
    one = made(dialled, *NUMBERS[:3], n41=[Outcome.BUSY])
    after = asyncio.run(one.run())
    assert report(after).splitlines() == [
        "3 calls: 2 done, 1 waiting",
        "       2 person",
        "  the next from 2026-11-30 17:15 UTC; run it again then",
    ]
    write_report(tmp_path / "report.csv", after)
    lines = (tmp_path / "report.csv").read_text().splitlines()
    assert len(lines) == 4 and f"{NUMBERS[0]},done,person,1," in lines
    with pytest.raises(ConfigError, match="cannot be written"):
        write_report(tmp_path / "no" / "report.csv", after)


def test_rows_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    """With a mark at the start, spaces in numbers, quotes and columns that nobody needs."""
    path = tmp_path / "list.csv"
    path.write_text('\ufeffnumber, about ,note\r\n+1 518-555-0142,"on Tuesday, at nine",x\r\n', encoding="utf-8")
    (row,) = read_rows(path, PURPOSE)
    assert (row.number, row.fields["about"]) == ("+15185550142", "on Tuesday, at nine")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "line 1: the column about is missing"),
        ("number\n+15185550142\n", "line 1: the column about is missing"),
        ("phone,about\n+15185550142,x\n", "line 1: the column number is missing"),
        ("number,about\n+15185550142,\n", "line 2: about is empty"),
        ("number,about\n+15185550142,on Tuesday, at nine\n", "line 2: more values than columns"),
        (f"number,about\n+15185550142,{'x' * 201}\n", "line 2: about is longer than 200"),
    ],
)
def test_a_list_that_cannot_be_spoken_is_refused_before_anything_rings(text: str, wrong: str, tmp_path: Path) -> None:
    """By its line."""
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=wrong):
        read_rows(path, PURPOSE)
