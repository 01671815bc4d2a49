"""What vendors' SDKs import late is imported before a call."""

import subprocess
import sys

from agent.config import ROOT

ASKS = """
import asyncio, os, sys
from pathlib import Path
from livekit.agents import llm, utils
from agent.profile.profile import Providers
from agent.providers import catalog
from agent.providers.local.speech_client import SpeechClient
from tests.rig.content import Known
from tests.rig.rig import KEYS, running

os.environ.update(KEYS)
NAMES = ["openai", "anthropic"]


async def ask():
    async with running(Known(), lambda _: "Hello there.") as rig, utils.http_context.open():
        catalog.preload(Providers.model_validate({"stt": ["local"], "llm": NAMES, "tts": ["local"]}))
        there = set(sys.modules)
        for name in NAMES:
            mind = catalog.build_llm(rig.choice("llm", name), catalog.Lent(SpeechClient(Path("none"))))
            said = llm.ChatContext([llm.ChatMessage(role="user", content=["Say hello."])])
            async with mind.chat(chat_ctx=said) as stream:
                words = "".join([chunk.delta.content or "" async for chunk in stream if chunk.delta])
            assert words.strip() == "Hello there.", words
        print(sorted(set(sys.modules) - there))


asyncio.run(ask())
"""


def test_the_first_request_of_a_call_imports_nothing() -> None:
    """On an idle machine it is a tenth of a second in which no sound is carried, on a busy one seconds."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASKS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "[]"
