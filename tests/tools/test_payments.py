"""What moves money, on a real bank: read back, agreed to, once, whatever goes wrong in between."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Select, func, select

from agent.errors import Unavailable
from agent.rules.identity import NOT_YET
from backends.bank import Bank
from backends.bank_tables import accounts, cards, deposits, payments
from backends.database import make_engine
from tests.fakes.databases import locked
from tests.fakes.desk import JOHN, PRIYA, Desk
from tools.payments import AGAIN, HOW_MUCH, NO_AMOUNT

PAY = {"payee": "Ravi Kumar", "amount": "500"}
READ_BACK = "That is ₹500 to Ravi Kumar, from your savings account ending in 4412."


def paid(url: str) -> list[int]:
    """The amounts of all payments, in minor units."""
    return [int(row.amount_minor) for row in _rows(url, select(payments.c.amount_minor))]


def _rows(url: str, statement: Select[Any]) -> list[Row[Any]]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(statement))
    engine.dispose()
    return found


@pytest.fixture
async def priya(desk: Desk) -> Desk:
    """Verified, and wanting to pay."""
    await desk.known(PRIYA)
    desk.hear("pay Ravi Kumar five hundred rupees")
    return desk


@pytest.mark.parametrize("tool", ["make_payment", "break_deposit", "block_card"])
async def test_two_details_move_nothing(desk: Desk, tool: str) -> None:
    """Actions take three."""
    await desk.ask("verify_identity", name="Priya Sharma", date_of_birth="1985-03-05")
    answer = await desk.ask(tool, **(PAY if tool == "make_payment" else {}))
    assert (answer.sentence, answer.is_error) == (NOT_YET[1], True)


async def test_a_payment_is_read_back_and_made_after_a_yes(priya: Desk, bank_url: str) -> None:
    """With what is left, as the bank says it."""
    assert (await priya.ask("make_payment", **PAY)).sentence == f"{READ_BACK} Shall I pay it?"
    assert paid(bank_url) == []
    priya.hear("yes please")
    said = (await priya.ask("make_payment", **PAY)).sentence
    assert said.startswith("I have paid ₹500 to Ravi Kumar. Your savings account")
    assert paid(bank_url) == [50_000]


@pytest.mark.parametrize("words", ["no", "hmm", "what?", "wait", "pay Ravi Kumar five hundred rupees"])
async def test_without_a_plain_yes_nothing_is_paid(priya: Desk, bank_url: str, words: str) -> None:
    """However often a model asks for it."""
    await priya.ask("make_payment", **PAY)
    priya.hear(words)
    answers = [await priya.ask("make_payment", **PAY) for _ in range(3)]
    assert {answer.sentence for answer in answers} == {f"{READ_BACK} Shall I pay it?"} and paid(bank_url) == []


async def test_a_repeated_call_and_calls_at_once_pay_once(priya: Desk, bank_url: str) -> None:
    """One yes is one payment."""
    await priya.ask("make_payment", **PAY)
    priya.hear("yes")
    await asyncio.gather(*(priya.ask("make_payment", **PAY) for _ in range(5)))
    await priya.ask("make_payment", **PAY)
    assert paid(bank_url) == [50_000]


async def test_the_same_wish_later_is_told_to_be_the_second(priya: Desk, bank_url: str) -> None:
    """And paid again only after another yes."""
    await priya.ask("make_payment", **PAY)
    priya.hear("yes")
    await priya.ask("make_payment", **PAY)
    priya.hear("pay him again")
    assert (await priya.ask("make_payment", **PAY)).sentence == f"{AGAIN}{READ_BACK} Shall I pay it?"
    assert paid(bank_url) == [50_000]
    priya.hear("yes")
    await priya.ask("make_payment", **PAY)
    assert paid(bank_url) == [50_000] * 2


@pytest.mark.parametrize("does_it", [True, False])
async def test_an_answer_that_never_came_is_asked_for_and_pays_once(priya: Desk, bank_url: str, does_it: bool) -> None:
    """As when a time limit strikes right before or right after the commit: "try again" is the same payment."""
    await priya.ask("make_payment", **PAY)
    priya.hear("yes")
    bank = priya.call.backends[Bank]
    priya.call.backends[Bank] = _Mute(bank, does_it)
    assert (await priya.ask("make_payment", **PAY)).is_error
    priya.call.backends[Bank] = bank
    priya.hear("try again")
    assert "I have paid" in (await priya.ask("make_payment", **PAY)).sentence
    assert paid(bank_url) == [50_000]


async def test_a_bank_that_is_away_is_a_sentence(priya: Desk, bank_url: str) -> None:
    """And what was not begun is read back again."""
    with locked(Path(bank_url.removeprefix("sqlite:///"))):
        assert (await priya.ask("make_payment", **PAY)).is_error
    assert (await priya.ask("make_payment", **PAY)).sentence == f"{READ_BACK} Shall I pay it?"


class _Mute:
    """A bank that cannot say whether it paid."""

    def __init__(self, bank: object, does_it: bool) -> None:
        self._bank = bank
        self._does_it = does_it

    def __getattr__(self, name: str) -> object:
        return getattr(self._bank, name)

    async def pay(self, *arguments: object) -> None:
        """Pay or not, and be cut off."""
        if self._does_it:
            await self._bank.pay(*arguments)  # type: ignore[attr-defined]  # the real one
        raise Unavailable("The line is dead.")


async def test_two_payments_asked_for_at_once_are_read_back_one_after_the_other(priya: Desk, bank_url: str) -> None:
    """A single yes would mean both."""
    await priya.ask("make_payment", **PAY)
    second = await priya.ask("make_payment", payee="Meera Nair", amount="300")
    assert second.is_error
    priya.hear("yes")
    await priya.ask("make_payment", payee="Meera Nair", amount="300")
    assert paid(bank_url) == []


@pytest.mark.parametrize("amount", ["0", "0.001", "-5", "1e9", "NaN", "Infinity", "five", "99999999999", ""])
async def test_what_is_no_amount_is_refused(priya: Desk, amount: str) -> None:
    """Before anything is read back."""
    answer = await priya.ask("make_payment", payee="Ravi Kumar", amount=amount)
    assert (answer.sentence, answer.is_error) == (NO_AMOUNT, True)


@pytest.mark.parametrize(
    ("payee", "name"),
    [("ravi", "Ravi Kumar"), ("my friend Meera", "Meera Nair"), ("pay 500 rupees to volt electric", "Volt Electric")],
)
async def test_a_payee_is_found_by_a_part_of_the_name(priya: Desk, payee: str, name: str) -> None:
    """When only one has it."""
    assert f"to {name}," in (await priya.ask("make_payment", payee=payee, amount="500")).sentence


@pytest.mark.parametrize("payee", ["Ellen O'Brien", "P1006", "somebody", "%", ""])
async def test_only_ones_own_payees_are_paid(priya: Desk, payee: str) -> None:
    """Another's is as unknown as nobody."""
    said = (await priya.ask("make_payment", payee=payee, amount="500")).sentence
    assert said == "I can't find that payee. You can pay Meera Nair, Ravi Kumar and Volt Electric. Who shall be paid?"


