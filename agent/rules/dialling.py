"""Whether a number may be called now, and what becomes of a call that came to nothing: decided before anything rings.

Facts and a clock in, a decision with its reason out. No call is made on a guess: a number whose country, kind or time
zone is not known is not called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberType, timezone

from agent.rules import hours

# What a call to costs as its owner likes, or what is nobody's telephone.
_DEAR = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.UNKNOWN,
    }
)
_NO_ZONE = "Etc/Unknown"


class Verdict(StrEnum):
    """What to do about a number."""

    CALL = "call"
    LATER = "later"
    NEVER = "never"


class Reason(StrEnum):
    """Why."""

    ALLOWED = "allowed"
    INVALID_NUMBER = "invalid_number"
    DESTINATION = "destination_not_allowed"
    DEAR = "dear_number"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    IN_A_CALL = "in_a_call"
    ATTEMPTS_TODAY = "attempts_today"
    NO_ZONE = "time_zone_unknown"
    OUT_OF_HOURS = "out_of_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a profile allows: regions such as "US", hours by the clock of whoever is called, tries in one day of theirs,
    and whether what the call is for needs their consent. `may_dial` is what our trunks allow."""

    may_dial: Callable[[str], bool]
    destinations: frozenset[str]
    hours: Sequence[str]
    attempts_a_day: int
    needs_consent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What our own record says of the number. `attempts` are the moments at which it was rung."""

    has_opted_out: bool = False
    has_consented: bool = False
    is_in_a_call: bool = False
    attempts: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`at` is when to ask again; None unless the verdict is LATER."""

    verdict: Verdict
    reason: Reason
    at: datetime | None = None


def may_call(number: str, policy: Policy, known: Known, now: datetime) -> Decision:
    """Whether this number, E.164, is called now. Raises ValueError for a naive `now`."""
    if now.tzinfo is None:
        raise ValueError("a time without a zone")
    if reason := _never(number, policy, known):
        return Decision(Verdict.NEVER, reason)
    zones = zones_of(number)
    if not zones:
        return Decision(Verdict.NEVER, Reason.NO_ZONE)
    if known.is_in_a_call:
        return Decision(Verdict.LATER, Reason.IN_A_CALL, now + timedelta(minutes=5))

    def is_on(at: datetime) -> bool:
        return all(hours.are_on(policy.hours, at.astimezone(zone)) for zone in zones)

    if (day_ends := _spent_until(known.attempts, policy.attempts_a_day, zones, now)) is not None:
        return Decision(Verdict.LATER, Reason.ATTEMPTS_TODAY, hours.next_on(is_on, day_ends) or day_ends)
    if not is_on(now):
        opens = hours.next_on(is_on, now)
        return Decision(Verdict.LATER if opens else Verdict.NEVER, Reason.OUT_OF_HOURS, opens)
    return Decision(Verdict.CALL, Reason.ALLOWED)


def zones_of(number: str) -> tuple[ZoneInfo, ...]:
    """The time zones in which whoever has the number may be; empty when nobody knows. All of them count."""
    names = timezone.time_zones_for_number(phonenumbers.parse(number))
    return tuple(ZoneInfo(name) for name in names if name != _NO_ZONE)


def _never(number: str, policy: Policy, known: Known) -> Reason | None:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return Reason.INVALID_NUMBER
    if (
        not phonenumbers.is_valid_number(parsed)
        or phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) != number
    ):
        return Reason.INVALID_NUMBER
    # +1 is two dozen countries, some of them the classic of toll fraud: the region counts, not the code
    if phonenumbers.region_code_for_number(parsed) not in policy.destinations or not policy.may_dial(number):
        return Reason.DESTINATION
    if phonenumbers.number_type(parsed) in _DEAR:
        return Reason.DEAR
    if known.has_opted_out:
        return Reason.OPTED_OUT
    if policy.needs_consent and not known.has_consented:
        return Reason.NO_CONSENT
    return None


def _spent_until(attempts: Sequence[datetime], a_day: int, zones: Sequence[ZoneInfo], now: datetime) -> datetime | None:
    """When the day ends in whose course there were enough attempts, in the zone where it ends last; None while there
    may be another."""
    ends = [
        (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        for local in (now.astimezone(zone) for zone in zones)
        if sum(at.astimezone(local.tzinfo).date() == local.date() for at in attempts) >= a_day
    ]
    return max(ends).astimezone(now.tzinfo) if ends else None


class Outcome(StrEnum):
    """What came of a call."""

    PERSON = "person"
    MESSAGE_LEFT = "message_left"
    VOICEMAIL = "voicemail"  # and nothing was said to it
    SCREENED = "screened"  # a screener answered and let nobody through
    MENU = "menu"  # a menu answered and led to nobody
    FAX = "fax"
    ANSWERED = "answered"  # somebody picked up, and nothing was heard of them
    OPTED_OUT = "opted_out"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    INVALID = "invalid"
    TRUNK_FAILED = "trunk_failed"
    NO_AGENT = "no_agent"  # none was free, so nobody was rung
    LOST = "lost"  # we died while it rang or was spoken


_AGAIN = {  # after how long
    Outcome.VOICEMAIL: timedelta(hours=4),
    Outcome.SCREENED: timedelta(hours=4),
    Outcome.MENU: timedelta(hours=4),
    Outcome.ANSWERED: timedelta(hours=2),
    Outcome.BUSY: timedelta(minutes=15),
    Outcome.NO_ANSWER: timedelta(hours=2),
    Outcome.REJECTED: timedelta(days=1),
    Outcome.TRUNK_FAILED: timedelta(minutes=5),
    Outcome.NO_AGENT: timedelta(minutes=1),
    Outcome.LOST: timedelta(minutes=15),
}
NOBODY_RANG = frozenset({Outcome.TRUNK_FAILED, Outcome.NO_AGENT, Outcome.INVALID})
_BY_STATUS = {
    403: Outcome.TRUNK_FAILED,
    404: Outcome.INVALID,
    407: Outcome.TRUNK_FAILED,
    408: Outcome.NO_ANSWER,
    410: Outcome.INVALID,
    480: Outcome.NO_ANSWER,
    484: Outcome.INVALID,
    486: Outcome.BUSY,
    487: Outcome.NO_ANSWER,
    600: Outcome.BUSY,
    603: Outcome.REJECTED,
    604: Outcome.INVALID,
    607: Outcome.OPTED_OUT,  # RFC 8197: unwanted; no further call from this number is wanted either
    608: Outcome.REJECTED,  # RFC 8688: by an analytics engine
}


def outcome_of(status: int | None) -> Outcome:
    """What a final SIP status says of a call that nobody answered; None where there was none."""
    return _BY_STATUS.get(status or 0, Outcome.TRUNK_FAILED)


def again_at(outcome: Outcome, attempts: int, most: int, now: datetime) -> datetime | None:
    """When to try once more after so many attempts; None for never."""
    after = _AGAIN.get(outcome)
    return None if after is None or attempts >= most else now + after
