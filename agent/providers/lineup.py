"""The line-up: one line a profile on who hears, thinks and speaks, and why, as the worker found it at its start. It is
kept in a file for the page and `make run`, which load no provider."""

import json
from collections.abc import Mapping
from pathlib import Path


def write(var_dir: Path, lines: Mapping[str, str]) -> None:
    """By profile. Raises OSError."""
    path = _file(var_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(lines), encoding="utf-8")
    draft.replace(path)


def read(var_dir: Path) -> dict[str, str]:
    """The last worker's; empty where none has run, or runs elsewhere."""
    try:
        found = json.loads(_file(var_dir).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(line) for name, line in found.items()} if isinstance(found, dict) else {}


def _file(var_dir: Path) -> Path:
    return var_dir / "run" / "lineup.json"
