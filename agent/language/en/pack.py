"""English. agent/understanding does more with it than with any other language; this is what all share."""

import re
from datetime import date, time

from agent.language.en.digits import with_digits
from agent.language.en.turn_words import ENGLISH
from agent.language.en.yes_no import find_yes_no
from agent.language.pack import LanguagePack
from agent.language.text import word_set
from agent.rules import written
from agent.rules.disclosure import discloses_ai

_CONDITIONS = "but first wait actually unless if except instead only after before when"


class _Writer:
    """By rules/written, which the understanding's sentences are made with, too."""

    def day(self, value: date) -> str:
        """Friday, November 27."""
        return f"{value:%A}, {written.day(value)}"

    def birth(self, value: date) -> str:
        """November 27, 1990."""
        return f"{written.day(value)}, {value.year}"

    def clock(self, value: time) -> str:
        """7:30 PM."""
        return written.clock(value)

    def number(self, value: int) -> str:
        """Four, 12."""
        return written.number(value)

    def yes_no(self, value: bool) -> str:
        """Yes or no."""
        return "yes" if value else "no"


PACK = LanguagePack(
    code="en",
    name="English",
    called=word_set("english inglés ingles englisch"),
    spoken_in=word_set("US GB IE CA AU NZ IN ZA"),
    turn_words=ENGLISH,
    speaking=word_set("speak speaks speaking talk switch"),
    prepositions=word_set("in to"),
    polite=word_set("please thanks thank you yes"),
    denying=word_set("not no don't can't cannot doesn't never"),
    openings=ENGLISH.openers,
    conditions=re.compile(rf"(?<![\w'])(?:{'|'.join(_CONDITIONS.split())})(?![\w'])"),
    find_yes_no=find_yes_no,
    with_digits=with_digits,
    to_words=re.compile(r"\b(?:to|till|until|through)\b|\d ?- ?\d", re.IGNORECASE),
    asks_for_phone=re.compile(r"\b(?:tele)?phone\b|\b(?:mobile|cell) number\b"),
    asks_for_code=re.compile(r"\bnumber\b|\bcode\b|\breference\b|\bdigits\b"),
    discloses_ai=discloses_ai,
    writes=_Writer(),
    said=None,
    sentences={},
    fillers=(),
    distress=(
        "If you or somebody with you is in danger, please call {emergency} now. If you think of ending your life, call "
        "{line}, at any hour."
    ),
    instructions=(
        "The caller speaks English. Whatever language was spoken before, speak English only, in short sentences as on "
        "the telephone."
    ),
)
