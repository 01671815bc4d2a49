"""Which of a profile's providers hear, think and speak in one of its languages, with which voice; who cannot is told of
when a worker starts, and is not asked in a call."""

from agent.errors import ConfigError
from agent.language.packs import ENGLISH, pack
from agent.profile.choices import ProviderChoice
from agent.profile.languages import offered_by, spoken_in
from agent.profile.profile import Profile, place
from agent.providers.catalog.choosing import PAGE, chain, entries, entry_of
from agent.providers.catalog.entry import ROLES, Role, Speaks

_DOES: dict[Role, str] = {"stt": "hears", "llm": "thinks in", "tts": "speaks"}


def in_language(profile: Profile, code: str) -> Profile:
    """The profile as it is in one of its languages, with those of its providers that know it, each with its voice.
    Raises ConfigError: file, line, key and cure."""
    chosen = {str(role): tuple(_able(role, profile, code)) for role in ROLES}
    if not profile.languages and code == ENGLISH:
        return profile  # whose providers stand as they were written
    return spoken_in(profile, code).model_copy(update={"providers": profile.providers.model_copy(update=chosen)})


def check_languages(profile: Profile) -> None:
    """Whether somebody hears, thinks and speaks in each of its languages. Raises ConfigError: file, line and cure."""
    if profile.languages and profile.providers.realtime:
        cure = f"take languages out, or use mode: pipeline; see {PAGE}"
        raise ConfigError(f"{place(profile, 'languages')}: mode: realtime speaks the profile's own language; {cure}")
    for code in offered_by(profile):
        in_language(profile, code)


def _able(role: Role, profile: Profile, code: str) -> list[ProviderChoice]:
    links = chain(role, profile.providers)
    able = [one for link in links if (one := _voiced(role, link, profile, code))]
    if not able:
        where = place(profile, "languages", code) if code in profile.languages else place(profile, "language")
        names = ", ".join(link.name for link in links)
        others = ", ".join(name for name, entry in entries(role).items() if entry.can.speaks(code))
        cure = f"name one there that does ({others}) and set its key"
        if any(_needs_voice(role, link) for link in links):
            cure = f"name a voice of {pack(code).name} for it, since each of its voices speaks one language"
        raise ConfigError(
            f"{where}: nobody of providers.{role} ({names}) {_DOES[role]} {pack(code).name}; {cure}, or take {code} "
            f"out; see {PAGE}"
        )
    return able


def _voiced(role: Role, choice: ProviderChoice, profile: Profile, code: str) -> ProviderChoice | None:
    """With the voice that the profile names for the language, and without the options of the profile's own language;
    None when it does not know the language, or has no voice for it."""
    entry, is_own = entry_of(role, choice), code == profile.language
    if not entry.can.speaks(code):
        return None
    options = {name: value for name, value in choice.options.items() if is_own or name != "language"}
    if not issubclass(entry.options, Speaks):
        return choice.model_copy(update={"options": options})
    chosen = profile.languages[code].voice if code in profile.languages else {}
    option = entry.options.voice_option
    if voice := chosen.get(choice.name):
        options[option] = voice
    elif _needs_voice(role, choice) and code != ENGLISH and not (is_own and option in options):
        return None
    return choice.model_copy(update={"options": options})


def _needs_voice(role: Role, choice: ProviderChoice) -> bool:
    known = entry_of(role, choice).options
    return issubclass(known, Speaks) and known.voice_has_language
