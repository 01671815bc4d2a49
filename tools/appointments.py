"""Finding and booking an appointment in the backend `appointments`, and when the practice is open."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call.call import Call
from agent.errors import NotFound
from agent.intent import Intent, Slot, SlotKind, understood
from backends.rota import PartOfDay, Wish
from backends.slots import NotBooked, Offer, Reason, around, request_key
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
    a_treatment,
    diary_of,
    listed,
    refusal,
    told,
)
from tools.offers import WithinThese
from tools.telephone import PHONE, e164

Treatment = Annotated[str, Field(max_length=40, description="What is to be done, as the practice calls it.")]
AnyDay = Annotated[date | None, Field(description="Only when the caller named a day; an ISO date.")]
AnyTime = Annotated[time | None, Field(description="Only when the caller named a time; HH:MM, 24 hours.")]
Part = Annotated[PartOfDay | None, Field(description="Only when the caller named a part of the day and no time.")]
Phone = Annotated[str, Field(max_length=24, description="The patient's phone number with its area code.")]

# The practice's rows decide who does what; these are the words by which the local understanding hears them.
_TREATMENT = Slot(
    name="treatment",
    kind=SlotKind.CHOICE,
    ask="What is it for, for example a check-up, a cleaning or a filling?",
    choices=("check-up", "cleaning", "filling", "crown", "root canal", "whitening", "emergency"),
    said_as=(
        ("checkup", "check-up"),
        ("check up", "check-up"),
        ("examination", "check-up"),
        ("cleaned", "cleaning"),
        ("hygienist", "cleaning"),
        ("cavity", "filling"),
        ("whiten", "whitening"),
        ("bleaching", "whitening"),
        ("toothache", "emergency"),
        ("tooth hurts", "emergency"),
        ("killing me", "emergency"),
        ("in pain", "emergency"),
        ("urgent", "emergency"),
        ("broken tooth", "emergency"),
        ("broke a tooth", "emergency"),
    ),
)
_PART = Slot(
    name="part",
    kind=SlotKind.CHOICE,
    ask="In the morning, in the afternoon or in the evening?",
    choices=tuple(part.value for part in PartOfDay),
    is_optional=True,
    is_written=False,
)


@understood(
    Intent(
        examples=(
            "what free appointments do you have",
            "when is the next free appointment for a cleaning",
            "do you have anything on thursday afternoon",
            "is doctor Okafor free on monday morning",
            "when could you see me for a check-up",
            "what times are available next week",
            "what's the earliest you can see me",
            "do you have evening appointments on thursday",
            "any openings tomorrow",
            "is there a slot for a filling on friday",
            "what's the next free slot for a check-up",
            "when is doctor Reyes available",
            "which times do you have for a cleaning on tuesday",
            "how soon could I get in",
            "when do you have time for a root canal",
            "do you have a gap tomorrow",
            "is anything free on monday afternoon",
        ),
        slots=(
            _TREATMENT,
            *(replace(slot, is_optional=True, look_first="") for slot in (DAY, AT)),
            _PART,
            WITHIN,
            DENTIST,
        ),
        leads_to="book_appointment",
        only_looks=True,
    )
)
@function_tool
async def find_appointment_times(
    ctx: RunContext[Call],
    treatment: Treatment,
    day: AnyDay = None,
    at: AnyTime = None,
    part: Part = None,
    within: WithinThese = None,
    dentist: WithDentist = None,
) -> str:
    """Say when an appointment for a treatment is free: on a day, at a time, in a part of the day, within days and
    times, with a dentist, as far as the caller named them; without a day, the next ones.

    Use it before booking and for any question about free appointments. Never guess what is free.
    """
    call = ctx.userdata
    wish = Wish(
        treatment=treatment, day=day, part=None if at else part, dentist=dentist, within=offers.within(within, day, at)
    )
    try:
        free = await diary_of(call).find_slots(wish)
        if at is None or day is None:
            on = f" {spoken.on(day, today=call.now().date())}" if day else ""
            return listed(call, f"For {a_treatment(treatment)}{on} I have {{}}.", offers.spread(free), day)
        return listed(call, f"Yes, {{}} is free for {a_treatment(treatment)}.", (_exactly(free, at),), None)
    except NotBooked as why:
        raise refusal(call, why, day) from None


@understood(
    Intent(
        examples=(
            "I'd like to make an appointment",
            "I need to see a dentist",
            "book me a cleaning on tuesday at ten",
            "can I get an appointment for a check-up",
            "I have a toothache and need an appointment",
            "schedule a filling with doctor Lindgren",
            "book me in with doctor Reyes on saturday at eleven",
            "I want to come in for a root canal",
            "my son needs a check-up next week",
            "I'd like to have my teeth whitened",
            "can I come by tomorrow morning for a cleaning",
            "can I get an appointment please",
            "a check-up with doctor Okafor on wednesday at nine",
            "a crown with doctor Okafor on monday",
            "I'd like a cleaning on friday at three, my name is Anna Jones",
            "please book that one",
            "I broke a tooth, can I come today",
            "I need a doctor for my teeth",
            "a new appointment please",
            "put me down for a check-up",
            "set me up with an appointment next tuesday",
            "I want to book a cleaning",
            "could I come in for a filling on friday",
            "give me an appointment on saturday morning",
        ),
        slots=(_TREATMENT, DAY, AT, _PART, WITHIN, DENTIST, NAME, PHONE, BORN),
        confirm="That is {treatment} {dentist} {day} {at} for {name}, born on {born_on}, with the number {phone}. "
        "Shall I book it?",
        noted="made an appointment {day} {at}",
        undone_by="cancel_appointment",
    )
)
@function_tool
async def book_appointment(
    ctx: RunContext[Call],
    treatment: Treatment,
    day: Day,
    at: At,
    name: Name,
    phone: Phone,
    born_on: Born,
    part: Part = None,  # noqa: ARG001  # the local understanding hands on all that it has heard
    within: WithinThese = None,  # noqa: ARG001
    dentist: WithDentist = None,
) -> str:
    """Make an appointment.

    When nothing is free the refusal holds the nearest free times: offer those and no others. A new patient is written
    down with it. The part of the day, and what else would have done, count for nothing beside the time.
    """
    call, diary = ctx.userdata, diary_of(ctx.userdata)
    wish = Wish(treatment=treatment, day=day, at=at, dentist=dentist)
    number = e164(phone, call.profile.locale)
    try:
        patient = await diary.find_patient(name, phone=number, born_on=born_on)
    except NotFound:
        patient = await diary.register(name.strip(), number, born_on)
    try:
        key = request_key(call.id, "book_appointment", patient.id, treatment, day, at, dentist)
        booked = await diary.book(key, patient.id, wish)
    except NotBooked as why:
        raise refusal(call, why, day) from None
    call.memory.notes.refer_to("appointment", booked.reference)
    return f"Done, you have {told(call, booked)}. Your reference is {spoken.digits(booked.reference)}."


@understood(
    Intent(
        examples=(
            "are you open on saturday",
            "are you open tomorrow",
            "what are your hours on thursday",
            "is the practice open on christmas eve",
            "is doctor Lindgren in on friday",
            "when does doctor Okafor work on monday",
            "how late are you open today",
            "is anybody there on sunday",
            "is doctor Reyes working on tuesday",
            "will you be open on christmas eve",
            "until when are you open on thursday",
            "when do you close on friday",
            "are you closed on wednesday",
        ),
        slots=(replace(DAY, ask="Which day do you mean?", look_first=""), DENTIST),
        only_looks=True,
    )
)
@function_tool
async def check_opening(ctx: RunContext[Call], day: Day, dentist: WithDentist = None) -> str:
    """Say when the practice is open on a day, or when a dentist is in; holidays and absences count."""
    call = ctx.userdata
    stretches = await diary_of(call).hours(day, dentist)
    who, on = (f"Doctor {dentist} is in" if dentist else "We are open"), spoken.on(day, today=call.now().date())
    if not stretches:
        return f"Doctor {dentist} is not in {on}." if dentist else f"We are closed {on}."
    zone = call.profile.zone
    said = [f"from {spoken.time(s.start.astimezone(zone))} to {spoken.time(s.end.astimezone(zone))}" for s in stretches]
    return f"{who} {on} {spoken.listing(said)}."


def _exactly(free: tuple[Offer, ...], at: time) -> Offer:
    """The offer at that time. Raises NotBooked with the nearest before and after."""
    for offer in free:
        if offer.starts_at.time() == at:
            return offer
    wanted = datetime.combine(free[0].starts_at.date(), at, free[0].starts_at.tzinfo)
    by_time = {offer.starts_at: offer for offer in free}
    near = [by_time[start] for start in around(by_time, wanted, timedelta(hours=12))]
    raise NotBooked(Reason.TAKEN, "I have nothing free then.", "Would another time suit you?", near)
