"""Memory: one call's door to what earlier calls left, and what it leaves itself. Databases are asked on threads."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent.errors import Refused, StoreError, Unavailable
from agent.memory.callers import Callers, Remembered, Who
from agent.memory.notes import Notes, in_words
from agent.rules.identity import Tier
from agent.rules.recall import may_tell

logger = logging.getLogger("parley.memory")
AWAY = "I can't reach my notes right now."
NOBODY = "I can't keep that, because I don't know who is calling."
ANOTHERS = "I can only change that for whoever it belongs to, once I know who you are."


@dataclass(slots=True)
class Memory:
    """One per call. Nothing is kept before the caller agrees, and nothing told that rules/recall forbids. Without
    `callers` there is no memory beyond the call."""

    callers: Callers | None = None
    call_id: str = ""
    is_private: bool = True
    language: str = "en"
    clock: Callable[[], datetime] | None = None
    notes: Notes = field(default_factory=Notes)
    has_consent: bool = False
    _name: str = ""
    _found: dict[Who, Remembered | None] = field(default_factory=dict)
    _unknown: set[Who] = field(default_factory=set)  # of whom the store could not say: no turn waits for it again

    async def told(self, who: Who, tier: Tier) -> Remembered | None:
        """What may be told of earlier calls; None when there is nothing, or nothing yet. A store that fails is nothing:
        the call goes on without it."""
        if who in self._unknown or not may_tell(tier, is_private=self.is_private):
            return None
        try:
            return await self._recall(who)
        except StoreError as error:
            self._unknown.add(who)
            logger.warning("no memory", extra={"call": self.call_id, "reason": str(error)})
            return None

    async def consent(self, who: Who, name: str = "") -> None:
        """The caller agrees to be remembered, under that name. Raises Refused and Unavailable: a sentence to say."""
        if not who.is_known:
            raise Refused(NOBODY)
        self._name = name or self._name
        try:
            is_kept = await self._keep(who)
        except StoreError:
            raise Unavailable(AWAY) from None
        if not is_kept:
            raise Refused(ANOTHERS)
        self.has_consent = True

    async def forget(self, who: Who) -> bool:
        """Delete what is kept of the caller, everywhere; False when there was nothing. Raises Unavailable."""
        if self.callers is None:
            raise Unavailable(AWAY)
        self.has_consent, self._name = False, ""
        self._found.clear()
        try:
            return bool(await asyncio.to_thread(self.callers.forget, who))
        except StoreError:
            raise Unavailable(AWAY) from None

    async def close(self, who: Who) -> None:
        """The call is over: keep what it came to, of who agreed in this call or before."""
        try:
            if who.is_known and (self.has_consent or await self._recall(who) is not None):
                await self._keep(who)
        except StoreError as error:
            logger.warning("call not remembered", extra={"call": self.call_id, "reason": str(error)})

    @property
    def open_before(self) -> tuple[str, ...] | None:
        """Tools that did not come to their end in earlier calls, as far as anybody has looked; None for a caller who is
        not remembered."""
        found = [one.open_matters for one in self._found.values() if one is not None]
        return tuple(dict.fromkeys(matter for matters in found for matter in matters)) if found else None

    def in_words(self, matter: str) -> str:
        """An open matter as one says it."""
        return in_words(matter)

    async def _recall(self, who: Who) -> Remembered | None:
        if self.callers is None or not who.is_known:
            return None
        if who not in self._found:
            self._found[who] = await asyncio.to_thread(self.callers.find, who)
        return self._found[who]

    async def _keep(self, who: Who) -> bool:
        if self.callers is None or self.clock is None:
            raise StoreError("this call has no store")
        before = await self._recall(who) or Remembered(called_at=self.clock())
        now = replace(
            before,
            name=self._name or before.name,
            language=self.language,
            summary=self.notes.summary() or before.summary,
            open_matters=self.notes.open_matters(before.open_matters),
            called_at=self.clock(),
        )
        return await asyncio.to_thread(self.callers.keep, who, now, self.call_id)
