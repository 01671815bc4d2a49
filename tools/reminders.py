"""Calls that the caller wants later: to be rung back, or reminded. Kept by the backend `follow_ups`."""

from datetime import date, datetime, time
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call.call import Call
from agent.intent import Intent, Slot, SlotKind, understood
from backends.follow_ups import FollowUp, FollowUps, Kind
from tools import spoken
from tools.telephone import e164

Number = Annotated[
    str, Field(pattern=r"^\+?[0-9]{7,15}$", description="The number to call, digits only, + for a country code.")
]
Day = Annotated[date, Field(description="An ISO date, not in the past.")]
At = Annotated[time, Field(description="A time of day, HH:MM, 24 hours.")]
About = Annotated[str, Field(max_length=300, description="What it is about, in a few words.")]

_DAY = Slot(name="day", kind=SlotKind.DATE, ask="On which day?")
_AT = Slot(name="at", kind=SlotKind.TIME, ask="At what time?")
_NUMBER = Slot(name="number", kind=SlotKind.PHONE, ask="Which number shall we call?", min_length=7, max_length=15)


@understood(
    Intent(
        examples=(
            "can someone call me back",
            "please call me back tomorrow",
            "I'd like a callback",
            "could you ring me back later",
            "call me later",
            "can you call me back at three",
            "I want to be called back",
            "have somebody phone me tomorrow morning",
            "schedule a callback for Monday",
            "give me a call on Friday",
            "call me back tomorrow about my order",
            "can somebody ring me on Monday about my account",
            "please phone me next week regarding my appointment",
        ),
        slots=(_DAY, _AT, _NUMBER),
        confirm="Shall I have you called back on {day} at {at}, at {number}?",
        noted="asked for a call back on {day} at {at}",
    )
)
@function_tool
async def request_callback(ctx: RunContext[Call], day: Day, at: At, number: Number, about: About = "") -> str:
    """Note that somebody shall call the caller back at a time and a number.

    Ask for what the caller has not said.
    """
    call = ctx.userdata
    noted = await _note(call, Kind.CALLBACK, day, at, number, about)
    return f"I have noted it: we will call you {_when(call, noted)} at {spoken.phone(number)}."


@understood(
    Intent(
        examples=(
            "remind me",
            "can you remind me tomorrow",
            "set a reminder for Friday",
            "I need a reminder",
            "please remind me about my appointment",
            "could you set a reminder for me",
            "don't let me forget it",
            "make a reminder for next week",
            "I'd like to be reminded on Monday",
            "send me a reminder tomorrow at nine",
        ),
        slots=(
            Slot(name="about", kind=SlotKind.TEXT, ask="What shall I remind you of?", min_length=2),
            _DAY,
            _AT,
            _NUMBER,
        ),
        confirm="Shall I note a reminder for {day} at {at}, for {number}: {about}?",
        noted="asked for a reminder on {day} at {at}",
    )
)
@function_tool
async def set_reminder(ctx: RunContext[Call], about: About, day: Day, at: At, number: Number) -> str:
    """Note that the caller shall be reminded of something from a time on, for a telephone number.

    Ask for what the caller has not said.
    """
    call = ctx.userdata
    noted = await _note(call, Kind.REMINDER, day, at, e164(number, call.profile.locale), about)
    is_sent = call.profile.reminders.webhook or call.profile.reminders.smtp
    how = "and we will remind you at" if is_sent else "and will tell you when you next call from"
    return f"I have noted the reminder {_when(call, noted)}, {how} {spoken.phone(number)}."


async def _note(call: Call, kind: Kind, day: date, at: time, number: str, about: str) -> FollowUp:
    due_at = datetime.combine(day, at, call.profile.zone)
    wanted = FollowUp(
        kind=kind,
        call_id=call.id,
        number=number,
        customer=call.customer,
        due_at=due_at,
        about=call.discreet(about),
    )
    return await call.backend(FollowUps).note(wanted)  # type: ignore[type-abstract]  # a Protocol is the key


def _when(call: Call, noted: FollowUp) -> str:
    assert noted.due_at is not None
    due = noted.due_at.astimezone(call.profile.zone)
    return f"{spoken.on(due.date(), today=call.now().date())} at {spoken.time(due)}"
