"""What callers write, on a real server: floods and books are refused in a sentence, and everything else is read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from livekit import rtc

from agent.profile.profile import Limits
from agent.room.written import BURST, Pace, Written
from evals.servers import LiveKit
from tests.fakes.calls import shop
from tests.fakes.guests import Hall

pytestmark = pytest.mark.timeout(60)
SENTENCES = shop().sentences


@dataclass
class Desk:
    """What arrives of a caller's messages."""

    taken: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def until(self, count: int) -> None:
        """So much has arrived, or was refused."""
        async with asyncio.timeout(20):
            while len(self.taken) + len(self.refused) < count:  # noqa: ASYNC110  # lists that callbacks fill
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def desk(server: LiveKit, counts: frozenset[str] = frozenset({"caller"})) -> AsyncIterator[tuple[Desk, rtc.Room]]:
    """The agent's inbox in a room with one caller."""
    hall, found = Hall(server), Desk()
    async with hall.guest("agent", "agent") as room, hall.guest("caller") as caller:
        limits = Limits(max_message_chars=100, max_messages_per_s=1.0)
        written = Written(
            room, limits, SENTENCES, counts=counts.__contains__, take=found.taken.append, refuse=found.refused.append
        )
        yield found, caller
        await written.aclose()


async def write(caller: rtc.Room, text: str) -> None:
    """As the page does."""
    await caller.local_participant.send_text(text, topic="lk.chat")


@pytest.mark.needs("livekit-server")
@pytest.mark.parametrize("text", ["x" * 101, "word " * 2000, "é" * 1_000_000], ids=["one more", "a page", "a megabyte"])
async def test_a_message_that_is_too_long_is_refused_and_the_next_is_read(livekit_server: LiveKit, text: str) -> None:
    """Nobody reads a megabyte, and nobody is cut off for sending one."""
    async with desk(livekit_server) as (found, caller):
        await write(caller, text)
        await write(caller, "Where is my order?")
        await found.until(2)
    assert found.taken == ["Where is my order?"]
    assert found.refused == [SENTENCES.too_long]


@pytest.mark.needs("livekit-server")
async def test_a_flood_is_read_in_part_and_refused_once(livekit_server: LiveKit) -> None:
    """Hundreds at once cost a sentence, not a busy agent; afterwards the caller is read again."""
    async with desk(livekit_server) as (found, caller):
        await asyncio.gather(*(write(caller, f"message {n}") for n in range(300)))
        await asyncio.sleep(2.0)
        assert BURST <= len(found.taken) <= 3 * BURST, len(found.taken)  # a busy machine sends them in several bursts
        assert found.refused and set(found.refused) == {SENTENCES.too_fast}
        await write(caller, "Are you there?")
        await found.until(len(found.taken) + len(found.refused) + 1)
    assert found.taken[-1] == "Are you there?"


@pytest.mark.needs("livekit-server")
@pytest.mark.parametrize("text", ["", "   ", "\n\t\n"])
async def test_nothing_is_no_message(livekit_server: LiveKit, text: str) -> None:
    """A key that was pressed by mistake."""
    async with desk(livekit_server) as (found, caller):
        await write(caller, text)
        await write(caller, "hello")
        await found.until(1)
    assert (found.taken, found.refused) == (["hello"], [])


@pytest.mark.needs("livekit-server")
async def test_the_words_of_others_are_not_the_callers(livekit_server: LiveKit) -> None:
    """caller.py decides whose words count; the others get no answer either."""
    async with desk(livekit_server, counts=frozenset()) as (found, caller):
        for _ in range(2 * BURST):
            await write(caller, "x" * 500)
        await asyncio.sleep(0.5)
    assert (found.taken, found.refused) == ([], [])


def test_a_pace_fills_up_again() -> None:
    """So many at once, then one a second; a pause gives them back, but never more than at first."""
    pace = Pace(per_s=1.0)
    assert [pace.allows(10.0) for _ in range(BURST + 1)] == [True] * BURST + [False]
    assert pace.allows(11.0) and not pace.allows(11.5) and not pace.allows(12.0) and pace.allows(13.0)
    assert [pace.allows(1000.0) for _ in range(BURST + 1)] == [True] * BURST + [False]
