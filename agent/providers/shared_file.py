"""A small file that the jobs of a worker share: each changes it as a whole, and nobody sees half a change."""

import contextlib
import fcntl
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

logger = logging.getLogger("parley.providers")

T = TypeVar("T")


class SharedFile(Generic[T]):
    """What the file holds; a memory of its own where there is none (`path` None), or where it cannot be written. All
    of it blocks."""

    def __init__(self, path: Path | None, content: TypeAdapter[T], empty: T) -> None:
        self._path = path
        self._content = content
        self._empty = self._own = empty
        self._has_complained = False

    def read(self) -> T:
        """Empty where there is none, or where somebody has damaged it."""
        if self._path is None:
            return self._own
        try:
            return self._content.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return self._empty

    def exchange(self, change: Callable[[T], T]) -> tuple[T, T]:
        """What it held before the change, and holds behind it."""
        try:
            with _locked(self._path) if self._path else contextlib.nullcontext():
                before = self.read()
                after = change(before)
                if self._path and after != before:
                    half = self._path.with_suffix(".half")
                    half.write_bytes(self._content.dump_json(after))
                    half.replace(self._path)
        except OSError as error:
            if not self._has_complained:
                self._has_complained = True
                logger.warning("not shared with other calls", extra={"error": type(error).__name__})
            before, after = self._own, change(self._own)
        self._own = after
        return before, after


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
