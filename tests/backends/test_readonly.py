"""Questions in SQL, scoped by agent/rules/readonly_sql.py and run here, in a real SQLite and a real Postgres.

The judge of a leak is a second database without everybody else's rows: what is answered the same in both tells nothing.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, update

from agent.errors import ConfigError, Refused, Unavailable
from agent.rules.readonly_sql import Denied, Policy, Scoped, scope
from backends import bank
from backends.bank_tables import READABLE, accounts, attempts, customers, deposits, payees, postings
from backends.database import make_engine, metadata
from backends.readonly import ReadOnly, Rows
from tests.backends.questions import questions
from tests.fakes.banks import copied
from tests.fakes.databases import locked, new_database

MINE = "C1001"
CANARY = "canary"
GROUPS = yaml.safe_load(Path(__file__).with_name("attacks.yaml").read_text(encoding="utf-8"))
DENIED = [(group["why"], text) for group in GROUPS for text in group.get("denied", [])]
OWN = [(group["why"], text) for group in GROUPS for text in group.get("own", [])]
Answer = list[str] | type[Exception] | Denied


@dataclass(frozen=True, slots=True)
class Pair:
    """Two banks: in `full` the others' rows hold canaries, in `alone` there are none of them."""

    full: ReadOnly
    alone: ReadOnly
    policy: Policy
    url: str

    async def ask(self, text: str) -> tuple[Answer, Answer]:
        """What the question gives in both, as it would in a call."""
        scoped = scope(text, self.policy)
        if isinstance(scoped, Denied):
            return scoped, scoped
        return await _answer(self.full, scoped), await _answer(self.alone, scoped)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Both banks in a database of each kind."""
    folder = tmp_path_factory.mktemp("pair")
    seeded = f"sqlite:///{folder / 'seeded.db'}"
    if request.param == "postgres":
        seeded = new_database(request.getfixturevalue("postgres_url"))
    bank.prepare(seeded)
    (folder / "full").mkdir()
    (folder / "alone").mkdir()
    full, alone = copied(seeded, folder / "full"), copied(seeded, folder / "alone")
    _hide_canaries(full)
    _leave_alone(alone)
    first, second = (ReadOnly(url, READABLE.values(), limit_s=5) for url in (full, alone))
    return Pair(first, second, Policy(READABLE, first.dialect, max_rows=5000), full)


def _hide_canaries(url: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        for table in (accounts, postings, deposits, payees):
            texts = {"merchant", "category", "kind", "name"} & set(table.c.keys())
            values: dict[str, object] = {name: CANARY for name in texts if table is not payees}
            values |= {name: 987_654_321 for name in table.c.keys() if name.endswith("_minor")}  # noqa: SIM118
            if table is payees:
                values["name"] = payees.c.id + CANARY
            connection.execute(update(table).where(table.c.customer_id != MINE).values(values))
    engine.dispose()


def _leave_alone(url: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table in {customers, attempts} or "customer_id" not in table.c or not table.name.startswith("bank_"):
                continue
            connection.execute(delete(table).where(table.c.customer_id != MINE))
        connection.execute(delete(customers).where(customers.c.id != MINE))
    engine.dispose()


async def _answer(door: ReadOnly, scoped: Scoped) -> Answer:
    try:
        return _comparable(await door.run(scoped.sql, MINE, scoped.max_rows))
    except Refused:
        return Refused


def _comparable(rows: Rows) -> list[str]:
    return sorted(map(repr, rows.rows))


def test_the_set_is_large_enough_and_has_no_text_twice() -> None:
    """At least 150 cases, each with the reason that its group gives."""
    texts = [text for _, text in DENIED + OWN]
    assert len(texts) == len(set(texts)) >= 150


@pytest.mark.parametrize(("why", "text"), DENIED, ids=[f"{n}" for n in range(len(DENIED))])
async def test_what_is_no_question_about_own_rows_never_runs(pair: Pair, why: str, text: str) -> None:
    """Refused before any database sees it, with a sentence that is the same whoever else is a customer."""
    answer, _ = await pair.ask(text)
    assert isinstance(answer, Denied), (why, text, answer)
    assert answer.sentence.endswith(".") and not any(word in answer.sentence for word in ("SQL", "table", "column"))


@pytest.mark.parametrize(("why", "text"), OWN, ids=[f"{n}" for n in range(len(OWN))])
async def test_a_question_shows_own_rows_however_it_is_dressed(pair: Pair, why: str, text: str) -> None:
    """The answer is what it would be were nobody else a customer."""
    answer, alone = await pair.ask(text)
    assert answer == alone, (why, text)
    assert CANARY not in str(answer) and "987654321" not in str(answer), (why, text)


async def test_most_of_the_own_questions_are_answered(pair: Pair) -> None:
    """A gate that refuses everything would pass the tests above."""
    answers = [(await pair.ask(text))[0] for _, text in OWN]
    assert sum(isinstance(answer, list) for answer in answers) >= 0.9 * len(OWN)
    assert sum(bool(answer) for answer in answers if isinstance(answer, list)) >= 0.6 * len(OWN)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(questions())
def test_no_generated_question_tells_of_others(pair: Pair, text: str) -> None:
    """Joins, unions, parts, subqueries and names that are not on the list, in any combination."""
    answer, alone = asyncio.run(pair.ask(text))
    assert answer == alone
    assert CANARY not in str(answer)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM {bank_}customers WHERE {owner} <> ''",
        "SELECT daily_limit_minor FROM {bank_}accounts WHERE {owner} <> ''",
        "SELECT count(*) FROM {bank_}lockouts WHERE {owner} <> ''",
        "SELECT * FROM {bank_}attempts WHERE {owner} <> ''",
        "DELETE FROM {bank_}postings WHERE {owner} <> ''",
        "UPDATE {bank_}accounts SET balance_minor = 0 WHERE {owner} <> ''",
        "INSERT INTO {bank_}payees SELECT 'P9999', {owner}, 'x', '0000', 'INR'",
    ],
)
async def test_the_second_wall_stops_what_the_first_would_have_let_through(pair: Pair, text: str) -> None:
    """Straight to the connection: other tables and columns, and every write."""
    names = {"bank_": "bank_", "owner": ":owner"}
    if pair.policy.dialect == "postgres":
        names = {"bank_": "public.bank_", "owner": "$1::text"}
    with pytest.raises(Refused):
        await pair.full.run(text.format(**names), MINE, 5)
    rows = await pair.full.run("SELECT kind FROM {bank_}accounts WHERE {owner} <> ''".format(**names), MINE, 50)
    assert len(rows.rows) == 14, "the same form passes where it may"


@pytest.mark.parametrize("pair", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "text",
    [
        "ATTACH DATABASE '/tmp/x' AS x",
        "PRAGMA query_only = OFF",
        "PRAGMA table_info(bank_customers)",
        "SELECT * FROM sqlite_master",
        "SELECT load_extension('x')",
        "SELECT randomblob(1000)",
        "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
        "SELECT rowid FROM bank_accounts",
        "CREATE TABLE x (y INTEGER)",
        "CREATE TEMP TABLE x (y INTEGER)",
        "DROP TABLE bank_payments",
    ],
)
async def test_the_authorizer_knows_nothing_else(pair: Pair, text: str) -> None:
    """What SQLite could do beyond tables."""
    with pytest.raises(Refused):
        await pair.full.run(text, MINE, 5)


@pytest.mark.parametrize("pair", [pytest.param("postgres", marks=pytest.mark.needs("postgres"))], indirect=True)
@pytest.mark.parametrize(
    "text",
    [
        "SELECT pg_read_file('/etc/passwd'), $1::text",
        "SELECT $1::text; SELECT 1",
        "SELECT * FROM pg_catalog.pg_authid, (SELECT $1::text) x",
        "SELECT lo_import('/etc/passwd'), $1::text",
        "SELECT set_config('transaction_read_only', 'off', true), query_to_xml($1, true, true, '')",
    ],
)
async def test_the_role_may_nothing_else(pair: Pair, text: str) -> None:
    """What Postgres could do beyond tables; a second statement is refused by its protocol."""
    with pytest.raises(Refused):
        await pair.full.run(text, MINE, 5)


async def test_a_long_question_is_cut_off_in_time(pair: Pair) -> None:
    """Four tables crossed are 3·10¹¹ rows; the caller hears a sentence after the limit."""
    quick = ReadOnly(pair.url, READABLE.values(), limit_s=0.2)
    scoped = scope(
        "select count(*) from transactions a, transactions b, transactions c, transactions d "
        "where a.amount_minor + b.amount_minor + c.amount_minor = d.amount_minor + 1",
        pair.policy,
    )
    assert isinstance(scoped, Scoped)
    started = time.perf_counter()
    with pytest.raises(Refused, match="too long"):
        await quick.run(scoped.sql, MINE, 5)
    assert time.perf_counter() - started < 2


async def test_more_rows_than_allowed_are_cut_and_said_to_be(pair: Pair) -> None:
    """One more is asked for than is given."""
    few = Policy(READABLE, pair.policy.dialect, max_rows=3)
    for text, count, is_cut in (
        ("select merchant from transactions", 3, True),
        ("select merchant from transactions limit 3", 3, False),
        ("select merchant from transactions limit 2", 2, False),
    ):
        scoped = scope(text, few)
        assert isinstance(scoped, Scoped)
        rows = await pair.full.run(scoped.sql, MINE, scoped.max_rows)
        assert (rows.columns, len(rows.rows), rows.is_cut) == (("merchant",), count, is_cut)


async def test_a_database_out_of_reach_is_unavailable(tmp_path: Path) -> None:
    """No file, no database, locked, no server: not the caller's fault."""
    (tmp_path / "text.db").write_text("this is no database, however long it is made to look like one " * 20)
    bank.prepare(f"sqlite:///{tmp_path / 'bank.db'}")
    sql = 'SELECT "kind" FROM "main"."bank_accounts"'
    for url in (
        f"sqlite:///{tmp_path / 'none.db'}",
        f"sqlite:///{tmp_path / 'text.db'}",
        f"postgresql+psycopg://parley@/postgres?host={tmp_path}",
    ):
        with pytest.raises(Unavailable):
            await ReadOnly(url, READABLE.values()).run(sql, MINE, 5)
    with locked(tmp_path / "bank.db"), pytest.raises(Unavailable):
        await ReadOnly(f"sqlite:///{tmp_path / 'bank.db'}", READABLE.values()).run(sql, MINE, 5)


@pytest.mark.needs("postgres")
async def test_a_database_user_who_may_make_no_role_uses_the_administrators(postgres_url: str) -> None:
    """The start says what is missing; with the two lines of docs/bank.md it goes on, and questions are answered."""
    url = new_database(postgres_url)
    name, admin = url.split("?", 1)[0].rsplit("/", 1)[1], postgres_url.replace("+psycopg", "")
    plain = url.replace("parley@", "plain@")
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute("CREATE ROLE plain LOGIN")
        server.execute(f"ALTER DATABASE {name} OWNER TO plain".encode())
        with pytest.raises(ConfigError, match="42501"):
            bank.prepare(plain)
        if not server.execute("SELECT FROM pg_roles WHERE rolname = 'parley_reader'").rowcount:
            server.execute("CREATE ROLE parley_reader NOLOGIN")
        server.execute("GRANT parley_reader TO plain")
    bank.prepare(plain)
    scoped = scope("select count(*) from transactions", Policy(READABLE, "postgres"))
    assert isinstance(scoped, Scoped)
    ((count,),) = (await ReadOnly(plain, READABLE.values()).run(scoped.sql, MINE, 5)).rows
    assert isinstance(count, int) and count > 500
