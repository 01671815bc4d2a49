"""The bank in a real SQLite and a real Postgres: the same suite."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from agent.errors import NotFound, Refused, Unavailable
from agent.rules.identity import Decision, Outcome, Said, Tier, decide
from agent.rules.names import parts
from agent.rules.readonly_sql import Policy, Scoped, scope
from backends import bank
from backends.bank import Bank
from backends.bank_records import Attempt, Payment
from backends.bank_tables import READABLE, accounts, attempts, postings
from backends.database import make_engine
from tests.fakes.banks import NOW, at_nine, copied
from tests.fakes.databases import locked, new_database
from tests.fakes.paying_process import order

ROOT = Path(__file__).resolve().parents[2]
SAVINGS = "500100774412"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))])
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A prepared database of each kind, which no test writes to."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('bank') / 'seeded.db'}"
    else:
        url = new_database(request.getfixturevalue("postgres_url"))
    bank.prepare(url)
    return url


@pytest.fixture
def url(prepared: str, tmp_path: Path) -> str:
    """A copy of it for one test."""
    return copied(prepared, tmp_path)


@pytest.fixture
def acme(url: str) -> Iterator[Bank]:
    """The bank in that copy."""
    connected = bank.connect(url, at_nine)
    yield connected
    asyncio.run(connected.aclose())


def _payment(**changes: object) -> Payment:
    return replace(order(1), amount_minor=250_000, **changes)  # type: ignore[arg-type]  # the tests' own keys


async def _balance(acme: Bank, number: str = SAVINGS) -> int:
    return next(account.balance_minor for account in await acme.accounts("C1001") if account.number == number)


def _unbalanced(url: str) -> list[str]:
    """Accounts whose postings do not add up to their balance."""
    engine = make_engine(url)
    total = select(func.sum(postings.c.amount_minor)).where(postings.c.account_number == accounts.c.number)
    with engine.connect() as connection:
        wrong = connection.execute(select(accounts.c.number).where(accounts.c.balance_minor != total.scalar_subquery()))
        found = [row.number for row in wrong]
    engine.dispose()
    return found


async def test_the_seed_holds_three_years_that_add_up(acme: Bank, url: str) -> None:
    """Every balance is the sum of its postings, and no account was ever below nothing."""
    assert _unbalanced(url) == []
    for number in range(1001, 1013):
        found = await acme.recent(f"C{number}", 10_000)
        assert found[0].booked_on >= date(2026, 10, 1)
        assert found[-1].booked_on == date(2023, 11, 21)
        for account in {posting.account_number for posting in found}:
            balance = 0
            for posting in reversed([p for p in found if p.account_number == account]):
                balance += posting.amount_minor
                assert balance >= 0, account


async def test_the_seed_is_the_same_everywhere(acme: Bank) -> None:
    """Figures that scenarios may count on, on both databases and every Python."""
    assert await _balance(acme) == 309_554_347
    spent = await acme.spending("C1001", date(2026, 1, 1), date(2026, 11, 20), "tiffin")
    assert [(entry.amount_minor, entry.count, entry.currency) for entry in spent] == [(6_145_466, 43, "INR")]
    assert isinstance(spent[0].amount_minor, int), "money is whole minor units"


async def test_a_second_start_adds_nothing(acme: Bank, url: str) -> None:
    """The seed goes into an empty bank only."""
    before = len(await acme.recent("C1001", 10_000))
    await asyncio.to_thread(bank.prepare, url)
    assert len(await acme.recent("C1001", 10_000)) == before


async def test_spending_is_by_merchant_and_its_period_includes_both_ends(acme: Bank) -> None:
    """Rent is paid on the fifth; a day before and a day after, it is not in it."""
    fifth, day = date(2026, 10, 5), timedelta(days=1)
    for since, until, count in ((fifth, fifth, 1), (fifth - day, fifth - day, 0), (fifth + day, fifth + 2 * day, 0)):
        rent = await acme.spending("C1001", since, until, "CITY")
        assert [entry.count for entry in rent] == [1] * count
    assert await acme.spending("C1001", fifth, fifth, "%") == ()


async def test_all_ways_of_asking_give_the_same_figure(acme: Bank) -> None:
    """Spending by merchant, a question in SQL as a tool would put it, and the transactions themselves."""
    year = date(2026, 1, 1), date(2026, 12, 31)
    by_merchant = sum(entry.amount_minor for entry in await acme.spending("C1001", *year))
    text = "select sum(amount_minor) from transactions where amount_minor < 0 and category <> 'deposit'"
    scoped = scope(f"{text} and booked_on >= '{year[0]}'", Policy(READABLE, acme.dialect))
    assert isinstance(scoped, Scoped)
    ((asked,),) = (await acme.query("C1001", scoped.sql, scoped.max_rows)).rows
    found = [posting for posting in await acme.recent("C1001", 10_000) if posting.booked_on >= year[0]]
    out = sum(posting.amount_minor for posting in found if posting.amount_minor < 0 and posting.category != "deposit")
    assert by_merchant == -int(str(asked)) == -out > 0


async def test_nobody_sees_what_another_has(acme: Bank) -> None:
    """Each method asks for the customer's own rows."""
    assert await acme.accounts("C9999") == ()
    assert await acme.recent("C1003", 5, SAVINGS) == ()
    for wrong in (
        acme.quote_break("C1003", "7001"),
        acme.break_deposit("C1003", "7001", 1, "k"),
        acme.block_card("C1003", "7305", "lost"),
        acme.pay("C1003", _payment()),
        acme.pay("C9999", _payment()),
        acme.pay("C1001", _payment(payee_id="P1005")),
    ):
        with pytest.raises(NotFound):
            await wrong


