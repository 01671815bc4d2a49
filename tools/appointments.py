"""Finding, booking, moving and cancelling an appointment in the backend `appointments`. Whose one is, name and date of
birth decide, with the number where two could be meant."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call import Call
from agent.errors import NotFound, Refused
from agent.nlu.intent import Intent, Slot, SlotKind, understood
from backends.appointments import Appointments
from backends.rota import Appointment, PartOfDay, Patient, Wish
from backends.slots import NotBooked, Offer, Reason, around, request_key
from tools import offers, spoken
from tools.telephone import e164

Treatment = Annotated[str, Field(max_length=40, description="What is to be done, as the practice calls it.")]
Day = Annotated[date, Field(description="The day the caller wants, an ISO date.")]
AnyDay = Annotated[date | None, Field(description="Only when the caller named a day; an ISO date.")]
At = Annotated[time, Field(description="The time the caller wants, HH:MM, 24 hours.")]
AnyTime = Annotated[time | None, Field(description="Only when the caller named a time; HH:MM, 24 hours.")]
Part = Annotated[PartOfDay | None, Field(description="Only when the caller named a part of the day and no time.")]
WithDentist = Annotated[str | None, Field(max_length=40, description="A dentist's last name, when one is wished for.")]
Name = Annotated[str, Field(min_length=1, max_length=80, description="The patient's first and last name.")]
Phone = Annotated[str, Field(max_length=24, description="The patient's phone number with its area code.")]
MaybePhone = Annotated[str | None, Field(max_length=24, description="Only when one more detail was asked for.")]
Born = Annotated[date, Field(description="The patient's date of birth, an ISO date.")]
BookedFor = Annotated[date | None, Field(description="The day of the existing appointment, when there are several.")]

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
_DENTIST = Slot(
    name="dentist",
    kind=SlotKind.CHOICE,
    ask="Which dentist would you like to see?",
    choices=("Okafor", "Lindgren", "Reyes"),
    is_optional=True,
    phrase="with Doctor {}",
)
_PART = Slot(
    name="part",
    kind=SlotKind.CHOICE,
    ask="In the morning, in the afternoon or in the evening?",
    choices=tuple(part.value for part in PartOfDay),
    is_optional=True,
)
_FIND = "find_appointment_times"
_DAY = Slot(name="day", kind=SlotKind.DATE, ask="Which day would suit you?", phrase="on {}", look_first=_FIND)
_AT = Slot(name="at", kind=SlotKind.TIME, ask="What time would suit you?", phrase="at {}", look_first=_FIND)
_NAME = Slot(name="name", kind=SlotKind.NAME, ask="What is the patient's first and last name?", look_first=_FIND)
_PHONE = Slot(
    name="phone",
    kind=SlotKind.PHONE,
    ask="What is your phone number, with the area code?",
    min_length=10,
    max_length=15,
)
_BORN = Slot(name="born_on", kind=SlotKind.DATE, ask="And the patient's date of birth, with the year?")
_BOOKED_FOR = Slot(
    name="booked_for",
    kind=SlotKind.DATE,
    ask="Which day is that appointment?",
    cues=("from {}", "appointment on {}", "appointment for {}", "appointment {}", "the one on {}", "my {} appointment"),
    is_optional=True,
    phrase="on {}",
    look_first="check_appointment",
)
_OWNER = (replace(_NAME, look_first=""), _BORN, replace(_PHONE, is_optional=True))


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
        slots=(_TREATMENT, *(replace(slot, is_optional=True, look_first="") for slot in (_DAY, _AT)), _PART, _DENTIST),
        leads_to="book_appointment",
    )
)
@function_tool
async def find_appointment_times(
    ctx: RunContext[Call],
    treatment: Treatment,
    day: AnyDay = None,
    at: AnyTime = None,
    part: Part = None,
    dentist: WithDentist = None,
) -> str:
    """Say when an appointment for a treatment is free: on a day, at a time, in a part of the day, with a dentist, as
    far as the caller named them; without a day, the next ones.

    Use it before booking and for any question about free appointments. Never guess what is free.
    """
    call = ctx.userdata
    wish = Wish(treatment=treatment, day=day, part=None if at else part, dentist=dentist)
    try:
        free = await _diary(call).find_slots(wish)
        if at is None or day is None:
            on = f" {spoken.on(day, today=call.now().date())}" if day else ""
            return f"For {_a(treatment)}{on} I have {_listed(call, _spread(free), day)}."
        return f"Yes, {_listed(call, (_exactly(free, at),), None)} is free for {_a(treatment)}."
    except NotBooked as why:
        raise _refusal(call, why, day) from None


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
        slots=(_TREATMENT, _DAY, _AT, _PART, _DENTIST, _NAME, _PHONE, _BORN),
        confirm="That is {treatment} {dentist} {day} {at} for {name}. Shall I book it?",
        noted="made an appointment {day} {at}",
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
    dentist: WithDentist = None,
) -> str:
    """Make an appointment. Read treatment, day, time and name back and get a clear yes first.

    When nothing is free the refusal holds the nearest free times: offer those and no others. A new patient is written
    down with it. The part of the day counts for nothing beside the time.
    """
    call, diary = ctx.userdata, _diary(ctx.userdata)
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
        raise _refusal(call, why, day) from None
    return f"Done, you have {_told(call, booked)}. Your reference is {spoken.digits(booked.reference)}."


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
    found = await _diary(call).coming(patient.id)
    if not found:
        raise NotFound("There is no coming appointment under that name.")
    return f"There is {spoken.listing([_told(call, appointment) for appointment in found])}."


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
        slots=(*_OWNER, _BOOKED_FOR, replace(_DAY, look_first=""), replace(_AT, look_first=""), _DENTIST),
        confirm="Shall I move that appointment {booked_for}, so that it is {day} {at} {dentist}?",
        noted="moved an appointment, so that it is {day} {at}",
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
    dentist: WithDentist = None,
) -> str:
    """Move a patient's own appointment. Read the new day and time back and get a clear yes first.

    The old time stays theirs unless the new one is free. Needs the name and the date of birth.
    """
    call = ctx.userdata
    mine = await _own(call, name, born_on, phone, booked_for)
    try:
        moved = await _diary(call).move(mine.reference, day, at, dentist)
    except NotBooked as why:
        raise _refusal(call, why, day) from None
    return f"Done, you now have {_told(call, moved)}."


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
    """Give a patient's own appointment back. Get a clear yes first; it cannot be undone.

    Needs the name and the date of birth.
    """
    call = ctx.userdata
    mine = await _own(call, name, born_on, phone, booked_for)
    cancelled = await _diary(call).cancel(mine.reference)
    return f"Done, I have cancelled {_told(call, cancelled)}."


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
        slots=(replace(_DAY, ask="Which day do you mean?", look_first=""), _DENTIST),
    )
)
@function_tool
async def check_opening(ctx: RunContext[Call], day: Day, dentist: WithDentist = None) -> str:
    """Say when the practice is open on a day, or when a dentist is in; holidays and absences count."""
    call = ctx.userdata
    stretches = await _diary(call).hours(day, dentist)
    who, on = (f"Doctor {dentist} is in" if dentist else "We are open"), spoken.on(day, today=call.now().date())
    if not stretches:
        return f"Doctor {dentist} is not in {on}." if dentist else f"We are closed {on}."
    zone = call.profile.zone
    said = [f"from {spoken.time(s.start.astimezone(zone))} to {spoken.time(s.end.astimezone(zone))}" for s in stretches]
    return f"{who} {on} {spoken.listing(said)}."


def _diary(call: Call) -> Appointments:
    return call.backend(Appointments)  # type: ignore[type-abstract]  # a Protocol is the key


async def _patient(call: Call, name: str, born_on: date, phone: str | None) -> Patient:
    number = e164(phone, call.profile.locale) if phone else None
    return await _diary(call).find_patient(name, phone=number, born_on=born_on)


async def _own(call: Call, name: str, born_on: date, phone: str | None, booked_for: date | None) -> Appointment:
    """The one appointment that is the caller's to change. Raises NotFound, and Refused when several could be meant."""
    patient = await _patient(call, name, born_on, phone)
    found = await _diary(call).coming(patient.id)
    if booked_for is not None:
        found = tuple(appointment for appointment in found if appointment.starts_at.date() == booked_for)
    if not found:
        raise NotFound("There is no coming appointment under that name for me to change.")
    days = list(dict.fromkeys(spoken.on(a.starts_at.date(), today=call.now().date()) for a in found))
    if len(found) > len(days):
        raise Refused("There are several on one day, so a colleague has to do that.")
    if len(found) > 1:
        raise Refused(f"There are appointments {spoken.listing(days)}. Which one do you mean?")
    return found[0]


