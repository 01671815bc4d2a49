"""YAML as an operator writes it for a profile: an unknown or wrong key is a ConfigError that names the file, the line
and the key. Which keys there are, the sections say that are read."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.config import ROOT
from agent.errors import ConfigError


class Section(BaseModel):
    """Base of every section of a profile's files: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one file and where they stand. `page` explains them; `above` lines of the file come before them."""

    path: Path
    page: str
    values: Mapping[str, Any]
    _tree: yaml.Node
    _above: int = 0

    @classmethod
    def of(cls, path: Path, *, what: str, page: str) -> "Keys":
        """Of a whole file. Raises ConfigError."""
        return cls.parse(read_text(path, what=what), path, page)

    @classmethod
    def parse(cls, text: str, path: Path, page: str, above: int = 0) -> "Keys":
        """Of a text out of that file. Raises ConfigError."""
        try:
            tree = yaml.compose(text, Loader=yaml.SafeLoader)
            values = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ConfigError(f"{short(path)}, line {line + above}: not YAML: {error.problem}") from None
        except RecursionError:
            raise ConfigError(f"{short(path)}, line {1 + above}: not YAML: nested too deeply") from None
        except (yaml.YAMLError, ValueError) as error:  # a character that YAML has not, a day that no month has
            reason = str(error).splitlines()[0]
            raise ConfigError(f"{short(path)}, line {1 + above}: not YAML: {reason}") from None
        if tree is None or not isinstance(values, dict):
            raise ConfigError(f"{short(path)}, line {1 + above}: the file must be a mapping of keys; see {page}")
        return cls(path, page, values, tree, above)

    def read(self, model: type[S], **more: object) -> S:
        """The keys as a section, which gets `more` beside them. Raises ConfigError."""
        try:
            return model.model_validate({**self.values, **more})
        except ValidationError as error:
            raise ConfigError("; ".join(self._explain(wrong) for wrong in error.errors())) from None

    def place(self, *keys: Hashable) -> str:
        """`file, line N: key`: follows the keys down the tree as far as they exist; the last one found is the line."""
        node, line = self._tree, self._tree.start_mark.line
        for key in keys:
            child = _child(node, key)
            if child is None:
                break
            line, node = child
        return f"{short(self.path)}, line {line + 1 + self._above}: {'.'.join(str(k) for k in keys)}"

    def _explain(self, wrong: Any) -> str:
        where = self.place(*wrong["loc"])
        if wrong["type"] == "extra_forbidden":
            return f"{where}: unknown key; the keys are in {self.page}"
        if wrong["type"] == "missing":
            return f"{where}: this key is missing"
        return f"{where}: {wrong['msg']}"


def read_text(path: Path, *, what: str) -> str:
    """A UTF-8 file's text. Raises ConfigError that says which file and why."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{short(path)}: this {what} file is missing") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{short(path)}: not UTF-8 text at byte {error.start}") from None
    except OSError as error:
        raise ConfigError(f"{short(path)}: cannot read this {what} file: {error.strerror}") from None


def short(path: Path) -> Path:
    """The path as an operator of this checkout would type it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _child(node: yaml.Node, key: Hashable) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line, node.value[key]
    return None
