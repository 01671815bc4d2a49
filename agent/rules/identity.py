"""Who is calling, from what they know: two factors make the tier partial, three full, all of it right.

Whoever asks learns whether it was enough, never which factor was wrong, whether there is such a customer, or whether
the account is locked: those cost and sound the same. Finding records, keeping attempts and speaking are left to others.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Protocol

from agent.rules.names import is_name, is_place

FACTORS_NEEDED = {0: 0, 1: 2, 2: 3}  # by tier
MAX_FAILED_IN_CALL = 3
MAX_FAILED = 6  # on one account, within WINDOW: two calls that were locked
WINDOW = timedelta(hours=24)
LOCKED_FOR = timedelta(hours=1)
LEAST_RECORDS = 8  # as many are compared whoever calls
LEAST_NUMBERS = 4  # and as many accounts and cards of each

NOT_MATCHED = "I couldn't match those details. Please tell me them once more."
NO_MORE = "I couldn't match those details, so I can't do that in this call. One of my colleagues can help you further."
NEED_MORE = "I need one more detail to be sure who you are."
NOT_YET: Mapping[int, str] = MappingProxyType(  # by how many details are missing, before a tool may go on
    {
        1: "For that I need one more detail from you.",
        2: "First I need to know who you are.",
        3: "First I need to be sure who you are, by three details.",
    }
)

# of this process only, so that nothing said can equal what stands for nothing
_KEY, _UNSAID, _NO_NUMBER = secrets.token_bytes(32), secrets.token_hex(16), secrets.token_hex(16)


class Tier(IntEnum):
    """How well the caller is known."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


class Outcome(StrEnum):
    """What came of a check; the audit keeps it."""

    VERIFIED = "verified"
    TOO_FEW = "too_few"
    FAILED = "failed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The factors as the caller gave them, normalised; None where nothing was said."""

    name: str | None = None
    date_of_birth: date | None = None
    account_last_four: str | None = None
    card_last_four: str | None = None
    city: str | None = None

    @property
    def count(self) -> int:
        """How many factors were given."""
        return sum(getattr(self, factor.name) is not None for factor in fields(self))

    def joined(self, later: "Said") -> "Said":
        """Both together; what was said later counts."""
        given = {f.name: value for f in fields(later) if (value := getattr(later, f.name)) is not None}
        return replace(self, **given)


class Record(Protocol):
    """Somebody the caller may be, from the system of record."""

    @property
    def customer(self) -> str:
        """The customer's id."""
        ...

    @property
    def name(self) -> str:
        """Given and family name."""
        ...

    @property
    def date_of_birth(self) -> date:
        """The day."""
        ...

    @property
    def city(self) -> str:
        """Where they live."""
        ...

    @property
    def account_last_fours(self) -> Sequence[str]:
        """Of each account."""
        ...

    @property
    def card_last_fours(self) -> Sequence[str]:
        """Of each debit card."""
        ...

    @property
    def failed_at(self) -> Sequence[datetime]:
        """When checks that came near this customer failed."""
        ...

    @property
    def locked_until(self) -> datetime | None:
        """Until when nobody is this customer by telephone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do. `customer` is set when verified; `charged` are those whom a failure is written down for.

    `locks_call` says that this call's tier stays as it is from now on; `locked` are the customers to lock, until
    `locks_until`. All of it is for the audit; the caller hears `sentence`, which is empty when verified.
    """

    outcome: Outcome
    tier: Tier = Tier.NONE
    customer: str | None = None
    sentence: str = ""
    locks_call: bool = False
    charged: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    locks_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Compared in place of a record that is not there; right in nothing."""

    customer: str = ""
    name: str = "Nobody Atall"
    date_of_birth: date = date(1900, 1, 1)
    city: str = "Nowhere"
    account_last_fours: tuple[str, ...] = ()
    card_last_fours: tuple[str, ...] = ()
    failed_at: tuple[datetime, ...] = ()
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Compared:
    record: Record
    right: int
    is_locked: bool


def decide(said: Said, records: Sequence[Record], wanted: Tier, failed_in_call: int, now: datetime) -> Decision:
    """Whether the caller is one of the records, and known well enough for `wanted`.

    Raises ValueError for a naive `now`: a lock would end at another time on every machine.
    """
    if now.tzinfo is None:
        raise ValueError("a time without a zone")
    if failed_in_call >= MAX_FAILED_IN_CALL:
        return Decision(outcome=Outcome.LOCKED, sentence=NO_MORE, locks_call=True)
    given = said.count
    if given < max(FACTORS_NEEDED[wanted], FACTORS_NEEDED[Tier.PARTIAL]):
        return Decision(outcome=Outcome.TOO_FEW, sentence=NEED_MORE)
    compared = [_compare(said, record, now) for record in _padded(records)]
    fitting = [one for one in compared if one.right == given and not one.is_locked]
    if len(fitting) > 1:
        return Decision(outcome=Outcome.TOO_FEW, sentence=NEED_MORE)
    if not fitting:
        return _failed(compared, failed_in_call, now)
    tier = Tier.FULL if given >= FACTORS_NEEDED[Tier.FULL] else Tier.PARTIAL
    return Decision(outcome=Outcome.VERIFIED, tier=tier, customer=fitting[0].record.customer)


def _padded(records: Sequence[Record]) -> list[Record]:
    return [*records, *[_Nobody()] * (LEAST_RECORDS - len(records))]


def _compare(said: Said, record: Record, now: datetime) -> _Compared:
    """Every factor against one record. All are computed, whatever the first ones give, so that time tells nothing."""
    right = (
        (said.name is not None) & is_name(said.name or "Nobody Said", record.name),
        (said.city is not None) & is_place(said.city or "Nowhere", record.city),
        _same(said.date_of_birth.isoformat() if said.date_of_birth else None, record.date_of_birth.isoformat()),
        _one_of(said.account_last_four, record.account_last_fours),
        _one_of(said.card_last_four, record.card_last_fours),
    )
    is_somebody = bool(record.customer)
    is_locked = (record.locked_until or datetime.min.replace(tzinfo=UTC)) > now
    return _Compared(record, sum(right) * is_somebody, is_locked)


def _same(said: str | None, known: str) -> bool:
    return hmac.compare_digest(_digest(_UNSAID if said is None else said), _digest(known))


def _one_of(said: str | None, known: Sequence[str]) -> bool:
    numbers = [*known, *[_NO_NUMBER] * (LEAST_NUMBERS - len(known))]
    return bool(sum(_same(said, number) for number in numbers))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), key=_KEY, digest_size=32).digest()


def _failed(compared: Sequence[_Compared], failed_in_call: int, now: datetime) -> Decision:
    """A failure counts against whomever the caller came nearest to; a locked account is not locked for longer."""
    most = max(one.right for one in compared)
    nearest = [one.record for one in compared if one.right == most > 0 and not one.is_locked]
    locked = tuple(record.customer for record in nearest if _failures(record, now) + 1 >= MAX_FAILED)
    is_last = failed_in_call + 1 >= MAX_FAILED_IN_CALL
    return Decision(
        outcome=Outcome.FAILED,
        sentence=NO_MORE if is_last else NOT_MATCHED,
        locks_call=is_last,
        charged=tuple(record.customer for record in nearest),
        locked=locked,
        locks_until=now + LOCKED_FOR if locked else None,
    )


def _failures(record: Record, now: datetime) -> int:
    return sum(at > now - WINDOW for at in record.failed_at)
