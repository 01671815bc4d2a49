"""Telling, moving and cancelling an appointment in the backend `appointments`. Whose one is, name and date of birth
decide, with the number where two could be meant."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.answer import Answer
from agent.call.call import Call
from agent.errors import NotFound, Refused
from agent.intent import Intent, Slot, SlotKind, understood
from backends.rota import Appointment, Patient, Wish
from backends.slots import NotBooked
from tools import offers, spoken
from tools.diary import (
    AT,
    BORN,
    DAY,
    DENTIST,
    NAME,
    WITHIN,
    At,
    Born,
    Day,
    Name,
    WithDentist,
    diary_of,
    listed,
    refusal,
    told,
)
from tools.offers import WithinThese
from tools.telephone import PHONE, e164

MaybePhone = Annotated[str | None, Field(max_length=24, description="Only when one more detail was asked for.")]
MaybeDay = Annotated[date | None, Field(description="The day the caller wants; left out only with `within`.")]
BookedFor = Annotated[date | None, Field(description="The day of the existing appointment, when there are several.")]

_BOOKED_FOR = Slot(
    name="booked_for",
    kind=SlotKind.DATE,
    ask="Which day is that appointment?",
    cues=("from {}", "appointment on {}", "appointment for {}", "appointment {}", "the one on {}", "my {} appointment"),
    is_optional=True,
    phrase="on {}",
    look_first="check_appointment",
)
_NEW_DAY = replace(DAY, look_first="")
_PROOFS = (replace(NAME, look_first=""), BORN, replace(PHONE, is_optional=True))
_OWNER = tuple(replace(slot, is_written=False) for slot in _PROOFS)


@understood(
    Intent(
        examples=(
            "when is my appointment",
            "do I have an appointment",
            "can you check my appointment",
            "what time is my cleaning",
            "which dentist am I seeing",
            "is my appointment still on",
            "I forgot when I have to come",
            "confirm my appointment for tomorrow",
            "what appointments do I have",
            "look up my appointment",
            "what time do I have to be there",
            "I don't remember when my check-up is",
            "am I booked for tuesday",
            "who will be treating me",
            "is my visit confirmed",
            "am I in your calendar",
            "when am I supposed to come in",
        ),
        slots=_OWNER,
    )
)
@function_tool
async def check_appointment(ctx: RunContext[Call], name: Name, born_on: Born, phone: MaybePhone = None) -> str:
    """Tell a patient the coming appointments of theirs. Needs the name and the date of birth."""
    call = ctx.userdata
    patient = await _patient(call, name, born_on, phone)
    found = await diary_of(call).coming(patient.id)
    if not found:
        raise NotFound("There is no coming appointment under that name.")
    for appointment in found:
        call.memory.notes.refer_to("appointment", appointment.reference)
    return f"There is {spoken.listing([told(call, appointment) for appointment in found])}."


@understood(
    Intent(
        examples=(
            "to which other times could my appointment be moved",
            "which days do you have if I move my appointment",
            "what else is free for the appointment that I have",
            "what other times are there instead of the one that I have",
            "which other slots could my appointment go to",
            "to what days could the appointment that I have be moved",
            "what would be open if my appointment were on another day",
            "are there other openings to which you could move me",
        ),
        slots=(*_OWNER, replace(_BOOKED_FOR, look_first=""), _NEW_DAY, replace(WITHIN, stands_for="day"), DENTIST),
        leads_to="move_appointment",
    )
)
@function_tool
async def find_times_to_move(
    ctx: RunContext[Call],
    name: Name,
    born_on: Born,
    day: MaybeDay = None,
    within: WithinThese = None,
    phone: MaybePhone = None,
    booked_for: BookedFor = None,
    dentist: WithDentist = None,
) -> str:
    """Say to which times a patient's own appointment could be moved: on a day, or within the days and times that would
    do. Needs the name and the date of birth. Changes nothing.
    """
    call = ctx.userdata
    mine = await _own(call, name, born_on, phone, booked_for)
    who = dentist or mine.dentist
    wish = Wish(treatment=mine.treatment, day=day, dentist=who, within=offers.within(within, day, None))
    try:
        free = await diary_of(call).find_slots(wish)
    except NotBooked as why:
        raise refusal(call, why, day) from None
    return listed(call, "For that I have {}.", offers.spread(free), day)


@understood(
    Intent(
        examples=(
            "I need to move my appointment",
            "can I reschedule my appointment",
            "change my appointment to friday at nine",
            "I can't make it on tuesday, can I come another day",
            "push my appointment back to the afternoon",
            "I'd like to come earlier than my appointment",
            "move my cleaning from tuesday to thursday",
            "move my tuesday appointment to the third of december, my name is Anna Jones",
            "postpone my appointment",
            "I'd like another time for my appointment",
            "something came up, can I move my check-up",
            "let's find another day for my filling",
            "I have to reschedule",
            "can we make my appointment an hour later",
            "switch my appointment to another dentist",
        ),
        slots=(
            *_OWNER,
            _BOOKED_FOR,
            replace(WITHIN, look_first="find_times_to_move"),
            _NEW_DAY,
            replace(AT, look_first=""),
            DENTIST,
        ),
        confirm="Shall I move that appointment {booked_for}, so that it is {day} {at} {dentist}?",
        noted="moved an appointment, so that it is {day} {at}",
        undone_by="move_appointment",
    )
)
@function_tool
async def move_appointment(
    ctx: RunContext[Call],
    name: Name,
    born_on: Born,
    day: Day,
    at: At,
    phone: MaybePhone = None,
    booked_for: BookedFor = None,
    within: WithinThese = None,  # noqa: ARG001  # the local understanding hands on all that it has heard
    dentist: WithDentist = None,
) -> str:
    """Move a patient's own appointment.

    The old time stays theirs unless the new one is free. Needs the name and the date of birth.
    """
    call = ctx.userdata
    mine = await _own(call, name, born_on, phone, booked_for)
    try:
        moved = await diary_of(call).move(mine.reference, day, at, dentist)
    except NotBooked as why:
        raise refusal(call, why, day) from None
    return f"Done, you now have {told(call, moved)}."


@understood(
    Intent(
        examples=(
            "cancel my appointment",
            "I have to cancel my appointment",
            "I can't come on tuesday, please cancel it",
            "I don't need the appointment any more",
            "take me off the schedule",
            "I won't be able to make my cleaning",
            "call off my appointment",
            "please delete my appointment",
            "please cancel my visit",
            "I have to call off my check-up",
            "take me out of the calendar",
            "I want to cancel",
            "I'd like to give up my slot",
            "I won't come on friday, cancel my cleaning",
            "cancel what I have just booked",
        ),
        slots=(*_OWNER, replace(_BOOKED_FOR, cues=())),
        confirm="Shall I cancel that appointment {booked_for} of {name}?",
        noted="cancelled an appointment",
    )
)
@function_tool
async def cancel_appointment(
    ctx: RunContext[Call], name: Name, born_on: Born, phone: MaybePhone = None, booked_for: BookedFor = None
) -> str:
    """Give a patient's own appointment back; it cannot be undone.

    Needs the name and the date of birth.
    """
    call = ctx.userdata
    mine = await _own(call, name, born_on, phone, booked_for)
    cancelled = await diary_of(call).cancel(mine.reference)
    return f"Done, I have cancelled {told(call, cancelled)}."


async def _patient(call: Call, name: str, born_on: date, phone: str | None) -> Patient:
    number = e164(phone, call.profile.locale) if phone else None
    try:
        return await diary_of(call).find_patient(name, phone=number, born_on=born_on)
    except Refused:  # two could be meant, or the name was misheard
        if number:
            raise
        raise Refused(
            Answer(f"I need one more detail to be sure whom I have found. {PHONE.ask}", asks=PHONE.name)
        ) from None


async def _own(call: Call, name: str, born_on: date, phone: str | None, booked_for: date | None) -> Appointment:
    """The one appointment that is the caller's to change. Raises NotFound, and Refused when several could be meant."""
    patient = await _patient(call, name, born_on, phone)
    found = await diary_of(call).coming(patient.id)
    if booked_for is not None:
        found = tuple(appointment for appointment in found if appointment.starts_at.date() == booked_for)
    if not found:
        raise NotFound("There is no coming appointment under that name for me to change.")
    days = list(dict.fromkeys(spoken.on(a.starts_at.date(), today=call.now().date()) for a in found))
    if len(found) > len(days):
        raise Refused("There are several on one day, so a colleague has to do that.")
    if len(found) > 1:
        several = f"There are appointments {spoken.listing(days)}."
        raise Refused(Answer(f"{several} {_BOOKED_FOR.ask}", asks=_BOOKED_FOR.name))
    call.memory.notes.refer_to("appointment", found[0].reference)
    return found[0]
