"""`python -m evals latency`: voice to voice at the caller's ear, ours and the plain agent's in turn, on one machine;
with `--modes` ours as a pipeline and in realtime mode.

The last line is JSON; pictures, a page and every turn are in --out. docs/latency.md says how to read it.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from agent.config import ROOT
from agent.providers.local.speech_client import SpeechClient
from evals import picture
from evals.asking import TURNS_A_CALL, one_call
from evals.figures import (
    SETS,
    TITLES,
    AgentName,
    SetName,
    Turn,
    discarded,
    explained,
    gaps,
    measured,
    percentile,
    summary,
    table,
)
from evals.latency_agents import started, surroundings, wanted
from evals.modes import MODES, modes_of
from evals.questions import Questions, Speech, declared, strangers
from evals.recordings import Recorded, first, found, recordings
from evals.servers import NotStarted, RunningWorker, running_livekit, running_speech

SPARE = 2 * TURNS_A_CALL  # recordings beyond the turns wanted: some do not count
FRUITLESS_ROUNDS = 3  # an agent that answers nothing so often will not begin to


@dataclass(slots=True)
class Run:
    """What was asked for of one set, and its turns so far: `wanted` of each agent."""

    asked: SetName
    wanted: dict[AgentName, int]
    turns: list[Turn] = field(default_factory=list)
    calls: int = 0
    fruitless: dict[AgentName, int] = field(default_factory=dict)

    def done(self, agent: AgentName) -> float:
        """Which share of the turns wanted of it there is."""
        return len(gaps(self.turns, agent, self.asked)) / self.wanted[agent]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for, but for how many turns."""

    callers: int = 1
    is_phone: bool = False
    recordings: Path | None = None
    sentences: tuple[str, ...] = ()
    has_llm: bool = False


async def measure(runs: Sequence[Run], options: Options) -> None:
    """Start what is needed, measure set by set into `runs`, and end it all, also on Ctrl-C."""
    agents = list(runs[0].wanted)
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as name, ExitStack() as stack:
        folder = Path(name)
        livekit = stack.enter_context(running_livekit(folder))
        async with (
            running_speech(folder) as client,
            surroundings(folder, client, agents, has_llm=options.has_llm) as variables,
        ):
            sets = [(run, await _questions(run, client, options)) for run in runs]
            workers = await started(livekit, folder, stack, variables)
            for run, questions in sets:
                await _rounds(run, workers, questions, options)


async def _questions(run: Run, client: SpeechClient, options: Options) -> Questions:
    """What is asked of that set. Raises NotStarted when a recording cannot be read."""
    match run.asked:
        case "people":
            assert options.recordings is not None
            most = next(iter(run.wanted.values())) + SPARE
            return Recorded(await first(recordings(options.recordings, is_phone=options.is_phone), most))
        case "strangers":
            return Speech(client, strangers(options.sentences), is_phone=options.is_phone)
        case "declared":
            return Speech(client, declared, is_phone=options.is_phone)


def _lines(path: Path) -> tuple[str, ...]:
    """The file's sentences, one a line. Raises NotStarted."""
    try:
        return tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise NotStarted(f"--sentences: {path} cannot be read: {error}") from error


async def _rounds(run: Run, workers: dict[AgentName, RunningWorker], questions: Questions, options: Options) -> None:
    """A call, or several at once, with each agent in turn, until all have enough turns."""
    print(f"{SETS[run.asked]}, voices: {', '.join(questions.voices)}", flush=True)
    while any(run.done(agent) < 1 for agent in workers):
        await questions.render(run.calls * TURNS_A_CALL, options.callers * TURNS_A_CALL)
        for agent, worker in workers.items():
            if run.is_next(agent):
                numbers = range(run.calls, run.calls + options.callers)
                calls = [
                    one_call(worker, agent, run.asked, number, questions, is_phone=options.is_phone)
                    for number in numbers
                ]
                judges = await asyncio.gather(*calls)
                # only now that nobody speaks: judging would hold up the calls
                run.add(agent, [turn for judge in judges for turn in judge()])
                _progress(run, agent)
        run.calls += options.callers


