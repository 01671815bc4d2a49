"""Checks of identity in a call, against a real bank: what is enough, what is written down, and what is never said."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.events import IdentityChecked
from agent.rules.identity import NEED_MORE, NO_MORE, NOT_MATCHED, Tier
from backends.bank_tables import attempts, lockouts
from backends.database import make_engine
from tests.fakes.banks import NOW
from tests.fakes.databases import locked
from tests.fakes.desk import JOHN, PRIYA, Desk
from tools.identity import BAD_DATE, BAD_DIGITS, KNOWN, KNOWN_ALREADY, NOBODY_TO_FIND

WRONG = PRIYA | {"date_of_birth": "1985-03-06"}


def audit(url: str) -> list[tuple[str, str | None]]:
    """Outcome and customer of each line of the audit, in order."""
    engine = make_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(select(attempts).order_by(attempts.c.id)).all()
    engine.dispose()
    return [(row.outcome, row.customer_id) for row in rows]


async def test_two_details_open_questions_and_the_third_alone_opens_actions(desk: Desk, bank_url: str) -> None:
    """What was right stays known for the call; each check is in the audit, and what was said is not."""
    two = {key: PRIYA[key] for key in ("name", "date_of_birth")}
    assert (await desk.ask("verify_identity", **two)).sentence == KNOWN
    assert (desk.call.tier, desk.call.customer) == (Tier.PARTIAL, "C1001")
    assert (await desk.ask("make_payment", payee="Ravi Kumar", amount="500")).is_error
    assert (await desk.ask("verify_identity", account_last_four="4412")).sentence == KNOWN
    assert desk.call.tier is Tier.FULL
    assert (await desk.ask("verify_identity", city="Mumbai")).sentence == KNOWN_ALREADY
    assert audit(bank_url) == [("verified", "C1001")] * 2
    assert "1985" not in str([e for e in desk.events if isinstance(e, IdentityChecked)])


@pytest.mark.parametrize("factor", ["name", "date_of_birth", "account_last_four"])
async def test_the_same_is_said_whatever_was_wrong(desk: Desk, factor: str) -> None:
    """And nothing private is told."""
    wrong = PRIYA | {factor: {"name": "Vera Stone", "date_of_birth": "1985-03-06"}.get(factor, "4413")}
    answer = await desk.ask("verify_identity", **wrong)
    assert (answer.sentence, answer.is_error) == (NOT_MATCHED, True)
    assert (await desk.ask("check_balance")).is_error


async def test_three_failures_lock_the_call(desk: Desk, bank_url: str) -> None:
    """Right details open nothing any more, whoever asks; each failure is written down for the nearest customer."""
    said = [(await desk.ask("verify_identity", **WRONG)).sentence for _ in range(3)]
    assert said == [NOT_MATCHED, NOT_MATCHED, NO_MORE]
    assert (await desk.ask("verify_identity", **PRIYA)).sentence == NO_MORE
    assert (await desk.ask("check_balance")).sentence == NO_MORE
    assert audit(bank_url) == [("failed", "C1001")] * 3
    assert [(e.failed, e.is_locked) for e in desk.events if isinstance(e, IdentityChecked)] == [
        (1, False),
        (2, False),
        (3, True),
    ]


async def test_ten_checks_at_once_are_still_three(desk: Desk, bank_url: str) -> None:
    """A model may ask for several tools in one turn."""
    guesses = [PRIYA | {"date_of_birth": f"1985-03-{day:02d}"} for day in range(10, 20)]
    answers = await asyncio.gather(*(desk.ask("verify_identity", **guess) for guess in [*guesses, PRIYA]))
    assert [answer.sentence for answer in answers] == [NOT_MATCHED] * 2 + [NO_MORE] * 9
    assert (desk.call.tier, len(audit(bank_url))) == (Tier.NONE, 3)


async def test_two_locked_calls_lock_the_account_for_an_hour(bank_url: str) -> None:
    """The third call hears of right details what it would hear of wrong ones; an hour later they are right again."""
    for number in range(2):
        desk = Desk(bank_url, call_id=f"call-{number}")
        for _ in range(3):
            await desk.ask("verify_identity", **WRONG)
    assert (await Desk(bank_url, call_id="call-3").ask("verify_identity", **PRIYA)).sentence == NOT_MATCHED
    engine = make_engine(bank_url)
    with engine.connect() as connection:
        assert connection.execute(select(lockouts.c.customer_id)).scalars().all() == ["C1001"]
    engine.dispose()
    later = Desk(bank_url, call_id="call-4", clock=NOW + timedelta(hours=1, minutes=1))
    assert (await later.ask("verify_identity", **PRIYA)).sentence == KNOWN


async def test_a_number_finds_but_proves_nothing(bank_url: str) -> None:
    """Two details that fit both who share it are one too few; without any way to be found, nobody is looked for."""
    shared = Desk(bank_url, number="+12025550101")
    assert (await shared.ask("verify_identity", city="Mumbai")).sentence == NEED_MORE
    assert (await shared.ask("verify_identity", city="Mumbai", date_of_birth="1985-03-05")).sentence == KNOWN
    stranger = Desk(bank_url)
    found = await stranger.ask("verify_identity", city="Mumbai", date_of_birth="1985-03-05")
    assert found.sentence == NOBODY_TO_FIND and not [e for e in stranger.events if isinstance(e, IdentityChecked)]


async def test_a_call_stays_with_its_customer(desk: Desk) -> None:
    """Verified as one, nobody becomes another in the same call."""
    await desk.ask("verify_identity", name="Priya Sharma", date_of_birth="1985-03-05")
    assert (await desk.ask("verify_identity", **JOHN)).sentence == NOT_MATCHED
    assert (desk.call.tier, desk.call.customer) == (Tier.PARTIAL, "C1001")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"date_of_birth": "fifth of March"}, BAD_DATE),
        ({"date_of_birth": "1985-13-45"}, BAD_DATE),
        ({"account_last_four": "44122"}, BAD_DIGITS),
        ({"account_last_four": "%%%%"}, BAD_DIGITS),
        ({"card_last_four": "٧٣٠٥"}, BAD_DIGITS),
    ],
)
async def test_what_is_no_detail_costs_no_attempt(desk: Desk, said: dict[str, str], sentence: str) -> None:
    """A model's slip is asked again."""
    answer = await desk.ask("verify_identity", **(PRIYA | said))
    assert answer.sentence == sentence and desk.call.identity.failed == 0


async def test_nobody_is_verified_who_cannot_be_written_down(desk: Desk, bank_url: str) -> None:
    """And a failure counts all the same."""
    with locked(_file(bank_url)):
        assert (await desk.ask("verify_identity", **PRIYA)).is_error
    assert desk.call.tier is Tier.NONE


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
