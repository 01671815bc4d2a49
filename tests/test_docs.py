"""The pages of reference name what the code has: every setting, profile key, event, tool and metric, and no other."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from agent.config import ROOT, Settings
from agent.events import Event
from agent.files.yaml_file import Section
from agent.observers.metrics import METRICS
from agent.profile.persona_file import FrontMatter
from agent.profile.profile import Profile
from agent.providers import catalog
from evals.scenario import ScenarioFile
from tests.tools.test_general import every_tool

DOCS = ROOT / "docs"


def sections(page: str) -> dict[str, str]:
    """The text below each heading that is a name in backticks."""
    text = (DOCS / page).read_text(encoding="utf-8")
    parts = re.split(r"^#{2,4} (.+)$", text, flags=re.MULTILINE)
    return {
        heading.strip("`"): " ".join(body.split())
        for heading, body in zip(parts[1::2], parts[2::2], strict=True)
        if re.fullmatch(r"`[^`]+`", heading)
    }


def every_event() -> dict[str, type[Event]]:
    """All event classes by name."""
    return {kind.__name__: kind for kind in Event.__subclasses__()}


def profile_keys(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """Every key of a section and of the sections in it, dotted, with its default."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        inner = field.annotation if isinstance(field.annotation, type) else None
        is_section = inner is not None and issubclass(inner, Section)
        if not is_section or prefix:  # the sections of the file's first level have a chapter instead
            found[prefix + name] = field.default
        if is_section and inner is not None:
            found |= profile_keys(inner, f"{prefix}{name}.")
    return found


def shown(default: object) -> str:
    """A default as one writes it in a file; empty when there is none."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, Path):
        return str(default.relative_to(ROOT))
    if isinstance(default, tuple) and all(isinstance(part, BaseModel) for part in default):
        return " | ".join(shown(part) for part in default) or "[]"
    if isinstance(default, tuple):
        return " | ".join(default) or "[]"
    if isinstance(default, BaseModel):
        return str(getattr(default, "name", ""))
    return "" if default is PydanticUndefined else str(default)


def test_every_setting_has_its_heading_and_default() -> None:
    """Variables, as the environment spells them."""
    page = sections("settings.md")
    known = {field.validation_alias or f"PARLEY_{name.upper()}": field for name, field in Settings.model_fields.items()}
    assert set(page) == set(known)
    for variable, field in known.items():
        default = "" if field.default == () else shown(field.default)
        expected = f"Default `{default}`." if default else "Empty by default."
        assert page[str(variable)].startswith(expected), variable


def test_every_key_of_a_profile_has_its_heading_and_default() -> None:
    """Dotted, the nested ones too."""
    page, known = sections("profile.md"), profile_keys(Profile)
    assert set(page) == set(known)
    for key, default in known.items():
        if shown(default):
            assert f"Default `{shown(default)}`." in page[key], key


def test_every_provider_has_its_row_with_its_key_and_options() -> None:
    """In the table of names, with the defaults of what has one."""
    page, _, _ = (DOCS / "providers.md").read_text(encoding="utf-8").partition("What each can do")
    rows = re.findall(r"^\| (\w+) \| `([\w-]+)` \| `?(\w+)`? \| (.*) \|$", page, re.MULTILINE)
    known = {(role, name): entry for role in get_args(catalog.Role) for name, entry in catalog.entries(role).items()}
    assert {(role, name) for role, name, _, _ in rows} == set(known)
    for role, name, key, options in rows:
        entry = known[role, name]
        fields = entry.options.model_fields
        assert key == (entry.key or "none"), name
        assert re.findall(r"`(\w+)`", options) == list(fields), name
        for option, default in re.findall(r"`(\w+)` \(([^)]*)\)", options):
            assert default == ("needed" if fields[option].is_required() else shown(fields[option].default)), option


def test_every_provider_has_its_row_with_what_it_can_do() -> None:
    """An operator who looks for a voice in Polish looks there."""
    page = (DOCS / "providers.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| `([\w-]+)` \| (`\w+`.*|none) \| ([a-z ]+) \|$", page, re.MULTILINE)
    shown = {(role, name): (set(re.findall(r"`(\w+)`", can)), tongues) for role, name, can, tongues in rows}
    for role in get_args(catalog.Role):
        for name, entry in catalog.entries(role).items():
            abilities = {field.name for field in fields(entry.can) if getattr(entry.can, field.name) is True}
            tongues = "any" if "*" in entry.can.languages else " ".join(sorted(entry.can.languages))
            assert shown[role, name] == (abilities, tongues), name


def scenario_keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Every key of a scenario file, dotted; lists of sections are followed."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        inner = [kind for kind in _kinds(field.annotation) if issubclass(kind, Section)]
        has_heading = not inner or field.annotation is not inner[0]
        is_described_above = prefix.endswith("calls.") or name != "calls"
        found |= {prefix + name} if has_heading else set()
        for kind in inner if is_described_above or prefix.endswith("turns.") else ():
            found |= scenario_keys(kind, f"{prefix}{name}.")
    return found


def _kinds(annotation: object) -> list[type]:
    parts = [kind for part in get_args(annotation) for kind in _kinds(part)]
    return [annotation] if isinstance(annotation, type) and not parts else parts


def test_every_key_of_a_scenario_has_its_heading() -> None:
    """A call in `turns` is explained once for all calls."""
    assert set(sections("scenarios.md")) == scenario_keys(ScenarioFile)


def test_every_key_of_a_persona_has_its_heading() -> None:
    """Front matter is written by whoever writes personas."""
    page = sections("personas.md")
    assert set(page) == set(FrontMatter.model_fields)
    for name, field in FrontMatter.model_fields.items():
        if shown(field.default) and field.default is not None:
            assert f"Default `{shown(field.default)}`." in page[name], name


def test_every_event_has_its_heading() -> None:
    """And no heading is left of one that is gone."""
    assert set(sections("events.md")) == set(every_event())


@pytest.mark.parametrize("name", every_event())
def test_every_field_of_an_event_has_its_line(name: str) -> None:
    """A field that can hold the caller's words is marked as such, and no other."""
    lines = dict(re.findall(r"- `(\w+)`: (.*?)(?= - `|$)", sections("events.md")[name]))
    known = {field.name: bool(field.metadata.get("pii")) for field in fields(every_event()[name])}
    assert {field: "*words*" in text for field, text in lines.items()} == known


def test_every_tool_has_its_heading_and_parameters() -> None:
    """In the words of an operator, who reads no docstrings."""
    page = sections("tools.md")
    tools = {tool.info.name: tool for tool in every_tool()}
    assert set(page) == set(tools)
    for name, tool in tools.items():
        parameters = set(tool.__wrapped__.__annotations__) - {"ctx", "return"}  # type: ignore[attr-defined]
        assert set(re.findall(r"- `(\w+)`:", page[name])) == parameters, name


def test_every_metric_has_its_heading_and_labels() -> None:
    """Whoever builds a dashboard needs both."""
    page = sections("metrics.md")
    assert set(page) == {metric.name for metric in METRICS}
    for metric in METRICS:
        assert all(f"`{label}`" in page[metric.name] for label in metric.labels), metric.name


def test_no_page_links_to_a_page_that_is_not_there() -> None:
    """A page is named as docs/name.md."""
    pages = [*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "agent").rglob("*.py"), ROOT / ".env.example"]
    named = {(page.name, name) for page in pages for name in re.findall(r"docs/[\w/-]+\.md", page.read_text())}
    assert not {(page, name) for page, name in named if not (ROOT / name).is_file()}
