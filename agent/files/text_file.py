"""A file as an operator wrote it: UTF-8 text without stray control characters, or a ConfigError that names file and
line. What the text means is left to env_file.py, yaml_file.py and whoever reads Markdown."""

import re
from pathlib import Path

from agent.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")  # all but tab and line ends

_LINE_END = re.compile(r"[\n\t\x85\u2028\u2029]")  # fine in a file, not in one value


def read_text(path: Path, *, what: str) -> str:
    """Its text, without a byte order mark, its lines ended by `\\n`. Raises ConfigError: file, line, why."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{short(path)}: this {what} file is missing") from None
    except IsADirectoryError:
        raise ConfigError(f"{short(path)}: this is a folder; the {what} file must be a file") from None
    except OSError as error:
        raise ConfigError(f"{short(path)}: cannot read this {what} file: {error.strerror}") from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(f"{short(path)}, line 1: not UTF-8 text but UTF-16; save the file as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(f"{short(path)}, line {line}: not UTF-8 text; save the file as UTF-8") from None
    text = text.replace("\r\n", "\n")
    if found := _CONTROL.search(text):
        line = text[: found.start()].count("\n") + 1
        raise ConfigError(f"{short(path)}, line {line}: holds {_name(found[0])}; take it out")
    return text


def oddness(value: str) -> str:
    """What stands in one value that no value of ours has: what a shell, an editor or `docker --env-file` leaves there.
    The end of a sentence that does not quote it; empty when nothing does."""
    if found := _CONTROL.search(value) or _LINE_END.search(value):
        return f"holds {_name(found[0])}; write it anew without"
    if value != value.strip() or (len(value) > 1 and value[0] == value[-1] and value[0] in "'\"`"):
        return "begins or ends with a space or a quote that is part of it; take that away"
    return ""


def _name(character: str) -> str:
    """How a sentence names a character that cannot be seen."""
    if "\ud800" <= character <= "\udfff":  # what Python makes of such a byte in the environment
        return "a byte that is not UTF-8"
    known = {"\r": "a carriage return", "\n": "a line end", "\t": "a tab", "\0": "a NUL, as files in UTF-16 do"}
    return known.get(character, f"the control character U+{ord(character):04X}")


def short(path: Path) -> Path:
    """The path as an operator of this checkout would type it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
