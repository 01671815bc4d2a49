"""`python -m evals latency`: measurements from the caller's end. Each starts the servers it needs and ends them."""

import argparse
import asyncio
import sys

from evals import latency
from evals.servers import NotStarted


def main() -> int:
    """Choose the measurement."""
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    voice = kinds.add_parser("latency", help="voice to voice: end of the caller's speech to onset of the agent's")
    voice.add_argument("--turns", type=int, default=30, metavar="N", help="turns with each agent (default 30)")
    voice.add_argument("--callers", type=int, default=1, metavar="N", help="calls at once (default 1)")
    arguments = parser.parse_args()
    try:
        asyncio.run(latency.run(arguments.turns, arguments.callers))
    except NotStarted as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
