"""`python -m evals audio`: the scenarios marked `spoken`, said aloud by hibari to a real worker on a real
livekit-server, and judged like those by text: what was called, what was said, what the database holds. With `--modes`
each is played as a pipeline and in realtime mode (evals/audio_modes.py)."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from agent.config import Settings
from agent.errors import ConfigError
from agent.profile.profile import Profile, load_profile
from evals import audio_modes
from evals.modes import MODES, modes_of
from evals.spoken import Conversation, play, scripts_of, serving


async def converse(profiles: Sequence[Profile], only: str, out: Path) -> list[Conversation]:
    """Every spoken scenario, one after the other; each with what was wrong. Raises ConfigError and NotStarted."""
    with tempfile.TemporaryDirectory(prefix="parley-audio-") as name:
        folder = Path(name)
        async with serving(folder, out) as servers:
            judged: list[Conversation] = []
            for profile in profiles:
                judged += await play(scripts_of(profile, only), profile, servers, folder / profile.name)
            return judged


def main() -> int:
    """0 when every conversation came true, 1 when not, 2 when a file is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="append", help="only this one; may be given several times")
    parser.add_argument("--only", default="", help="those whose file or name holds this")
    parser.add_argument("--modes", metavar="M,M", help=f"play them in each of these modes: {', '.join(MODES)}")
    parser.add_argument("--out", type=Path, help="where recordings go (default: evals/audio in PARLEY_VAR_DIR)")
    chosen = parser.parse_args()
    modes = modes_of(chosen.modes) if chosen.modes is not None else ()
    try:
        settings = Settings.load()
        names = chosen.profile or sorted(path.parent.name for path in settings.profiles_dir.glob("*/profile.yaml"))
        profiles = [load_profile(name, settings.profiles_dir) for name in names]
        out = chosen.out or settings.var_dir / "evals" / "audio"
        if modes:
            return audio_modes.run(profiles, modes, chosen.only, out)
        judged = asyncio.run(converse(profiles, chosen.only, out))
    except ConfigError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    passed = sum(not one.wrong for one in judged)
    print(f"\nrecordings, caller left and agent right: {out}")
    print(json.dumps({"conversations": len(judged), "passed": passed}))
    return 0 if judged and passed == len(judged) else 1
