"""`python -m evals thinking`: what a turn costs in ms, from the caller's words to the answer's, without speech.

Questions about an order, in a session by text, on the real tools and backend: by the local understanding, by a large
model behind the router, and by that model alone. The model is an endpoint on loopback that thinks for no time, so its
figure is what asking costs; a real one adds its own time to first token, twice in such a turn.

With `--words` (a .tsv.gz with the columns service, utterance and system_before) it tells instead how many turns are for
the large LLM of a chain that has a small one for simple turns, and what that costs beside the large one for all.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from livekit.agents import AgentSession, llm
from livekit.plugins import openai

from agent.call.call import Call, utc_now
from agent.config import ROOT
from agent.dialog.persona import Persona
from agent.profile.choices import CacheChoice, RouterChoice
from agent.profile.profile import Profile, load_profile
from agent.providers.local.models.minilm import MiniLM
from agent.thinking.llm_stack import build_around, build_understanding
from agent.tooling.toolbox import Toolbox, connect_backends, load_toolbox, prepare_backends
from agent.understanding.matching.embedding import Vectors
from agent.understanding.reading.codes import has_code
from evals import hard_turns
from tests.fakes.openai_server import OpenAIServer, serving

SENTENCES = ROOT / "tests" / "agent" / "understanding" / "held_out.yaml"
ABOUT_ORDERS = ("lookup_order", "check_shipping")


@dataclass(frozen=True, slots=True)
class Figures:
    """The turns of one way to think, and how often a model was asked."""

    name: str
    times_ms: Sequence[float]
    requests: float  # a turn

    @classmethod
    def of(cls, name: str, turns: Sequence[tuple[float, int]]) -> "Figures":
        """Of turns with their milliseconds and requests."""
        return cls(name, [ms for ms, _ in turns], sum(count for _, count in turns) / (len(turns) or 1))

    def line(self) -> str:
        """For the table."""
        p95 = quantiles(self.times_ms, n=20)[-1] if len(self.times_ms) > 1 else float("nan")
        middle = median(self.times_ms) if self.times_ms else float("nan")
        return f"{self.name:<38}{len(self.times_ms):6}{middle:8.1f}{p95:8.1f}{self.requests:10.1f}"


class InProcess:
    """MiniLM without the speech process; what was embedded before the turns is not counted."""

    def __init__(self) -> None:
        self._model = MiniLM()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One by one, as callers' sentences come."""
        return np.concatenate([self._model.embed([text]) for text in texts])


def questions() -> list[str]:
    """The shop's held-out sentences about orders, each with a number, so that nothing is missing."""
    found = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    said = [sentence for tool in ABOUT_ORDERS for sentence in found[tool] if not has_code(sentence)]
    return [f"{sentence.rstrip(' ?.')}, it's order 4571" for sentence in said]


async def measure() -> list[Figures]:
    """All ways, one after the other."""
    profile = load_profile("shop", ROOT / "profiles")
    profile = profile.model_copy(update={"cache": CacheChoice(enabled=False), "router": RouterChoice(enabled=False)})
    toolbox, embedder = load_toolbox(profile), InProcess()
    with TemporaryDirectory(prefix="parley-") as folder:
        url = f"sqlite:///{folder}/shop.db"
        prepare_backends(profile, url)
        backends = connect_backends(profile, url, utc_now)
        call = Call(id="c", profile=profile, publish=lambda *_: None, hang_up=lambda _: None, backends=backends)
        local = build_understanding(profile, toolbox, embedder, utc_now)
        await local.warm()
        found = [Figures.of("the local understanding", await _run(local, call, toolbox, lambda: 0))]
        routed = profile.model_copy(update={"router": RouterChoice()})
        turns = await _large(routed, toolbox, embedder, call, Path(folder))
        found.append(Figures.of("the router, where it is sure", [turn for turn in turns if not turn[1]]))
        found.append(Figures.of("the router, then the model", [turn for turn in turns if turn[1]]))
        found.append(Figures.of("the model alone", await _large(profile, toolbox, embedder, call, Path(folder))))
    return found


async def _large(
    profile: Profile, toolbox: Toolbox, embedder: InProcess, call: Call, folder: Path
) -> list[tuple[float, int]]:
    around = build_around(profile, toolbox, embedder, folder)
    await around.warm()
    server = OpenAIServer(reply="Your order was shipped yesterday and should arrive on Monday.", calls_tool=_tool_of)
    async with serving(server):
        inner = openai.LLM(model="fake", base_url=server.base_url, api_key="none")
        return await _run(around.llm(inner, call), call, toolbox, lambda: len(server.asked))


def _tool_of(said: str) -> tuple[str, str]:
    """What a model would ask for."""
    return "lookup_order", json.dumps({"order_number": said.rsplit(maxsplit=1)[-1]})


async def _run(mind: llm.LLM[Any], call: Call, toolbox: Toolbox, asked: Callable[[], int]) -> list[tuple[float, int]]:
    """Milliseconds and requests of each turn but the first, which opens connections."""
    turns: list[tuple[float, int]] = []
    async with mind:
        for text in questions():
            async with AgentSession[Call](llm=mind, userdata=call) as session:
                await session.start(Persona(call.profile, toolbox.tools))
                before, started = asked(), time.perf_counter()
                await session.run(user_input=text)
                turns.append(((time.perf_counter() - started) * 1000, asked() - before))
    return turns[1:]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m evals thinking", description=__doc__)
    parser.add_argument("--words", type=Path, metavar="FILE", help="instead: which of these are for a large LLM")
    parser.add_argument("--service", default="Restaurants_2", metavar="NAME", help="of FILE, whose turns are taken")
    parser.add_argument("--profile", default="restaurant", metavar="NAME", help="that they are said to")
    parser.add_argument("--turns", type=int, default=300, metavar="N", help="of them (default 300)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="draws them (default 1)")
    arguments = parser.parse_args()
    if arguments.words:
        return hard_turns.run(arguments)
    found = asyncio.run(measure())
    print(f"{'':<38}{'turns':>6}{'p50 ms':>8}{'p95 ms':>8}{'requests':>10}")
    for figures in found:
        print(figures.line())
    print(json.dumps({f.name: round(median(f.times_ms), 1) for f in found if f.times_ms}))
    return 0
