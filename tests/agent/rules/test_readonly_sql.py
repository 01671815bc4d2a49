"""The rewriting of questions, as text; what comes of it in a database is tried in tests/backends/test_readonly.py."""

import logging
from dataclasses import dataclass
from typing import Literal

import pytest
import sqlglot
from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp

from agent.rules.readonly_sql import MAX_CHARACTERS, Denied, Policy, Reason, Scoped, scope
from tests.backends.questions import questions


@dataclass(frozen=True, slots=True)
class Rule:
    """A table of these tests."""

    source: str
    owner: str
    columns: tuple[str, ...]


TABLES = {
    "accounts": Rule("bank_accounts", "customer_id", ("number", "kind", "balance_minor")),
    "transactions": Rule("bank_postings", "customer_id", ("booked_on", "merchant", "amount_minor")),
}
SQLITE, POSTGRES = Policy(TABLES), Policy(TABLES, "postgres")
MINE = '(SELECT "number", "kind", "balance_minor" FROM "main"."bank_accounts" WHERE "customer_id" = :owner)'


def _reason(text: str, policy: Policy = SQLITE) -> Reason | None:
    found = scope(text, policy)
    return found.reason if isinstance(found, Denied) else None


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("select kind from accounts", f'SELECT "kind" FROM {MINE} AS "accounts" LIMIT 201'),
        ('SELECT "KIND" FROM Accounts a;', f'SELECT "kind" FROM {MINE} AS "a" LIMIT 201'),
        ("select * from accounts limit 5", f'SELECT * FROM {MINE} AS "accounts" LIMIT 5'),
        ("select * from accounts limit 5000", f'SELECT * FROM {MINE} AS "accounts" LIMIT 201'),
        (
            "with a as (select kind from accounts) select * from a cross join a b",
            f'WITH "a" AS (SELECT "kind" FROM {MINE} AS "accounts") SELECT * FROM "a" CROSS JOIN "a" AS "b" LIMIT 201',
        ),
        (
            "select kind from accounts union select kind from accounts",
            f'SELECT "kind" FROM {MINE} AS "accounts" UNION SELECT "kind" FROM {MINE} AS "accounts" LIMIT 201',
        ),
    ],
)
def test_every_table_becomes_the_callers_rows(text: str, sql: str) -> None:
    """Schema and name of the table are fixed, the owner is a parameter, the limit is ours."""
    assert scope(text, SQLITE) == Scoped(sql, 200)


def test_postgres_has_its_own_schema_and_parameter() -> None:
    """`$1` is bound by the server, so no percent sign in a text can be taken for one."""
    found = scope("select kind from accounts where kind like '%s'", POSTGRES)
    assert isinstance(found, Scoped)
    assert '"public"."bank_accounts" WHERE "customer_id" = $1)' in found.sql and "LIKE '%s'" in found.sql


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("select 1" + " " * MAX_CHARACTERS, Reason.TOO_LONG),
        ("select '\x00'", Reason.UNREADABLE),
        ("select 'open", Reason.UNREADABLE),
        ("select from where", Reason.UNREADABLE),
        ("select " + "(" * 900 + "1" + ")" * 900, Reason.UNREADABLE),
        ("select kind from accounts -- so", Reason.COMMENT),
        ("select 1; select 2", Reason.SEVERAL),
        ("", Reason.NO_SELECT),
        ("drop table bank_accounts", Reason.NO_SELECT),
        ("(select kind from accounts)", Reason.NO_SELECT),
        ("select " + "1+" * 300 + "1", Reason.TOO_MUCH),
        ("select kind from accounts for update", Reason.FORM),
        ("select * from main.accounts", Reason.FORM),
        ("select kind from accounts where kind = :x", Reason.FORM),
        ("select current_date - interval '1' second", Reason.FORM),
        ("select cast(kind as json) from accounts", Reason.FORM),
        ("select load_extension('x')", Reason.FUNCTION),
        ("select row_number() over () from accounts", Reason.FORM),
        ("select group_concat(kind) from accounts", Reason.FUNCTION),
        ("select * from pragma_database_list()", Reason.FUNCTION),
        ('select kind as "a b" from accounts', Reason.NAME),
        ("select * from bank_accounts", Reason.TABLE),
        ("select customer_id from accounts", Reason.COLUMN),
        ("select * from (with a as (select 1 as x) select * from a) b", Reason.NESTED_WITH),
        ("with accounts as (select 1 as x) select * from accounts", Reason.SHADOW),
        ("with sqlite_x as (select 1 as x) select * from sqlite_x", Reason.SHADOW),
        ("with n as (select 1 as x union select x from n) select * from n", Reason.TABLE),
        ("select kind from accounts limit 1 + 1", Reason.LIMIT),
        ("select 1 from accounts, accounts b, accounts c, accounts d, accounts e", Reason.TOO_MUCH),
        ("with a as (select 1 as x from accounts, accounts b) select 1 from a, a b, a c", Reason.TOO_MUCH),
    ],
)
def test_a_no_has_its_reason(text: str, reason: Reason) -> None:
    """For the audit; the caller hears one of two sentences."""
    assert _reason(text) is reason


