"""Which providers a profile's names mean: the entry of each, its options and key checked, and who `auto` and `local`
are where this worker runs."""

import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.errors import ConfigError
from agent.files.text_file import oddness
from agent.files.wrong_values import plainly
from agent.profile.choices import ProviderChoice, Providers
from agent.providers.catalog.entry import ROLES, Converses, Endpoint, Entry, Hears, Options, Role, Speaks, Thinks
from agent.secrets import keys

PAGE = "docs/providers.md"
AUTO, LOCAL = "auto", "local"
LOCALS: dict[Role, str] = {"stt": "moonshine", "llm": "understanding", "tts": "hibari"}
AnyEntry = Entry[Hears] | Entry[Thinks] | Entry[Speaks] | Entry[Converses]


@cache
def entries(role: Role) -> dict[str, AnyEntry]:
    """Every provider of that role by its name: those of all files of this folder that have ENTRIES."""
    found: list[AnyEntry] = []
    for file in pkgutil.iter_modules([str(Path(__file__).parent)]):
        found += getattr(import_module(f"{__package__}.{file.name}"), "ENTRIES", ())
    in_order = sorted(found, key=lambda entry: (not entry.is_local, entry.name))
    return {entry.name: entry for entry in in_order if entry.role == role}


def entry_of(role: Role, choice: ProviderChoice) -> AnyEntry:
    """What the catalog knows of it. Raises ConfigError."""
    known = entries(role)
    name = LOCALS[role] if choice.name == LOCAL else choice.name
    if name not in known:
        raise ConfigError(f"providers.{role}: unknown name {name!r}; there are {', '.join(known)} (see {PAGE})")
    return known[name]


def chain(role: Role, providers: Providers) -> tuple[ProviderChoice, ...]:
    """Who does it, the first of them first, and nobody twice."""
    found: dict[str, ProviderChoice] = {}
    for choice in getattr(providers, role):
        for one in _auto(role) if choice.name == AUTO else (choice,):
            name = LOCALS[role] if one.name == LOCAL else one.name
            found.setdefault(f"{name} {one.options.get('model', '')}", one.model_copy(update={"name": name}))
    return tuple(found.values())


def first(role: Role, providers: Providers) -> ProviderChoice:
    """Who does it as long as all is well."""
    return chain(role, providers)[0]


def _auto(role: Role) -> Iterator[ProviderChoice]:
    ranked = [entry for entry in entries(role).values() if entry.rank is not None]
    for entry in sorted(ranked, key=lambda entry: entry.rank or 0):
        if entry.is_installed and keys.find(entry.key).get_secret_value():
            yield ProviderChoice(name=entry.name)
    yield ProviderChoice(name=LOCAL)


def checked(role: Role, choice: ProviderChoice) -> tuple[AnyEntry, Options, str]:
    """The entry, the choice's options and the key, fit to be built with. Raises ConfigError: what, where, cure."""
    entry = entry_of(role, choice)
    if not entry.is_installed:
        raise ConfigError(
            f"providers.{role}: {entry.name} is not installed: `uv pip install --python {sys.executable} "
            f"{_distribution(entry)}` brings it (see {PAGE})"
        )
    options = _options(entry, choice)
    _refuse_language(entry, options)
    return entry, options, _key(entry, options)


def _distribution(entry: AnyEntry) -> str:
    return f"'{entry.package.replace('.', '-').replace('_', '-')}'"


def _options(entry: AnyEntry, choice: ProviderChoice) -> Options:
    place = f"providers.{entry.role}: {entry.name}"
    given: dict[str, Any] = dict(choice.options)
    try:
        return entry.options.model_validate(given)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0]) if wrong["loc"] else ""
        if wrong["type"] == "extra_forbidden":
            known = ", ".join(entry.options.model_fields) or "none"
            raise ConfigError(f"{place} has no option {name!r}; its options: {known} (see {PAGE})") from None
        what = "is missing" if wrong["type"] == "missing" else plainly(wrong)
        raise ConfigError(f"{place}: {f'option {name} ' if name else ''}{what} (see {PAGE})") from None


def _refuse_language(entry: AnyEntry, options: Options) -> None:
    language: str | None = getattr(options, "language", None)
    if language and not entry.can.speaks(language.partition("-")[0].lower()):
        raise ConfigError(
            f"providers.{entry.role}: {entry.name} does not know the language {language}; it knows "
            f"{', '.join(sorted(entry.can.languages))} (see {PAGE})"
        )


def _key(entry: AnyEntry, options: Options) -> str:
    """Where it is optional, and there is none, what a server that asks for none is told."""
    if entry.is_local:
        return ""
    own = options.api_key_variable if isinstance(options, Endpoint) else None
    variable = own or entry.key
    key = keys.find(variable).get_secret_value() if variable else ""
    may_lack = own is None and isinstance(options, Endpoint) and options.base_url is not None
    if not key and not may_lack:
        local = ", ".join(other.name for other in entries(entry.role).values() if other.is_local) or "mode: pipeline"
        raise ConfigError(
            f"providers.{entry.role}: {entry.name} needs the environment variable {variable}; set it in the "
            f"environment or .env, or choose {local} (see {PAGE})"
        )
    if wrong := oddness(key):
        raise ConfigError(f"providers.{entry.role}: the environment variable {variable} of {entry.name} {wrong}")
    return key or "none"


def told(providers: Providers) -> str:
    """One line: who hears, thinks and speaks, and why."""
    verbs: dict[Role, str] = {"stt": "hears", "llm": "thinks", "tts": "speaks"}
    alone = "; ".join(f"{verbs[role]}: {_who(role, providers)}" for role in ROLES)
    whole = providers.realtime
    return f"does all in one: {whole.name} (mode: realtime), behind it {alone}" if whole else alone


def _who(role: Role, providers: Providers) -> str:
    names = [choice.name for choice in chain(role, providers)]
    behind = f", behind it {', '.join(names[1:])}" if names[1:] else ""
    return f"{names[0]} ({_why(role, providers)}{behind})"


def _why(role: Role, providers: Providers) -> str:
    chosen, entry = getattr(providers, role)[0], entry_of(role, first(role, providers))
    if chosen.name != AUTO:
        return "the profile says so" if chosen.name != LOCAL else "needs no key"
    if entry.key:
        return f"{entry.key} is set"
    lacking = [
        f"{other.key} is set, but {other.package.rpartition('.')[2]} is not installed"
        for other in entries(role).values()
        if other.rank is not None and not other.is_installed and keys.find(other.key).get_secret_value()
    ]
    return lacking[0] if lacking else "no key is set"
