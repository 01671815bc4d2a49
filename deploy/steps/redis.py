"""redis-server, through which livekit-server and livekit-sip find each other: the one on PATH. Nothing builds it: the
step says that it is missing before minutes go into what would not start without it."""

import shutil

from deploy.steps.step import CACHE, Failed, Progress, Step

MISSING = (
    "there is no redis-server on PATH, which SIP needs: `apt install redis-server` (Debian, Ubuntu) or "
    "`brew install redis` (macOS), and give the same command again"
)


def step() -> Step:
    """Done when there is one on PATH, else refused with the cure."""
    return Step(
        name="redis",
        doing="looking for redis-server",
        stamp=CACHE / "redis.stamp",
        fingerprint="",
        do=_refuse,
        is_elsewhere=shutil.which("redis-server") or "",
    )


def _refuse(_: Progress) -> None:
    raise Failed(MISSING)
