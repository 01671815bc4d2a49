"""Where audit records wait on disk while the database is away: a file for each process, emptied when it is back."""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from agent.memory.chain import Record

logger = logging.getLogger("parley.observers")


class Spill:
    """One per process, in `folder`. A file is locked by the process that writes it, so that another knows what a dead
    one has left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None
        self.count = 0

    def write(self, records: Sequence[Record]) -> None:
        """Put these behind what is there, onto the disk itself. Raises OSError."""
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = (self._folder / f"{uuid4().hex}.jsonl").open("w+", encoding="utf-8")
            os.chmod(self._file.name, 0o600)  # noqa: PTH101  # a Path would open it by its name again
            fcntl.flock(self._file, fcntl.LOCK_EX)
        for record in records:
            line = json.dumps(asdict(record) | {"at": record.at.isoformat()}, ensure_ascii=False)
            self._file.write(f"\n{line}\n")  # begun anew: the disk may have been full in the middle of the last one
        self._file.flush()
        os.fsync(self._file.fileno())
        self.count += len(records)

    def read(self) -> list[Record]:
        """What waits in this process's file, in order."""
        return _read(Path(self._file.name)) if self._file else []

    def clear(self) -> None:
        """It is in the database."""
        if self._file is not None:
            Path(self._file.name).unlink(missing_ok=True)
            self._file.close()
            self._file, self.count = None, 0

    def orphans(self) -> Iterator[tuple[Path, list[Record]]]:
        """What processes that died have left, file by file; each is locked while it is looked at, and is to be deleted
        once it is in the database."""
        for path in sorted(self._folder.glob("*.jsonl")):
            with suppress(OSError), path.open("r+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its writer lives
                yield path, _read(path)


def _read(path: Path) -> list[Record]:
    """Whole lines only: a process that was killed while it wrote one had told nobody that it was there."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with suppress(ValueError, KeyError, TypeError):
            fields = json.loads(line)
            found.append(Record(**{**fields, "at": datetime.fromisoformat(fields["at"])}))
    return found
