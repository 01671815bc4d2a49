"""A line on which words are read: a call in this process."""

import random
from pathlib import Path

from agent.config import ROOT
from agent.profile.profile import load_profile
from evals.strangers import wishes
from evals.strangers.by_text import CLOCK, TextAgent
from tests.fakes.embedder import WordEmbedder


async def test_a_call_has_a_database_of_its_own_and_says_what_tools_have_done(tmp_path: Path) -> None:
    """At the fixed moment, and nothing is left of it."""
    agent = TextAgent(load_profile("shop", ROOT / "profiles"), WordEmbedder(), tmp_path)
    async with agent.reach(0) as call:
        assert call.now.replace(tzinfo=None) == CLOCK
        assert wishes.make("shop", random.Random(1), call.before, call.now).profile == "shop"
        async with call.line as line:
            assert (await line.say("where is order number 1005")).text
            done = [(made.tool, made.arguments["order_number"]) for made in line.done]
            assert line.ended is None
    assert done == [("check_shipping", "1005")]
    assert call.after() == call.before