def test_the_sentence_says_nothing_of_what_is_there() -> None:
    """The same for a table that exists and for one that does not."""
    sentences = {scope(f"select * from {name}", SQLITE) for name in ("bank_accounts", "nothing_at_all")}
    assert len(sentences) == 1
    assert Denied(Reason.TABLE).sentence == Denied(Reason.COLUMN).sentence == Denied(Reason.NO_SELECT).sentence
    assert Denied(Reason.TOO_MUCH).sentence == Denied(Reason.TOO_LONG).sentence


@pytest.mark.parametrize(
    ("dialect", "text", "functions"),
    [
        ("sqlite", "select count(*) from accounts", {"count"}),
        ("sqlite", "select strftime('%Y', booked_on) from transactions", {"strftime"}),
        ("sqlite", "select date(booked_on, 'start of month') from transactions", {"date"}),
        ("postgres", "select date_trunc('month', booked_on) from transactions", {"date_trunc"}),
        ("postgres", "select extract(year from booked_on) from transactions", {"extract"}),
        ("postgres", "select current_date - interval '1 year'", {"current_date"}),
    ],
)
def test_a_function_is_there_only_when_the_policy_lists_it(
    dialect: Literal["sqlite", "postgres"], text: str, functions: set[str]
) -> None:
    """By the name in sql_grammar.py."""
    assert _reason(text, Policy(TABLES, dialect, frozenset(functions))) is None
    assert _reason(text, Policy(TABLES, dialect, frozenset({"sum"}))) is Reason.FUNCTION


@given(st.text() | st.text("select from accounts'\"();-*/.,", max_size=60))
@example("\ud800")
def test_no_text_at_all_makes_it_raise(text: str) -> None:
    """A yes or a no, whatever somebody says."""
    for policy in (SQLITE, POSTGRES):
        assert isinstance(scope(text, policy), Scoped | Denied)


@given(questions())
def test_in_what_is_let_through_every_table_stands_under_its_owner(text: str) -> None:
    """Read back from the text that will run: a table is a named part, or it has our schema and the owner beside it."""
    for policy in (SQLITE, POSTGRES):
        found = scope(text, policy)
        if isinstance(found, Denied):
            continue
        (query,) = sqlglot.parse(found.sql, read=policy.dialect)
        assert query is not None
        parts = {part.alias for part in query.find_all(exp.CTE)}
        owners = '"customer_id" = :owner', '"customer_id" = $1'
        for table in query.find_all(exp.Table):
            where = table.parent_select.args.get("where") if table.parent_select else None
            is_own = table.db in {"main", "public"} and where and where.this.sql(policy.dialect) in owners
            assert is_own or (table.name in parts and not table.db)


def test_the_parser_is_silent_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """It would quote what it cannot read."""
    caplog.set_level(logging.DEBUG, logger="parley")
    for text in ("explain select canarybird", "select canarybird tablesample system(1)", "analyze canarybird"):
        scope(text, SQLITE)
    assert "canarybird" not in caplog.text
