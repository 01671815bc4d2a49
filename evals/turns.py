"""`python -m evals turns`: who yields when. Cut-offs, barge-in, backchannels, resuming, dictation and rooms, judged by
what a caller of our own records at its end, against a worker of our own."""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from agent.config import ROOT
from agent.providers.local.sound_variants import PHONE, WIDE
from agent.providers.local.speech_client import SpeechClient
from evals import turns_report
from evals.caller import Samples
from evals.hearing import listened, resumed
from evals.playing import Played, Stage
from evals.recordings import hesitating
from evals.scenes import SCENES, Band, Casting, Item
from evals.scores import Score, judged, summary
from evals.servers import RunningWorker, end, running_livekit, running_speech, start_worker
from evals.verdicts import Verdict, false_stop

SCENES_A_CALL = 8
TIMED = frozenset({"interruptions", "greetings"})  # their milliseconds count: fewer calls at once
CALLERS, TIMED_CALLERS = 4, 2  # at once, unless the command line says how many
JOINED_WITHIN_S = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for."""

    only: tuple[str, ...] = tuple(SCENES)
    recordings: Path | None = None
    items: int | None = None
    band: Band = "wide"
    callers: int | None = None
    out: Path | None = None


Result = tuple[Score, Played | None]  # a scene's score and its recording, which is not there when it was not played


async def run(options: Options) -> None:
    """Play, judge and print; the last line is JSON."""
    with tempfile.TemporaryDirectory(prefix="parley-turns-") as name, ExitStack() as stack:
        folder = Path(name)
        async with running_speech(folder) as client:
            await client.connect()
            items = await cast(client, options)
            voices, heard = await listened(client, items, PHONE if options.band == "phone" else WIDE)
            results, greeting = await performed(items, heard, options, folder, stack)
            scores = [await resumed(client, score, played, greeting) for score, played in results]
    figures = summary(scores, voices) | {"band": options.band, "callers": options.callers or CALLERS}
    turns_report.show(scores, voices)
    out = options.out or ROOT / "var" / "evals" / f"turns-{options.band}-{datetime.now():%Y%m%d-%H%M}"  # noqa: DTZ005
    turns_report.write(out, figures, list(zip(scores, (played for _, played in results), strict=True)))
    print(f"\nreport: {out}/index.html\n{json.dumps(figures)}")


async def cast(client: SpeechClient, options: Options) -> dict[str, list[Item]]:
    """Every scene's items, spoken. Each scene has a seed of its own, so that `--only` changes none."""
    items: dict[str, list[Item]] = {}
    for scene in options.only:
        if scene in SCENES:
            items[scene] = await SCENES[scene](Casting(client, options.band, most=options.items))
        elif options.recordings:
            items[scene] = await hesitating(options.recordings, options.items, is_phone=options.band == "phone")
        print(f"spoken: {len(items[scene])} {scene}", flush=True)
    return items


async def performed(
    items: dict[str, list[Item]], heard: dict[int, bool], options: Options, folder: Path, stack: ExitStack
) -> tuple[list[Result], Samples | None]:
    """All scenes, played against servers that live as long as this takes, and a greeting that nobody disturbed."""
    livekit = stack.enter_context(running_livekit(folder))
    worker = await asyncio.to_thread(start_worker, livekit, folder, agent_name="turns", PARLEY_CAPACITY="20")
    stack.callback(end, worker.process)
    greeting = await undisturbed(worker) if "greetings" in items else None
    results: list[Result] = []
    for scene, chosen in items.items():
        callers = options.callers or (TIMED_CALLERS if scene in TIMED else CALLERS)

        def done(item: Item, played: Played | str, scene: str = scene, total: int = len(chosen)) -> None:
            results.append(scored(scene, item, played, heard.get(id(item))))
            progress(scene, total, results)

        await perform(worker, chosen, callers, options.band, done)
    return results, greeting


async def undisturbed(worker: RunningWorker) -> Samples:
    """The greeting as it is heard when the caller says nothing."""
    async with worker.join() as caller:
        stage = Stage(caller)
        with suppress(TimeoutError):  # without one there is only silence to compare with
            await stage.until_greeted(JOINED_WITHIN_S)
        return stage.ear.rendered(caller.now)


