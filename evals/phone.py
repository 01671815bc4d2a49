"""`python -m evals phone`: what a telephone's ear hears, from its RTP, over livekit-sip, livekit-server and G.711.

By itself: how soon the agent answers and falls silent, beside a browser's ear in the same run; strangers' sentences and
declared ones apart. docs/phone/README.md says what the others measure. The last line is JSON.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from agent.errors import ConfigError
from evals import phone_turns
from evals.figures import SetName
from evals.phone_figures import Measured, summary, table
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


def main() -> int:
    """Measure what the command line asks for."""
    try:
        return measure_turns(arguments())
    except ConfigError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
