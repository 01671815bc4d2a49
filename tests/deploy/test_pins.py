"""What is pinned and written down twice agrees: the lock with pyproject.toml, .env.example with the settings."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from agent.config import DEV_KEY, DEV_SECRET, ROOT, Settings
from agent.providers import catalog

RUNTIME, DEV = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _pins(lock: Path) -> dict[str, frozenset[Version]]:
    """The versions of each package: several where machines differ."""
    found: dict[str, set[Version]] = {}
    for name, version in re.findall(r"^([a-zA-Z0-9._-]+)==([^ ;\\]+)", lock.read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return {name: frozenset(versions) for name, versions in found.items()}


def _unmet(wanted: list[str], pins: dict[str, frozenset[Version]]) -> list[str]:
    needs = [Requirement(line) for line in wanted]
    return [str(n) for n in needs if not any(_meets(n, pin) for pin in pins.get(canonicalize_name(n.name), ()))]


def _meets(need: Requirement, pin: Version) -> bool:
    return need.specifier.contains(pin, prereleases=True)


def test_the_lock_names_no_address() -> None:
    """Everybody brings packages from the registry of their own choice."""
    for path in (RUNTIME, DEV, ROOT / "deploy/steps/uv.lock.txt", ROOT / "frontend/package-lock.json"):
        assert not re.findall(r"registry\.\S+|files\.\S+\.org|--(?:extra-)?index-url\S*", path.read_text()), path.name


def test_every_package_is_held_by_a_hash() -> None:
    """uv is called with --require-hashes, which refuses a lock that has one line without."""
    for path in (RUNTIME, DEV):
        assert path.read_text().count("==") <= path.read_text().count("--hash=sha256:")


def test_the_lock_meets_what_pyproject_asks_for() -> None:
    """`make lock` was not forgotten."""
    assert _unmet(PROJECT["project"]["dependencies"], _pins(RUNTIME)) == []
    assert _unmet(PROJECT["dependency-groups"]["dev"], _pins(DEV)) == []


def test_both_locks_hold_the_same_version_of_what_is_in_both() -> None:
    """They are installed together for the tests."""
    runtime, dev = _pins(RUNTIME), _pins(DEV)
    assert {name: dev[name] for name in runtime.keys() & dev.keys()} == {
        n: runtime[n] for n in runtime.keys() & dev.keys()
    }


def test_env_example_has_each_setting_with_its_default() -> None:
    """A setting that an operator cannot find does not exist."""
    shown = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    keys = {entry.key: "" for role in catalog.ROLES for entry in catalog.entries(role).values() if entry.key}
    assert shown == {_variable(name): _written(name) for name in Settings.model_fields} | keys


def _variable(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"PARLEY_{name.upper()}"


def _written(name: str) -> str:
    default = Settings.model_fields[name].default
    if isinstance(default, Path):
        return str(default.relative_to(ROOT))
    if isinstance(default, tuple):
        return ",".join(default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_livekit_yaml_speaks_with_our_development_defaults() -> None:
    """With no .env at all the worker finds the server that `make run` starts."""
    config = yaml.safe_load((ROOT / "livekit.yaml").read_text())
    assert config["keys"] == {DEV_KEY: DEV_SECRET}
    assert Settings.model_fields["livekit_url"].default == f"ws://{config['bind_addresses'][0]}:{config['port']}"


def test_every_key_of_livekit_yaml_is_explained_by_the_line_above_it() -> None:
    """Sections explain themselves by their keys."""
    lines = (ROOT / "livekit.yaml").read_text().splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"\s*\w+: \S", line)]
    assert [lines[number] for number in keys if not lines[number - 1].strip().startswith("#")] == []
