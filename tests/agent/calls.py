"""What tests of whole calls say and look at."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from agent.config import ROOT
from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import Caller, Samples

ANSWER_S = 90  # generous: a busy machine is slow, not wrong


def profiles_with(folder: Path, **sections: Mapping[str, object] | str) -> str:
    """A folder of profiles, inside of that one, in which the shop has these sections instead of its own."""
    profiles = folder / "profiles"
    shutil.copytree(ROOT / "profiles", profiles)
    path = profiles / "shop" / "profile.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | sections, sort_keys=False))
    return str(profiles)


def kinds(caller: Caller, kind: str) -> list[dict[str, object]]:
    """The events of one kind that the page got."""
    return [event for event in caller.events if event["type"] == kind]


def spoken(caller: Caller) -> list[str]:
    """What the agent said, whole turns, as its events tell."""
    return [str(event["text"]) for event in kinds(caller, "agent_spoke")]


async def greeted(caller: Caller) -> None:
    """Wait until the greeting is over."""
    await caller.until(lambda c: kinds(c, "greeted"), ANSWER_S, "the greeting")


async def ask(caller: Caller, question: Samples) -> str:
    """Say it and wait for the agent's next whole answer, as the room's captions tell it."""
    before = len(spoken(caller))
    await caller.say(question)
    await caller.until(lambda c: len(spoken(c)) > before, ANSWER_S, "an answer")
    return spoken(caller)[-1]


async def heard(caller: Caller, speech: SpeechClient, since: float) -> str:
    """What a person at the caller's end would have understood: the received sound, transcribed."""
    samples = caller.agent_spoke_since(since)
    return await speech.transcribe(voices.resampled(samples, 48_000, 16_000).tobytes())
