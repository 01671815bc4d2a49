"""A question in SQL, as a language model wrote it, becomes a SELECT over the verified caller's own rows, or is denied.

The text is parsed, held against the grammar of sql_grammar.py, rewritten and written anew, so that nothing runs which
was not understood. Who the caller is comes in when it is run, as a bound parameter; running it is left to backends/.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from agent.rules.sql_grammar import ALL_FUNCTIONS, FUNCTIONS, NAMED, NODES, TYPES, UNITS

MAX_CHARACTERS = 2000
MAX_NODES = 400
MAX_TABLES = 4  # however they are joined; a named part counts each time it is used

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SCHEMAS = {"sqlite": "main", "postgres": "public"}

# it quotes what it cannot read in its warnings, and those may be a caller's words
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


class Reason(StrEnum):
    """Why a text was denied, for the audit; never spoken."""

    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    COMMENT = "comment"
    SEVERAL = "several_statements"
    NO_SELECT = "no_select"
    FORM = "form"
    FUNCTION = "function"
    NAME = "name"
    TABLE = "table"
    COLUMN = "column"
    NESTED_WITH = "nested_with"
    SHADOW = "shadow"
    LIMIT = "limit"
    TOO_MUCH = "too_much"


class TableRule(Protocol):
    """A table as a question sees it: where its rows are, whose they are, and which columns may be read."""

    @property
    def source(self) -> str:
        """The table's own name in the database."""
        ...

    @property
    def owner(self) -> str:
        """The column that says whose a row is; it need not be readable."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """What may be read."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be asked: tables by the name that a question uses, functions by sql_grammar.py's names."""

    tables: Mapping[str, TableRule]
    dialect: Literal["sqlite", "postgres"] = "sqlite"
    functions: frozenset[str] = ALL_FUNCTIONS
    max_rows: int = 200


@dataclass(frozen=True, slots=True)
class Scoped:
    """A statement to run with one parameter, the verified owner: `:owner` in SQLite, `$1` in Postgres.

    It asks for one row more than `max_rows`, so that whoever runs it knows whether something was left out.
    """

    sql: str
    max_rows: int


@dataclass(frozen=True, slots=True)
class Denied:
    """A no. `sentence` is fit to be spoken and the same whatever else the database holds."""

    reason: Reason

    @property
    def sentence(self) -> str:
        """What the caller hears."""
        if self.reason in {Reason.TOO_MUCH, Reason.TOO_LONG}:
            return "That is too much to look up at once. Please ask for less."
        return "I can only look things up in your own accounts, and I couldn't do it that way."