@pytest.mark.parametrize(
    ("phone", "name", "last_four", "found"),
    [
        ("+12025550101", None, None, ["C1001", "C1002"]),
        (None, "katherine jones", None, ["C1004", "C1005"]),
        (None, "jon obrien", None, ["C1003"]),
        (None, None, "4412", ["C1001"]),
        (None, None, "7305", ["C1001"]),
        ("+12025550101", "rahul sharma", None, ["C1002", "C1001"]),
        (None, "priya", None, []),
        (None, "", "441", []),
        (None, "%", "%%%%", []),
        (None, None, None, []),
    ],
)
async def test_a_caller_is_found_by_number_name_or_account(
    acme: Bank, phone: str | None, name: str | None, last_four: str | None, found: list[str]
) -> None:
    """Whoever fits two of them comes first; with nothing to go by there is nobody, however few customers there are."""
    assert [known.customer for known in await acme.candidates(phone, name, last_four)] == found


async def test_a_failed_check_is_audited_and_remembered(acme: Bank, url: str) -> None:
    """Also one that concerned nobody; what was said is nowhere."""
    await acme.note(Attempt(call="call-1", outcome="failed", customers=("C1001",)))
    await acme.note(Attempt(call="call-1", outcome="failed", customers=()))
    until = NOW + timedelta(hours=1)
    await acme.note(
        Attempt(call="call-1", outcome="failed", customers=("C1001",), locks_until=until, locked=("C1001",))
    )
    (known,) = await acme.candidates(None, None, "4412")
    assert known.failed_at == (NOW, NOW)
    assert known.locked_until == until
    engine = make_engine(url)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(attempts)).scalar_one() == 3
    engine.dispose()


async def _check(acme: Bank, said: Said, failed_in_call: int) -> Decision:
    """One check, as a task of the dialog will do it: find, decide, note."""
    spoken = " ".join(parts(said.name or ""))
    records = await acme.candidates(None, spoken, said.account_last_four or said.card_last_four)
    decision = decide(said, records, Tier.FULL, failed_in_call, NOW)
    await acme.note(
        Attempt(
            call="call-1",
            outcome=decision.outcome,
            customers=decision.charged,
            locks_until=decision.locks_until,
            locked=decision.locked,
        )
    )
    return decision


async def test_failed_calls_lock_the_account_and_nobody_is_told(acme: Bank) -> None:
    """Two calls of three failures each: after that the right answers fail too, with the sentence of a wrong one."""
    right = Said(name="jon o brien", date_of_birth=date(1979, 7, 14), account_last_four="5520")
    assert (await _check(acme, right, 0)).customer == "C1003"
    wrong = replace(right, date_of_birth=date(1979, 7, 15))
    decisions = [await _check(acme, wrong, n % 3) for n in range(6)]
    assert [decision.locked for decision in decisions] == [()] * 5 + [("C1003",)]
    late = await _check(acme, right, 0)
    stranger = await _check(acme, Said(name="x y", city="z", card_last_four="0000"), 0)
    assert (late.outcome, late.tier, late.sentence) == (Outcome.FAILED, Tier.NONE, stranger.sentence)


async def test_a_payment_moves_money_and_says_what_is_left(acme: Bank, url: str) -> None:
    """And shows in the transactions."""
    before = await _balance(acme)
    receipt = await acme.pay("C1001", _payment())
    assert receipt.balance_minor == await _balance(acme) == before - 250_000
    assert (await acme.recent("C1001", 1))[0].merchant == "Volt Electric"
    assert _unbalanced(url) == []


async def test_the_same_key_pays_once(acme: Bank) -> None:
    """Ten at once and one afterwards: one posting, the same receipt."""
    before = await _balance(acme)
    receipts = await asyncio.gather(*(acme.pay("C1001", _payment()) for _ in range(10)))
    assert {*receipts, await acme.pay("C1001", _payment())} == {receipts[0]}
    assert await _balance(acme) == before - 250_000


