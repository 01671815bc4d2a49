"""A persona's Markdown file: front matter that says what it may do and whom it hands over to, and a body that
instructs a large model. The hand-overs of a profile form a graph, which is checked when it is read."""

import re
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.errors import ConfigError
from agent.files.text_file import read_text, short
from agent.files.yaml_file import Keys, Section
from agent.rules.identity import Tier

PAGE = "docs/personas.md"
_FRONT = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")  # it becomes part of a tool's name


class FrontMatter(Section):
    """What stands between the two `---`. Each key has its heading in docs/personas.md."""

    tools: tuple[str, ...] | None = None
    knowledge: tuple[str, ...] | None = None
    tier: Literal["none", "partial", "full"] = "none"
    hand_over_to: tuple[str, ...] = ()
    about: str = ""
    asked: tuple[str, ...] = ()
    hello: str = ""


@dataclass(frozen=True, slots=True)
class PersonaFile:
    """One persona. `says` is its front matter, `instructions` its body."""

    name: str
    path: Path
    instructions: str
    says: FrontMatter
    _keys: Keys | None = None

    @property
    def tier(self) -> Tier:
        """How well a caller must be known to be handed over to it."""
        return Tier[self.says.tier.upper()]

    def place(self, *keys: Hashable) -> str:
        """`file, line N: key`, for an error about it."""
        wanted = ".".join(str(key) for key in keys)
        return self._keys.place(*keys) if self._keys else f"{short(self.path)}, line 1: {wanted}"


@dataclass(frozen=True, slots=True)
class Offered:
    """What a profile's personas may name: its tools, and the files of its knowledge."""

    tools: Collection[str]
    documents: Collection[str]


def read_persona(path: Path) -> PersonaFile:
    """One file, with or without front matter. Raises ConfigError."""
    text = read_text(path, what="persona")
    if not re.match(r"---[ \t]*\n", text):
        if late := re.match(r"\s*---[ \t]*\n", text):  # else what it may do would be read as what to say
            line = late[0].count("\n")
            raise ConfigError(
                f"{short(path)}, line {line}: the front matter must begin in line 1; take away what is above"
            )
        return PersonaFile(path.stem, path, text, FrontMatter())
    found = _FRONT.match(text)
    if not found:
        raise ConfigError(f"{short(path)}, line 1: the front matter has no second `---` (see {PAGE})")
    keys = Keys.parse(found[1], path, PAGE, above=1)
    return PersonaFile(path.stem, path, text[found.end() :].lstrip(), keys.read(FrontMatter), keys)


def read_personas(folder: Path, first: str, offered: Offered) -> dict[str, PersonaFile]:
    """The persona that begins and all that a caller may be handed over to, by name. Raises ConfigError."""
    found = {first: read_persona(folder / f"{first}.md")}
    if found[first].tier:
        raise ConfigError(f"{found[first].place('tier')}: this persona begins the call, when nobody is known yet")
    for persona in (waiting := list(found.values())):
        _check_names(persona, offered)
        for number, name in enumerate(persona.says.hand_over_to):
            if name not in found:
                found[name] = _read_other(folder, name, persona.place("hand_over_to", number))
                waiting.append(found[name])
        if persona.name in persona.says.hand_over_to:
            raise ConfigError(f"{persona.place('hand_over_to')}: {persona.name} would hand over to itself")
    return found


def _read_other(folder: Path, name: str, place: str) -> PersonaFile:
    """One that is handed over to: it must say what about, and lead on."""
    path = folder / f"{name}.md"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise ConfigError(f"{place}: no persona {name!r} in personas/ (there are: {_names(_stems(folder))})")
    persona = read_persona(path)
    if not persona.says.about:
        raise ConfigError(f"{persona.place('about')}: this key is missing; whoever hands over must know what for")
    if not persona.says.hand_over_to:
        raise ConfigError(f"{persona.place('hand_over_to')}: {name} is a dead end; name whom it hands over to")
    return persona


def _check_names(persona: PersonaFile, offered: Offered) -> None:
    says = persona.says
    for number, name in enumerate(says.tools or ()):
        if name not in offered.tools:
            place = persona.place("tools", number)
            raise ConfigError(f"{place}: no tool {name!r} among the profile's tools ({_names(offered.tools)})")
    for number, name in enumerate(says.knowledge or ()):
        if name not in offered.documents:
            place = persona.place("knowledge", number)
            raise ConfigError(f"{place}: no file {name!r} in knowledge/ (there are: {_names(offered.documents)})")


def _stems(folder: Path) -> Sequence[str]:
    return sorted(path.stem for path in folder.glob("*.md"))


def _names(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
