"""How an observer is added: a file in this folder with a function `observer(given)`, which is found here."""

import importlib
import pkgutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from agent.config import Settings
from agent.events import Event

Raise = Callable[[str, str], object]  # name and reason


class Observer(Protocol):
    """Who only listens. Called on a thread of its own, so it may block and needs no locks."""

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Something happened in a call at that time. What it raises is logged and hurts nobody."""
        ...


@runtime_checkable
class Resting(Protocol):
    """An observer that does its writing when nothing waits. None of the events for one who is `lossless` is ever
    dropped, however long it takes: it must come to terms with a database that is away."""

    lossless: bool

    @property
    def behind(self) -> int:
        """How many events it has seen and not written to where they belong."""
        ...

    def rest(self) -> None:
        """Nothing waits at the moment, or has for two seconds. May raise nothing."""
        ...


@dataclass(slots=True)
class Flags:
    """The only way from an observer into a call: a mark that its persona reads at the next turn."""

    _open: dict[str, Raise] = field(default_factory=dict)

    def open(self, call_id: str, flag: Raise) -> None:
        """A call begins; `flag` may be called from any thread."""
        self._open[call_id] = flag

    def close(self, call_id: str) -> None:
        """It is over."""
        self._open.pop(call_id, None)

    def raise_flag(self, call_id: str, name: str, reason: str) -> None:
        """Mark the call; one that is over, or of another process, is left alone."""
        if (flag := self._open.get(call_id)) is not None:
            with suppress(RuntimeError):  # its loop ends at this moment, and the call with it
                flag(name, reason)


@dataclass(frozen=True, slots=True)
class Given:
    """What an observer may build on."""

    settings: Settings
    flags: Flags


def load_observers(given: Given) -> list[Observer]:
    """What each file's `observer` makes of what is given, in the order of names; one that returns None is not wanted
    here."""
    package = Path(__file__).parent
    modules = [
        importlib.import_module(f"agent.observers.{entry.name}") for entry in pkgutil.iter_modules([str(package)])
    ]
    made = [module.observer(given) for module in modules if hasattr(module, "observer")]
    return [one for one in made if one is not None]
