"""The watch of a worker: whose calls it sends a job to, when it gives up, and what it never touches."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.memory.kept import KeptCalls
from agent.memory.store import Store, StoredCall
from agent.rescue.taking_up import Carried
from agent.rescue.watch import AGAIN_S, DEAD_S, GONE_S, Watch
from agent.servers.dispatch import Dispatch
from tests.agent.rescue.test_taking_up import carried_of
from tests.fakes.calls import NOON, recorded_call


@dataclass
class House:
    """A LiveKit server with rooms, a database, and workers that may die. Time passes by `tick`."""

    url: str
    now: float = 0.0
    rooms: dict[str, set[str]] = field(default_factory=dict)
    sent: list[tuple[float, str, Dispatch]] = field(default_factory=list)
    shown_out: list[tuple[str, str]] = field(default_factory=list)
    is_away: bool = False
    here: dict[str, list[str]] = field(default_factory=dict)  # by worker: rooms in which it has a job
    watches: dict[str, Watch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The database."""
        self.store = Store(self.url)
        self.store.prepare()
        self.kept = KeptCalls(self.url, "secret")

    async def callers(self, room: str) -> set[str] | None:
        """As the server tells."""
        if self.is_away:
            raise OSError("away")
        return self.rooms.get(room)

    async def show_out(self, room: str, identity: str) -> None:
        """Note it."""
        self.shown_out.append((room, identity))

    async def send(self, room: str, dispatch: Dispatch) -> None:
        """Note it."""
        self.sent.append((self.now, room, dispatch))

    def hire(self, *names: str) -> None:
        """Workers that live."""
        for name in names:
            self.here.setdefault(name, [])
            self.watches[name] = Watch(
                self.kept, self, ids=lambda name=name: [name], rooms_here=lambda name=name: self.here[name],  # type: ignore[misc]
                now=lambda: self.now, clock=lambda: NOON,
            )  # fmt: skip

    def call(self, number: int, worker: str, *, has_job: bool = True, has_caller: bool = True) -> None:
        """A call of that worker's."""
        room = f"room-{number}"
        call, _ = recorded_call()
        state: Carried = carried_of(call).model_copy(update={"call_id": f"call-{number}", "room": room})
        self.kept.keep(f"call-{number}", room, worker, state.model_dump_json().encode(), NOON)
        self.store.save(StoredCall(id=f"call-{number}", profile="shop", channel="browser", started_at=NOON), [])
        self.rooms[room] = {"caller-1"} if has_caller else set()
        if has_job:
            self.here.setdefault(worker, []).append(room)

    async def tick(self, seconds: float, step_s: float = 0.5) -> None:
        """Every worker looks, again and again."""
        end = self.now + seconds
        while self.now < end:
            for watch in self.watches.values():
                await watch.look()
            self.now += step_s

    def ends(self) -> dict[str, str | None]:
        """How the calls' records have ended."""
        return {call.id: call.end_reason for call in self.store.recent()}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty one."""
    return House(f"sqlite:///{tmp_path / 'parley.db'}")


def rooms_of(house: House) -> Iterable[str]:
    """Where jobs were sent."""
    return [room for _, room, _ in house.sent]


async def test_a_call_whose_job_died_gets_another_at_once(house: House) -> None:
    """Its own worker notices; calls with a job are let alone."""
    house.hire("one", "two")
    house.call(1, "one")
    house.call(2, "one")
    house.here["one"].remove("room-2")
    await house.tick(1.0)
    assert house.sent == [(0.0, "room-2", Dispatch("shop", "caller-1", "agent-1"))]
    assert house.shown_out == []  # this worker never saw that job live


async def test_what_is_left_of_a_job_that_died_before_our_eyes_is_shown_out(house: House) -> None:
    """Its process has ended: nobody has to wait for an answer from it, and the page sees at once that it is gone."""
    house.hire("one", "two")
    house.call(1, "one")
    await house.tick(1.0)
    house.here["one"].clear()
    await house.tick(0.5)
    assert (house.shown_out, len(house.sent)) == ([("room-1", "agent-1")], 1)


async def test_a_job_of_another_worker_is_not_shown_out(house: House) -> None:
    """Its worker may only have been slow: whether it lives is asked in the room."""
    house.hire("one", "two")
    house.call(1, "one")
    await house.tick(1.0)
    del house.watches["one"]
    await house.tick(4.0)
    assert (house.shown_out, set(rooms_of(house))) == ([], {"room-1"})


async def test_the_calls_of_a_dead_worker_are_taken_by_one_of_the_others(house: House) -> None:
    """Within three seconds, and by one of them only."""
    house.hire("one", "two", "three")
    house.call(1, "one")
    house.call(2, "two")
    await house.tick(1.0)
    died_at = house.now
    del house.watches["one"]
    await house.tick(DEAD_S + 1.0)
    assert [room for _, room, _ in house.sent] == ["room-1"]
    assert house.sent[0][0] - died_at <= 3.0


async def test_a_worker_that_starts_finds_what_another_left(house: House) -> None:
    """After a power cut nobody was left: calls whose room is gone are closed, the others taken up."""
    house.call(1, "gone")
    house.call(2, "gone")
    del house.rooms["room-2"]
    house.hire("new")
    await house.tick(DEAD_S + 1.0)
    assert list(rooms_of(house)) == ["room-1"]
    assert house.ends() == {"call-1": None, "call-2": "crashed"}


async def test_jobs_are_sent_again_and_ever_less_often(house: House) -> None:
    """Everybody may be busy."""
    house.hire("one")
    house.call(1, "one", has_job=False)
    await house.tick(20.0)
    assert [at for at, _, _ in house.sent] == [0.0, AGAIN_S, 3 * AGAIN_S, 7 * AGAIN_S]


async def test_once_a_job_is_there_none_is_sent(house: House) -> None:
    """And a later death counts anew."""
    house.hire("one")
    house.call(1, "one", has_job=False)
    await house.tick(1.0)
    house.here["one"].append("room-1")
    await house.tick(20.0)
    assert len(house.sent) == 1
    house.here["one"].clear()
    await house.tick(1.0)
    assert len(house.sent) == 2


async def test_a_caller_who_is_away_is_waited_for_and_then_let_go(house: House) -> None:
    """A connection that dropped with the worker may come back."""
    house.hire("one")
    house.call(1, "one", has_job=False, has_caller=False)
    house.call(2, "one", has_job=False, has_caller=False)
    await house.tick(5.0)
    house.rooms["room-1"].add("caller-1")
    await house.tick(1.0)
    assert list(rooms_of(house)) == ["room-1"]
    house.here["one"].append("room-1")
    await house.tick(GONE_S)
    assert house.ends() == {"call-1": None, "call-2": "crashed"}


@pytest.mark.parametrize("state", [b"", b"not json", b"{}"])
async def test_what_cannot_be_read_is_closed(house: House, state: bytes) -> None:
    """Of another version's worker."""
    house.hire("one")
    house.call(1, "one", has_job=False)
    house.kept.keep("call-1", "room-1", "one", state, NOON)
    await house.tick(1.0)
    assert house.sent == [] and house.ends() == {"call-1": "crashed"}


async def test_nothing_is_closed_while_the_server_is_away(house: House) -> None:
    """Then nobody knows who is still there."""
    house.hire("one")
    house.call(1, "one", has_job=False)
    house.is_away = True
    with pytest.raises(OSError, match="away"):
        await house.tick(1.0)
    assert house.ends() == {"call-1": None}


async def test_a_worker_that_ends_in_order_leaves_nothing(house: House) -> None:
    """Nobody takes it for dead."""
    house.hire("one", "two")
    await house.tick(1.0)
    await house.watches.pop("one").leave()
    await house.tick(10.0)
    assert list(house.kept.beat("two", NOON)) == ["two"]