async def test_a_refusal_of_the_bank_needs_a_new_yes(desk: Desk, bank_url: str) -> None:
    """More than a day allows is no; what was agreed to is off."""
    await desk.known(JOHN)
    much = {"payee": "Lumen Power", "amount": "6000"}
    desk.hear("pay Lumen Power six thousand dollars")
    await desk.ask("make_payment", **much)
    desk.hear("yes")
    assert (await desk.ask("make_payment", **much)).is_error
    desk.hear("try again")
    assert (await desk.ask("make_payment", **much)).sentence.endswith("Shall I pay it?")
    assert paid(bank_url) == []


async def test_a_deposit_is_broken_for_the_figures_that_were_read_out(priya: Desk, bank_url: str) -> None:
    """Which of two is asked; a second call of the same turn tells it again, a later one hears that it is closed."""
    assert (await priya.ask("break_deposit")).sentence.endswith("Which deposit shall it be?")
    priya.hear("7001")
    asked = (await priya.ask("break_deposit", deposit_number="7001")).sentence
    assert "₹2,17,481.10 today" in asked
    priya.hear("yes")
    done = [(await priya.ask("break_deposit", deposit_number="7001")).sentence for _ in range(2)]
    assert done[0] == done[1] and "is broken" in done[0]
    (row,) = _rows(bank_url, select(deposits).where(deposits.c.closed_on.is_not(None)))
    assert (row.number, row.payout_minor) == ("7001", 21_748_110)
    priya.hear("yes")
    assert (await priya.ask("break_deposit", deposit_number="7001")).is_error


@pytest.mark.parametrize("number", ["7003", "7004", "9999"])
async def test_only_ones_own_deposits_are_broken(priya: Desk, number: str) -> None:
    """Another's is as unknown as none."""
    answer = await priya.ask("break_deposit", deposit_number=number)
    assert (answer.sentence, answer.is_error) == ("I can't find that deposit.", True)


async def test_a_card_is_blocked_after_a_yes_and_stays_so(priya: Desk, bank_url: str) -> None:
    """Which of two is asked; one that is blocked is only told to be."""
    assert (await priya.ask("block_card")).sentence.endswith("Which card shall it be?")
    asked = await priya.ask("block_card", card_last_four="7305", reason="stolen")
    assert asked.sentence.endswith("Shall I block your debit card ending in 7305?")
    priya.hear("yes")
    assert "is blocked" in (await priya.ask("block_card", card_last_four="7305", reason="stolen")).sentence
    (row,) = _rows(bank_url, select(cards).where(cards.c.blocked_at.is_not(None)))
    assert (row.last_four, row.block_reason) == ("7305", "stolen")
    priya.hear("block it again")
    assert (await priya.ask("block_card", card_last_four="7305")).sentence.endswith("is blocked.")
    assert (await priya.ask("block_card", card_last_four="9940")).is_error, "another's card"


async def test_money_is_neither_made_nor_lost(priya: Desk, bank_url: str) -> None:
    """What left one account is what was paid."""
    total = select(func.sum(accounts.c.balance_minor))
    before = _rows(bank_url, total)[0][0]
    await priya.ask("make_payment", **PAY)
    priya.hear("yes")
    await priya.ask("make_payment", **PAY)
    assert before - _rows(bank_url, total)[0][0] == 50_000


async def test_another_currency_is_not_paid_in_this_one(priya: Desk, bank_url: str) -> None:
    """Fifty dollars never become fifty rupees: the sum is asked for again, and nothing was read back."""
    answer = await priya.ask("make_payment", payee="Ravi Kumar", amount="50 USD")
    assert answer.sentence.endswith(f"in rupees, and I pay nothing in another currency. {HOW_MUCH}")
    priya.hear("yes")
    assert (await priya.ask("make_payment", payee="Ravi Kumar", amount="50.00")).sentence.startswith("That is ₹50 to")
    assert paid(bank_url) == []


async def test_the_accounts_own_currency_may_be_named(priya: Desk) -> None:
    """As most callers do."""
    assert (await priya.ask("make_payment", payee="Ravi Kumar", amount="500 INR")).sentence.startswith(READ_BACK)