def _exactly(free: tuple[Offer, ...], at: time) -> Offer:
    """The offer at that time. Raises NotBooked with the nearest before and after."""
    for offer in free:
        if offer.starts_at.time() == at:
            return offer
    wanted = datetime.combine(free[0].starts_at.date(), at, free[0].starts_at.tzinfo)
    by_time = {offer.starts_at: offer for offer in free}
    near = [by_time[start] for start in around(by_time, wanted, timedelta(hours=12))]
    raise NotBooked(Reason.TAKEN, "I have nothing free then. Would another time suit you?", near)


def _refusal(call: Call, why: NotBooked, day: date | None) -> Refused:
    places = {offer.place: f"with Doctor {offer.place}" for offer in why.offers}
    return offers.refusal(why, today=call.now().date(), wished=day, places=places)


def _listed(call: Call, found: tuple[Offer, ...], day: date | None) -> str:
    places = {offer.place: f"with Doctor {offer.place}" for offer in found}
    return offers.listed(found, today=call.now().date(), wished=day, places=places)


def _spread(free: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Up to three of a day's free times, as far apart as can be."""
    return free if len(free) <= 3 else (free[0], free[len(free) // 2], free[-1])


def _a(treatment: str) -> str:
    return f"{'an' if treatment[0] in 'aeiou' else 'a'} {treatment}"


def _told(call: Call, appointment: Appointment) -> str:
    """ "A cleaning with Doctor Reyes on Tuesday, November twenty-fourth at nine A M"."""
    on = spoken.on(appointment.starts_at.date(), today=call.now().date())
    what = f"{_a(appointment.treatment)} with Doctor {spoken.name(appointment.dentist)}"
    return f"{what} {on} at {spoken.time(appointment.starts_at)}"
