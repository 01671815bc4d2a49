"""`python -m evals text`: scenarios of the profiles, or of a folder, talked through by text, and what came of each.

docs/scenarios.md says how to write one and how to read the report.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.config import Settings
from agent.errors import ConfigError
from agent.profile.choices import ProviderChoice
from agent.profile.profile import Profile, load_profile
from agent.providers import catalog
from evals.embedding import RealEmbedder
from evals.rehearsal import Rehearsal, Result, rehearse
from evals.scenario import Files, files_below
from evals.text_report import figures, show, write


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", action="append", help="only this one; may be given several times")
    parser.add_argument(
        "--scenarios", type=Path, metavar="FOLDER", help="those of this folder instead of the profiles'"
    )
    parser.add_argument("--llm", default="", help="a name of docs/providers.md instead of the profile's own")
    parser.add_argument("--llm-option", action="append", default=[], metavar="KEY=VALUE", help="an option of that LLM")
    parser.add_argument("--runs", type=int, default=1, help="how often each is played")
    parser.add_argument("--only", default="", help="those whose file or name holds this")
    parser.add_argument("--out", type=Path, help="where the report goes (default: evals/text in PARLEY_VAR_DIR)")
    return parser.parse_args()


def choose(settings: Settings, names: Sequence[str], llm: str, options: Sequence[str]) -> list[Profile]:
    """The profiles to be judged, thinking with the LLM asked for. Raises ConfigError."""
    profiles = [load_profile(name, settings.profiles_dir) for name in names]
    if not llm:
        return profiles
    choice = ProviderChoice(name=llm, options={key: value for key, _, value in (o.partition("=") for o in options)})
    catalog.checked("llm", choice)
    return [
        profile.model_copy(update={"providers": profile.providers.model_copy(update={"llm": (choice,)})})
        for profile in profiles
    ]


def sort_out(known: Sequence[str], asked: Sequence[str], folder: Path | None) -> dict[str, Files | None]:
    """Which profiles are judged, and by which files: their own (None), or those of the folder. Raises ConfigError."""
    if folder is None:
        return dict.fromkeys(asked or known)
    found = files_below(folder, known)
    if missing := [name for name in asked if name not in found]:
        raise ConfigError(f"--scenarios {folder}: no file in it is about {missing[0]} (they are: {', '.join(found)})")
    return {name: found[name] for name in asked or found}


async def judged(
    profiles: Sequence[Profile], files: Mapping[str, Files | None], *, runs: int, only: str
) -> list[Result]:
    """Everything played, on databases that are gone afterwards. Raises ConfigError, also when there is none."""
    embedder = RealEmbedder()
    with tempfile.TemporaryDirectory(prefix="parley-scenarios-") as folder:
        rehearsals = [Rehearsal(profile, embedder, Path(folder), files[profile.name]) for profile in profiles]
        results = await rehearse(rehearsals, runs=runs, only=only)
    if not results:
        raise ConfigError(f"--only {only}: no scenario has that in its file or name" if only else "no scenario to play")
    return results


def main() -> int:
    """0 when every scenario passed in every run, 1 when one did not, 2 when a file is wrong."""
    chosen = arguments()
    started = time.perf_counter()
    try:
        settings = Settings.load()
        known = sorted(path.parent.name for path in settings.profiles_dir.glob("*/profile.yaml"))
        files = sort_out(known, chosen.profile or (), chosen.scenarios)
        profiles = choose(settings, tuple(files), chosen.llm, chosen.llm_option)
        results = asyncio.run(judged(profiles, files, runs=chosen.runs, only=chosen.only))
    except ConfigError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    found = figures(
        results, seconds=time.perf_counter() - started, llm=catalog.first("llm", profiles[0].providers).name
    )
    folder = chosen.out or settings.var_dir / "evals" / "text"
    write(folder, found, results)
    show(results)
    print(f"\nreport: {folder / 'index.html'}")
    print(json.dumps(found))
    return 0 if found["passed"] == found["scenarios"] else 1
