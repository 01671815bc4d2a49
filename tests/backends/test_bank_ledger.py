"""Whatever is paid, broken and asked again, in any order: postings add up to the balances, and nothing is owed."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from agent.errors import BackendError, Refused
from backends import bank
from backends.bank_records import Payment, Receipt
from backends.bank_tables import accounts, postings
from backends.database import make_engine

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
PAYMENTS = st.builds(
    Payment,
    key=st.sampled_from("abcdefgh"),
    account_number=st.sampled_from(["500100774412", "500100779036"]),
    payee_id=st.sampled_from(["P1001", "P1002", "P1005"]),
    amount_minor=st.sampled_from([-1, 0, 1, 999_999, 2_500_000, 5_000_000, 20_000_000, 10**12]),
    currency=st.sampled_from(["INR", "INR", "USD"]),
)
BREAKS = st.tuples(st.sampled_from(["7001", "7002", "9999"]), st.sampled_from(["x", "y"]), st.booleans())
STEPS = st.lists(st.tuples(PAYMENTS | BREAKS, st.integers(0, 36)), max_size=12)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One bank for all runs: each goes on where the one before it stopped, days later."""
    url = f"sqlite:///{Path(tmp_path_factory.mktemp('ledger')) / 'bank.db'}"
    bank.prepare(url)
    return url


async def _run(url: str, steps: list[tuple[Payment | tuple[str, str, bool], int]], now: datetime) -> list[Receipt]:
    mine, receipts = bank.connect(url, lambda: now), []
    for step, hours in steps:
        now += timedelta(hours=hours)
        try:
            if isinstance(step, Payment):
                receipts.append(await mine.pay("C1001", step))
            else:
                number, key, is_exact = step
                quoted = await mine.quote_break("C1001", number)
                await mine.break_deposit("C1001", number, quoted.payout_minor + (not is_exact), key)
        except (Refused, BackendError):
            pass  # it may say no; what it says is tried in test_bank.py
    await mine.aclose()
    return receipts


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_sum_of_postings_is_the_balance(url: str, steps: list[tuple[Payment | tuple[str, str, bool], int]]) -> None:
    """For every account after any sequence, and no key has two receipts."""
    receipts = asyncio.run(_run(url, steps, START))
    by_key: dict[str, set[Receipt]] = {}
    for receipt in receipts:
        by_key.setdefault(receipt.payment.key, set()).add(receipt)
    assert all(len(found) == 1 for found in by_key.values())
    engine = make_engine(url)
    total = select(func.sum(postings.c.amount_minor)).where(postings.c.account_number == accounts.c.number)
    with engine.connect() as connection:
        rows = connection.execute(select(accounts.c.balance_minor, total.scalar_subquery())).all()
    engine.dispose()
    assert len(rows) == 14
    assert all(balance == booked >= 0 for balance, booked in rows)
