"""A deployment in each of its languages: the same profile with other sentences, fillers and instructions."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from agent.errors import ConfigError
from agent.files.text_file import short
from agent.language.pack import LanguagePack
from agent.language.packs import ENGLISH, pack
from agent.profile.choices import FillerChoice
from agent.profile.language_file import FOLDER, PAGE, LanguageFile, read_language
from agent.profile.profile import Profile, Sentences, where_help_is

_read = cache(read_language)


def offered_by(profile: Profile) -> tuple[str, ...]:
    """The codes of its languages, the one that calls begin with first."""
    return (profile.language, *(code for code in profile.languages if code != profile.language))


def pack_of(profile: Profile) -> LanguagePack:
    """What is known of the language that is spoken."""
    return pack(profile.language)


def texts_of(profile: Profile) -> LanguageFile:
    """What its tools' questions are in the language that is spoken; empty in English, where the tools have them. Raises
    ConfigError."""
    return LanguageFile() if profile.language == ENGLISH else _read(profile.folder, profile.language)


def instructions_of(profile: Profile) -> str:
    """What an LLM is told of the language, behind a persona's instructions; "" where all is English."""
    return pack_of(profile).instructions if profile.languages or profile.language != ENGLISH else ""


def spoken_in(profile: Profile, code: str) -> Profile:
    """The same deployment in that language of its own. Raises ConfigError: file and key."""
    if code == profile.language:
        return profile
    texts, own = _read(profile.folder, code), pack(code)
    said: Mapping[str, str] = {"distress": where_help_is(code, profile.locale), **own.sentences, **texts.sentences}
    try:
        sentences = Sentences.model_validate(said)
    except ValidationError as error:
        wrong = error.errors()[0]
        key = f"sentences.{'.'.join(map(str, wrong['loc']))}"
        raise ConfigError(f"{_place(profile.folder, code)}: {key}: {wrong['msg'].lower()}; see {PAGE}") from None
    fillers = profile.fillers.model_copy(update={"sentences": own.fillers or FillerChoice().sentences})
    return profile.model_copy(update={"language": code, "sentences": sentences, "fillers": fillers})


def check_texts(profile: Profile, questions: Mapping[str, tuple[str, frozenset[str]]]) -> None:
    """Whether each tool that asks before it acts can ask in the profile's language. `questions` are those tools, each
    with its English question, "" for one that words it by itself, and the values that must be heard in it. Raises
    ConfigError."""
    if profile.language == ENGLISH:
        return
    texts, where = texts_of(profile), _place(profile.folder, profile.language)
    for tool, (english, values) in questions.items():
        if not english:
            raise ConfigError(
                f"{where}: the tool {tool} reads back in English only; take it out of the profile's tools, or the "
                f"language out of the profile; see {PAGE}"
            )
        if tool not in texts.confirm:
            raise ConfigError(f'{where}: confirm.{tool} is missing; in English it is "{english}"; see {PAGE}')
        held = frozenset(re.findall(r"\{(\w*)\}", texts.confirm[tool]))
        if missing := values - held:
            raise ConfigError(f"{where}: confirm.{tool} must hold {', '.join(f'{{{n}}}' for n in sorted(missing))}")
        if unknown := held - frozenset(re.findall(r"\{(\w*)\}", english)) - values:
            raise ConfigError(f"{where}: confirm.{tool}: {', '.join(sorted(unknown))} is no value of {tool}")


def _place(folder: Path, code: str) -> str:
    return str(short(folder / FOLDER / f"{code}.yaml"))
