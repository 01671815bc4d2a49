"""The report of `python -m evals text`: a table for the terminal; JSON and a page with every conversation."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles

from evals.rehearsal import Result

_PAGE = """<!doctype html><meta charset="utf-8"><title>Scenarios</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}}
table{{border-collapse:collapse}}td,th{{text-align:left;padding:.15rem .8rem .15rem 0;border-bottom:1px solid #eee}}
details{{margin:.4rem 0}}summary{{cursor:pointer}}.bad{{color:#b00020}}
.call{{color:#666;font:13px ui-monospace,monospace}}
dl{{margin:.3rem 0 .8rem 1rem}}dt{{font-weight:600}}dd{{margin:0 0 .4rem 1.2rem}}</style>
<h1>Scenarios: {passed} of {scenarios} passed</h1>
<p>{runs} run(s), LLM {llm}, {seconds} s. Each is a call of its own on a database of its own; docs/scenarios.md explains
what is judged.</p><table>{rows}</table><h2>Not passed</h2>{failed}<h2>All conversations</h2>{conversations}
"""


def scenarios_of(results: Sequence[Result]) -> dict[tuple[str, str], list[Result]]:
    """Each scenario by profile and name, with all its renderings and runs."""
    found: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        found.setdefault((result.profile, result.script.name), []).append(result)
    return found


def figures(results: Sequence[Result], *, seconds: float, llm: str) -> dict[str, object]:
    """The last line: a scenario has passed when every rendering of it has, in every run."""
    groups = scenarios_of(results)
    passed = {key for key, group in groups.items() if all(result.is_passed for result in group)}
    profiles = sorted({profile for profile, _ in groups})
    return {
        "scenarios": len(groups),
        "passed": len(passed),
        "unhappy": sum(group[0].script.scenario.unhappy for group in groups.values()),
        "profiles": {
            name: {
                "scenarios": sum(profile == name for profile, _ in groups),
                "passed": sum(profile == name for profile, _ in passed),
            }
            for name in profiles
        },
        "runs": max((result.run for result in results), default=0),
        "calls": len(results),
        "turns": sum(len(result.outcome.turns) for result in results),
        "llm": llm,
        "call_ms_p95": _p95_ms(results),
        "seconds": round(seconds, 1),
    }


def _p95_ms(results: Sequence[Result]) -> float | None:
    times = [result.seconds * 1000 for result in results]
    return round(quantiles(times, n=20)[-1], 1) if len(times) > 1 else None


def show(results: Sequence[Result]) -> None:
    """One line a scenario, and below it what did not come true."""
    for (profile, name), group in scenarios_of(results).items():
        good = sum(result.is_passed for result in group)
        mark = "ok  " if good == len(group) else "FAIL"
        print(f"{mark} {good:3} of {len(group):3}  {profile}/{name}")
        for result in group:
            for failure in result.failures:
                print(f"          {failure}  [{_first_words(result)}]")


def write(folder: Path, found: Mapping[str, object], results: Sequence[Result]) -> None:
    """text.json with every turn, index.html to read it."""
    folder.mkdir(parents=True, exist_ok=True)
    calls = [_told(result) for result in results]
    (folder / "text.json").write_text(json.dumps({"figures": found, "calls": calls}, indent=1), encoding="utf-8")
    failed = [_conversation(result, is_open=True) for result in results if not result.is_passed]
    page = _PAGE.format(
        **{key: found[key] for key in ("passed", "scenarios", "runs", "llm", "seconds")},
        rows="".join(_row(*each) for each in scenarios_of(results).items()),
        failed="".join(failed) or "<p>None.</p>",
        conversations="".join(_conversation(result) for result in results if result.run == 1),
    )
    (folder / "index.html").write_text(page, encoding="utf-8")


def _told(result: Result) -> dict[str, object]:
    turns = [
        {"caller": turn.words, "tools": [str(call) for call in turn.calls], "agent": turn.reply}
        for turn in result.outcome.turns
    ]
    return {
        "profile": result.profile,
        "scenario": result.script.name,
        "run": result.run,
        "failures": list(result.failures),
        "seconds": round(result.seconds, 3),
        "turns": turns,
    }


def _row(key: tuple[str, str], group: Sequence[Result]) -> str:
    good = sum(result.is_passed for result in group)
    kind = "unhappy" if group[0].script.scenario.unhappy else ""
    mark = "" if good == len(group) else ' class="bad"'
    cells = (key[0], key[1], kind, f"{good} of {len(group)}")
    return f"<tr{mark}>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"


def _conversation(result: Result, *, is_open: bool = False) -> str:
    turns = "".join(
        f"<dt>{html.escape(turn.words or '(silence)')}</dt>"
        + "".join(f'<dd class="call">{html.escape(str(call))}</dd>' for call in turn.calls)
        + f"<dd>{html.escape(turn.reply)}</dd>"
        for turn in result.outcome.turns
    )
    wrong = "".join(f'<p class="bad">{html.escape(failure)}</p>' for failure in result.failures)
    title = html.escape(f"{result.profile}/{result.script.name} [{_first_words(result)}]")
    return f"<details{' open' if is_open else ''}><summary>{title}</summary>{wrong}<dl>{turns}</dl></details>"


def _first_words(result: Result) -> str:
    return f"run {result.run}, “{next((words for words in result.script.words if words), 'silence')}”"
