"""`python -m evals audio --modes`: the same spoken scenarios in each mode of the same profile.

A conversation passes by what outlasts it: it did not break off, ended as it should, and left the database as the
scenario says. The words are judged too, and told beside it: a large model asks for a tool where the local understanding
reads back by itself, so that the calls of a turn differ by mode. The last line is JSON: for each mode `played`,
`passed`, `as_written`, and `by_pipeline`, in how many the pipeline answered instead of a realtime model.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from agent.profile.profile import Profile
from agent.providers.local.speech_client import SpeechClient
from evals.modes import ModeName, realtime_rig
from evals.realtime_mind import RealtimeMind
from evals.spoken import Conversation, play, scripts_of, serving

ByMode = Mapping[ModeName, Sequence[Conversation]]


def run(profiles: Sequence[Profile], modes: Sequence[ModeName], only: str, out: Path) -> int:
    """Play, and print what came of it. 0 when every conversation passed in every mode, 1 when not. Raises ConfigError
    and NotStarted."""
    played = asyncio.run(_converse(profiles, modes, only, out))
    print(f"\n{table(played)}\n\nrecordings, caller left and agent right: {out}")
    print(json.dumps(summary(played)))
    return 0 if all(played.values()) and not any(one.lasting for each in played.values() for one in each) else 1


async def _converse(profiles: Sequence[Profile], modes: Sequence[ModeName], only: str, out: Path) -> ByMode:
    """Profile by profile, each mode with a worker and databases of its own, one after the other."""
    found: dict[ModeName, list[Conversation]] = {mode: [] for mode in modes}
    with tempfile.TemporaryDirectory(prefix="parley-audio-") as name:
        async with serving(Path(name), out) as servers:
            for profile in profiles:
                scripts = scripts_of(profile, only)
                for mode in modes if scripts else ():
                    folder = Path(name) / f"{profile.name}-{mode}"
                    async with _variables(mode, profile, servers.speech, folder) as own:
                        found[mode] += await play(scripts, profile, servers, folder, own, f" in {mode} mode")
    return found


@asynccontextmanager
async def _variables(
    mode: ModeName, profile: Profile, speech: SpeechClient, folder: Path
) -> AsyncIterator[dict[str, str]]:
    """What tells a worker to serve the profile in that mode; a pipeline is what it is without."""
    if mode == "pipeline":
        yield {}
        return
    profiles = folder / "profiles"
    shutil.copytree(profile.folder.parent, profiles)
    async with realtime_rig(profiles, speech, await RealtimeMind.of(profile, speech)) as variables:
        yield variables


def summary(played: ByMode) -> dict[str, dict[str, int]]:
    """The last line of the output."""
    return {mode: _counted(conversations) for mode, conversations in played.items()}


def _counted(conversations: Sequence[Conversation]) -> dict[str, int]:
    return {
        "played": len(conversations),
        "passed": sum(not one.lasting for one in conversations),
        "as_written": sum(not one.wrong for one in conversations),
        "by_pipeline": sum(one.is_by_pipeline for one in conversations),
    }


def table(played: ByMode) -> str:
    """What a person reads: each conversation in each mode, with what is wrong in the end, and the sums."""
    lines = [f"{'':10}{'played':>8}{'passed':>8}{'as written':>12}{'by the pipeline':>17}"]
    for mode, figures in summary(played).items():
        lines.append(
            f"{mode:10}{figures['played']:8}{figures['passed']:8}{figures['as_written']:12}{figures['by_pipeline']:17}"
        )
    for mode, conversations in played.items():
        lines += [f"{mode:10}{'WRONG' if one.lasting else 'right':7}{one.name}" for one in conversations]
        lines += [f"{'':17}{one.name}: {reason}" for one in conversations for reason in one.lasting]
    return "\n".join(lines)
