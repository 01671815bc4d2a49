"""Questions about one's own money, on a real bank."""

import re

import pytest

from agent.rules.identity import NOT_YET
from agent.speaking.pronounce import spoken as pronounced
from tests.fakes.desk import JOHN, PRIYA, Desk
from tools.accounts import NO_ACCOUNT, NO_DEPOSIT, mentioned

SPOKEN = re.compile(r"[A-Z][A-Za-z ,.:'-]*\.")
QUESTIONS = ("check_balance", "recent_transactions", "check_deposits")


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_nothing_is_told_to_a_stranger(desk: Desk, tool: str) -> None:
    """Only that it takes two details."""
    answer = await desk.ask(tool)
    assert (answer.sentence, answer.is_error) == (NOT_YET[2], True)


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_an_answer_can_be_said_in_words_only(desk: Desk, tool: str) -> None:
    """No digit and no symbol reaches the voice."""
    assert SPOKEN.fullmatch(pronounced((await (await desk.known(PRIYA)).ask(tool)).sentence))


async def test_balances_are_told_in_the_currencys_own_way(desk: Desk, bank_url: str) -> None:
    """In lakh for rupees, in thousands for dollars; of one kind when one was named."""
    said = (await (await desk.known(PRIYA)).ask("check_balance")).sentence
    assert said == (
        "Your savings account ending in 4412 has ₹30,95,543.47 and your current account ending in 9036 has ₹50,000."
    )
    john = await Desk(bank_url).known(JOHN)
    assert (await john.ask("check_balance", kind="savings")).sentence == (
        "Your savings account ending in 3318 has $5,000."
    )
    assert (await john.ask("check_balance", kind="current account")).sentence == (
        f"{NO_ACCOUNT} There is your savings account ending in 3318 and your checking account ending in 5520."
    )


@pytest.mark.parametrize(("count", "told"), [(1, 1), (5, 5), (0, 1), (40, 5), (4412, 3)])
async def test_as_many_transactions_as_one_can_listen_to(desk: Desk, count: int, told: int) -> None:
    """One to five; an account's number is no count."""
    said = (await (await desk.known(PRIYA)).ask("recent_transactions", count=count)).sentence
    assert len(re.findall(r" to | from ", said)) == told


async def test_deposits_are_told_with_their_rate(desk: Desk, bank_url: str) -> None:
    """And who has none hears so."""
    said = (await (await desk.known(PRIYA)).ask("check_deposits")).sentence
    assert "deposit 7001 holds ₹2,00,000 at 7.1%" in said.lower()
    lopez = {"name": "Maria Lopez", "date_of_birth": "1975-05-17"}
    assert (await (await Desk(bank_url).known(lopez)).ask("check_deposits")).sentence == NO_DEPOSIT


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("how much at tiffin express last month", ["Tiffin Express"]),
        ("the tiffen express", ["Tiffin Express"]),
        ("zenith cinema and tiffin express", ["Zenith Cinema", "Tiffin Express"]),
        ("the express", []),
        ("", []),
    ],
)
def test_names_are_found_as_an_ear_writes_them(text: str, found: list[str]) -> None:
    """A letter may be wrong, a word may not be missing."""
    assert mentioned(["Tiffin Express", "Zenith Cinema"], text) == found
