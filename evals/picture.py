"""Draws a run: every gap as a dot, and the stages of a turn as a waterfall; and the page that explains both."""

import base64
import html
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import numpy as np

from evals.figures import SETS, Row, SetName, Turn, explained, measured, rows
from evals.stages import NAMES, Stages, mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAGE = Path(__file__).with_name("latency.html")
INK, FAINT = "#1f2933", "#d9dee4"
DOTS = {"ours": "#2563a8", "realtime": "#2a8f83", "plain": "#b4632a"}
BARS = {
    "inbound": "#9aa5b1",
    "stt": "#2a8f83",
    "waiting": "#e0a526",
    "llm": "#7a5ea8",
    "tts": "#2563a8",
    "output": "#5aa6d6",
    "residual": "#c94f4f",
    "outbound": "#9aa5b1",
}


def draw_distribution(turns: Sequence[Turn], path: Path) -> None:
    """A row of dots for each line of the table; a bar at p50, a tick at p95."""
    from matplotlib.figure import Figure

    kept = rows(turns)
    figure = Figure(figsize=(9, 1.2 + 0.95 * len(kept)), layout="constrained")
    axes = figure.subplots()
    _plain(axes, "Voice to voice at the caller's ear: each dot is a turn")
    for at, row in enumerate(kept):
        spots = at + np.random.default_rng(at).uniform(-0.2, 0.2, len(row.gaps))
        axes.scatter(row.gaps, spots, s=16, color=DOTS[row.agent], alpha=0.45, linewidths=0)
        _mark(axes, at, row)
    names = [row.title.rsplit(", ", 1) for row in kept]
    axes.set_yticks(
        range(len(kept)), [f"{what}\n{who}, n={len(row.gaps)}" for (what, who), row in zip(names, kept, strict=True)]
    )
    axes.set_ylim(len(kept) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel("ms of silence between the caller's last sound and the agent's first")
    _save(figure, path)


def draw_waterfall(stages: Sequence[Stages], asked: SetName, path: Path) -> None:
    """The mean of each stage of a set where it lies in time, from the caller's last sound to the agent's first."""
    from matplotlib.figure import Figure

    average = mean(stages)
    if average is None:
        return
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    axes = figure.subplots()
    _plain(axes, f"What the silence is made of: mean of {len(stages)} turns, {SETS[asked]}, {average.total:.0f} ms")
    began = 0.0
    for row, (name, value) in enumerate(asdict(average).items()):
        axes.barh(row, value, left=began, height=0.62, color=BARS[name])
        axes.plot([began + value] * 2, [row, row + 1], color=FAINT, linewidth=1, zorder=0)
        axes.annotate(
            f"{value:.0f} ms",
            (max(began, began + value), row),
            (6, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
        began += value
    axes.set_yticks(range(len(NAMES)), list(NAMES))
    axes.set_ylim(len(NAMES) - 0.4, -0.6)
    axes.axvline(0, color=INK, linewidth=1)
    axes.margins(x=0.1)
    axes.set_xlabel("ms since the caller's last sound")
    _save(figure, path)


def write_page(turns: Sequence[Turn], pictures: Sequence[Path], title: str, path: Path) -> None:
    """One HTML file with the pictures inside, the table, and how to read them."""
    line = "<tr><th>{}</th><td>{:.0f}</td><td>{:.0f}</td><td>{:.0f}</td><td>{}</td></tr>"
    sets = [(asked, stages) for asked in measured(turns) if (stages := mean(explained(turns, asked)))]
    head = "".join(f"<td>{SETS[asked]}, ms</td>" for asked, _ in sets)
    meanings = [
        f"<tr><th>{name}</th>{''.join(f'<td>{getattr(stages, name):.0f}</td>' for _, stages in sets)}"
        f"<td>{html.escape(meaning)}</td></tr>"
        for name, meaning in NAMES.items()
    ]
    page = Template(PAGE.read_text(encoding="utf-8")).substitute(
        title=html.escape(title),
        pictures="\n".join(_embedded(picture) for picture in pictures if picture.is_file()),
        rows="\n".join(
            line.format(html.escape(row.title), f.p50, f.p95, f.p99, f.n) for row in rows(turns) for f in [row.spread]
        ),
        sets=head,
        stages="\n".join(meanings if sets else ()),
        discarded=sum(turn.ms is None for turn in turns),
        total=len(turns),
    )
    path.write_text(page, encoding="utf-8")


def _save(figure: "Figure", path: Path) -> None:
    """The file's ending chooses the format; nothing of the machine or the hour is written into it."""
    import matplotlib as mpl

    unsaid = {".svg": {"Date": None, "Creator": None}, ".png": {"Software": None}}
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": path.stem}):
        figure.savefig(path, dpi=150, metadata=unsaid.get(path.suffix))


def _mark(axes: "Axes", at: int, row: Row) -> None:
    figures = row.spread
    axes.plot([figures.p50] * 2, [at - 0.34, at + 0.34], color=INK, linewidth=2.5)
    axes.plot([figures.p95] * 2, [at - 0.22, at + 0.22], color=INK, linewidth=1.2)
    _name(axes, f"p50 {figures.p50:.0f}", figures.p50, at - 0.34, is_above=True)
    _name(axes, f"p95 {figures.p95:.0f}", figures.p95, at + 0.22, is_above=False)


def _name(axes: "Axes", text: str, x: float, y: float, *, is_above: bool) -> None:
    away, side = (2, "bottom") if is_above else (-2, "top")
    axes.annotate(text, (x, y), (0, away), textcoords="offset points", ha="center", va=side, size=8, color=INK)


def _plain(axes: "Axes", title: str) -> None:
    """Light: no frame, faint vertical lines."""
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=INK, length=0)
    axes.grid(axis="x", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)


def _embedded(picture: Path) -> str:
    source = base64.b64encode(picture.read_bytes()).decode()
    return f'<img alt="{picture.stem}" src="data:image/png;base64,{source}">'