class _No(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def scope(text: str, policy: Policy) -> Scoped | Denied:
    """The text as a SELECT in the caller's own rows, or why not. Never raises, whatever the text is."""
    try:
        query = _parsed(text, policy)
        for node in query.walk():
            _check(node, policy)
        _check_tables(query, policy)
        _check_columns(query, policy)
        for table in list(query.find_all(exp.Table)):
            if table.name in policy.tables:
                table.replace(_own_rows(table, policy))
        _limit(query, policy)
        return Scoped(query.sql(policy.dialect, identify=True, comments=False), policy.max_rows)
    except _No as no:
        return Denied(no.reason)
    except (SqlglotError, RecursionError, ValueError):
        return Denied(Reason.UNREADABLE)


def _parsed(text: str, policy: Policy) -> exp.Query:
    if len(text) > MAX_CHARACTERS:
        raise _No(Reason.TOO_LONG)
    if _CONTROL.search(text):
        raise _No(Reason.UNREADABLE)
    if any(token.comments for token in sqlglot.tokenize(text, read=policy.dialect)):
        raise _No(Reason.COMMENT)
    statements = [found for found in sqlglot.parse(text, read=policy.dialect) if found]
    if len(statements) > 1:
        raise _No(Reason.SEVERAL)
    if not statements or not isinstance(query := statements[0], exp.Select | exp.SetOperation):
        raise _No(Reason.NO_SELECT)
    if sum(1 for _ in query.walk()) > MAX_NODES:
        raise _No(Reason.TOO_MUCH)
    return query


def _check(node: exp.Expr, policy: Policy) -> None:
    """Hold one node against the grammar. Names become lower case on the way: both databases would fold them."""
    used = {key for key, value in node.args.items() if value not in (None, False, [])}
    if isinstance(node, exp.Anonymous):
        if str(node.this).lower() not in NAMED[policy.dialect] & policy.functions:
            raise _No(Reason.FUNCTION)
    elif type(node) in FUNCTIONS:
        if FUNCTIONS[type(node)] not in policy.functions:
            raise _No(Reason.FUNCTION)
    elif type(node) not in NODES or not used <= NODES[type(node)]:
        raise _No(Reason.FUNCTION if isinstance(node, exp.Func) else Reason.FORM)
    _check_words(node)


def _check_words(node: exp.Expr) -> None:
    """What is written out as it came, or names something, is one of few words or has a plain form."""
    match node:
        case exp.Identifier():
            name = str(node.this)
            if not name.isascii() or not _NAME.fullmatch(name.lower()):
                raise _No(Reason.NAME)
            node.set("this", name.lower())
        case exp.Table() if not isinstance(node.this, exp.Identifier):
            raise _No(Reason.FUNCTION)  # a function in place of a table
        case exp.Var() if str(node.this).upper() not in UNITS:
            raise _No(Reason.FORM)
        case exp.DataType() if node.this not in TYPES:
            raise _No(Reason.FORM)
        case exp.Limit() | exp.Offset() if not (isinstance(node.expression, exp.Literal) and node.expression.is_int):
            raise _No(Reason.LIMIT)
        case _:
            pass


def _check_tables(query: exp.Query, policy: Policy) -> None:
    """Every table is an allowed one or a part named before it, and there are few, each counted as often as it is read.

    Parts are named at the top only and never like a table, so a name means the same everywhere. SQLite takes a part
    that names itself for a recursive one even without the word, which is why a part sees only those before it.
    """
    taken = {*policy.tables, *(rule.source for rule in policy.tables.values())}
    weights = dict.fromkeys(policy.tables, 1)
    outermost = query.args.get("with_")
    if any(found is not outermost for found in query.find_all(exp.With)):
        raise _No(Reason.NESTED_WITH)
    for part in outermost.expressions if outermost else ():
        name = part.alias
        if name in taken or name.startswith(("sqlite_", "pg_")):
            raise _No(Reason.SHADOW)
        weight = sum(_weights(part.this, weights))
        taken.add(name)
        weights[name] = weight
    if sum(_weights(query, weights, without=outermost)) > MAX_TABLES:
        raise _No(Reason.TOO_MUCH)


def _weights(query: exp.Expr, weights: Mapping[str, int], without: exp.Expr | None = None) -> Iterator[int]:
    for table in query.find_all(exp.Table):
        if without and table.find_ancestor(exp.With) is without:
            continue
        if table.name not in weights:
            raise _No(Reason.TABLE)
        yield weights[table.name]


def _check_columns(query: exp.Query, policy: Policy) -> None:
    """Every column belongs to something that the question reads; row numbers and system columns do to nothing."""
    schema: dict[str, object] = {name: dict.fromkeys(rule.columns, "text") for name, rule in policy.tables.items()}
    try:
        qualify(query.copy(), schema=schema, dialect=policy.dialect, validate_qualify_columns=True)
    except SqlglotError:
        raise _No(Reason.COLUMN) from None


def _own_rows(table: exp.Table, policy: Policy) -> exp.Subquery:
    rule = policy.tables[table.name]
    rows = exp.select(*(exp.column(name) for name in rule.columns))
    rows = rows.from_(exp.table_(rule.source, db=_SCHEMAS[policy.dialect]))
    owner: exp.Expr = exp.Placeholder(this="owner")
    if policy.dialect == "postgres":
        owner = exp.Parameter(this=exp.Literal.number(1))
    return rows.where(exp.EQ(this=exp.column(rule.owner), expression=owner)).subquery(table.alias_or_name)


def _limit(query: exp.Query, policy: Policy) -> None:
    asked = query.args.get("limit")
    most = policy.max_rows + 1
    rows = min(int(asked.expression.this), most) if asked else most
    query.set("limit", exp.Limit(expression=exp.Literal.number(rows)))
