"""Which languages there are: the folders beside this file, each read when it is first needed."""

from functools import cache
from importlib import import_module
from pathlib import Path

from agent.language.pack import LanguagePack
from agent.rules.language import Language

ENGLISH = "en"


@cache
def known() -> tuple[str, ...]:
    """The codes of all languages that have a folder, ISO 639-1."""
    return tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/pack.py")))


@cache
def pack(code: str) -> LanguagePack:
    """That of a language, of its code or locale. Raises KeyError for one that has no folder."""
    short = code.split("-", maxsplit=1)[0]
    if short not in known():
        raise KeyError(code)
    found: LanguagePack = import_module(f"agent.language.{short}.pack").PACK
    return found


def language(code: str) -> Language:
    """The words that the turn rules know of a language; English ones for a language without a folder."""
    return pack(code if code.split("-", maxsplit=1)[0] in known() else ENGLISH).turn_words
