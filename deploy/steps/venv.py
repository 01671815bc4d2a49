"""The virtual environment in .venv, exactly as the lock files say; brings uv where the machine has none."""

import importlib.util
import platform
import re
import shutil
import sys
from pathlib import Path

from deploy.steps.step import CACHE, ROOT, Failed, Progress, Step, fingerprint, read

VENV = ROOT / ".venv"
STAMP = VENV / ".parley-stamp"
RUNTIME, DEV = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
UV_LOCK = Path(__file__).with_name("uv.lock.txt")
OLDEST_UV = (0, 5)
HAS_DUCKLING = (sys.platform, platform.machine()) in {("linux", "x86_64"), ("darwin", "arm64")}
WITHOUT_DUCKLING = (
    ""
    if HAS_DUCKLING
    else "; there is no Duckling for this machine, so fewer ways to say a day are known (docs/understanding.md)"
)


def step(*, is_dev: bool) -> Step:
    """With the test tools or without; `make run` is content with either."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    runtime, dev = f"{python} {fingerprint(RUNTIME)}", f"{python} {fingerprint(RUNTIME, DEV)} dev"
    locks = [RUNTIME, DEV] if is_dev else [RUNTIME]
    count = sum("==" in line for lock in locks for line in lock.read_text().splitlines())
    return Step(
        name="venv",
        doing=f"up to {count} Python packages into .venv{WITHOUT_DUCKLING}",
        stamp=STAMP,
        fingerprint=dev if is_dev else runtime,
        also_good="" if is_dev else dev,
        do=lambda progress: _make(progress, python, locks),
        is_there=(VENV / "bin" / "python").is_file,
    )


def _make(progress: Progress, python: str, locks: list[Path]) -> None:
    uv = find_uv(progress)
    if not read(STAMP).startswith(f"{python} ") or not (VENV / "bin" / "python").is_file():
        shutil.rmtree(VENV, ignore_errors=True)  # half-made, or made for another Python
        progress.run([uv, "venv", "--no-project", "--python", sys.executable, VENV], env=UV_ENV)
    STAMP.unlink(missing_ok=True)
    # compiled here once: where Python may not write bytecode, every start would compile livekit-agents anew
    options: list[str | Path] = ["--require-hashes", "--compile-bytecode", "--python", VENV / "bin" / "python"]
    progress.run([uv, "pip", "sync", *options, *locks], env=UV_ENV)


# uv may not bring a Python of its own, and its settings in pyproject.toml play no part in installing a lock.
UV_ENV = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}


def find_uv(progress: Progress) -> Path:
    """uv from PATH, or a private copy in .cache/uv, brought by pip with its hash checked. Raises Failed."""
    found = shutil.which("uv")
    if found and _version(progress.run([found, "--version"])) >= OLDEST_UV:
        return Path(found)
    home, wanted = CACHE / "uv", fingerprint(UV_LOCK)
    if read(home / ".stamp") != wanted:
        _bring_uv(progress, home)
        (home / ".stamp").write_text(wanted)
    return home / "bin" / "uv"


def _bring_uv(progress: Progress, home: Path) -> None:
    progress.note = "bringing uv"
    shutil.rmtree(home, ignore_errors=True)
    if importlib.util.find_spec("ensurepip"):
        progress.run([sys.executable, "-m", "venv", home])
        pip: list[str | Path] = [home / "bin" / "python", "-m", "pip", "install"]
    elif importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "--target", home]
    else:
        raise Failed(
            "there is no uv on PATH, and this Python can bring none because its pip is in a package of its own: "
            "`apt install python3-venv` (Debian, Ubuntu), or install uv, and give the same command again"
        )
    progress.run([*pip, "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", UV_LOCK])


def _version(text: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)", text)
    return tuple(int(part) for part in found.groups()) if found else ()


def lock(progress: Progress) -> None:
    """Resolve pyproject.toml anew into both lock files; what can stay as it is stays."""
    uv = find_uv(progress)
    common: list[str | Path] = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header"]
    progress.run([*common, "pyproject.toml", "-o", RUNTIME.name], env=UV_ENV)
    progress.run([*common, "--group", "pyproject.toml:dev", "-c", RUNTIME.name, "-o", DEV.name], env=UV_ENV)
