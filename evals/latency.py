"""Voice to voice at the caller's ear, ours and the plain agent's in turn, on the same machine in the same run."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from agent.providers.speech import SpeechClient
from agent.providers.supervisor import SpeechProcess
from evals import voices
from evals.caller import RATE, Caller, Samples
from evals.onset import onset_s
from evals.servers import LiveKit, RunningWorker, end, livekit_config, start_livekit, start_worker

QUESTIONS = (
    "What is your return policy?",
    "What are your opening hours?",
    "How much does shipping cost?",
    "Where is my order number one zero zero one?",
    "Do you accept credit cards?",
    "Do you have gift cards?",
)
TOOL_QUESTIONS = frozenset({QUESTIONS[3]})
TURNS_A_CALL = 12  # then a new call, and the other agent's turn
QUIET_S = 0.7  # between the agent's last word and the next question
ANSWER_WITHIN_S = 12.0


@dataclass(slots=True)
class Figures:
    """One agent's gaps in ms, plain turns and tool turns apart, and what was thrown away."""

    plain_ms: list[float] = field(default_factory=list)
    tool_ms: list[float] = field(default_factory=list)
    discarded: int = 0

    @property
    def all_ms(self) -> list[float]:
        """Every turn that counted."""
        return self.plain_ms + self.tool_ms


async def run(turns: int, callers: int) -> None:
    """Measure and print; the last line is JSON."""
    ours, plain = Figures(), Figures()
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as name, ExitStack() as stack:
        folder = Path(name)
        config, port = livekit_config(folder)
        server = start_livekit(config, folder / "livekit.log", port)
        stack.callback(end, server)
        livekit = LiveKit(f"ws://127.0.0.1:{port}", "devkey", "secret", config, folder / "livekit.log")
        speech = SpeechProcess(folder / "s.sock")
        await speech.start()
        try:
            await speech.ready()
            questions = await spoken(speech.socket)
            workers = await asyncio.to_thread(start_both, livekit, folder, stack)
            while len(ours.all_ms) < turns or len(plain.all_ms) < turns:
                for worker, figures in zip(workers, (ours, plain), strict=True):
                    await asyncio.gather(*(one_call(worker, questions, figures) for _ in range(callers)))
                progress(ours, plain, turns)
        finally:
            await speech.aclose()
    report(ours, plain)


def start_both(livekit: LiveKit, folder: Path, stack: ExitStack) -> tuple[RunningWorker, RunningWorker]:
    """Our worker and the plain one."""
    ours = start_worker(livekit, folder, agent_name="ours", PARLEY_CAPACITY="20")
    stack.callback(end, ours.process)
    command = (sys.executable, "-m", "evals.plain_agent", "dev")
    plain = start_worker(livekit, folder, agent_name="plain", command=command)
    stack.callback(end, plain.process)
    return ours, plain


async def spoken(socket: Path) -> dict[str, Samples]:
    """The questions as sound, without silence behind them."""
    client = SpeechClient(socket)
    try:
        return {text: await voices.piper(client, text) for text in QUESTIONS}
    finally:
        await client.aclose()


async def one_call(worker: RunningWorker, questions: dict[str, Samples], figures: Figures) -> None:
    """Ask each question twice over, in one call."""
    async with worker.join() as caller:
        await until_quiet(caller, since=0.0)
        for number in range(TURNS_A_CALL):
            text = QUESTIONS[number % len(QUESTIONS)]
            gap_ms = await one_turn(caller, questions[text])
            if gap_ms is None:
                figures.discarded += 1
            else:
                (figures.tool_ms if text in TOOL_QUESTIONS else figures.plain_ms).append(gap_ms)


async def one_turn(caller: Caller, question: Samples) -> float | None:
    """The gap in ms; None when the agent spoke into the question or not at all."""
    began = caller.now
    ended = await caller.say(question)
    if onset_s(caller.heard.rendered(ended)[int(began * RATE) :], RATE) is not None:
        await until_quiet(caller, since=ended)
        return None
    await until_quiet(caller, since=ended)
    onset = onset_s(caller.agent_spoke_since(ended), RATE)
    return None if onset is None else onset * 1000


async def until_quiet(caller: Caller, since: float) -> None:
    """Until the agent has spoken and been silent for QUIET_S, or said nothing for ANSWER_WITHIN_S."""
    while caller.now - since < 60:
        await asyncio.sleep(0.1)
        heard = caller.agent_spoke_since(since)
        if onset_s(heard, RATE) is None:
            if caller.now - since > ANSWER_WITHIN_S:
                return
        elif onset_s(heard[-int(QUIET_S * RATE) :], RATE) is None:
            return


def progress(ours: Figures, plain: Figures, turns: int) -> None:
    """One line on the terminal while it runs."""
    print(f"{len(ours.all_ms)}/{turns} turns with ours, {len(plain.all_ms)}/{turns} with the plain agent", flush=True)


def percentile(values: Sequence[float], percent: int) -> float:
    """Interpolated; of a single value, that value."""
    return values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[percent - 1]


def report(ours: Figures, plain: Figures) -> None:
    """The table, and one JSON line."""
    print(f"\n{'':14}{'p50':>8}{'p95':>8}{'n':>6}{'discarded':>11}   (ms at the caller's ear)")
    for name, figures in (("ours", ours), ("plain agent", plain)):
        for kind, values in (("plain turns", figures.plain_ms), ("tool turns", figures.tool_ms)):
            if values:
                print(
                    f"{name + ', ' + kind:28}{percentile(values, 50):6.0f}{percentile(values, 95):8.0f}{len(values):6}"
                )
    summary = {
        "p50_ms": round(percentile(ours.plain_ms, 50)),
        "p95_ms": round(percentile(ours.plain_ms, 95)),
        "n": len(ours.plain_ms),
        "discarded": ours.discarded,
        "tool_p50_ms": round(percentile(ours.tool_ms, 50)),
        "plain_p50_ms": round(percentile(plain.plain_ms, 50)),
        "plain_p95_ms": round(percentile(plain.plain_ms, 95)),
        "ratio": round(percentile(ours.plain_ms, 50) / percentile(plain.plain_ms, 50), 2),
    }
    print(json.dumps(summary))
