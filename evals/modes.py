"""The modes that measurements compare, and where a worker's realtime model is: the rig's OpenAI Realtime server on
loopback, with the local models behind it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import yaml

from agent.providers.local.speech_client import SpeechClient
from evals.servers import NotStarted
from tests.rig.content import Mind, Models
from tests.rig.rig import KEYS, Rig, running

ModeName = Literal["pipeline", "realtime"]
MODES: dict[str, ModeName] = {"pipeline": "pipeline", "realtime": "realtime"}
KEY_VARIABLE = "RIG_REALTIME_KEY"  # not OpenAI's own: by that the pipeline's `auto` would go to the cloud
ROLES = ("stt", "llm", "tts")


def modes_of(text: str) -> tuple[ModeName, ...]:
    """The modes of a list with commas, each once, in its order. Raises NotStarted with a sentence that names those
    there are."""
    found: list[ModeName] = []
    for name in (part.strip() for part in text.split(",")):
        if name not in MODES:
            raise NotStarted(f"--modes: there is no mode {name!r}; there are {', '.join(MODES)}")
        found.append(MODES[name])
    return tuple(dict.fromkeys(found))


@asynccontextmanager
async def realtime_rig(profiles: Path, speech: SpeechClient, mind: Mind) -> AsyncIterator[dict[str, str]]:
    """The rig, for as long as the block runs: `speech` hears and speaks in it, `mind` thinks. The profiles of that
    folder are rewritten so that their calls are in realtime mode on it. Gives the variables of a worker that serves
    them."""
    async with running(Models(speech), mind) as rig:
        rewrite(profiles, lambda written: in_realtime(written, rig))
        yield {"PARLEY_PROFILES_DIR": str(profiles), KEY_VARIABLE: KEYS["OPENAI_API_KEY"]}


def rewrite(profiles: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change each profile of that folder, which is a copy."""
    for path in sorted(profiles.glob("*/profile.yaml")):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump(change(written), sort_keys=False), encoding="utf-8")


def in_realtime(written: dict[str, Any], rig: Rig) -> dict[str, Any]:
    """A profile as it is written, in realtime mode on the rig; its own providers stand behind, as they did."""
    before = written.get("providers", {})
    behind = dict.fromkeys(ROLES, before) if isinstance(before, str) else dict(before)
    whole = rig.choice("realtime", "openai", api_key_variable=KEY_VARIABLE).model_dump()
    return written | {"mode": "realtime", "providers": behind | {"realtime": whole}}
