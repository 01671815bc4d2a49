"""A confirmation after the call, by text message or by mail, for callers who want one. Sending is agent/sending's."""

from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call.call import Call
from agent.errors import Refused
from agent.events import ConsentRefused
from agent.intent import Intent, Slot, SlotKind, understood
from tools import spoken
from tools.telephone import e164

Number = Annotated[
    str, Field(pattern=r"^\+?[0-9]{7,15}$", description="The number to text, digits only, + for a country code.")
]
Email = Annotated[
    str, Field(pattern=r"^[\w.+%-]+@[\w-]+(\.[\w-]+)+$", max_length=254, description="An e-mail address.")
]


@understood(
    Intent(
        examples=(
            "can you text me a confirmation",
            "send me a text message with the details",
            "please text me that",
            "could I get that as a text",
            "send the confirmation to my phone",
            "I'd like a confirmation by SMS",
            "would you message me what we arranged",
            "can I have the details on my mobile in a message",
        ),
        slots=(
            Slot(name="number", kind=SlotKind.PHONE, ask="Which number shall I text?", min_length=7, max_length=15),
        ),
        confirm="Shall I text what we have done to {number} after this call?",
        undone_by="drop_confirmation",
        consent_to="messages",
    )
)
@function_tool
async def text_confirmation(ctx: RunContext[Call], number: Number) -> str:
    """Send the caller a text message after the call that says what was done in it. Use it only when the caller asks
    for it.
    """
    call = ctx.userdata
    if not call.profile.confirmations.gateway:
        raise Refused("I can't send text messages from here.")
    call.confirm_to = e164(number, call.profile.locale)
    return f"I'll text it to {spoken.phone(call.confirm_to)} after this call."


@understood(
    Intent(
        examples=(
            "can you email me a confirmation",
            "send me an e-mail with the details",
            "please mail me that",
            "could I get that in writing by email",
            "send the confirmation to my email address",
            "email me what we agreed",
            "I want a mail that says all of this",
            "could you write to my inbox what we did",
        ),
        slots=(Slot(name="email", kind=SlotKind.EMAIL, ask="What is your e-mail address?"),),
        confirm="Shall I mail what we have done to {email} after this call?",
        undone_by="drop_confirmation",
        consent_to="messages",
    )
)
@function_tool
async def mail_confirmation(ctx: RunContext[Call], email: Email) -> str:
    """Send the caller an e-mail after the call that says what was done in it. Use it only when the caller asks for
    it.
    """
    call = ctx.userdata
    if not call.profile.confirmations.smtp:
        raise Refused("I can't send e-mail from here.")
    call.confirm_to = email.strip()
    return "I'll mail it to you after this call."


@understood(
    Intent(
        examples=(
            "don't send me a confirmation after all",
            "no text message please, forget the confirmation",
            "I don't want that e-mail any more",
            "don't text me",
            "leave out the confirmation, I don't need it",
            "I changed my mind about the message",
            "you needn't mail me anything",
            "no confirmation for me, thanks",
        )
    )
)
@function_tool
async def drop_confirmation(ctx: RunContext[Call]) -> str:
    """Send the caller no text message and no e-mail after the call after all."""
    call = ctx.userdata
    if call.confirm_to:
        call.confirm_to = ""
        call.emit(ConsentRefused(purpose="messages", how="withdrew"))
    return "All right, I won't send you anything."
