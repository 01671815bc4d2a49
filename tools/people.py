"""The wish for a person: passed on with what the call was about, or only noted where nobody keeps such wishes."""

from collections.abc import Sequence
from typing import Annotated

from livekit.agents import RunContext, function_tool, llm
from pydantic import Field

from agent.call import Call
from agent.nlu.intent import Intent, understood
from backends.follow_ups import ABOUT_LENGTH, SUMMARY_LENGTH, FollowUp, FollowUps, Kind

ASKED = "the caller asked for a person"
LAST_ITEMS = 12  # of the history: a colleague reads the end first
Reason = Annotated[str, Field(max_length=ABOUT_LENGTH, description="Why, in a few words.")]
Summary = Annotated[str, Field(max_length=SUMMARY_LENGTH, description="What was said and done, in two sentences.")]

_PERSON = Intent(
    examples=(
        "I want to talk to a person",
        "can I speak to a human",
        "get me a real person please",
        "transfer me to an agent",
        "please transfer me",
        "can I speak to someone about my order",
        "I want to speak with someone",
        "let me talk to customer service",
        "can I talk to your supervisor",
        "operator",
        "representative please",
        "I don't want to talk to a machine",
        "connect me with your staff",
        "put me through to a colleague",
        "I want a human",
        "give me your manager",
        "next available agent please",
        "is there an agent available",
        "I'll hold for an agent",
    )
)


@understood(_PERSON)
@function_tool
async def transfer_to_human(ctx: RunContext[Call], reason: Reason = "", summary: Summary = "") -> str:
    """Pass the caller's wish for a person on to our people, with the reason and a summary, and say how it goes on.

    Use it when the caller asks for a person, is upset, or has asked twice for something you cannot do.
    """
    call = ctx.userdata
    call.flag("wants_human", ASKED)
    wish = FollowUp(
        kind=Kind.TRANSFER,
        call_id=call.id,
        number=call.number,
        about=reason or ASKED,
        summary=summary or told(ctx.session.history.items),
    )
    await call.backend(FollowUps).note(wish)  # type: ignore[type-abstract]  # a Protocol is the key
    return call.profile.sentences.human


@understood(_PERSON)
@function_tool
async def request_human(ctx: RunContext[Call]) -> str:
    """Note that the caller wants a person, and say how to reach one.

    Use it when the caller asks for a person, is upset, or has asked twice for something you cannot do.
    """
    ctx.userdata.flag("wants_human", ASKED)
    return ctx.userdata.profile.sentences.human


def told(items: Sequence[llm.ChatItem]) -> str:
    """The end of the history for a colleague: what the caller said, in quotation marks, and what was done."""
    lines: list[str] = []
    for item in items[-LAST_ITEMS:]:
        if isinstance(item, llm.ChatMessage) and item.role == "user" and item.text_content:
            lines.append(f"“{item.text_content}”")
        elif isinstance(item, llm.FunctionCallOutput):
            lines.append(f"[{item.name}: {item.output}]")
    return " ".join(lines)[-SUMMARY_LENGTH:]
