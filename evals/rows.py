"""Reads a file of sentences and their labels; whatever is wrong with it is said with the file and the line."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLUMNS = "text", "label"
OUT_OF_SCOPE = "oos"


class NotReadable(Exception):
    """The file is not what it should be; the message names it and the line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence and what it wants; `label` is `oos` for what nobody declared."""

    text: str
    label: str

    @property
    def is_in_scope(self) -> bool:
        """Whether a right answer exists."""
        return self.label != OUT_OF_SCOPE


def read_rows(path: Path) -> list[Row]:
    """All rows of a CSV with the columns text and label in any order; others are left alone. Raises NotReadable."""
    records = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    try:
        rows = list(_rows(cells for cells in records if any(cell.strip() for cell in cells)))
    except (csv.Error, ValueError) as error:
        raise NotReadable(f"{path}:{records.line_num}: {error}") from error
    if not rows:
        raise NotReadable(f"{path}:{records.line_num}: no rows below the header")
    return rows


def _decoded(path: Path) -> str:
    """The file's text; spreadsheets put a byte order mark in front."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotReadable(f"{path}: {error.strerror}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise NotReadable(f"{path}:{line}: not UTF-8") from error


def _rows(records: Iterator[list[str]]) -> Iterator[Row]:
    names = [name.strip().lower() for name in next(records, [])]
    for column in COLUMNS:
        if names.count(column) != 1:
            raise ValueError(f"the header needs one column {column!r}, it has {', '.join(names) or 'nothing'}")
    places = [names.index(column) for column in COLUMNS]
    for cells in records:
        if len(cells) != len(names):
            raise ValueError(f"{len(cells)} cells under {len(names)} columns; a text with a comma needs quotes")
        text, label = (cells[place].strip() for place in places)
        if not text or not label:
            raise ValueError("text or label is empty")
        yield Row(text, OUT_OF_SCOPE if label.lower() == OUT_OF_SCOPE else label)
