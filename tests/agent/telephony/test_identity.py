"""Who is calling, by telephone: told by voice or keyed, and checked against the bank's own table."""

import re
import sqlite3

import pytest

from agent.providers.local.speech_client import SpeechClient
from tests.agent.calls import ANSWER_S
from tests.agent.telephony.conftest import BANK, Office
from tests.agent.telephony.test_calls import all_gone, spoken, understood

pytestmark = [
    pytest.mark.needs("livekit-server", "livekit-sip", "redis-server", "sipp"),
    pytest.mark.timeout(240),
]
NAME, BALANCE = "My name is John O'Brien.", "What is my balance?"


def _attempts(office: Office) -> list[tuple[str, str | None]]:
    database = sqlite3.connect(office.worker.var / "bank.db")
    try:
        return database.execute("SELECT outcome, customer_id FROM bank_attempts ORDER BY id").fetchall()
    finally:
        database.close()


@pytest.mark.parametrize("by", ["voice", "keys"])
async def test_a_caller_proves_who_they_are_and_hears_their_balance(
    by: str, office: Office, speech: SpeechClient
) -> None:
    """The name is said, the birthday said or keyed; nothing of the account is heard before, and the check is a row."""
    before = len(_attempts(office))
    balance, name = await spoken(speech, BALANCE), await spoken(speech, NAME)
    born = await spoken(speech, "July fourteenth, nineteen seventy nine.")
    async with office.call(BANK) as phone:
        await phone.up()
        await phone.quiet(1.5, ANSWER_S)
        since = await phone.say(balance)
        await phone.quiet(1.5, ANSWER_S, since)
        asked = await understood(phone, speech, since)
        since = await phone.say(name)
        await phone.quiet(1.5, ANSWER_S, since)
        asked += await understood(phone, speech, since)
        assert "name" in asked and "birth" in asked and not re.search(r"dollar|\$", asked), asked
        since = phone.now
        if by == "voice":
            since = await phone.say(born)
        else:
            await phone.press("07141979#")
        await phone.quiet(2.0, ANSWER_S, since)
        answer = await understood(phone, speech, since)
        assert "matches" in answer and "account" in answer and re.search(r"dollar|\$", answer), answer
    await all_gone(office)
    assert _attempts(office)[before:] == [("verified", "C1003")]
