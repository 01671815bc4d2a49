"""`python -m evals strangers`: callers who never read a tool's examples, each with a wish and the habits people have.

Their sentences are cut from other people's; docs/strangers.md says from which, what is counted and what was found.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from agent.config import Settings
from agent.errors import ConfigError
from agent.profile import load_profile
from evals.embedding import RealEmbedder
from evals.strangers.playing import House, Played
from evals.strangers.words import Words, read_words

PROFILES = ("shop", "restaurant", "dental", "bank")
WORDS = Path("../shared/data/sgd/dev.tsv.gz")
AT_ONCE = 4  # more wait for the model that embeds


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=Path, default=WORDS, help="the file their sentences are cut from (%(default)s)")
    parser.add_argument("--calls", type=int, default=400, help="how many, in all (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what is drawn by (%(default)s)")
    parser.add_argument(
        "--profile", action="append", choices=PROFILES, help="only this one; may be given several times"
    )
    parser.add_argument("--only", type=int, metavar="NUMBER", help="play this call again and print it; needs --profile")
    parser.add_argument("--failures", action="store_true", help="print every call that did not go right")
    return parser.parse_args()


async def played(words: Words, names: Sequence[str], calls: int, seed: int, only: int | None) -> list[Played]:
    """All calls, on databases that are gone afterwards, in the order of their numbers. Raises ConfigError."""
    settings, embedder = Settings.load(), RealEmbedder()
    with tempfile.TemporaryDirectory(prefix="parley-strangers-") as folder:
        houses = [
            House(load_profile(name, settings.profiles_dir), embedder, Path(folder), words, seed) for name in names
        ]
        for house in houses:
            await house.warm()
        if only is not None:
            return [await houses[0].play(only)]
        free = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> Played:
            async with free:
                return await houses[number % len(houses)].play(number // len(houses))

        return await asyncio.gather(*(one(number) for number in range(calls)))


def show(call: Played) -> None:
    """A call as it went."""
    verdict = call.verdict
    print(f"\n--- {call.profile} {call.number}: {call.wish}")
    for turn in call.turns:
        print(f"  caller: {turn.words}\n  agent:  {turn.reply}")
    found = "completed" if verdict.is_completed else f"not completed ({verdict.problem or 'the row is not there'})"
    print(f"  => {found}" + "".join(f"; wrong row: {row}" for row in verdict.wrong) + (
        f"; loop: {verdict.loop}" if verdict.loop else ""
    ))  # fmt: skip


def figures(found: Sequence[Played]) -> dict[str, object]:
    """What is counted of these calls."""
    return {
        "calls": len(found),
        "completed": sum(call.verdict.is_completed for call in found),
        "wrong_rows": sum(len(call.verdict.wrong) for call in found),
        "loops": sum(bool(call.verdict.loop) for call in found),
        "turns_p50": median(call.verdict.turns for call in found),
    }


def table(found: Sequence[Played]) -> None:
    """The same for each profile and wish."""
    print(f"\n{'profile':12}{'wish':22}{'calls':>6}{'completed':>11}{'wrong rows':>12}{'loops':>7}{'turns':>7}")
    for profile, wish in sorted({(call.profile, call.wish) for call in found}):
        of_it = figures([call for call in found if (call.profile, call.wish) == (profile, wish)])
        calls, completed, wrong, loops, turns = of_it.values()
        print(f"{profile:12}{wish:22}{calls:>6}{completed:>11}{wrong:>12}{loops:>7}{turns:>7}")


def main() -> int:
    """0 when the calls were played, whatever came of them; 2 when a file is wrong or nothing is to be played."""
    chosen = arguments()
    started = time.perf_counter()
    try:
        if chosen.only is not None and len(chosen.profile or ()) != 1:
            raise ConfigError("--only NUMBER: needs one --profile, since each counts its calls by itself")
        if chosen.calls < 1:
            raise ConfigError(f"--calls {chosen.calls}: needs to be at least 1")
        words = read_words(chosen.words)
        names = chosen.profile or PROFILES
        found = asyncio.run(played(words, names, chosen.calls, chosen.seed, chosen.only))
    except ConfigError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    for call in found:
        if chosen.only is not None or (chosen.failures and not call.verdict.is_right):
            show(call)
    table(found)
    seconds = time.perf_counter() - started
    print(f"\n{len(words.used)} of {len(words)} templates used, seed {chosen.seed}, {seconds:.0f} s")
    print(json.dumps(figures(found)))
    return 0
