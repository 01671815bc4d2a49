"""The report of `python -m evals turns`: a table for the terminal; JSON and a page with the failed scenes' pictures."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from evals.playing import Played
from evals.scores import Heard, Score, by_kind
from evals.verdicts import rate

_WIDTH, _HEIGHT = 900, 44  # of one side's envelope
_STEP_S = 0.02
_LOWEST_DB = -60.0
_SECTIONS = ("hesitations", "people", "interruptions", "backchannels", "greetings", "dictation", "rooms")
_PAGE = """<!doctype html><meta charset="utf-8"><title>Turn-taking</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}}
table{{border-collapse:collapse}}td,th{{text-align:left;padding:.15rem .8rem .15rem 0;border-bottom:1px solid #eee}}
figure{{margin:1.2rem 0}}figcaption{{font-size:13px;color:#555}}svg{{width:100%;background:#fafafa}}</style>
<h1>Turn-taking, {band} band, {callers} callers at once</h1>
<p>Top: what the caller's microphone sent. Bottom: the agent as the caller heard it. The shaded part is the caller's
words, from the first to the last sound. Every figure is explained in docs/turns.md.</p>
<table>{rows}</table><h2>Scenes that were not ok</h2>{pictures}
"""


def rows(scores: Sequence[Score]) -> list[tuple[str, str, str, str]]:
    """Scene and kind, ok of judged, per cent, and the most frequent reason when not."""
    found = []
    for scene in _SECTIONS:
        for kind, group in by_kind(score for score in scores if score.scene == scene).items():
            per_cent, count = rate([score.verdict for score in group])
            wrong = [score.verdict.reason for score in group if score.verdict.is_ok is False]
            share = "-" if per_cent is None else f"{per_cent:.0f} %"
            unjudged = f" (+{len(group) - count} not judged)" if len(group) > count else ""
            found.append((f"{scene}, {kind}", f"{count - len(wrong)} of {count}{unjudged}", share, _common(wrong)))
    return found


def show(scores: Sequence[Score], voices: Mapping[str, Heard]) -> None:
    """The table."""
    print(f"\n{'':36}{'ok':24}{'':8}most frequent reason when not")
    for name, count, share, reason in rows(scores):
        print(f"{name:36}{count:24}{share:8}{reason}")
    print("\npauses in hesitations, cut off of judged:")
    for pause_s, group in _by_pause(scores).items():
        print(f"  {pause_s:.1f} s: {_wrong_of(group)}")
    print("voices, word error rate of the STT alone, cut off of judged:")
    for name, heard in voices.items():
        group = [score for score in scores if score.voice == name and score.scene == "hesitations"]
        note = "" if heard.is_understood else "   not understood, so not in cutoff_pct"
        print(f"  {name:12}{heard.wer:6.1%}  {_wrong_of(group)}{note}")


def write(folder: Path, figures: Mapping[str, object], results: Sequence[tuple[Score, Played | None]]) -> None:
    """turns.json with every verdict, index.html with every failed scene."""
    folder.mkdir(parents=True, exist_ok=True)
    scores = [asdict(score) | {"told": told(played)} for score, played in results]
    (folder / "turns.json").write_text(json.dumps({"figures": figures, "scenes": scores}, indent=1), encoding="utf-8")
    failed = [picture(score, played) for score, played in results if played and _is_failed(score)]
    lines = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows([score for score, _ in results])]
    table = "".join(f"<tr>{line}</tr>" for line in lines)
    page = _PAGE.format(
        band=figures["band"], callers=figures["callers"], rows=table, pictures="".join(failed) or "<p>None.</p>"
    )
    (folder / "index.html").write_text(page, encoding="utf-8")


def told(played: Played | None) -> list[str]:
    """What the agent's page was told in the scene: both sides' words, and tools."""
    if played is None:
        return []
    heard = [f"caller: {text}" for text in played.take.said]
    said = (f"{e.at:.2f} {e.kind}: {e.fields.get('text') or e.fields.get('tool') or ''}" for e in played.take.events)
    return [*heard, *said]


def picture(score: Score, played: Played) -> str:
    """Both sides' envelopes, the caller above, as a figure with what went wrong."""
    take, length_s = played.take, max(played.take.length_s, 0.1)
    scale = _WIDTH / length_s
    left, width = take.began * scale, (take.ended - take.began) * scale
    shade = f'<rect x="{left:.1f}" width="{width:.1f}" height="{2 * _HEIGHT}" fill="#fde9c8"/>'
    sides = _envelope(played.caller_db, 0, scale, "#2b6cb0") + _envelope(played.agent_db, _HEIGHT, scale, "#2f855a")
    ticks = "".join(
        f'<text x="{second * scale:.0f}" y="{2 * _HEIGHT + 12}" font-size="10" fill="#888">{second}</text>'
        for second in range(int(length_s) + 1)
    )
    reasons = [score.verdict.reason, score.resume.reason if score.resume and not score.resume.is_ok else ""]
    caption = f"{score.scene}, {score.kind}: “{score.text}” ({score.voice}). {'; '.join(filter(None, reasons))}"
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {2 * _HEIGHT + 16}">{shade}{sides}{ticks}</svg>'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def _envelope(levels_db: Sequence[float], top: int, scale: float, colour: str) -> str:
    middle = top + _HEIGHT / 2
    bars = []
    for number, level in enumerate(levels_db):
        half = max(0.0, (level - _LOWEST_DB) / -_LOWEST_DB) * _HEIGHT / 2
        if half > 0.5:
            bars.append(f"M{number * _STEP_S * scale:.1f} {middle - half:.1f}v{2 * half:.1f}")
    return f'<path d="{"".join(bars)}" stroke="{colour}" stroke-width="{max(0.6, _STEP_S * scale):.2f}"/>'


def _is_failed(score: Score) -> bool:
    return score.verdict.is_ok is False or (score.resume is not None and score.resume.is_ok is False)


def _by_pause(scores: Sequence[Score]) -> dict[float, list[Score]]:
    found: dict[float, list[Score]] = {}
    for score in sorted(scores, key=lambda score: score.pause_s):
        if score.scene == "hesitations":
            found.setdefault(score.pause_s, []).append(score)
    return found


def _wrong_of(scores: Sequence[Score]) -> str:
    return f"{sum(score.verdict.is_ok is False for score in scores)} of {rate([s.verdict for s in scores])[1]}"


def _common(reasons: Sequence[str]) -> str:
    """The most frequent, its figures left out so that like goes with like."""
    plain = [re.sub(r"[\d.]+", "…", reason) for reason in reasons]
    return max(plain, key=plain.count) if plain else ""
