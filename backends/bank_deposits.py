"""What a fixed deposit pays when it is broken: simple interest by days of 365, in integer minor units.

The rule: broken before it matures it earns its rate less the penalty rate, never below nothing, and in the first seven
days nothing at all; from maturity on it has earned its full rate up to maturity. Interest is rounded half up, once.
"""

from dataclasses import dataclass
from datetime import date

NO_INTEREST_DAYS = 7
_YEAR = 365
_BPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A fixed deposit. Rates are a year's, in hundredths of a percent; `closed_on` is None while it runs."""

    number: str
    account_number: str
    principal_minor: int
    currency: str
    rate_bps: int
    penalty_bps: int
    opened_on: date
    matures_on: date
    closed_on: date | None = None
    payout_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What breaking it on a day pays: `payout` is principal + `interest`; `penalty` is what the break costs."""

    number: str
    on: date
    currency: str
    principal_minor: int
    interest_minor: int
    penalty_minor: int

    @property
    def payout_minor(self) -> int:
        """What goes to the account."""
        return self.principal_minor + self.interest_minor


def quote(deposit: Deposit, on: date) -> Quote:
    """What the deposit pays when it is broken on that day, by the module's rule."""
    days = max((min(on, deposit.matures_on) - deposit.opened_on).days, 0)
    full = interest(deposit.principal_minor, deposit.rate_bps, days)
    earned = full
    if on < deposit.matures_on:
        rate = max(deposit.rate_bps - deposit.penalty_bps, 0) if days >= NO_INTEREST_DAYS else 0
        earned = interest(deposit.principal_minor, rate, days)
    return Quote(
        number=deposit.number,
        on=on,
        currency=deposit.currency,
        principal_minor=deposit.principal_minor,
        interest_minor=earned,
        penalty_minor=full - earned,
    )


def interest(principal_minor: int, rate_bps: int, days: int) -> int:
    """Simple interest, rounded half up to a whole minor unit."""
    year = _BPS * _YEAR
    return (2 * principal_minor * rate_bps * days + year) // (2 * year)
