"""A confirmation is promised where it can be sent, and taken back."""

import pytest

from agent.call.call import Call
from agent.errors import Refused
from agent.events import ConsentRefused
from agent.profile.after_call import ConfirmationChoice
from tests.fakes.calls import Recorded, recorded_call, shop
from tests.fakes.contexts import context_of
from tools.confirmations import drop_confirmation, mail_confirmation, text_confirmation

BOTH = {"gateway": "https://x.example", "secret_variable": "S", "smtp": "smtp://x.example:25", "mail_from": "a@x.org"}


def call_of(**confirmations: str) -> tuple[Call, Recorded]:
    """A call of a profile that sends so."""
    choice = ConfirmationChoice.model_validate(confirmations)
    return recorded_call(shop().model_copy(update={"confirmations": choice}))


async def test_the_last_wish_counts() -> None:
    """By text, by mail, and not at all."""
    call, record = call_of(**BOTH)
    said = await text_confirmation(context_of(call), "5185550101")
    assert "after this call" in said and call.confirm_to == "+15185550101"
    await mail_confirmation(context_of(call), "anna@example.org")
    assert call.confirm_to == "anna@example.org"
    assert await drop_confirmation(context_of(call)) == "All right, I won't send you anything."
    assert call.confirm_to == ""
    assert record.of(ConsentRefused) == [ConsentRefused(purpose="messages", how="withdrew")]


async def test_nothing_is_promised_that_the_profile_cannot_send() -> None:
    """In a sentence that the caller hears."""
    call, _ = call_of()
    with pytest.raises(Refused, match="text messages"):
        await text_confirmation(context_of(call), "5185550101")
    with pytest.raises(Refused, match="e-mail"):
        await mail_confirmation(context_of(call), "anna@example.org")
    assert call.confirm_to == ""
