"""LanguagePack: what the engine must know of a language. Each folder beside this file has one in its pack.py, and
nothing of a language stands elsewhere, but for English in agent/understanding: who speaks another needs an
LLM that thinks."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Protocol

from agent.rules.language import Language


class Writer(Protocol):
    """How values are written for a caller who reads along; the voice says them by `LanguagePack.said`."""

    def day(self, value: date) -> str:
        """With its weekday, without its year."""
        ...

    def birth(self, value: date) -> str:
        """With its year, without its weekday."""
        ...

    def clock(self, value: time) -> str:
        """A time of day."""
        ...

    def number(self, value: int) -> str:
        """A count."""
        ...

    def yes_no(self, value: bool) -> str:
        """Yes or no."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePack:
    """One language. Every pattern is matched against lower-case text (agent/language/text.py), every word is one of
    agent/rules/language's `spoken_words`."""

    code: str  # ISO 639-1
    name: str  # in English, for operators and for an LLM
    called: frozenset[str]  # by callers, in any language: "spanish", "español"
    spoken_in: frozenset[str]  # countries, ISO 3166, whose numbers are taken for callers who speak it
    turn_words: Language
    speaking: frozenset[str]  # with which a language is asked for: "do you speak Spanish"
    prepositions: frozenset[str]  # right in front of its name: "in Spanish"
    polite: frozenset[str]  # beside it: "Spanish, please"
    denying: frozenset[str]  # which deny that: "I don't speak Spanish"
    openings: frozenset[str]  # of a question
    conditions: re.Pattern[str]  # what makes a yes no consent: "yes, but"
    find_yes_no: Callable[[str], bool | None]
    with_digits: Callable[[str], str]  # spoken numbers as figures
    to_words: re.Pattern[str]  # between two ends of a range of times
    asks_for_phone: re.Pattern[str]
    asks_for_code: re.Pattern[str]
    discloses_ai: Callable[[str], bool]
    writes: Writer
    said: Callable[[str], str] | None  # what is written as a voice says it; None where speaking/pronounce knows
    sentences: Mapping[str, str]  # those of profile.Sentences that have a default in this language
    fillers: tuple[str, ...]  # while a tool works
    distress: str  # where help is; `{emergency}` and `{line}` are numbers
    instructions: str  # to an LLM that has to speak it
