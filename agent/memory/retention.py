"""How long is kept what calls leave: a rule for each kind, kept to when the worker starts and once a day, and a report
of what went."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agent.errors import BackendError, StoreError

logger = logging.getLogger("parley.memory")
EVERY_S = 86_400.0
REPORT_LINES = 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """What is kept of one kind, and for how long. `expire` deletes what is older than a moment, and says how much that
    was; it blocks, and may raise StoreError or BackendError."""

    kind: str
    days: int
    expire: Callable[[datetime], int]


async def keep_to(
    rules: Sequence[Rule], clock: Callable[[], datetime], report: Path | None = None, every_s: float = EVERY_S
) -> None:
    """Delete what is older, again and again, until cancelled. A database that fails is asked again the next day, and
    keeps no other from its turn. `report` gets a line of JSON for each rule and time; its count is null where that
    failed."""
    while True:
        counts = {rule: await _keep(rule, clock()) for rule in rules}
        logger.info("retention", extra={"count": sum(count or 0 for count in counts.values())})
        if report is not None:
            at = clock().isoformat()
            lines = [{"at": at, "kind": rule.kind, "days": rule.days, "count": n} for rule, n in counts.items()]
            await asyncio.to_thread(_write, report, lines)
        await asyncio.sleep(every_s)


async def _keep(rule: Rule, now: datetime) -> int | None:
    """How much went; None when nobody knows."""
    try:
        return await asyncio.to_thread(rule.expire, now - timedelta(days=rule.days))
    except (StoreError, BackendError) as error:
        logger.warning("retention failed", extra={"kind": rule.kind, "reason": str(error)})
        return None


def _write(report: Path, lines: Sequence[Mapping[str, object]]) -> None:
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
        before = report.read_text(encoding="utf-8").splitlines() if report.is_file() else []
        both = [*before, *map(json.dumps, lines)][-REPORT_LINES:]
        report.write_text("\n".join(both) + "\n", encoding="utf-8")
    except OSError as error:
        logger.warning("retention not reported", extra={"reason": error.strerror or type(error).__name__})
