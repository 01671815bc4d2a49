"""Being remembered from one call to the next: only who agrees to it, and only as long as they like."""

from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call.call import Call
from agent.events import ConsentRefused
from agent.intent import Intent, Slot, SlotKind, understood
from agent.rules.identity import Tier
from tools import spoken

Name = Annotated[
    str, Field(max_length=80, description="What the caller likes to be called; empty if they said nothing.")
]


@understood(
    Intent(
        examples=(
            "please remember me",
            "remember me for next time",
            "can you remember my name",
            "call me by my first name",
            "I'd like you to remember who I am",
            "remember who I am when I call again",
            "save my name for the next call",
            "keep a note of this call for next time",
            "can you note that for when I call again",
            "you may remember me",
            "make a note of my name for the next time",
            "I want you to know me the next time",
            "keep my name so I don't have to repeat it",
            "save who I am so you know me later",
            "my name is Anna, remember that",
        ),
        slots=(
            Slot(
                name="name",
                kind=SlotKind.NAME,
                ask="What would you like me to call you?",
                is_optional=True,
                phrase=", as {},",
            ),
        ),
        confirm="Shall I remember you {name} and what we talked about for your next calls?",
        undone_by="forget_me",
        consent_to="memory",
    )
)
@function_tool
async def remember_me(ctx: RunContext[Call], name: Name = "") -> str:
    """Remember the caller across calls: what they like to be called, and what was done. Use it only when the caller
    asks for it.
    """
    await ctx.userdata.memory.consent(ctx.userdata.who, name.strip())
    thanks = f"Thank you, {spoken.name(name)}" if name.strip() else "Thank you"
    return f"{thanks}. I'll remember you the next time you call."


@understood(
    Intent(
        examples=(
            "what did we talk about last time",
            "what was my last call about",
            "do you remember me",
            "do you remember my last call",
            "do you know who I am",
            "what do you know about me",
            "what was left unfinished in our last call",
            "what did I ask you the last time",
            "I called before, do you remember",
            "have we spoken before",
            "do you have notes about me",
        )
    )
)
@function_tool
async def recall_last_call(ctx: RunContext[Call]) -> str:
    """Say what is remembered of this caller from earlier calls: the last call and what is still open. Use it when the
    caller asks what was talked about before, or what is known about them.
    """
    call = ctx.userdata
    if call.profile.memory.is_private:
        await call.require(Tier.PARTIAL)
    known = await call.memory.told(call.who, call.tier)
    if known is None:
        return "I have no notes from an earlier call with you."
    last = known.called_at.astimezone(call.profile.zone).date()
    did = f"you {known.summary}" if known.summary else "we spoke"
    still = spoken.listing([call.memory.in_words(matter) for matter in known.open_matters])
    name = f"{spoken.name(known.name)}, " if known.name else ""
    said = f"{name}{spoken.on(last, today=call.now().date())} {did}."
    return said[0].upper() + said[1:] + (f" Still open: {still}." if still else "")


@understood(
    Intent(
        examples=(
            "forget me",
            "please forget everything about me",
            "delete my data",
            "delete what you know about me",
            "don't remember me any more",
            "erase your notes about me",
            "I don't want you to remember me",
            "remove my name from your memory",
            "stop keeping notes about me",
            "wipe my information",
            "get rid of the details you keep about me",
        ),
        confirm="Shall I delete everything I remember about you?",
    )
)
@function_tool
async def forget_me(ctx: RunContext[Call]) -> str:
    """Delete what is remembered of this caller from earlier calls. It does not touch orders, accounts or bookings.
    Use it only when the caller asks to be forgotten or to have what you remember deleted.
    """
    call = ctx.userdata
    if await call.memory.forget(call.who):
        call.emit(ConsentRefused(purpose="memory", how="withdrew"))
        return "Done. I have forgotten you and your calls."
    return "I have nothing noted about you."
