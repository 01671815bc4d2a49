"""Spending: what one call's providers have cost, by role, and whether the call or the day must save. The day's sum is
in a file that the calls of a worker share."""

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from agent.events import CallCosted, CostGrew
from agent.profile.profile import CostChoice
from agent.providers.catalog import ROLES, Price, Role
from agent.providers.costs import MICROS_PER_CENT, micros, usage_of
from agent.providers.shared_file import SharedFile
from agent.rules.thrift import Thrift, thrift

Days = dict[str, dict[str, int]]  # by ISO date and profile
_FILE = TypeAdapter(Days)


def spending_file(var_dir: Path) -> Path:
    """Where the jobs of a worker add up what they spend."""
    return var_dir / "run" / "spent.json"


class Spending:
    """One per call. `path` None: the day is this call's alone. `today` is the profile's day."""

    def __init__(self, path: Path | None, profile: str, ceilings: CostChoice, today: Callable[[], date]) -> None:
        self._shared = SharedFile[Days](path, _FILE, {})
        self._profile = profile
        self._ceilings = ceilings
        self._today = today
        self._spent: dict[Role, int] = dict.fromkeys(ROLES, 0)
        self._untold = 0
        self._day = 0  # of all calls of the profile, this one too, as far as it is known
        self._unpriced: set[str] = set()
        self._dates: set[date] = set()
        self._shown = 0

    def listener(self, role: Role, name: str, price: Price | None) -> Callable[[Any], None]:
        """What hears a plugin's metrics; without a price its name is told at the end."""
        return partial(self._used, role, name, price)

    @property
    def thrift(self) -> Thrift:
        """How far is to be saved now."""
        call = thrift(sum(self._spent.values()), self._ceilings.per_call_cents * MICROS_PER_CENT)
        return max(call, thrift(self._day, self._ceilings.per_day_cents * MICROS_PER_CENT))

    def told(self) -> CallCosted:
        """The call's cost by component."""
        return CallCosted(
            **self._by_role(),
            total_cents=round(sum(self._spent.values()) / MICROS_PER_CENT, 4),
            unpriced=", ".join(sorted(self._unpriced)),
            prices_of=min(self._dates).isoformat() if self._dates else "",
        )

    def grown(self) -> CostGrew | None:
        """What it has come to, when it is a hundredth of a cent more than the last time."""
        total = sum(self._spent.values())
        if total - self._shown < MICROS_PER_CENT // 100:
            return None
        self._shown = total
        return CostGrew(total_cents=round(total / MICROS_PER_CENT, 4), **self._by_role())

    def _by_role(self) -> dict[str, float]:
        return {f"{role}_cents": round(spent / MICROS_PER_CENT, 4) for role, spent in self._spent.items()}

    async def share(self) -> None:
        """Add what was spent since the last time to the day, and learn what the others have."""
        if self._ceilings.per_day_cents:
            untold, self._untold = self._untold, 0
            _, days = await asyncio.to_thread(self._shared.exchange, partial(self._added, untold))
            self._day = days[self._today().isoformat()][self._profile] + self._untold

    def _used(self, role: Role, name: str, price: Price | None, metrics: object) -> None:
        usage = usage_of(metrics)
        if price is None:
            self._unpriced.add(f"{role} {name}")
            return
        spent = micros(price, usage)
        if spent:
            self._dates.add(price.as_of)
        self._spent[role] += spent
        self._untold += spent
        self._day += spent

    def _added(self, untold: int, days: Days) -> Days:
        """Other days are over."""
        today = self._today().isoformat()
        known = days.get(today, {})
        return {today: {**known, self._profile: known.get(self._profile, 0) + untold}}
