"""The file `.env`, read strictly: a line that would be skipped, or win silently over another, is a ConfigError that
names it. What the variables may say is config.py's."""

import io
import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from agent.errors import ConfigError
from agent.files.text_file import read_text, short

FROM_FILE = "PARLEY_FROM_FILE"  # names, never values, of what the environment got from the file: see secrets/keys.py


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The variables of one file, and the line of each. Values are never part of a message: some are secrets."""

    path: Path
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    lines: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "EnvFile":
        """Empty when there is no such file. Raises ConfigError."""
        if not os.path.lexists(path):  # a link that leads nowhere is not "no file"
            return cls(path)
        text = read_text(path, what="settings")
        lines: dict[str, int] = {}
        line = 1
        for binding in parse_stream(io.StringIO(text)):
            own = line + _blank_lines_before(binding)
            line += binding.original.string.count("\n")
            if binding.error or (binding.key and binding.value is None):
                raise ConfigError(
                    f"{short(path)}, line {own}: not of the form NAME=value; close its quotes, or mend it"
                )
            if binding.key in lines:
                raise ConfigError(
                    f"{short(path)}, line {own}: {binding.key} stands in line {lines[binding.key]} already; keep one"
                )
            if binding.key:
                lines[binding.key] = own
        values = dotenv_values(stream=io.StringIO(text))
        return cls(path, {name: value for name, value in values.items() if value is not None}, lines)

    def add_to(self, environment: MutableMapping[str, str]) -> None:
        """Set what is not set yet: the environment wins."""
        added = set(environment.get(FROM_FILE, "").split(",")) - {""}
        for name, value in self.values.items():
            if name not in environment:
                environment[name] = value
                added.add(name)
        if added:
            environment[FROM_FILE] = ",".join(sorted(added))

    def place(self, name: str, environment: Mapping[str, str]) -> str:
        """`file, line N: NAME` when its value is the file's, else `environment variable NAME`."""
        if name in self.lines and environment.get(name, self.values[name]) == self.values[name]:
            return f"{short(self.path)}, line {self.lines[name]}: {name}"
        return f"environment variable {name}"


def _blank_lines_before(binding: Binding) -> int:
    text = binding.original.string
    return text[: len(text) - len(text.lstrip())].count("\n")
