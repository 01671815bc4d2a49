"""Writes the audit log. A record that `rest` has left behind is in the database, or on the disk beside it; none is ever
dropped, and none is kept from a call by a database that is away."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from agent.errors import StoreError
from agent.events import Event
from agent.memory.chain import Record
from agent.memory.ledger import Ledger
from agent.observers.audit.records import record_of
from agent.observers.audit.spill import Spill

logger = logging.getLogger("parley.observers")
RETRY_S = 5.0  # a database that is away is asked again this late, not at every event


class Audit:
    """Observer. What comes together is written in one transaction when nothing more waits."""

    lossless = True

    def __init__(self, ledger: Ledger, spill: Spill, now: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._spill = spill
        self._now = now
        self._pending: list[Record] = []
        self._retry_at = 0.0
        self._is_away = False
        self._has_looked = False

    @property
    def behind(self) -> int:
        """How many records are not in the database yet."""
        return len(self._pending) + self._spill.count

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Make its record."""
        if record := record_of(call_id, at, event):
            self._pending.append(record)

    def rest(self) -> None:
        """Write what came together: to the database, or while that is away to the disk."""
        if self._now() >= self._retry_at and (self._pending or self._spill.count or not self._has_looked):
            try:
                self._catch_up()
            except StoreError as error:
                self._complain(str(error))
                self._retry_at = self._now() + RETRY_S
        if self._pending:
            try:
                self._spill.write(self._pending)
            except OSError as error:  # then they wait in memory, and for both
                self._complain(error.strerror or type(error).__name__)
            else:
                self._pending.clear()

    def _catch_up(self) -> None:
        """What waits on the disk goes first, so that the chain is in the order of the calls; then what dead processes
        have left."""
        self._ledger.append([*self._spill.read(), *self._pending])
        self._spill.clear()
        self._pending.clear()
        if self._is_away:
            self._is_away = False
            logger.info("the audit log has caught up")
        if not self._has_looked:
            for path, records in self._spill.orphans():
                self._ledger.append(records)
                path.unlink(missing_ok=True)
            self._has_looked = True

    def _complain(self, reason: str) -> None:
        if not self._is_away:
            self._is_away = True
            logger.error("the audit log waits on disk", extra={"reason": reason})
