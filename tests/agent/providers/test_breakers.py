"""What the calls of one worker tell each other about providers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent.providers.breakers import Breakers, Change, breakers_file, states
from agent.rules.breaker import LONGEST_REST_S, REST_S, Failure, State

LLM, STT = "llm openai", "stt deepgram"


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


@dataclass
class Calls:
    """Several calls of a worker, with what each has told."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    told: list[Change] = field(default_factory=list)

    def begin(self) -> Breakers:
        """One more call."""
        return Breakers(breakers_file(self.folder), self.told.append, self.clock)


async def test_what_one_call_found_out_the_next_one_knows(tmp_path: Path) -> None:
    """It does not try the provider that is down first; the change is told once."""
    calls = Calls(tmp_path)
    first = calls.begin()
    first.note(LLM, Failure.TIMED_OUT)
    first.note(LLM, Failure.STALLED)
    assert first.state(LLM) is State.OPEN, "the call itself need not wait for the file"
    await first.share()
    second = calls.begin()
    await second.share()
    assert (second.state(LLM), second.state(STT)) == (State.OPEN, State.CLOSED)
    assert calls.told == [Change(LLM, State.OPEN, "stalled")]


async def test_failures_of_two_calls_add_up(tmp_path: Path) -> None:
    """Each saw one; together they are an outage."""
    calls = Calls(tmp_path)
    for call in (calls.begin(), calls.begin()):
        call.note(STT, Failure.STALLED)
        await call.share()
    assert states(breakers_file(tmp_path), calls.clock()) == {STT: State.OPEN}
    assert [change.state for change in calls.told] == [State.OPEN]


async def test_one_call_of_all_makes_the_probe_and_all_return(tmp_path: Path) -> None:
    """While it is made nobody else tries; what it finds out everybody knows."""
    calls, asked, works = Calls(tmp_path), [], asyncio.Event()

    async def probe() -> bool:
        asked.append(LLM)
        await works.wait()
        return True

    running = [calls.begin() for _ in range(3)]
    running[0].note(LLM, Failure.REFUSED)
    await running[0].share()
    calls.clock.now += REST_S
    for call in running:
        call.watch(LLM, probe)
    tasks = [asyncio.create_task(call.run()) for call in running]
    await until(lambda: bool(asked))
    works.set()
    await until(lambda: all(call.state(LLM) is State.CLOSED for call in running))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(asked) == 1
    assert [change.state for change in calls.told] == [State.OPEN, State.HALF_OPEN, State.CLOSED]


async def test_a_probe_that_breaks_leaves_it_open(tmp_path: Path) -> None:
    """Whatever the plugin raises."""
    calls = Calls(tmp_path)

    async def probe() -> bool:
        raise ConnectionResetError

    call = calls.begin()
    call.watch(STT, probe)
    call.note(STT, Failure.REFUSED)
    await call.share()
    calls.clock.now += REST_S
    task = asyncio.create_task(call.run())
    await until(lambda: len(calls.told) == 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [change.state for change in calls.told] == [State.OPEN, State.HALF_OPEN, State.OPEN]
    calls.clock.now += LONGEST_REST_S
    assert call.state(STT) is State.HALF_OPEN


async def test_a_damaged_file_or_a_full_disk_costs_no_call(tmp_path: Path) -> None:
    """Then each call knows what it has seen itself."""
    path = breakers_file(tmp_path)
    path.parent.mkdir()
    path.write_text('{"llm openai": {"opened_at": "yester')
    calls = Calls(tmp_path)
    call = calls.begin()
    call.note(LLM, Failure.REFUSED)
    await call.share()
    assert states(path, calls.clock()) == {LLM: State.OPEN}
    nowhere = Breakers(tmp_path / "run" / "breakers.json" / "under-a-file.json", calls.told.append, calls.clock)
    nowhere.note(STT, Failure.REFUSED)
    await nowhere.share()
    assert nowhere.state(STT) is State.OPEN


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, five seconds at most."""
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110  # what other tasks do sets no event
            await asyncio.sleep(0.01)
