"""Scenarios: written calls that judge us, in profiles/*/scenarios or elsewhere; docs/scenarios.md explains every key.

Only what stands in the file is checked here; whether it comes true is evals/expecting's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any  # Any: a value of a database's row, or of a tool's argument

from pydantic import Field, field_validator, model_validator

from agent.errors import ConfigError
from agent.events import Channel, EndReason
from agent.files.yaml_file import Keys, Section
from agent.intent import HAND_OVER
from agent.profile.profile import Profile, Sentences

PAGE = "docs/scenarios.md"
SENTENCE = "sentences."  # begins a phrase that is one of the profile's sentences
Phrase = str | tuple[str, ...]  # a tuple: any of them
Place = tuple[str | int, ...]


class Call(Section):
    """A tool that must be called, with at least these arguments."""

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        return {"tool": value} if isinstance(value, str) else value


class Said(Section):
    """What must be heard, and what never."""

    said: tuple[Phrase, ...] = ()
    never: tuple[str, ...] = ()


class Turn(Said):
    """What the caller does next (exactly one of `say`, `silence` and `again`), and what must come of it."""

    say: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    silence: bool = False
    again: bool = False
    cut: bool = False
    calls: tuple[Call, ...] | None = None

    @field_validator("say", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        if value is None:
            return None
        wordings = value if isinstance(value, list) else [value]
        return tuple(_words(wording) for wording in wordings)

    @model_validator(mode="after")
    def _does_one_thing(self) -> "Turn":
        if [self.say is not None, self.silence, self.again].count(True) != 1:
            raise ValueError("a turn is one of `say` with the caller's words, `silence: true` and `again: true`")
        return self


def _words(wording: object) -> object:
    """YAML takes a bare yes or no for a truth value, and 4571 for a number; a caller's words are neither."""
    if isinstance(wording, bool):
        return "yes" if wording else "no"
    return str(wording) if isinstance(wording, int) else wording


class Rows(Section):
    """What a table must look like when the call is over."""

    table: str
    where: dict[str, Any] = Field(default_factory=dict)
    values: dict[str, Any] = Field(default_factory=dict)
    count: Annotated[int, Field(ge=0)] | None = None
    unchanged: bool = False

    @model_validator(mode="after")
    def _expects_something(self) -> "Rows":
        if self.unchanged and (self.values or self.count is not None):
            raise ValueError("rows that are `unchanged` have no `count` and no `values`")
        if self.count == 0 and self.values:
            raise ValueError("no row can have `values` where `count` is 0")
        return self


class Caller(Section):
    """Who calls, as the line tells it: also in the forms in which it hides a number."""

    channel: Channel = "browser"
    number: Annotated[str, Field(max_length=120)] = ""


class Scenario(Said):
    """One call."""

    name: Annotated[str, Field(min_length=3)]
    unhappy: bool = False
    spoken: bool = False
    clock: datetime | None = None
    caller: Caller = Caller()
    turns: Annotated[tuple[Turn, ...], Field(min_length=1)]
    calls: tuple[Call, ...] = ()
    never_calls: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    ends: EndReason | None = None
    database: tuple[Rows, ...] = ()
    may_change: tuple[str, ...] = ()


class ScenarioFile(Section):
    """One file: what holds for all its scenarios, and these."""

    profile: str = ""
    clock: datetime
    may_change: tuple[str, ...] = ()
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario ready to be played: `words` are this rendering's, one for each turn, "" where nothing is said."""

    scenario: Scenario
    source: str
    words: tuple[str, ...]
    clock: datetime
    may_change: frozenset[str]

    @property
    def name(self) -> str:
        """File and name, as reports say it."""
        return f"{self.source}: {self.scenario.name}"


@dataclass(frozen=True, slots=True)
class Files:
    """One profile's scenario files, all below the folder from which reports name them."""

    folder: Path
    paths: tuple[Path, ...]

    def source(self, path: Path) -> str:
        """How reports name the file: its way from the folder."""
        return str(path.relative_to(self.folder)).removesuffix(".yaml")


def own_files(profile: Profile) -> Files:
    """What stands in the profile's own folder."""
    folder = profile.folder / "scenarios"
    return Files(folder, _files_in(folder))


