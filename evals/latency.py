"""`python -m evals latency`: voice to voice at the caller's ear, ours and the plain agent's in turn, on one machine.

The last line is JSON; pictures, a page and every turn are in --out. docs/latency.md says how to read it.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from agent.config import ROOT
from evals import picture
from evals.asking import TURNS_A_CALL, one_call
from evals.figures import TITLES, AgentName, Turn, discarded, explained, gaps, percentile, summary, table
from evals.questions import Speech
from evals.servers import LiveKit, NotStarted, RunningWorker, end, running_livekit, running_speech, start_worker

ANSWER_WORDS = 6  # an answer ends with the sentence that reaches so many
FRUITLESS_ROUNDS = 3  # an agent that answers nothing so often will not begin to


@dataclass(slots=True)
class Run:
    """What was asked for, and the turns so far: `wanted` of each agent."""

    wanted: dict[AgentName, int]
    callers: int
    is_phone: bool
    turns: list[Turn] = field(default_factory=list)
    calls: int = 0
    fruitless: dict[AgentName, int] = field(default_factory=dict)

    def done(self, agent: AgentName) -> float:
        """Which share of the plain turns wanted of it there is."""
        return len(gaps(self.turns, agent, "plain")) / self.wanted[agent]

    def is_next(self, agent: AgentName) -> bool:
        """Whether turns of it are missing, and it is not ahead of the other: fewer turns are spread over the run."""
        return self.done(agent) < 1 and self.done(agent) <= min(map(self.done, self.wanted))

    def add(self, agent: AgentName, turns: Sequence[Turn]) -> None:
        """Keep the turns of a round. Raises NotStarted when an agent answers nothing round after round."""
        self.turns += turns
        is_fruitless = all(turn.ms is None for turn in turns)
        self.fruitless[agent] = self.fruitless.get(agent, 0) + 1 if is_fruitless else 0
        if self.fruitless[agent] == FRUITLESS_ROUNDS:
            raise NotStarted(f"no turn of {FRUITLESS_ROUNDS} rounds with the agent `{agent}` could be counted")


async def measure(run: Run) -> None:
    """Start what is needed, measure into `run`, and end it all, also on Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as name, ExitStack() as stack:
        folder = Path(name)
        livekit = stack.enter_context(running_livekit(folder))
        async with running_speech(folder) as client:
            await _rounds(run, await _workers(livekit, folder, stack), Speech(client, is_phone=run.is_phone))


async def _workers(livekit: LiveKit, folder: Path, stack: ExitStack) -> dict[AgentName, RunningWorker]:
    """Ours and the plain one. A start that is given up is waited for: nothing may stay behind."""
    print("starting both workers", flush=True)
    given_up = threading.Event()
    starting = asyncio.create_task(asyncio.to_thread(_start_both, livekit, folder, stack, given_up.is_set))
    try:
        await asyncio.wait([starting])  # unlike `await starting`, its cancellation is not the start's
    except asyncio.CancelledError:
        given_up.set()
        with suppress(NotStarted):
            await starting
        raise
    return starting.result()


def _start_both(
    livekit: LiveKit, folder: Path, stack: ExitStack, is_given_up: Callable[[], bool]
) -> dict[AgentName, RunningWorker]:
    short = {"PARLEY_PROFILES_DIR": str(_short_answers(folder))}
    ours = start_worker(livekit, folder, agent_name="ours", is_given_up=is_given_up, PARLEY_CAPACITY="20", **short)
    stack.callback(end, ours.process)
    command = (sys.executable, "-m", "evals.plain_agent", "dev")
    plain = start_worker(livekit, folder, agent_name="plain", command=command, is_given_up=is_given_up, **short)
    stack.callback(end, plain.process)
    return {"ours": ours, "plain": plain}


def _short_answers(folder: Path) -> Path:
    """The profiles with answers that end after their first sentence: what follows it says nothing of how soon it came,
    and takes two thirds of a run."""
    profiles = folder / "profiles"
    shutil.copytree(ROOT / "profiles", profiles)
    for path in profiles.glob("*/profile.yaml"):
        text = path.read_text(encoding="utf-8")
        limits = f"limits:\n  max_reply_words: {ANSWER_WORDS}\n"
        path.write_text(text.replace("limits:\n", limits) if "\nlimits:\n" in text else text + limits, encoding="utf-8")
    return profiles


async def _rounds(run: Run, workers: dict[AgentName, RunningWorker], speech: Speech) -> None:
    """A call, or several at once, with ours, then the same with the plain agent, until both have enough turns."""
    print(f"voices: {', '.join(voice.name for voice in speech.cast)}", flush=True)
    while any(run.done(agent) < 1 for agent in workers):
        await speech.render(run.calls * TURNS_A_CALL, run.callers * TURNS_A_CALL)
        for agent, worker in workers.items():
            if run.is_next(agent):
                numbers = range(run.calls, run.calls + run.callers)
                calls = [one_call(worker, agent, number, speech, is_phone=run.is_phone) for number in numbers]
                judges = await asyncio.gather(*calls)
                # only now that nobody speaks: judging would hold up the calls
                run.add(agent, [turn for judge in judges for turn in judge()])
                _progress(run, agent)
        run.calls += run.callers


def _progress(run: Run, agent: AgentName) -> None:
    plain, lost = gaps(run.turns, agent, "plain"), discarded(run.turns, agent).total()
    middle = f", p50 {percentile(plain, 50):.0f} ms" if plain else ""
    clock = f"{datetime.now().astimezone():%H:%M:%S}"
    wanted = run.wanted[agent]
    print(f"{clock} {TITLES[agent]}: {len(plain)}/{wanted} plain turns{middle}, {lost} discarded", flush=True)


def report(run: Run, out: Path) -> None:
    """The table, the files in `out`, and one JSON line."""
    band = "phone" if run.is_phone else "wide"
    figures = summary(run.turns, band=band, callers=run.callers)
    out.mkdir(parents=True, exist_ok=True)
    every = {"summary": figures, "turns": [asdict(turn) for turn in run.turns]}
    (out / "turns.json").write_text(json.dumps(every, indent=1), encoding="utf-8")
    pictures = out / "distribution.png", out / "waterfall.png"
    picture.draw_distribution(run.turns, pictures[0])
    for path in (pictures[1], out / "waterfall.svg"):  # the SVG is text: for docs/latency.md
        picture.draw_waterfall(explained(run.turns), path)
    title = f"Voice to voice, {band} band, {run.callers} caller{'s' if run.callers > 1 else ''} at once"
    picture.write_page(run.turns, pictures, title, out / "index.html")
    print(f"\n{table(run.turns)}\n\npictures, page and every turn: {out}")
    print(json.dumps(figures))


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=30, metavar="N", help="plain turns with ours (default 30)")
    parser.add_argument("--plain-turns", type=int, metavar="N", help="and with the plain agent (default as many)")
    parser.add_argument("--callers", type=int, default=1, metavar="N", help="calls at once (default 1)")
    parser.add_argument("--band", choices=("wide", "phone"), default="wide", help="phone: 8 kHz mu-law, a SIP caller")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the report goes (default var/evals/latency-DATE)"
    )
    chosen = parser.parse_args()
    wanted: dict[AgentName, int] = {"ours": chosen.turns, "plain": chosen.plain_turns or chosen.turns}
    run = Run(wanted, chosen.callers, chosen.band == "phone")
    try:
        asyncio.run(measure(run))
    finally:
        if run.turns:  # also of a run that was stopped
            stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M")
            report(run, chosen.out or ROOT / "var" / "evals" / f"latency-{stamp}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
