"""Results of calls: one row each, which is also the outbox of those that are to be posted. Everything here blocks."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select

from agent.memory.database import explained, make_engine
from agent.memory.outbox import Due, Lending, outbox_table
from agent.memory.store import metadata

call_results = outbox_table("call_results", metadata, "result")


class Results:
    """Those in the database at `url`, which the store has prepared. Every method may raise StoreError."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self._lending = Lending(self._engine, call_results)
        self.sent, self.later = self._lending.sent, self._lending.later

    def keep(self, call_id: str, profile: str, result: Mapping[str, object], now: datetime, *, is_due: bool) -> bool:
        """Keep it, and let it be posted if it `is_due`. False when the call has one already, which stands."""
        row = {
            "call_id": call_id,
            "profile": profile,
            "made_at": now,
            "result": json.dumps(result),
            "state": "due" if is_due else "kept",
            "tries": 0,
            "due_at": now,
        }
        with explained(self._engine), self._engine.begin() as connection:
            if connection.execute(select(call_results.c.call_id).where(call_results.c.call_id == call_id)).first():
                return False
            connection.execute(insert(call_results).values(row))
        return True

    def find(self, call_id: str) -> dict[str, object] | None:
        """The call's result; None when it has none."""
        with explained(self._engine), self._engine.connect() as connection:
            text = connection.scalar(select(call_results.c.result).where(call_results.c.call_id == call_id))
        return None if text is None else dict(json.loads(text))

    def claim(self, profile: str, now: datetime, limit: int = 20) -> list[Due]:
        """Those that are due and now ours."""
        return [Due(row.call_id, row.result) for row in self._lending.claim(profile, now, limit)]

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()
