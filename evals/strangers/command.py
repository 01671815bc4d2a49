"""`python -m evals strangers`: callers who never read a tool's examples, each with a wish and the habits people have.

Their sentences are cut from other people's; docs/strangers.md says from which, what is counted and what was found.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from agent.config import Settings
from agent.errors import ConfigError, VoiceAgentError
from agent.profile.profile import load_profile
from evals.embedding import RealEmbedder
from evals.servers import running_livekit, running_speech
from evals.strangers.by_text import TextAgent
from evals.strangers.by_voice import hired
from evals.strangers.playing import House, Played
from evals.strangers.words import Words, read_words

PROFILES = ("shop", "restaurant", "dental", "bank")
WORDS = Path("../shared/data/sgd/dev.tsv.gz")
CALLS, SPOKEN_CALLS = 400, 40
AT_ONCE = 4  # more wait for the model that embeds


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=Path, default=WORDS, help="the file their sentences are cut from (%(default)s)")
    parser.add_argument("--audio", action="store_true", help="by voice, one call after the other, to real workers")
    parser.add_argument("--calls", type=int, help=f"how many, in all ({CALLS}, by voice {SPOKEN_CALLS})")
    parser.add_argument("--seed", type=int, default=1, help="what is drawn by (%(default)s)")
    parser.add_argument(
        "--profile", action="append", choices=PROFILES, help="only this one; may be given several times"
    )
    parser.add_argument("--only", type=int, metavar="NUMBER", help="play this call again and print it; needs --profile")
    parser.add_argument("--failures", action="store_true", help="print every call that did not go right")
    chosen = parser.parse_args()
    if chosen.only is not None and len(chosen.profile or ()) != 1:
        raise ConfigError("--only NUMBER: needs one --profile, since each counts its calls by itself")
    if chosen.calls is None:
        chosen.calls = SPOKEN_CALLS if chosen.audio else CALLS
    if chosen.calls < 1:
        raise ConfigError(f"--calls {chosen.calls}: needs to be at least 1")
    return chosen


def numbers(calls: int, house: int, houses: int) -> list[int]:
    """Those of the calls, so many in all, that one of the houses gets, counted by itself."""
    return [call // houses for call in range(calls) if call % houses == house]


async def by_text(words: Words, names: Sequence[str], calls: int, seed: int, only: int | None) -> list[Played]:
    """All calls, on databases that are gone afterwards, in the order of their numbers. Raises ConfigError."""
    settings, embedder = Settings.load(), RealEmbedder()
    with tempfile.TemporaryDirectory(prefix="parley-strangers-") as folder:
        agents = [TextAgent(load_profile(name, settings.profiles_dir), embedder, Path(folder)) for name in names]
        houses = [House(agent, words, seed) for agent in agents]
        for agent in agents:
            await agent.warm()
        if only is not None:
            return [await houses[0].play(only)]
        free = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> Played:
            async with free:
                return await houses[number % len(houses)].play(number // len(houses))

        return await asyncio.gather(*(one(number) for number in range(calls)))


async def by_voice(
    words: Words, names: Sequence[str], calls: int, seed: int, only: int | None, tell: Callable[[Played, int], None]
) -> list[Played]:
    """All calls, one profile's after the other's, each of which has a worker of its own; `tell` hears of each, with how
    many there were by then. Raises ConfigError, ProviderError, Unavailable and NotStarted."""
    settings, found = Settings.load(), list[Played]()
    profiles = [load_profile(name, settings.profiles_dir) for name in names]
    with tempfile.TemporaryDirectory(prefix="parley-strangers-") as name:
        folder = Path(name)
        with running_livekit(folder) as livekit:
            async with running_speech(folder) as client:
                for house, profile in enumerate(profiles):
                    todo = numbers(calls, house, len(profiles)) if only is None else [only]
                    if not todo:
                        continue
                    print(f"{profile.name}: starting its worker", flush=True)
                    async with hired(profile, livekit, client, folder / profile.name) as agent:
                        for number in todo:
                            found.append(await House(agent, words, seed).play(number))
                            tell(found[-1], len(found))
    return found


def outcome(call: Played) -> str:
    """What came of it, in a line."""
    verdict = call.verdict
    found = "completed" if verdict.is_completed else f"not completed ({verdict.problem or 'the row is not there'})"
    wrong = "".join(f"; wrong row: {row}" for row in verdict.wrong)
    return f"{found}{wrong}" + (f"; loop: {verdict.loop}" if verdict.loop else "")


def show(call: Played) -> None:
    """A call as it went."""
    print(f"\n--- {call.profile} {call.number}: {call.wish}" + (f", said by {call.said_by}" if call.said_by else ""))
    for turn in call.turns:
        print(f"  caller: {turn.words}")
        if call.said_by:
            print(f"  heard:  {turn.heard}")
        print(f"  agent:  {turn.reply}")
    print(f"  => {outcome(call)}", flush=True)


def show_progress(call: Played, count: int, calls: int) -> None:
    """The line of a call that has just ended."""
    went = f"{outcome(call)}; {call.verdict.turns} turns, {call.seconds:.0f} s"
    print(f"{count:>3} of {calls}  {call.profile} {call.number} {call.wish} ({call.said_by}): {went}", flush=True)


def figures(found: Sequence[Played]) -> dict[str, object]:
    """What is counted of these calls."""
    return {
        "calls": len(found),
        "completed": sum(call.verdict.is_completed for call in found),
        "wrong_rows": sum(len(call.verdict.wrong) for call in found),
        "loops": sum(bool(call.verdict.loop) for call in found),
        "turns_p50": median(call.verdict.turns for call in found),
    }


def by_ear(found: Sequence[Played]) -> dict[str, object]:
    """What is counted besides of calls by voice."""
    return {"spelled_otherwise": sum(call.verdict.is_spelled_otherwise for call in found), "audio": True}


def table(found: Sequence[Played]) -> None:
    """The same for each profile and wish."""
    print(f"\n{'profile':12}{'wish':22}{'calls':>6}{'completed':>11}{'wrong rows':>12}{'loops':>7}{'turns':>7}")
    for profile, wish in sorted({(call.profile, call.wish) for call in found}):
        of_it = figures([call for call in found if (call.profile, call.wish) == (profile, wish)])
        calls, completed, wrong, loops, turns = of_it.values()
        print(f"{profile:12}{wish:22}{calls:>6}{completed:>11}{wrong:>12}{loops:>7}{turns:>7}")


def play(chosen: argparse.Namespace, words: Words) -> list[Played]:
    """The calls that the command line asks for, and those that are to be seen shown: by voice as soon as they end."""
    asked = (words, chosen.profile or PROFILES, chosen.calls, chosen.seed, chosen.only)

    def show_if_asked(call: Played) -> None:
        if chosen.only is not None or (chosen.failures and not call.verdict.is_right):
            show(call)

    def tell(call: Played, count: int) -> None:
        show_progress(call, count, chosen.calls if chosen.only is None else 1)
        show_if_asked(call)

    if chosen.audio:
        return asyncio.run(by_voice(*asked, tell))
    found = asyncio.run(by_text(*asked))
    for call in found:
        show_if_asked(call)
    return found


def main() -> int:
    """0 when the calls were played, whatever came of them; 2 when a file is wrong or nothing is to be played."""
    started = time.perf_counter()
    try:
        chosen = arguments()
        words = read_words(chosen.words)
        found = play(chosen, words)
    except VoiceAgentError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    table(found)
    seconds = time.perf_counter() - started
    print(f"\n{len(words.used)} of {len(words)} templates used, seed {chosen.seed}, {seconds:.0f} s")
    print(json.dumps(figures(found) | (by_ear(found) if chosen.audio else {})))
    return 0
