"""YAML as an operator writes it for a profile: an unknown or wrong key is a ConfigError that names the file, the line
and the key. Which keys there are, the sections say that are read."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.errors import ConfigError
from agent.files.text_file import read_text, short
from agent.files.wrong_values import plainly

NULL = "tag:yaml.org,2002:null"


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
            loader = _Loader(text, above)
            tree = loader.get_single_node()
            values = loader.construct_document(tree) if tree else None
        except yaml.MarkedYAMLError as error:
            raise ConfigError(f"{short(path)}, line {_line(error) + above}: {_problem(error)}") from None
        except RecursionError:
            raise ConfigError(f"{short(path)}: nested too deeply; see {page}") from None
        except (yaml.YAMLError, ValueError) as error:  # a character that YAML has not, a day that no month has
            raise ConfigError(f"{short(path)}: {str(error).splitlines()[0]}; see {page}") from None
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
        return f"{where}: {plainly(wrong)}"


class _Loader(yaml.SafeLoader):
    """YAML without what a reader of the file would take for something else: a key written twice, of which the last
    would win, a key without a value, which would be null, and aliases, which a few lines can blow up to gigabytes.
    `above` lines of the file come before the text."""

    def __init__(self, text: str, above: int) -> None:
        super().__init__(text)
        self._above = above

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise _Misread("an alias (*name) is not read here; write the value out", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Misread("a key must be one word", key.start_mark)
            if key.value in first:
                raise _Misread(f"{key.value} stands in line {first[key.value]} already; keep one", key.start_mark)
            first[key.value] = key.start_mark.line + 1 + self._above
            if value.tag == NULL and not value.value:
                raise _Misread(f"{key.value} has no value; give it one or take the line away", key.start_mark)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # a date such as 2026-02-30
            raise _Misread(str(error), node.start_mark) from None


class _Misread(yaml.MarkedYAMLError):
    """YAML, but not what its reader would take it for."""

    def __init__(self, what: str, mark: yaml.Mark) -> None:
        super().__init__(problem=what, problem_mark=mark)


def _line(error: yaml.MarkedYAMLError) -> int:
    """Where to look: at the end of the text only what was begun and never ended is of use."""
    is_at_end = "end of stream" in (error.problem or "")
    mark = (error.context_mark if is_at_end else None) or error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _problem(error: yaml.MarkedYAMLError) -> str:
    if isinstance(error, _Misread):
        return str(error.problem)
    if "'\\t'" in (error.problem or ""):
        return "not YAML: a tab; indent with spaces"
    if "end of stream" in (error.problem or "") and "quoted" in (error.context or ""):
        return "not YAML: a quote that is never closed"
    return f"not YAML: {', '.join(filter(None, (error.context, error.problem)))}"


def _child(node: yaml.Node, key: Hashable) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line, node.value[key]
    return None
