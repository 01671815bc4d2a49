"""Personas: their front matter, and a graph of hand-overs that is whole before the first call."""

import re
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.profile.persona_file import read_persona
from agent.profile.profile import load_profile
from agent.rules.identity import Tier
from tests.fakes.desks import desks, write_desks


def broken(folder: Path, name: str, old: str, new: str) -> str:
    """The error that a changed persona gives at start."""
    path = write_desks(folder) / "personas" / f"{name}.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        load_profile("shop", folder)
    return str(error.value)


def test_all_personas_that_can_be_reached_are_read(tmp_path: Path) -> None:
    """Each with its tools, its documents, its tier and its own words."""
    profile = desks(tmp_path)
    desk, parcels, vault = profile.personas.values()
    assert [desk.name, parcels.name, vault.name] == ["desk", "parcels", "vault"]
    assert profile.tools_of(parcels) == ("lookup_order", "check_shipping", "end_call")
    assert profile.readable_by(desk) == {"store.md", "desk.md"}
    assert profile.readable_by(parcels) >= {"returns.md", "store.md", "parcels.md"}
    assert (desk.tier, vault.tier) == (Tier.NONE, Tier.FULL)
    assert profile.instructions.startswith("# Who you are") and parcels.instructions == "You are the parcel desk.\n"


def test_a_file_without_front_matter_may_do_all_that_the_profile_may(tmp_path: Path) -> None:
    """As all personas were written once; a rule of dashes further down is none."""
    folder = write_desks(tmp_path)
    (folder / "personas" / "desk.md").write_text("# Desk\n\n---\n\nBe kind.\n")
    profile = load_profile("shop", tmp_path)
    (desk,) = profile.personas.values()
    assert profile.tools_of(desk) == profile.tools
    assert desk.instructions == "# Desk\n\n---\n\nBe kind.\n"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("desk", "[parcels, vault]", "[parcels, ghost]", r"desk.md, line 4: hand_over_to.1: no persona 'ghost'"),
        ("desk", "[parcels, vault]", "[desk]", "would hand over to itself"),
        ("desk", "knowledge: [store.md]", "knowledge: [moon.md]", r"desk.md, line 3: knowledge.0: no file 'moon.md'"),
        ("desk", "knowledge:", "knowlege:", r"desk.md, line 3: knowlege: unknown key; the keys are in docs/personas"),
        ("desk", "knowledge: [store.md]", "tier: full", r"desk.md, line 3: tier: .* begins the call"),
        ("parcels", "check_shipping", "fly", r"parcels.md, line 2: tools.1: no tool 'fly' among the profile's tools"),
        ("parcels", "hand_over_to: [desk]\n", "", r"parcels.md, line 2: hand_over_to: parcels is a dead end"),
        ("parcels", "about: orders and parcels\n", "", r"parcels.md, line 2: about: this key is missing"),
        ("parcels", "hello:", "hello: [", r"parcels.md, line \d+: not YAML"),
        ("vault", "tier: full", "tier: total", r"vault.md, line 2: tier: must be"),
        ("vault", "---\nYou", "\nYou", "vault.md, line 1: the front matter has no second"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_line(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    """Before the first call, not in the middle of one."""
    assert re.search(message, broken(tmp_path, name, old, new))


def test_a_name_that_cannot_be_a_tools_is_refused(tmp_path: Path) -> None:
    """The hand-over is a tool, so a persona's name is a part of a tool's."""
    folder = write_desks(tmp_path)
    (folder / "personas" / "Big Boss.md").write_text("x")
    path = folder / "personas" / "desk.md"
    path.write_text(path.read_text().replace("[parcels, vault]", "[Big Boss]"))
    with pytest.raises(ConfigError, match="no persona 'Big Boss'"):
        load_profile("shop", tmp_path)


def test_a_persona_alone_can_be_read(tmp_path: Path) -> None:
    """Front matter that ends with the file has no instructions."""
    (tmp_path / "a.md").write_text("---\nabout: x\n---")
    assert read_persona(tmp_path / "a.md").instructions == ""
