"""What is said while a tool takes its time: a tool declares its own words, a rule chooses among them.

When it is said is left to dialog/fillers.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
_ATTRIBUTE = "parley_filler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filler:
    """What one tool says instead of the profile's sentences, and after how long; None and () mean the profile's."""

    sentences: tuple[str, ...] = ()
    after_s: float | None = None
    is_silent: bool = False  # for a tool that talks with the caller itself


def filled(filler: Filler) -> Callable[[T], T]:
    """Attach it to a tool: `@filled(Filler(...))` above `@function_tool`."""

    def attach(tool: T) -> T:
        setattr(tool, _ATTRIBUTE, filler)
        return tool

    return attach


def filler_of(tool: object) -> Filler | None:
    """The one attached to a tool, or None."""
    filler = getattr(tool, _ATTRIBUTE, None)
    return filler if isinstance(filler, Filler) else None


def choose(own: Sequence[str], general: Sequence[str], said: Sequence[str]) -> str | None:
    """The sentence to say next, given those `said` in this call so far; None when only the last one is left.

    The tool's own go before the general ones, and what was never said or longest ago before the rest.
    """
    for pool in (own, general):
        fresh = [sentence for sentence in pool if not said or sentence != said[-1]]
        if fresh:
            return min(fresh, key=lambda sentence: _last_said(sentence, said))
    return None


def _last_said(sentence: str, said: Sequence[str]) -> int:
    return max((number for number, one in enumerate(said) if one == sentence), default=-1)
