"""`python -m training.endpointing FOLDERS --kept FILE`: what each witness's word is worth, from recordings of people.

Half of the speakers say how the words are weighed (the figures for agent/rules/evidence.py), the other half how well
that does (the tables of docs/turns.md). Who speaks is not known of every collection: recordings are put together by
how their voice and line sound, and each such group is on one side only. The committed figures are of the 299 requests
of people in a part of Picovoice's speech-to-intent-benchmark (Apache-2.0), of 42 sentences by four synthetic voices,
and of the texts of evals/intents/fresh.csv and evals/utterances.txt.
"""

import argparse
import asyncio
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.language.packs import language
from agent.profile.profile import Turns
from agent.rules.endpointing import Pause, is_unfinished, wait_for
from agent.rules.evidence import WORTH, Who, log_odds, turn_is_over
from agent.turns.options import patience
from agent.turns.witnesses.completeness import Completeness, load
from training.completeness import examples, turns
from training.evidence import Heard, gather, kept_in
from training.recordings import recordings
from training.scores import area

_GROUPS = 40
_BOUNDS = (0.0, 0.08, 0.25, 0.5, 0.75, 0.9, 1.01)
Rows = Sequence[Heard]


def halves(rows: Rows, seed: int = 1) -> tuple[list[Heard], list[Heard]]:
    """To learn from and to judge by: no voice is in both."""
    voices = {row.file: np.array(row.voice) for row in rows if row.voice}
    files, points = list(voices), np.stack(list(voices.values()))
    points = (points - points.mean(0)) / points.std(0)
    rng = np.random.default_rng(seed)
    centres = points[rng.choice(len(points), min(_GROUPS, len(points)), replace=False)]
    for _ in range(30):
        group = np.square(points[:, None] - centres).sum(2).argmin(1)
        centres = np.stack([points[group == g].mean(0) if (group == g).any() else c for g, c in enumerate(centres)])
    first = set(rng.permutation(len(centres))[: len(centres) // 2].tolist())
    learned = {file for file, g in zip(files, group, strict=True) if int(g) in first}
    return [row for row in rows if row.file in learned], [row for row in rows if row.file not in learned]


def borrowed(texts: Sequence[Path], rows: Rows, model: Completeness, seed: int = 1) -> list[Heard]:
    """Other people's sentences, whole and cut, each with the sound of one of `rows` that is as whole: one collection's
    way of speaking must not decide what a sentence is."""
    chance = random.Random(seed)
    sounds = {is_over: [row.said for row in rows if row.is_over is is_over] for is_over in (True, False)}
    found = []
    for said, is_whole in examples([turn for file in texts for turn in turns(file)], chance):
        text, sound = " ".join(said), chance.choice(sounds[is_whole])
        words = model.probability(text) or 0.5
        found.append(Heard("", "end" if is_whole else "word", 0.0, text, sound | {Who.WORDS.value: words}))
    return found


def fit(rows: Rows, who: Sequence[Who]) -> tuple[float, dict[Who, tuple[float, float]]]:
    """The prior and each one's slope and neutral point: a logistic regression on their log-odds, whole and cut turns
    weighing alike. The neutral point is half way between what it says of whole ones and of cut ones, on average."""
    told = [row for row in rows if all(one in row.said for one in who)]
    x = np.array([[log_odds(row.said[one]) for one in who] for row in told])
    over = np.array([row.is_over for row in told])
    neutral = (x[over].mean(0) + x[~over].mean(0)) / 2
    design = np.column_stack([np.ones(len(x)), x - neutral])
    weight = np.where(over, 0.5 / over.mean(), 0.5 / (1 - over.mean()))
    found = np.zeros(design.shape[1])
    for _ in range(25):
        p = 1.0 / (1.0 + np.exp(-design @ found))
        slope = design.T @ (weight * (over - p)) - 0.5 * found
        bend = (design * (weight * p * (1 - p))[:, None]).T @ design + 0.5 * np.eye(len(found))
        found += np.linalg.solve(bend, slope)
    worths = {one: (float(s), float(n)) for one, s, n in zip(who, found[1:], neutral, strict=True)}
    return float(found[0]), worths


def waits(rows: Rows, code: str) -> NDArray[np.float64]:
    """How long each would be waited for, by nobody who understands."""
    turns = patience(Turns())
    return np.array([wait_for(_pause(row), turns, language(code)).seconds for row in rows])


def _pause(row: Heard) -> Pause:
    return Pause(row.text, {Who(one): probability for one, probability in row.said.items() if Who(one) in WORTH})


def report(rows: Rows, code: str) -> None:
    """The tables, of those who were not learned from."""
    over, cut = [row for row in rows if row.is_over], [row for row in rows if not row.is_over]
    print(f"{len(over)} whole, {len(cut)} cut ({sum(row.where == 'pause' for row in cut)} in pauses of their own)")
    for who in (*Who, None):
        told = [[_says(row, who) for row in some if who is None or who in row.said] for some in (over, cut)]
        if all(told):
            area_, medians = area(*told), [float(np.median(some)) for some in told]
            print(f"{who or 'together':12} area {area_:.3f}, medians {medians[0]:.2f} and {medians[1]:.2f}")
    print("| likelihood | whole | cut | wait |")
    spoken = [row for row in rows if not is_unfinished(row.text, language(code))]
    rated = [(turn_is_over(_pause(row).said), row, wait) for row, wait in zip(spoken, waits(spoken, code), strict=True)]
    for low, high in pairwise(_BOUNDS):
        some = [(row.is_over, wait) for p, row, wait in rated if low <= p < high]
        if some:
            whole = sum(is_over for is_over, _ in some)
            print(
                f"| {low} to {min(high, 1)} | {whole} | {len(some) - whole} | {np.mean([w for _, w in some]):.2f} s |"
            )
    ends = waits(over, code)
    print("waits behind whole ones, p50 p75 p90 p95:", np.percentile(ends, [50, 75, 90, 95]).round(2))
    paused = [row for row in cut if row.where == "pause"]
    lost = {row.file for row, wait in zip(paused, waits(paused, code), strict=True) if wait < row.pause_s}
    print(f"cut off: {len(lost)} of {len({row.file for row in paused})} recordings with pauses")


def _says(row: Heard, who: Who | None) -> float:
    return turn_is_over(_pause(row).said) if who is None else row.said[who]


def main() -> None:
    """Gather what is not kept yet, fit on one half, report of the other."""
    parser = argparse.ArgumentParser(prog="training.endpointing")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--kept", type=Path, required=True, help="where what the witnesses say is kept")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="files with other sentences, a turn a line")
    parser.add_argument("--language", default="en")
    chosen = parser.parse_args()
    if not chosen.kept.is_file():
        asyncio.run(gather([file for folder in chosen.folders for file in recordings(folder)], chosen.kept))
    rows = kept_in(chosen.kept, chosen.language)
    learned, judged = halves(rows)
    if chosen.texts and (model := load(chosen.language)):
        learned += borrowed(chosen.texts, learned, model)
    for who in ((Who.WORDS, Who.SMART_TURN), (Who.WORDS, Who.V1_MINI), (Who.WORDS, Who.SMART_TURN, Who.V1_MINI)):
        if any(all(one in row.said for one in who) for row in learned):
            print(fit(learned, who))
    report(judged, chosen.language)


if __name__ == "__main__":
    main()
