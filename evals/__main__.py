"""`python -m evals NAME`: what callers would notice, measured. Each starts the servers it needs and ends them.

audio    scenarios spoken aloud over a real server
canaries  private values said aloud and keyed, and searched for in all that was written afterwards
deaths   jobs and workers that are killed in mid-call: who goes on, how soon, and what is left
faults   spoken calls while a provider fails, at every stage: silences, words and calls lost
latency  voice to voice, end of the caller's speech to onset of the agent's: strangers' sentences, recordings of people,
         declared questions
phone    what a telephone's ear hears, over real SIP and G.711: voice to voice and barge-in beside a browser's, spoken
         scenarios, many calls at once, parts that die in mid-call
misbehaving  what callers hear of a large model that misbehaves
observers  what it costs the caller that a call is seen: with every observer and with none; a database that is gone
turns    who yields when: cut-offs, barge-in, backchannels, dictation, noise
thinking what a turn costs by the local understanding, by the router, by a large model that is asked
router   the intent classifier, trained on one file and judged on another
strangers  callers made of strangers' sentences, each with a wish and people's habits, judged by the database; by text,
         or by voice
text     the scenarios of every profile, or of a folder, talked through by text
values   days, times, counts, sums and telephone numbers as people say them
wer      what the local STT mishears

`python -m evals NAME --help` says what each can be told.
"""

import gc
import importlib
import os
import signal
import sys

NAMES = (
    "audio",
    "canaries",
    "deaths",
    "faults",
    "latency",
    "misbehaving",
    "observers",
    "phone",
    "router",
    "strangers",
    "text",
    "thinking",
    "turns",
    "values",
    "wer",
)


def main() -> int:
    """Hand the rest of the command line to the measurement's own `main`."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends the servers we started
    name = sys.argv.pop(1)
    sys.argv[0] = f"python -m evals {name}"
    # as in the speech process: sentences are short, and more threads only wait for each other
    if name in {"router", "strangers", "text", "thinking"}:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from evals.servers import NotStarted  # imports numpy, which reads the line above once

    measurement = importlib.import_module(f"evals.{name}")
    gc.freeze()  # looking through the libraries again and again takes a third of this process's time from the calls
    try:
        return measurement.main() or 0
    except NotStarted as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nevals: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
