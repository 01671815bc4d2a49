"""`python -m evals phone`: what a telephone's ear hears, from its RTP, over livekit-sip, livekit-server and G.711.

By itself: how soon the agent answers and falls silent, beside a browser's ear in the same run; strangers' sentences and
declared ones apart. docs/phone/README.md says what the others measure. The last line is JSON.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import get_args

from agent.config import Settings
from agent.errors import ConfigError
from agent.profile.profile import load_profile
from evals import phone_kills, phone_load, phone_scenarios, phone_turns
from evals.figures import SetName
from evals.phone_figures import Measured, summary, table
from evals.phone_kills import Part
from evals.phone_turns import Wanted

ASKED: tuple[SetName, ...] = ("strangers", "declared")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=32, metavar="N", help="turns of each set at each end (default 32)")
    parser.add_argument("--barge-ins", type=int, default=16, metavar="N", help="and interruptions (default 16)")
    parser.add_argument("--only", action="append", choices=ASKED, help="this set alone")
    parser.add_argument(
        "--add", type=Path, metavar="FILE", help="go on from the turns in this file, and keep them all there"
    )
    parser.add_argument("--scenarios", action="store_true", help="play the profiles' spoken scenarios instead")
    parser.add_argument("--profile", action="append", help="only this one's scenarios; may be given several times")
    parser.add_argument("--calls", type=int, metavar="N", help="so many calls at once, and how they are served")
    parser.add_argument("--minutes", type=float, default=5.0, metavar="M", help="for so long (default 5)")
    parser.add_argument("--kill", choices=get_args(Part), help="what callers hear when this dies in mid-call")
    return parser.parse_args()


def measure_turns(chosen: argparse.Namespace) -> int:
    """Also what was measured until Ctrl-C is kept and reported."""
    found = Measured.read(chosen.add) if chosen.add else Measured()
    sets = [asked for asked in ASKED if asked in (chosen.only or ASKED)]
    try:
        asyncio.run(phone_turns.measure(Wanted(chosen.turns, chosen.barge_ins, sets), found))
    finally:
        if chosen.add and found.turns:
            found.write(chosen.add)
        print(f"\n{table(found)}\n{json.dumps(summary(found))}", flush=True)
    return 0


def play_scenarios(chosen: argparse.Namespace) -> int:
    """0 when every conversation came true."""
    settings = Settings.load()
    names = chosen.profile or sorted(path.parent.name for path in settings.profiles_dir.glob("*/profile.yaml"))
    profiles = [load_profile(name, settings.profiles_dir) for name in names]
    judged = asyncio.run(phone_scenarios.play(profiles))
    passed = sum(not wrong for _, wrong in judged)
    print(json.dumps({"conversations": len(judged), "passed": passed}))
    return 0 if judged and passed == len(judged) else 1


def take_calls(chosen: argparse.Namespace) -> int:
    """0 when everybody was served."""
    load = asyncio.run(phone_load.measure(chosen.calls, chosen.minutes))
    print(json.dumps(load.summary()))
    return 0 if load.is_served else 1


def kill(chosen: argparse.Namespace) -> int:
    """0 when nothing stays open and the next caller is served."""
    after = asyncio.run(phone_kills.measure(chosen.kill, chosen.calls or phone_kills.CALLS))
    print(json.dumps(after.summary()))
    return 0 if after.is_well else 1


def main() -> int:
    """0 when all went well, 1 when a caller was not served as they should be, 2 when a file is wrong."""
    chosen = arguments()
    try:
        if chosen.kill:
            return kill(chosen)
        if chosen.calls:
            return take_calls(chosen)
        return play_scenarios(chosen) if chosen.scenarios else measure_turns(chosen)
    except ConfigError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
