"""Which of a profile's providers hear, think and speak in one of its languages, with which voice; who cannot is told of
when a worker starts, and is not asked in a call."""

from agent.errors import ConfigError
from agent.language.packs import ENGLISH, pack
from agent.languages import offered_by, spoken_in
from agent.profile import Profile, ProviderChoice, Providers, place
from agent.providers.catalog.choosing import PAGE, chain, entries, entry_of
from agent.providers.catalog.entry import ROLES, Role, Speaks

_DOES: dict[Role, str] = {"stt": "hears", "llm": "thinks in", "tts": "speaks"}


def in_language(profile: Profile, code: str) -> Profile:
    """The profile as it is in one of its languages, with those of its providers that know it, each with its voice.
    Raises ConfigError: file, line, key and cure."""
    chosen = {role: tuple(_able(role, profile, code)) for role in ROLES}
    if not profile.languages and code == ENGLISH:
        return profile  # whose providers stand as they were written
    return spoken_in(profile, code).model_copy(
        update={"providers": Providers(stt=chosen["stt"], llm=chosen["llm"], tts=chosen["tts"])}
    )


def check_languages(profile: Profile) -> None:
    """Whether somebody hears, thinks and speaks in each of its languages. Raises ConfigError: file, line and cure."""
    for code in offered_by(profile):
        in_language(profile, code)


def _able(role: Role, profile: Profile, code: str) -> list[ProviderChoice]:
    links = chain(role, profile.providers)
    able = [_voiced(role, one, profile, code) for one in links if entry_of(role, one).can.speaks(code)]
    if not able:
        key = "languages" if code in profile.languages else "language"
        where = place(profile, key, code) if key == "languages" else place(profile, key)
        names = ", ".join(one.name for one in links)
        others = [name for name, entry in entries(role).items() if entry.can.speaks(code)]
        raise ConfigError(
            f"{where}: nobody of providers.{role} ({names}) {_DOES[role]} {pack(code).name}; name one there that does "
            f"({', '.join(others)}) and set its key, or take {code} out; see {PAGE}"
        )
    return able


def _voiced(role: Role, choice: ProviderChoice, profile: Profile, code: str) -> ProviderChoice:
    """With the voice that the profile names for the language, and without the options of the profile's own language."""
    is_own = code == profile.language
    options = {name: value for name, value in choice.options.items() if is_own or name != "language"}
    known = entry_of(role, choice).options
    if not issubclass(known, Speaks):
        return choice.model_copy(update={"options": options})
    chosen = profile.languages[code].voice if code in profile.languages else {}
    voice = chosen.get(choice.name) or (options.get(known.voice_option, "") if is_own else "")
    if not voice and known.voice_has_language and code != ENGLISH:
        key, cure = ("language", "options") if is_own else (f"languages.{code}", "voice")
        raise ConfigError(
            f"{place(profile, *key.split('.'))}: each voice of {choice.name} speaks one language; name one that speaks "
            f"{pack(code).name} in {cure}; see {PAGE}"
        )
    return choice.model_copy(update={"options": {**options, known.voice_option: voice} if voice else options})
