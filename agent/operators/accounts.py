"""Accounts of operators: a name, a role and a hash of the password, in the store. Everything here blocks."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, LargeBinary, String, Table, delete, insert, select

from agent.memory.database import explained, make_engine
from agent.memory.store import metadata

LEAST_PASSWORD = 12
COST, BLOCK, LANES = 2**15, 8, 1  # scrypt: 32 MB and about 0.1 s a try

operators = Table(
    "operators",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)


class Role(StrEnum):
    """What an operator may see: figures and records; words too; and take it all out."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    def may(self, needed: "Role") -> bool:
        """Whether this role includes that one."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who has logged in."""

    name: str
    role: Role


class Accounts:
    """Those in the database at `url`, which the store has prepared. Every method may raise StoreError."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def put(self, name: str, role: Role, password: str) -> None:
        """Make the account, or give it this role and password."""
        salt = secrets.token_bytes(16)
        with explained(self._engine), self._engine.begin() as connection:
            connection.execute(delete(operators).where(operators.c.name == name))
            connection.execute(
                insert(operators).values(name=name, role=role.value, salt=salt, hash=_hash(password, salt))
            )

    def remove(self, name: str) -> bool:
        """False when there was none of that name."""
        with explained(self._engine), self._engine.begin() as connection:
            return bool(connection.execute(delete(operators).where(operators.c.name == name)).rowcount)

    def names(self) -> list[tuple[str, str]]:
        """Every account with its role."""
        with explained(self._engine), self._engine.connect() as connection:
            rows = connection.execute(select(operators.c.name, operators.c.role).order_by(operators.c.name)).all()
        return [(row.name, row.role) for row in rows]

    def check(self, name: str, password: str) -> Operator | None:
        """Who that is; None when name or password is wrong, which takes the same time."""
        with explained(self._engine), self._engine.connect() as connection:
            row = connection.execute(select(operators).where(operators.c.name == name)).one_or_none()
        salt, known = (row.salt, row.hash) if row is not None else (b"nobody's", b"")
        is_right = hmac.compare_digest(_hash(password, salt), known)
        return Operator(row.name, Role(row.role)) if row is not None and is_right else None

    def find(self, name: str) -> Operator | None:
        """The account as it is now; None when it is gone."""
        with explained(self._engine), self._engine.connect() as connection:
            row = connection.execute(select(operators).where(operators.c.name == name)).one_or_none()
        return None if row is None else Operator(row.name, Role(row.role))


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=2**26)
