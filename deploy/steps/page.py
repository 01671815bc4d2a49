"""What the page needs from npm: livekit-client's browser build, copied into frontend/vendor/, which git ignores."""

import shutil

from deploy.steps.step import ROOT, Failed, Progress, Step, fingerprint

FRONTEND = ROOT / "frontend"
STAMP = FRONTEND / "node_modules" / ".parley-stamp"
CLIENT = FRONTEND / "node_modules" / "livekit-client"
VENDORED = {"dist/livekit-client.esm.mjs": "livekit-client.esm.mjs", "LICENSE": "livekit-client.LICENSE"}


def step(*, is_dev: bool) -> Step:
    """With the browser driver of the tests or without; `make run` is content with either."""
    runtime = fingerprint(FRONTEND / "package.json", FRONTEND / "package-lock.json")
    return Step(
        name="page",
        doing="livekit-client from npm into frontend/vendor",
        stamp=STAMP,
        fingerprint=f"{runtime} dev" if is_dev else runtime,
        also_good="" if is_dev else f"{runtime} dev",
        do=lambda progress: _bring(progress, is_dev=is_dev),
        is_there=lambda: all((FRONTEND / "vendor" / name).is_file() for name in VENDORED.values()),
    )


def _bring(progress: Progress, *, is_dev: bool) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise Failed("there is no npm on PATH, which brings the page's livekit-client: install Node.js 20 or newer")
    STAMP.unlink(missing_ok=True)
    extent = [] if is_dev else ["--omit=dev"]
    progress.run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", *extent], cwd=FRONTEND)
    vendor = FRONTEND / "vendor"
    vendor.mkdir(exist_ok=True)
    for source, name in VENDORED.items():
        part = vendor / f"{name}.part"
        shutil.copyfile(CLIENT / source, part)
        part.replace(vendor / name)
