"""Sessions: who has logged in, for how long, and that a form was ours. Kept in memory: a restart logs everybody out."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.servers.admission import Rates

IDLE_S, WHOLE_S = 30 * 60.0, 12 * 3600.0
TRIES, TRY_AGAIN_S = 5, 30.0


@dataclass(slots=True)
class Session:
    """One browser's. `csrf` stands in every form of it."""

    name: str
    began_at: float
    seen_at: float
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))


class Sessions:
    """All of this process, by the hash of what the browser's cookie holds. `clock` is steady, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open: dict[bytes, Session] = {}
        self._tries = Rates(clock, burst=TRIES, refill_s=TRY_AGAIN_S)

    def wait_s(self, address: str, name: str) -> float:
        """How long this address, or whoever tries this name, must wait before the next password: 0.0 for not at all."""
        return max(self._tries.wait_s(address), self._tries.wait_s(f"name {name}"))

    def open(self, name: str) -> str:
        """Begin one; what its cookie holds."""
        now, token = self._clock(), secrets.token_urlsafe(32)
        self._open = {key: one for key, one in self._open.items() if self._is_alive(one, now)}
        self._open[_key(token)] = Session(name, now, now)
        return token

    def find(self, token: str) -> Session | None:
        """The session of that cookie, seen now; None when it is over or was never there."""
        now, session = self._clock(), self._open.get(_key(token))
        if session is None or not self._is_alive(session, now):
            return None
        session.seen_at = now
        return session

    def close(self, token: str) -> None:
        """Log out."""
        self._open.pop(_key(token), None)

    def _is_alive(self, session: Session, now: float) -> bool:
        return now - session.seen_at < IDLE_S and now - session.began_at < WHOLE_S


def is_ours(session: Session, token: str) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(session.csrf, token)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