def _progress(run: Run, agent: AgentName) -> None:
    there, lost = gaps(run.turns, agent, run.asked), discarded(run.turns, agent, run.asked).total()
    middle = f", p50 {percentile(there, 50):.0f} ms" if there else ""
    clock = f"{datetime.now().astimezone():%H:%M:%S}"
    whose = f"{SETS[run.asked]}, {TITLES[agent]}"
    print(f"{clock} {whose}: {len(there)}/{run.wanted[agent]} turns{middle}, {lost} discarded", flush=True)


def report(turns: Sequence[Turn], options: Options, out: Path) -> None:
    """The table, the files in `out`, and one JSON line."""
    band = "phone" if options.is_phone else "wide"
    figures = summary(turns, band=band, callers=options.callers)
    out.mkdir(parents=True, exist_ok=True)
    every = {"summary": figures, "turns": [asdict(turn) for turn in turns]}
    (out / "turns.json").write_text(json.dumps(every, indent=1), encoding="utf-8")
    pictures = [out / "distribution.png"]
    picture.draw_distribution(turns, pictures[0])
    for asked in measured(turns):
        pictures.append(out / f"waterfall-{asked}.png")
        for path in (pictures[-1], pictures[-1].with_suffix(".svg")):  # the SVG is text: for docs/latency.md
            picture.draw_waterfall(explained(turns, asked), asked, path)
    title = f"Voice to voice, {band} band, {options.callers} caller{'s' if options.callers > 1 else ''} at once"
    picture.write_page(turns, pictures, title, out / "index.html")
    print(f"\n{table(turns)}\n\npictures, page and every turn: {out}")
    print(json.dumps(figures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", action="append", choices=SETS, help="this set alone; may be given several times")
    parser.add_argument("--turns", type=int, default=30, metavar="N", help="turns of each set with ours (default 30)")
    parser.add_argument(
        "--plain-turns", type=int, metavar="N", help="and with the plain agent (default as many, with --modes none)"
    )
    parser.add_argument("--recordings", type=Path, metavar="DIR", help="play its WAV and FLAC files: the set `people`")
    parser.add_argument("--sentences", type=Path, metavar="FILE", help="more sentences of strangers, one a line")
    parser.add_argument("--callers", type=int, default=1, metavar="N", help="calls at once (default 1)")
    parser.add_argument("--band", choices=("wide", "phone"), default="wide", help="phone: 8 kHz mu-law, a SIP caller")
    parser.add_argument("--modes", metavar="M,M", help=f"compare these modes of ours: {', '.join(MODES)}")
    parser.add_argument(
        "--llm", action="store_true", help="an LLM of no delay thinks, on loopback behind OpenAI's plugin"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the report goes (default var/evals/latency-DATE)"
    )
    return parser


def _sets(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> list[SetName]:
    """Those that are to be asked. Raises NotStarted, or ends the program, before anything is started."""
    sets: list[SetName] = [name for name in SETS if name in (chosen.only or SETS)]
    if chosen.recordings is not None:
        found(chosen.recordings)
        return sets
    if chosen.only and "people" in chosen.only:
        parser.error("--only people needs --recordings DIR")
    return [name for name in sets if name != "people"]


def main() -> int:
    """Measure what the command line asks for."""
    parser = _parser()
    chosen = parser.parse_args()
    sets = _sets(parser, chosen)
    options = Options(
        callers=chosen.callers,
        is_phone=chosen.band == "phone",
        recordings=chosen.recordings,
        sentences=_lines(chosen.sentences) if chosen.sentences else (),
        has_llm=chosen.llm,
    )
    modes = modes_of(chosen.modes) if chosen.modes is not None else ()
    runs = [Run(name, wanted(chosen.turns, chosen.plain_turns, modes)) for name in sets]
    try:
        asyncio.run(measure(runs, options))
    finally:
        if turns := [turn for run in runs for turn in run.turns]:  # also of a run that was stopped
            stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M")
            report(turns, options, chosen.out or ROOT / "var" / "evals" / f"latency-{stamp}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
