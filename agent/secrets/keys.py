"""Keys of providers: looked up when they are needed, so that one which was rotated in `.env` is the next call's, and
kept out of everything that is written down."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from agent.errors import ConfigError
from agent.files.env_file import FROM_FILE, EnvFile
from agent.files.text_file import ROOT

HIDDEN = "[key]"
_SHORT = 8  # what is shorter is no key, and would take ordinary words out of a line
_seen: set[str] = set()
_lock = threading.Lock()


def find(variable: str, environment: Mapping[str, str] = os.environ, env_file: Path = ROOT / ".env") -> SecretStr:
    """The key in this variable, "" when there is none. What the environment had from `.env` is read there anew; what
    an operator set in the environment itself wins, as for every setting, and be it nothing."""
    value = environment.get(variable, "")
    if variable not in environment or variable in environment.get(FROM_FILE, "").split(","):
        value = _in_file(variable, env_file, value)
    with _lock:
        if len(value) >= _SHORT:
            _seen.add(value)
    return SecretStr(value)


def _in_file(variable: str, env_file: Path, before: str) -> str:
    try:
        return EnvFile.read(env_file).values.get(variable, "")
    except ConfigError:  # it is being written: the next call sees it
        return before


def are_known() -> bool:
    """True when this process has looked one up."""
    return bool(_seen)


def hide(text: str) -> str:
    """The text without any key that this process has looked up."""
    with _lock:
        known = [key for key in _seen if key in text]
    for key in known:
        text = text.replace(key, HIDDEN)
    return text