def files_below(folder: Path, profiles: Collection[str]) -> dict[str, Files]:
    """The files of a folder anywhere, by the profile that each of them names. Raises ConfigError."""
    paths = _files_in(folder)
    if not paths:
        what = "no .yaml or .yml file in it or below it" if folder.is_dir() else "no such folder"
        raise ConfigError(f"--scenarios {folder}: {what}; {PAGE} says what a scenario file is")
    found: dict[str, list[Path]] = {}
    for path in paths:
        keys = _keys(path)
        if "profile" not in keys.values:
            there = ", ".join(sorted(profiles))
            raise ConfigError(f"{keys.place('profile')}: this key is missing: whom is it about (there are: {there})")
        _known(path, ("profile",), "profile", keys.values["profile"], sorted(profiles))
        found.setdefault(keys.values["profile"], []).append(path)
    return {name: Files(folder, tuple(mine)) for name, mine in found.items()}


def _files_in(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"} and path.is_file()))


def load_scripts(profile: Profile, columns: Mapping[str, Sequence[str]], files: Files | None = None) -> list[Script]:
    """Every rendering of every scenario of a profile: its own, or those of `files`. `columns` are the tables there are.
    Raises ConfigError that names file, line and key."""
    files = files or own_files(profile)
    scripts: list[Script] = []
    for path in files.paths:
        keys = _keys(path)
        file = keys.read(ScenarioFile)
        if file.profile not in {"", profile.name}:
            raise ConfigError(f"{keys.place('profile')}: a file in this folder is about {profile.name}")
        names: set[str] = set()
        for number, scenario in enumerate(file.scenarios):
            _check(path, number, scenario, profile, columns)
            if scenario.name in names:
                raise ConfigError(f"{keys.place('scenarios', number, 'name')}: another scenario has this name")
            names.add(scenario.name)
            scripts += _renderings(files.source(path), file, scenario, profile)
    return scripts


def _renderings(source: str, file: ScenarioFile, scenario: Scenario, profile: Profile) -> list[Script]:
    """As many as the turn with the most wordings has; the others begin anew when theirs are used up."""
    at = scenario.clock or file.clock
    clock = at if at.tzinfo else at.replace(tzinfo=profile.zone)
    may_change = frozenset(file.may_change) | frozenset(scenario.may_change)
    wordings = [turn.say or ("",) for turn in scenario.turns]
    return [
        Script(scenario, source, tuple(said[number % len(said)] for said in wordings), clock, may_change)
        for number in range(max(len(said) for said in wordings))
    ]


def _check(path: Path, number: int, scenario: Scenario, profile: Profile, columns: Mapping[str, Sequence[str]]) -> None:
    """Names of tools, sentences, tables and columns: a misspelt one would be an expectation that cannot fail, or not
    hold."""
    at: Place = ("scenarios", number)
    tools = (*profile.tools, *(HAND_OVER + name for name in profile.personas))
    _check_said(path, at, scenario)
    for turn, expected in enumerate(scenario.turns):
        _check_said(path, (*at, "turns", turn), expected)
        for place, call in enumerate(expected.calls or ()):
            _known(path, (*at, "turns", turn, "calls", place), "tool", call.tool, tools)
    for place, call in enumerate(scenario.calls):
        _known(path, (*at, "calls", place), "tool", call.tool, tools)
    for place, tool in enumerate(scenario.never_calls):
        _known(path, (*at, "never_calls", place), "tool", tool, tools)
    for place, rows in enumerate(scenario.database):
        _check_rows(path, (*at, "database", place), rows, columns)


def _check_said(path: Path, at: Place, expected: Said) -> None:
    for key, phrases in (("said", expected.said), ("never", expected.never)):
        for place, phrase in enumerate(phrases):
            for text in (phrase,) if isinstance(phrase, str) else phrase:
                if text.startswith(SENTENCE):
                    name = text.removeprefix(SENTENCE)
                    _known(path, (*at, key, place), "sentence", name, Sentences.model_fields)


def _check_rows(path: Path, at: Place, rows: Rows, columns: Mapping[str, Sequence[str]]) -> None:
    _known(path, (*at, "table"), "table", rows.table, columns)
    for key, names in (("where", rows.where), ("values", rows.values)):
        for name in names:
            _known(path, (*at, key, name), "column", name, columns[rows.table])


def _known(path: Path, at: Place, what: str, name: str, there: Mapping[str, Any] | Sequence[str]) -> None:
    if name not in there:
        raise ConfigError(f"{_keys(path).place(*at)}: no {what} {name!r} (there are: {', '.join(sorted(there))})")


def _keys(path: Path) -> Keys:
    return Keys.of(path, what="scenario", page=PAGE)
