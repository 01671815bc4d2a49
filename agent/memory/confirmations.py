"""Confirmations to callers: sealed, because each holds whom it is for, until it has arrived or is given up; then only
that there was one. Everything here blocks."""

from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import insert, select

from agent.memory.database import explained, make_engine
from agent.memory.outbox import Due, Lending, outbox_table
from agent.memory.store import metadata
from agent.secrets.derived_key import box

call_confirmations = outbox_table("call_confirmations", metadata, "sealed")


class Confirmations:
    """Those in the database at `url`, which the store has prepared, sealed with a key that is derived from `secret`.
    Every method may raise StoreError."""

    def __init__(self, url: str, secret: str) -> None:
        self._engine = make_engine(url)
        self._box = box(secret, "confirmations")
        self._lending = Lending(self._engine, call_confirmations, when_over={"sealed": ""})
        self.sent, self.later = self._lending.sent, self._lending.later

    def keep(self, call_id: str, profile: str, body: str, now: datetime) -> bool:
        """Keep it to be sent. False when the call has one already, which stands."""
        sealed = self._box.encrypt(body.encode()).decode()
        row = {"call_id": call_id, "profile": profile, "made_at": now, "sealed": sealed}
        known = select(call_confirmations.c.call_id).where(call_confirmations.c.call_id == call_id)
        with explained(self._engine), self._engine.begin() as connection:
            if connection.execute(known).first():
                return False
            connection.execute(insert(call_confirmations).values(**row, state="due", tries=0, due_at=now))
        return True

    def claim(self, profile: str, now: datetime, limit: int = 20) -> list[Due]:
        """Those that are due and now ours; what another secret has sealed is nobody's, and is tried no more often for
        it."""
        found = []
        for row in self._lending.claim(profile, now, limit):
            try:
                found.append(Due(row.call_id, self._box.decrypt(row.sealed.encode()).decode()))
            except InvalidToken:
                self.later(row.call_id, now)
        return found

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()
