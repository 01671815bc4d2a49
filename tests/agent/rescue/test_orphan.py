"""What a job does whose worker has died, on a real server: it tells the caller, waits for an heir, or ends the call."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import pytest
from livekit import rtc

import agent.rescue.orphan
from agent.config import Settings
from agent.rescue.orphan import Orphan, dismiss
from evals.servers import LiveKit
from tests.fakes.calls import shop
from tests.fakes.guests import Hall

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(60)]
SENTENCES = shop().sentences


@dataclass
class Left:
    """What it did."""

    said: list[str] = field(default_factory=list)
    buried: list[bool] = field(default_factory=list)

    async def say(self, sentence: str) -> None:
        """As if it were played."""
        self.said.append(sentence)

    def orphan(self, room: rtc.Room, server: LiveKit) -> Orphan:
        """Of a call in that room."""
        ours = {"LIVEKIT_URL": server.url, "LIVEKIT_API_KEY": server.key, "LIVEKIT_API_SECRET": server.secret}
        return Orphan(room, Settings.model_validate(ours), SENTENCES, self.say, lambda: self.buried.append(True))


@pytest.fixture
def hall(livekit_server: LiveKit) -> Hall:
    """A room of the test's own."""
    return Hall(livekit_server)


async def cancelled(task: "asyncio.Task[None]") -> None:
    """As LiveKit does to everything when the worker is gone."""
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.wait([task])


async def test_with_an_heir_it_only_asks_for_patience(hall: Hall) -> None:
    """The other agent has the call from then on."""
    left = Left()
    async with hall.guest("orphan", "agent") as room, hall.guest("caller") as caller, hall.guest("heir", "agent"):
        read: list[str] = []
        reading: set[asyncio.Task[None]] = set()

        async def take(stream: rtc.TextStreamReader) -> None:
            read.append(await stream.read_all())

        caller.register_text_stream_handler(
            "lk.transcription", lambda one, _: reading.add(asyncio.create_task(take(one)))
        )
        await cancelled(asyncio.create_task(left.orphan(room, hall.server).when_left()))
        assert room.isconnected()
        async with asyncio.timeout(5):
            while not read:  # noqa: ASYNC110  # the caller's own list
                await asyncio.sleep(0.02)
        assert read == [SENTENCES.hold_the_line]
    assert (left.said, left.buried) == ([SENTENCES.hold_the_line], [])


async def test_without_an_heir_it_says_goodbye_and_ends_the_room(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hangs on in silence."""
    monkeypatch.setattr(agent.rescue.orphan, "HEIR_S", 1.0)
    left = Left()
    async with hall.guest("orphan", "agent") as room, hall.guest("caller") as caller:
        await cancelled(asyncio.create_task(left.orphan(room, hall.server).when_left()))
        async with asyncio.timeout(10):
            while caller.isconnected():  # noqa: ASYNC110  # the room's own state
                await asyncio.sleep(0.02)
    assert (left.said, left.buried) == ([SENTENCES.hold_the_line, SENTENCES.limit_goodbye], [True])


async def test_after_an_end_in_order_it_does_nothing(hall: Hall) -> None:
    """Every call that ends by itself."""
    left = Left()
    async with hall.guest("orphan", "agent") as room:
        task = asyncio.create_task(left.orphan(room, hall.server).when_left())
        await asyncio.sleep(0.1)
        dismiss(task)
        with contextlib.suppress(asyncio.CancelledError):
            await task
    dismiss(None)
    assert (left.said, left.buried) == ([], [])
