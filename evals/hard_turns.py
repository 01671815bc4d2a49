"""`python -m evals thinking --words FILE`: how many turns a large LLM gets where the chain has a small one for simple
turns, on sentences of strangers, each with what the system had said before; and what that costs beside the large one
for all. Through the real plugin, to the rig."""

import argparse
import asyncio
import csv
import gzip
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from livekit.agents import llm

from agent.call.call import Call, utc_now
from agent.config import ROOT
from agent.events import Event, RouterDecided, TurnWeighed
from agent.profile.choices import CacheChoice, HardTurnChoice, ProviderChoice
from agent.profile.profile import Profile, load_profile
from agent.providers import catalog
from agent.providers.chains import Chains
from agent.providers.costs import MICROS_PER_CENT, Usage, micros
from agent.providers.local.speech_client import SpeechClient
from agent.rules.hardness import Why, weigh
from agent.session.thinking import weighed
from agent.thinking.llm_stack import build_around
from agent.tooling.toolbox import connect_backends, load_toolbox, prepare_backends
from agent.understanding.routing import Route
from evals.embedding import RealEmbedder
from evals.servers import NotStarted
from tests.rig.content import Heard, Known
from tests.rig.rig import KEYS, Rig, running

SMALL, LARGE = "gpt-4.1-mini", "gpt-4.1"
REQUEST = Usage(input_tokens=1500, cached_tokens=1024, output_tokens=40)  # that of docs/providers.md


@dataclass(frozen=True, slots=True)
class Said:
    """A stranger's sentence, and what the system had said before it."""

    before: str
    words: str


def strangers(path: Path, service: str, count: int, seed: int) -> list[Said]:
    """So many of a service's turns, drawn by the seed. Raises NotStarted."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file, delimiter="\t") if row["service"] == service]
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise NotStarted(f"--words: {path} cannot be read: {error!r}") from error
    if not rows:
        raise NotStarted(f"--words: {path} has no turn of the service {service!r}")
    drawn = Random(seed).sample(rows, min(count, len(rows)))  # the same turns each time
    return [Said(row["system_before"] or "", row["utterance"]) for row in drawn]


def _profile(name: str, rig: Rig) -> Profile:
    """With a small and a large one, both there."""
    profile = load_profile(name, ROOT / "profiles")
    models = tuple(rig.choice("llm", "openai", model=model) for model in (SMALL, LARGE))
    return profile.model_copy(
        update={
            "providers": profile.providers.model_copy(update={"llm": models}),
            "hard_turns": HardTurnChoice(llm=(f"openai/{LARGE}",)),
            "cache": CacheChoice(enabled=False),
        }
    )


async def measure(name: str, said: Sequence[Said]) -> Mapping[str, float]:
    """Ask for each of them once."""
    told: list[Event] = []
    with TemporaryDirectory(prefix="parley-") as folder:
        async with running(Known(), _thinks) as rig:
            profile = _profile(name, rig)
            await _ask(profile, said, Path(folder), told)
            requests = len(rig.openai.asked)
    return _figures(told, len(said), requests)


def _thinks(_: Heard) -> str:
    return "Let me see."


async def _ask(profile: Profile, said: Sequence[Said], folder: Path, told: list[Event]) -> None:
    toolbox, embedder, url = load_toolbox(profile), RealEmbedder(), f"sqlite:///{folder}/{profile.name}.db"
    prepare_backends(profile, url)
    call = Call(
        id="c",
        profile=profile,
        publish=lambda _id, _at, event: told.append(event),
        hang_up=lambda _: None,
        backends=connect_backends(profile, url, utc_now),
    )
    heard: list[Route | None] = [None]

    def judge(history: llm.ChatContext) -> Why:
        return weigh(weighed(history, heard[-1].reading if heard[-1] else None))

    around = build_around(profile, toolbox, embedder, folder)
    await around.warm()
    inner = Chains(profile, folder, told.append).build_mind(catalog.Lent(SpeechClient(folder / "none")), judge)
    async with around.llm(inner, call, heard.append) as mind:
        for one in said:
            history = llm.ChatContext.empty()
            if one.before:
                history.add_message(role="assistant", content=one.before)
            history.add_message(role="user", content=one.words)
            await mind.chat(chat_ctx=history, tools=list(toolbox.tools)).collect()


def _figures(told: Sequence[Event], turns: int, requests: int) -> Mapping[str, float]:
    """By what was decided; on a busy machine the rig is late, and some requests have a rival."""
    why = [event.why for event in told if isinstance(event, TurnWeighed)]
    acted = sum(event.why == "acted" for event in told if isinstance(event, RouterDecided))
    asked = {SMALL: why.count(Why.SIMPLE), LARGE: len(why) - why.count(Why.SIMPLE)}
    cents = sum(count * _cents(model) for model, count in asked.items())
    return {
        "turns": turns,
        "by_router_alone": acted,
        **{reason.value: why.count(reason.value) for reason in Why},
        "requests": requests,
        "to_small": asked[SMALL],
        "to_large": asked[LARGE],
        "share_large": round(asked[LARGE] / max(1, sum(asked.values())), 3),
        "cents_per_100_turns": round(100 * cents / turns, 2),
        "always_large": round(100 * sum(asked.values()) * _cents(LARGE) / turns, 2),
        "always_small": round(100 * sum(asked.values()) * _cents(SMALL) / turns, 2),
    }


def _cents(model: str) -> float:
    price = catalog.price("llm", ProviderChoice(name="openai", options={"model": model}))
    assert price is not None
    return micros(price, REQUEST) / MICROS_PER_CENT


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    os.environ.update(KEYS)  # the rig's
    said = strangers(arguments.words, arguments.service, arguments.turns, arguments.seed)
    print(json.dumps(asyncio.run(measure(arguments.profile, said))))
    return 0