async def test_a_key_that_paid_something_else_is_refused(acme: Bank) -> None:
    """It must not look as though the new figures were paid."""
    await acme.pay("C1001", _payment())
    with pytest.raises(Refused, match="Something else"):
        await acme.pay("C1001", _payment(payee_id="P1002"))
    other = Payment(key="k1", account_number="400200665520", payee_id="P1005", amount_minor=100, currency="USD")
    assert (await acme.pay("C1003", other)).payment == other, "keys are each customer's own"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount_minor": 0}, "not an amount"),
        ({"amount_minor": -5}, "not an amount"),
        ({"account_number": "500100779036", "amount_minor": 5_000_001}, "enough money"),
        ({"amount_minor": 10_000_001}, "one day"),
        ({"currency": "USD"}, "same currency"),
    ],
)
async def test_a_payment_that_may_not_be_is_refused(acme: Bank, changes: dict[str, object], sentence: str) -> None:
    """With a sentence, and nothing is moved."""
    before = await acme.accounts("C1001")
    with pytest.raises(Refused, match=sentence):
        await acme.pay("C1001", replace(_payment(), **changes))  # type: ignore[arg-type]  # the table's own keys
    assert await acme.accounts("C1001") == before


async def test_the_daily_limit_counts_what_was_paid_that_day(acme: Bank) -> None:
    """100,000 rupees a day: sixty and forty go, one more paisa does not."""
    await acme.pay("C1001", replace(_payment(), key="a", amount_minor=6_000_000))
    await acme.pay("C1001", replace(_payment(), key="b", amount_minor=4_000_000))
    with pytest.raises(Refused, match="one day"):
        await acme.pay("C1001", replace(_payment(), key="c", amount_minor=1))


async def test_payments_at_once_never_overdraw(acme: Bank, url: str) -> None:
    """Twenty want a fifth of what is there: five go through."""
    each = 1_000_000
    orders = [replace(_payment(), key=f"k{n}", account_number="500100779036", amount_minor=each) for n in range(20)]
    results = await asyncio.gather(*(acme.pay("C1001", one) for one in orders), return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 5
    assert all(isinstance(result, Refused) for result in results if isinstance(result, BaseException))
    assert await _balance(acme, "500100779036") == 0
    assert _unbalanced(url) == []


@pytest.mark.parametrize("wait_s", [0.005, 0.03, 0.1, None], ids=lambda wait: f"after {wait}")
async def test_a_process_killed_while_it_pays_pays_each_once(acme: Bank, url: str, wait_s: float | None) -> None:
    """Killed at any moment, or after the last commit and before any answer: asked again, each key has paid once."""
    count, before = 40, await _balance(acme)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.paying_process", url, str(count), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout and await process.stdout.readline() == b"paying\n"
    if wait_s is None:
        assert await process.stdout.readline() == b"done\n"
    else:
        await asyncio.sleep(wait_s)
    process.kill()
    await process.wait()
    paid = before - await _balance(acme)
    assert paid % 10_000 == 0 and (wait_s is not None or paid == count * 10_000)
    for number in range(count):
        await acme.pay("C1001", order(number))
    assert await _balance(acme) == before - count * 10_000
    assert _unbalanced(url) == []


async def test_a_deposit_is_broken_for_what_was_read_back(acme: Bank, url: str) -> None:
    """The payout is booked on its account, once for a key; another key finds it closed."""
    before, quoted = await _balance(acme), await acme.quote_break("C1001", "7001")
    results = await asyncio.gather(*(acme.break_deposit("C1001", "7001", quoted.payout_minor, "k") for _ in range(5)))
    assert set(results) == {quoted}
    assert await _balance(acme) == before + quoted.payout_minor
    for late in (acme.break_deposit("C1001", "7001", quoted.payout_minor, "other"), acme.quote_break("C1001", "7001")):
        with pytest.raises(Refused, match="already closed"):
            await late
    assert _unbalanced(url) == []


async def test_a_deposit_is_not_broken_for_another_payout(acme: Bank) -> None:
    """Midnight passed between the quote and the yes, or somebody made a figure up."""
    before = await acme.deposits("C1001")
    with pytest.raises(Refused, match="figures have changed"):
        await acme.break_deposit("C1001", "7001", 1, "k")
    assert await acme.deposits("C1001") == before


async def test_a_card_is_blocked_once(acme: Bank) -> None:
    """The second time changes neither the time nor the reason; the other card works on."""
    assert (await acme.block_card("C1001", "7305", "lost")).block_reason == "lost"
    again = await acme.block_card("C1001", "7305", "stolen")
    assert (again.block_reason, again.blocked_at) == ("lost", NOW)
    assert [card.blocked_at for card in await acme.cards("C1001")] == [NOW, None]


async def test_payees_are_those_that_were_set_up(acme: Bank) -> None:
    """By name."""
    assert [payee.name for payee in await acme.payees("C1001")] == ["Meera Nair", "Ravi Kumar", "Volt Electric"]


async def test_a_locked_database_is_a_sentence(tmp_path: Path) -> None:
    """For who reads and who asks in SQL."""
    path = tmp_path / "bank.db"
    bank.prepare(f"sqlite:///{path}")
    acme = bank.connect(f"sqlite:///{path}", at_nine)
    with locked(path):
        for wait in (acme.accounts("C1001"), acme.query("C1001", 'SELECT "kind" FROM "main"."bank_accounts"', 5)):
            with pytest.raises(Unavailable):
                await wait
