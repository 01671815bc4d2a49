"""The audit chain's arithmetic: how a record hangs on the one before it, how a day's head is signed, and what does not
fit. Nothing here touches a database."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from agent.secrets.derived_key import derived

FIRST = "0" * 64  # what the first record hangs on
SLACK = timedelta(minutes=5)  # how far apart the clocks of two workers may be
ERASED = "ERASED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What happened in a call. `id` is unlike any other's, `body` is JSON without a private value, `at` when it
    happened."""

    id: str
    call_id: str
    kind: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record as it is kept: `digest` is of what it says, salted, `hash` of that with its place and the hash before.
    What was erased is None in all that says anything; the chain holds without it."""

    position: int
    id: str
    call_id: str | None
    kind: str | None
    at: datetime | None
    written_at: datetime | None
    body: str | None
    salt: str | None
    digest: str
    hash: str

    @property
    def is_erased(self) -> bool:
        """Whether only its place is left."""
        return self.body is None

    def digest_now(self) -> str:
        """What the digest should be, of what stands here."""
        times = [one.astimezone(UTC).isoformat() if one else "" for one in (self.at, self.written_at)]
        return _hash(self.salt, self.id, self.call_id, self.kind, *times, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last record of a day (UTC, by when it was written), signed; `signature` is hexadecimal, empty without a
    key."""

    day: str
    position: int
    hash: str
    signature: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: about which record, 0 when about none, and in a sentence."""

    position: int
    what: str


class Signer:
    """Signs with a key derived from a secret; whoever has the public key can check it, and only that."""

    def __init__(self, secret: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(derived(secret.encode(), "audit"))

    @property
    def public_key(self) -> str:
        """Hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, day: str, position: int, hash_: str) -> str:
        """The signature of a day's head."""
        return self._key.sign(_said(day, position, hash_)).hex()


def next_link(record: Record, position: int, before: str, written_at: datetime, salt: str) -> Link:
    """The record, hung on the one whose hash is `before`."""
    bare = Link(
        position=position, id=record.id, call_id=record.call_id, kind=record.kind, at=record.at,
        written_at=written_at, body=record.body, salt=salt, digest="", hash="",
    )  # fmt: skip
    digest = bare.digest_now()
    return Link(
        position=position, id=record.id, call_id=record.call_id, kind=record.kind, at=record.at,
        written_at=written_at, body=record.body, salt=salt, digest=digest, hash=hash_of(position, before, digest),
    )  # fmt: skip


def hash_of(position: int, before: str, digest: str) -> str:
    """What the next record hangs on."""
    return _hash(str(position), before, digest)


def day_of(at: datetime) -> str:
    """ "2026-11-29"."""
    return at.astimezone(UTC).date().isoformat()


def ranges(positions: Iterable[int]) -> list[list[int]]:
    """1, 2, 3, 7 as [[1, 3], [7, 7]]."""
    found: list[list[int]] = []
    for position in sorted(positions):
        if found and position == found[-1][1] + 1:
            found[-1][1] = position
        else:
            found.append([position, position])
    return found


def within(position: int, spans: Iterable[Sequence[int]]) -> bool:
    """Whether one of `ranges` holds it."""
    return any(first <= position <= last for first, last in spans)


def verify(
    links: Iterable[Link], heads: Sequence[Head], erased: Sequence[Sequence[int]], public_keys: Sequence[str] = ()
) -> Iterator[Finding]:
    """All that does not fit, in the order of the chain. `erased` is what records of erasure name; with `public_keys`
    every head must be signed by one of them."""
    before, last, latest = FIRST, 0, None
    ends: dict[str, int] = defaultdict(int)
    hash_at: dict[int, str] = {}
    wanted = {head.position for head in heads}
    for link in links:
        yield from _place(link, last)
        if link.hash != hash_of(link.position, before, link.digest):
            yield Finding(link.position, "does not hang on the record before it: one of the two was changed or moved")
        yield from _content(link, erased)
        if link.written_at is not None:
            if latest is not None and link.written_at < latest - SLACK:
                yield Finding(link.position, "is back-dated: the record before it was written later")
            latest = max(latest or link.written_at, link.written_at)
            ends[day_of(link.written_at)] = link.position
        before, last = link.hash, link.position
        if link.position in wanted:
            hash_at[link.position] = link.hash
    yield from _heads(heads, hash_at, ends, last, public_keys)


def _place(link: Link, last: int) -> Iterator[Finding]:
    if link.position > last + 1:
        first, end = last + 1, link.position - 1
        yield Finding(first, "is missing" if first == end else f"and all up to {end} are missing")


def _content(link: Link, erased: Sequence[Sequence[int]]) -> Iterator[Finding]:
    if link.is_erased:
        if not within(link.position, erased):
            yield Finding(link.position, "has lost what it said, and no record tells of an erasure")
        return
    if link.digest != link.digest_now():
        yield Finding(link.position, "was changed: it does not say what it said when it was written")
    if link.at and link.written_at and link.at > link.written_at + SLACK:
        yield Finding(link.position, "happened after it was written")


def _heads(
    heads: Sequence[Head], hash_at: Mapping[int, str], ends: Mapping[str, int], last: int, public_keys: Sequence[str]
) -> Iterator[Finding]:
    known = {head.day: head for head in heads}
    for day in sorted(ends.keys() - known.keys()):
        yield Finding(ends[day], f"is the last of {day}, which has no head")
    for head in sorted(heads, key=lambda one: one.day):
        if head.position > last:
            yield Finding(
                last + 1, f"and all up to {head.position} are missing at the end: the head of {head.day} names them"
            )
        elif hash_at.get(head.position) != head.hash:
            yield Finding(head.position, f"is not the record that the head of {head.day} names")
        if ends.get(head.day, 0) > head.position:
            yield Finding(head.position + 1, f"was added behind the head of {head.day}")
        if public_keys and not _is_signed(head, public_keys):
            why = "signed by another key, or changed" if head.signature else "not signed"
            yield Finding(head.position, f"is the head of {head.day}, which is {why}")


def _is_signed(head: Head, public_keys: Sequence[str]) -> bool:
    said = _said(head.day, head.position, head.hash)
    for key in public_keys:
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(head.signature), said)
        except (InvalidSignature, ValueError):
            continue
        return True
    return False


def _said(day: str, position: int, hash_: str) -> bytes:
    return f"parley audit {day} {position} {hash_}".encode()


def _hash(*parts: str | None) -> str:
    # each with its length, so that no two lists of parts read the same
    text = "".join(f"{len(part)}:{part}" for part in (one or "" for one in parts))
    return hashlib.sha256(text.encode()).hexdigest()
