"""A real worker on a real livekit-server, real callers, and the test's own ears and voice."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agent.providers.local.speech_client import SpeechClient
from evals.caller import Caller
from evals.servers import LiveKit, RunningWorker, end, start_worker


@pytest.fixture(scope="session")
def worker(livekit_server: LiveKit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorker]:
    """One worker for all tests that leave it alive."""
    # a name of its own: the page's tests ask for `parley` on the same server and answer themselves; room for calls of
    # a test while those of the one before still end
    running = start_worker(livekit_server, tmp_path_factory.mktemp("worker"), agent_name="tested", PARLEY_CAPACITY="12")
    yield running
    end(running.process)


@pytest.fixture
async def caller(worker: RunningWorker) -> AsyncIterator[Caller]:
    """One caller in a call of its own."""
    async with worker.join() as joined:
        yield joined


@pytest.fixture
async def speech(speech_socket: Path) -> AsyncIterator[SpeechClient]:
    """Listens and speaks for the test."""
    client = SpeechClient(speech_socket)
    yield client
    await client.aclose()