async def perform(
    worker: RunningWorker,
    items: Iterable[Item],
    callers: int,
    band: Band,
    done: Callable[[Item, Played | str], None],
) -> None:
    """Play the items in calls, so many at once; `done` gets each with its recording or why there is none."""
    waiting = list(items)[::-1]

    async def one_after_another() -> None:
        while waiting:
            try:
                await one_call(worker, waiting, band, done)
            except TimeoutError as error:
                if waiting:
                    done(waiting.pop(), f"no call: {error}")

    async with asyncio.TaskGroup() as calls:
        for _ in range(callers):
            calls.create_task(one_after_another())


async def one_call(
    worker: RunningWorker, waiting: list[Item], band: Band, done: Callable[[Item, Played | str], None]
) -> None:
    """A call's worth of scenes, or fewer when the agent hangs up; one that needs the greeting has a call of its own."""
    async with worker.join(kind="sip" if band == "phone" else "standard") as caller:
        stage = Stage(caller)
        if waiting and waiting[-1].play != "over greeting":
            await stage.until_greeted(JOINED_WITHIN_S)
        for _ in range(SCENES_A_CALL):
            if not waiting or caller.is_disconnected.is_set():
                return
            item = waiting.pop()
            try:
                done(item, await stage.play(item))
            except TimeoutError as error:
                done(item, str(error) or "took too long")
            if item.play == "over greeting" or (waiting and waiting[-1].play == "over greeting"):
                return


def scored(scene: str, item: Item, played: Played | str, was_heard: bool | None) -> Result:
    """The score of one scene."""
    score = Score(
        scene=scene,
        kind=item.kind,
        text=item.text,
        voice=item.voice,
        pause_s=item.pause_s,
        verdict=Verdict(None, f"not played: {played}"),
        was_heard=was_heard,
    )
    if isinstance(played, str):
        return score, None
    verdict = judged(item.judge, played.take, item.value, is_for_tool=item.play == "dictate")
    is_unmoved = item.judge == "talked on" and verdict.is_ok is True and false_stop(played.take) is None
    return replace(score, verdict=verdict, was_unmoved=is_unmoved), played


def progress(scene: str, total: int, results: Sequence[Result]) -> None:
    """A line on the terminal for what went wrong, and after every tenth scene."""
    last = results[-1][0]
    if last.verdict.is_ok is not True:
        word = "not ok" if last.verdict.is_ok is False else "not judged"
        print(f"  {word}: {last.kind}, {last.text!r} ({last.voice}): {last.verdict.reason}", flush=True)
    scores = [score for score, _ in results if score.scene == scene]
    if len(scores) % 10 == 0 or len(scores) == total:
        wrong = sum(score.verdict.is_ok is False for score in scores)
        unsure = sum(score.verdict.is_ok is None for score in scores)
        print(f"{scene}: {len(scores)} of {total}, {wrong} not ok, {unsure} not judged", flush=True)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m evals turns", description=__doc__)
    parts = (*SCENES, "people")
    parser.add_argument("--only", action="append", choices=parts, help="this part alone; may be given several times")
    parser.add_argument(
        "--recordings", type=Path, metavar="DIR", help="WAV and FLAC files of people: those that hesitate are `people`"
    )
    parser.add_argument("--items", type=int, metavar="N", help="so many scenes of each part's kinds, not all")
    parser.add_argument(
        "--band", choices=("wide", "phone"), default="wide", help="phone: 8 kHz mu-law, and a SIP caller"
    )
    parser.add_argument("--callers", type=int, metavar="N", help="scenes at once (default 4; timed ones 2)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the report goes (default var/evals/turns-...)")
    chosen = parser.parse_args()
    if chosen.only and "people" in chosen.only and not chosen.recordings:
        parser.error("--only people needs --recordings DIR")
    options = Options(
        only=tuple(chosen.only or (parts if chosen.recordings else SCENES)),
        recordings=chosen.recordings,
        items=chosen.items,
        band=chosen.band,
        callers=chosen.callers,
        out=chosen.out,
    )
    asyncio.run(run(options))
    return 0
