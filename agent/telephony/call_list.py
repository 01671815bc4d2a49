"""A list of calls: read from CSV, made at a set pace, taken up again after a crash, and told at the end. One call is a
list of one row."""

import asyncio
import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from agent.errors import ConfigError
from agent.files.text_file import read_text, short
from agent.memory.dialled import DONE, WAITING, Attempt, Dial, Dialled
from agent.profile.campaign import Outbound, Purpose
from agent.rules.dialling import Decision, Outcome, Verdict, again_at, may_call
from agent.telephony.dialler import Result

MOST_ROWS = 100_000
MOST_FIELD = 200  # characters; it is spoken
TRUNK_FAILURES = 3  # in a row: the line is out of order, and no further number is tried
LOOK_S = 1.0


class Line(Protocol):
    """What makes the calls: Dialler, over LiveKit SIP."""

    def may_dial(self, number: str) -> bool:
        """Whether a trunk of ours may dial it."""
        ...

    async def attempt(self, dial: Dial, attempt_id: str) -> Result:
        """Ring, wait until the call is over, and say what came of it."""
        ...

    async def is_running(self, attempt: Attempt) -> bool:
        """Whether a call that another process has begun goes on. Raises OSError."""
        ...

    async def until_over(self, attempt_id: str) -> Outcome:
        """Wait for the end of a call that was answered."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """Whom to call, and what goes into the sentences."""

    number: str
    fields: Mapping[str, str]

    @property
    def key(self) -> str:
        """The same row has the same key in every run."""
        text = json.dumps([self.number, sorted(self.fields.items())])
        return hashlib.sha256(text.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many calls begin in a minute, how many run at once, and for how long a retry is waited for."""

    per_minute: float = 6.0
    at_once: int = 1
    wait: timedelta = timedelta(minutes=30)


def read_rows(path: Path, purpose: Purpose) -> list[Row]:
    """The rows of a CSV file with a header: `number`, and a column for each field of the purpose. Raises ConfigError
    that names the line."""
    text = read_text(path, what="list of calls")
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    columns = [name.strip() for name in reader.fieldnames or ()]
    if missing := ({"number"} | purpose.fields) - set(columns):
        raise ConfigError(f"{short(path)}, line 1: the column {sorted(missing)[0]} is missing; there are: {columns}")
    rows: list[Row] = []
    for values in reader:
        if len(rows) >= MOST_ROWS:
            raise ConfigError(f"{short(path)}: more than {MOST_ROWS} rows; cut it into several files")
        rows.append(_row(values, f"{short(path)}, line {reader.line_num}", purpose))
    return rows


def _row(values: Mapping[str | None, str | list[str] | None], where: str, purpose: Purpose) -> Row:
    if None in values:
        raise ConfigError(f"{where}: more values than columns; put a value that holds a comma into quotes")
    known = {(name or "").strip(): str(value or "").strip() for name, value in values.items()}
    return checked(known.pop("number"), known, where, purpose)


def checked(number: str, fields: Mapping[str, str], where: str, purpose: Purpose) -> Row:
    """A row whose sentences can be spoken. Raises ConfigError."""
    for name in sorted(purpose.fields):
        if not fields.get(name):
            raise ConfigError(f"{where}: {name} is empty, and the call would say it; fill it in")
    if long := next((name for name, value in fields.items() if len(value) > MOST_FIELD), None):
        raise ConfigError(f"{where}: {long} is longer than {MOST_FIELD} characters")
    return Row(number.replace(" ", "").replace("-", ""), fields)


def wanted(profile: str, purpose: str, name: str, rows: Sequence[Row], now: datetime) -> list[Dial]:
    """The calls of a list as they are kept."""
    title = f"{profile}/{purpose}/{name}"
    if len(title) > 64:
        title = f"{title[:40]}-{hashlib.sha256(title.encode()).hexdigest()[:20]}"
    return [
        Dial(
            id=uuid4().hex,
            list=title,
            row=row.key,
            profile=profile,
            purpose=purpose,
            number=row.number,
            fields=row.fields,
            next_at=now,
        )
        for row in {row.key: row for row in rows}.values()
    ]


