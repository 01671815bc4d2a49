"""A tool that takes its time, on the real server: what the caller hears meanwhile."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import Caller
from evals.servers import RunningWorker
from tests.agent.calls import ask, greeted, heard, kinds
from tests.fakes.calls import shop

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(120)]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """The orders cannot be read: whoever asks waits as long as the backend's patience, which is a second."""
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        file.rollback()
        file.close()


async def test_a_slow_tool_is_bridged_by_a_filler(worker: RunningWorker, caller: Caller, speech: SpeechClient) -> None:
    """The caller hears one filler, once, and right behind it the tool's sentence; a quick tool brings none."""
    question = await voices.agents(speech, "Where is my order number one zero zero one?")
    await greeted(caller)
    asked_at = caller.now
    with locked(worker.var / "shop.db"):
        answer = await ask(caller, question)
    (returned,) = kinds(caller, "tool_returned")
    assert returned["outcome"] == "failed" and float(str(returned["duration_ms"])) > 900, caller.transcript()
    assert [event["tool"] for event in kinds(caller, "filler_spoken")] == ["check_shipping"], caller.transcript()
    fillers = shop().fillers.sentences
    said = [caption.text for caption in caller.captions if caption.is_agent][1:]
    assert len(said) >= 2 and said[0].strip() in fillers and answer not in fillers, caller.transcript()
    words = (await heard(caller, speech, asked_at)).lower()
    assert any(word in words for word in ("moment", "look", "second")), words  # what each of them turns on
    assert "system" in words, words
    await asyncio.sleep(1)
    assert "FedEx" in await ask(caller, question)
    assert len(kinds(caller, "filler_spoken")) == 1, caller.transcript()