class CallList:
    """The calls of one list, made. `say` tells the operator, a line at a time; `clock` is the wall's."""

    def __init__(
        self,
        name: str,
        dialled: Dialled,
        outbound: Outbound,
        purpose: Purpose,
        *,
        pace: Pace,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._name = name
        self._dialled = dialled
        self._outbound = outbound
        self._purpose = purpose
        self._pace = pace
        self._clock = clock
        self._say = say
        self._running: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._rang_at = clock()
        self.stop = asyncio.Event()

    async def run(self, line: Line) -> None:
        """Until every call is made, decided against, or due later than is waited for. Raises StoreError."""
        await self._take_up(line)
        try:
            while not self.stop.is_set():
                due, soonest = await self._due()
                if self.stop.is_set():  # meanwhile
                    return
                if due is not None and len(self._running) < self._pace.at_once:
                    await self._call(due, line)
                elif due is None and not self._running and not self._is_worth_waiting(soonest):
                    return
                else:
                    await self._rest(LOOK_S)
        finally:
            await asyncio.gather(*self._running)

    async def decide(self, dial: Dial, may_dial: Callable[[str], bool]) -> Decision:
        """Whether it is made now, written down with its reason. `may_dial` is what our trunks allow."""
        now = self._clock()
        known = await asyncio.to_thread(self._dialled.known, dial, now)
        decision = may_call(dial.number, self._outbound.policy(self._purpose, may_dial), known, now)
        await asyncio.to_thread(self._dialled.decided, dial, decision, now)
        return decision

    async def _due(self) -> tuple[Dial | None, datetime | None]:
        """The call whose turn it is, and when the next one will be due."""
        first = await asyncio.to_thread(self._dialled.next_of, self._name)
        if first is None:
            return None, None
        return (first if first.next_at <= self._clock() else None), first.next_at

    def _is_worth_waiting(self, soonest: datetime | None) -> bool:
        return soonest is not None and soonest <= self._rang_at + self._pace.wait

    async def _call(self, dial: Dial, line: Line) -> None:
        decision = await self.decide(dial, line.may_dial)
        if decision.verdict is not Verdict.CALL:
            self._say(f"{dial.number}: {told(decision)}")
            return None
        if self.stop.is_set():  # while it was decided
            return None
        now = self._clock()
        attempt_id = await asyncio.to_thread(self._dialled.begin, dial, now, now + timedelta(hours=5))
        if attempt_id is None:  # another process was quicker
            return await self._rest(LOOK_S)
        task = asyncio.create_task(self._attempt(dial, attempt_id, line), name="call")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await self._rest(60.0 / self._pace.per_minute)

    async def _attempt(self, dial: Dial, attempt_id: str, line: Line) -> None:
        result = await line.attempt(dial, attempt_id)
        await self._ended(dial, attempt_id, result.outcome, has_rung=result.has_rung)

    async def _ended(self, dial: Dial, attempt_id: str, outcome: Outcome, *, has_rung: bool) -> None:
        now = self._clock()
        next_at = again_at(outcome, dial.attempts + has_rung, self._outbound.attempts, now)
        if outcome is Outcome.OPTED_OUT:
            await asyncio.to_thread(self._dialled.opt_out, dial.number, f"attempt {attempt_id}", now)
        await asyncio.to_thread(
            lambda: self._dialled.ended(attempt_id, outcome, now, has_rung=has_rung, next_at=next_at)
        )
        self._rang_at = now if has_rung else self._rang_at
        self._say(f"{dial.number}: {outcome.value}" + (f", again from {next_at:%Y-%m-%d %H:%M %Z}" if next_at else ""))
        self._failures = self._failures + 1 if outcome is Outcome.TRUNK_FAILED else 0
        if self._failures >= TRUNK_FAILURES:
            self._say(f"the trunk has failed {self._failures} times in a row: no further number is tried; see its log")
            self.stop.set()

    async def _take_up(self, line: Line) -> None:
        """What a run before this one has left open: calls that go on are seen to their end."""
        for attempt in await asyncio.to_thread(self._dialled.unfinished, self._name):
            try:
                goes_on = await line.is_running(attempt)
            except OSError:
                goes_on = False
            outcome = await line.until_over(attempt.id) if goes_on or attempt.answered_by else Outcome.LOST
            await self._ended(attempt.dial, attempt.id, outcome, has_rung=True)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return


def told(decision: Decision) -> str:
    """A decision against a call, in words."""
    when = f" until {decision.at:%Y-%m-%d %H:%M %Z}" if decision.at else ""
    return f"not called{when}: {decision.reason.value.replace('_', ' ')}"


def report(dials: Sequence[Dial]) -> str:
    """What came of a list: how many calls of each outcome, and what still waits."""
    done = Counter(dial.outcome for dial in dials if dial.state == DONE)
    waiting = [dial for dial in dials if dial.state != DONE]
    lines = [f"{len(dials)} calls: {len(dials) - len(waiting)} done, {len(waiting)} waiting"]
    lines += [f"  {count:6} {(outcome or '').replace('_', ' ')}" for outcome, count in done.most_common()]
    if waiting:
        lines.append(f"  the next from {min(dial.next_at for dial in waiting):%Y-%m-%d %H:%M %Z}; run it again then")
    return "\n".join(lines)


def write_report(path: Path, dials: Sequence[Dial]) -> None:
    """A row for each call. Raises ConfigError."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("number", "state", "outcome", "attempts", "next_at"))
            for dial in dials:
                next_at = dial.next_at.isoformat() if dial.state == WAITING else ""
                writer.writerow((dial.number, dial.state, dial.outcome or "", dial.attempts, next_at))
    except OSError as error:
        raise ConfigError(f"{short(path)}: the report cannot be written: {error.strerror}") from None
