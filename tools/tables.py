"""Booking, changing and cancelling a table in the backend `tables`. Whose a booking is, name and number decide."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.answer import Answer
from agent.call.call import Call
from agent.errors import NotFound, Refused
from agent.intent import Intent, Slot, SlotKind, understood
from backends.seating import Area, Booking, Guest, Wish
from backends.slots import NotBooked, Offer, Within, request_key
from backends.tables import Tables
from tools import offers, spoken
from tools.offers import WithinThese
from tools.telephone import PHONE, e164

Party = Annotated[int, Field(ge=0, le=99, description="How many people come.")]
Day = Annotated[date, Field(description="The day the caller wants, an ISO date.")]
At = Annotated[time, Field(description="The time the caller wants, HH:MM, 24 hours.")]
Where = Annotated[Area | None, Field(description="Only when the caller wants to sit there.")]
Name = Annotated[str, Field(min_length=1, max_length=80, description="The name the table is under.")]
Phone = Annotated[str, Field(max_length=24, description="The guest's phone number with its area code.")]
NewParty = Annotated[int | None, Field(ge=0, le=99, description="Only when it is to be another number of people.")]
AnyDay = Annotated[date | None, Field(description="The day the caller wants; left out only with `within`.")]
NewDay = Annotated[date | None, Field(description="Only when it is to be another day; an ISO date.")]
NewTime = Annotated[time | None, Field(description="Only when it is to be another time; HH:MM, 24 hours.")]
BookedFor = Annotated[date | None, Field(description="The day of the existing booking, when there are several.")]

_IN = {Area.MAIN_ROOM: "in the main room", Area.TERRACE: "on the terrace", Area.BAR: "at the bar"}
_PARTY = Slot(
    name="party",
    kind=SlotKind.NUMBER,
    ask="For how many people?",
    max_length=2,
    cues=(
        "{} people",
        "{} persons",
        "{} guests",
        "{} adults",
        "{} of us",
        "{} seats",
        "party of {}",
        "we are {}",
        "we're {}",
        "we'd be {}",
        "we would be {}",
        "we'll be {}",
        "for {}",
    ),
    phrase="for {}",
)
_DAY = Slot(name="day", kind=SlotKind.DATE, ask="For which day?", phrase="on {}")
_AT = Slot(name="at", kind=SlotKind.TIME, ask="At what time?", first_hour=11, phrase="at {}")
_WITHIN = Slot(
    name="within",
    kind=SlotKind.RANGE,
    ask="Which days and times would suit you?",
    first_hour=11,
    is_optional=True,
    is_written=False,
    look_first="find_tables",
    stands_for="day",
)
_AREA = Slot(
    name="area",
    kind=SlotKind.CHOICE,
    ask="Where would you like to sit, in the main room, on the terrace or at the bar?",
    choices=tuple(area.value for area in Area),
    said_as=(
        ("outside", "terrace"),
        ("outdoors", "terrace"),
        ("patio", "terrace"),
        ("inside", "main room"),
        ("indoors", "main room"),
        ("dining room", "main room"),
    ),
    is_optional=True,
    phrase=", {} seating,",
)
_NAME = Slot(name="name", kind=SlotKind.NAME, ask="What name is it under?", look_first="find_tables")
_BOOKED_FOR = Slot(
    name="booked_for",
    kind=SlotKind.DATE,
    ask="Which day is that booking for?",
    cues=("from {}", "booking for {}", "booking on {}", "the one on {}", "the one for {}"),
    is_optional=True,
    phrase="on {}",
    look_first="check_booking",
)
_OWNER = (replace(_NAME, look_first="", is_written=False), replace(PHONE, is_written=False))
_CHANGES = tuple(replace(slot, is_optional=True) for slot in (_PARTY, _DAY, _AT, _AREA))


@understood(
    Intent(
        examples=(
            "do you have a table free tonight",
            "is there a table for two on saturday at eight",
            "what times are free on friday for four people",
            "do you have anything available tomorrow evening",
            "are you fully booked on sunday",
            "is there still room on the terrace tomorrow",
            "when could we come on thursday, we are five",
            "any free tables at seven",
            "have you got space for six people next week",
            "what is your availability on saturday night",
            "could we still get in tonight",
            "is saturday evening already full",
            "how does thursday look for three people",
            "what do you have left on tuesday",
        ),
        slots=(_PARTY, _DAY, replace(_AT, is_optional=True), replace(_WITHIN, look_first=""), _AREA),
        leads_to="book_table",
        only_looks=True,
    )
)
@function_tool
async def find_tables(
    ctx: RunContext[Call],
    party: Party,
    day: AnyDay = None,
    at: NewTime = None,
    area: Where = None,
    within: WithinThese = None,
) -> str:
    """Say whether a table is free for a party on a day, at a time if the caller named one, and what is free instead;
    or what is free within the days and times that would do.

    Use it before booking and for any question about free tables. Never guess what is free.
    """
    call, house = ctx.userdata, ctx.userdata.backend(Tables)  # type: ignore[type-abstract]  # a Protocol is the key
    try:
        if day is None or (at is None and within):
            will_do = offers.within(within, day, at)
            return await _listed_within(call, party, day, replace(will_do, since=at, until=at) if at else will_do, area)
        if at is not None:
            offer = await house.check(Wish(party, day, at, area))
            return f"{_place(offer, area)} a table for {spoken.number(party)} is free {_when(call, offer)}."
        free = await house.free(party, day, area)
        if not free:
            await house.check(Wish(party, day, time(19), area))  # which says what is free on other days
    except NotBooked as why:
        raise _refusal(call, why, day, area) from None
    return _for_example(call, party, offers.spread(free), day)


@understood(
    Intent(
        examples=(
            "I'd like to book a table",
            "can I make a reservation",
            "book a table for four tomorrow at seven",
            "I want to reserve a table for two on friday at eight",
            "we'd like to come for dinner on saturday, party of six",
            "a table for three tonight please",
            "can I get a table on the terrace for tomorrow",
            "reserve something for me on sunday at one",
            "I need a reservation for five people",
            "put me down for two people at half past seven",
            "do you take bookings, I'd like one for thursday",
            "table for two please",
            "make a reservation for tonight",
            "we'd like to go out for dinner this weekend",
            "I'm looking for somewhere to eat with my parents",
            "could I book for my family on sunday",
            "I'd like to reserve",
            "please put us down for dinner on friday",
            "can you hold a table for me",
            "a table for three on sunday at eight, my name is Anna Jones",
            "yes, please book that",
            "I'd like to have lunch at your place on wednesday",
        ),
        slots=(_PARTY, replace(_WITHIN, stands_for=""), _DAY, _AT, _AREA, _NAME, PHONE),
        confirm="Shall I book a table {party} {area} {day} {at} under the name {name}, with the number {phone}?",
        noted="booked a table {party} {day} {at}",
        undone_by="cancel_booking",
    )
)
@function_tool
async def book_table(
    ctx: RunContext[Call],
    party: Party,
    day: Day,
    at: At,
    name: Name,
    phone: Phone,
    area: Where = None,
    within: WithinThese = None,  # noqa: ARG001  # the local understanding hands on all that it has heard
) -> str:
    """Hold a table for a party.

    When nothing is free the refusal holds the nearest free times: offer those and no others. What else would have done
    counts for nothing beside the time.
    """
    call, wish = ctx.userdata, Wish(party, day, at, area)
    guest = Guest(name.strip(), e164(phone, call.profile.locale))
    key = request_key(call.id, "book_table", wish, guest.phone)
    try:
        booking = await call.backend(Tables).book(key, wish, guest)  # type: ignore[type-abstract]
    except NotBooked as why:
        raise _refusal(call, why, day, area) from None
    call.memory.notes.refer_to("booking", booking.reference)
    return f"Done, I have booked {_told(call, booking)}. Your reference is {spoken.digits(booking.reference)}."


@understood(
    Intent(
        examples=(
            "do I have a reservation",
            "can you check my booking",
            "when is my table booked for",
            "is my reservation confirmed",
            "what time is my reservation",
            "look up my booking please",
            "I'd like to confirm my reservation for tonight",
            "did you get my booking",
            "which table did I book",
            "how many people is my reservation for",
            "when are we booked for",
            "at what time is our table",
            "can you confirm that we have a booking",
            "I'm not sure whether my booking went through",
            "what did I book again",
        ),
        slots=_OWNER,
    )
)
@function_tool
async def check_booking(ctx: RunContext[Call], name: Name, phone: Phone) -> str:
    """Tell a guest the coming bookings of theirs. Needs the name and the phone number that they were made with."""
    call = ctx.userdata
    found = await _bookings(call, name, phone)
    said = spoken.listing([_told(call, booking) for booking in found])
    return f"Under that name and number there is {said}."


@understood(
    Intent(
        examples=(
            "I need to change my reservation",
            "can we make it five people instead of four",
            "move my booking to eight o'clock",
            "I'd like to come an hour later than we booked",
            "change my table to saturday",
            "move my booking from wednesday to tuesday",
            "can you push our reservation back to nine",
            "there will be two more of us than I booked for",
            "I booked for friday but want to come on sunday",
            "we would rather sit on the terrace, can you change our booking",
            "one person less for my reservation",
            "reschedule my table",
            "modify my booking",
            "my reservation should be for six instead",
            "we need to move our dinner to another day",
            "more people are joining us than we booked for",
            "can we come at nine instead, we've booked already",
        ),
        slots=(*_OWNER, _BOOKED_FOR, *_CHANGES),
        confirm="Shall I change that booking {booked_for}, so that it is {party} {day} {at} {area}?",
        noted="changed a table, so that it is {party} {day} {at}",
        one_of=("party", "day", "at", "area"),
        ask_one_of="What would you like to change, the day, the time or the number of people?",
        undone_by="change_booking",
    )
)
@function_tool
async def change_booking(
    ctx: RunContext[Call],
    name: Name,
    phone: Phone,
    booked_for: BookedFor = None,
    party: NewParty = None,
    day: NewDay = None,
    at: NewTime = None,
    area: Where = None,
) -> str:
    """Change a guest's own booking: only what is given changes.

    The old table stays theirs unless a new one is free. Needs the name and the phone number that it was made with.
    """
    call = ctx.userdata
    booking = await _own(call, name, phone, booked_for)
    house = call.backend(Tables)  # type: ignore[type-abstract]  # a Protocol is the key
    try:
        changed = await house.change(booking.reference, party=party, day=day, at=at, area=area)
    except NotBooked as why:
        raise _refusal(call, why, day or booking.starts_at.date(), area or booking.asked_area) from None
    return f"Done, you now have {_told(call, changed)}."


@understood(
    Intent(
        examples=(
            "cancel my reservation",
            "I have to cancel my table for tonight",
            "we can't make it on friday, please cancel our booking",
            "I want to call off my booking",
            "we won't be coming, delete our reservation",
            "please remove my reservation",
            "I don't need the table any more",
            "give my table to someone else",
            "something came up and we can't come to dinner",
            "I'd like to cancel a table",
            "I need to cancel",
            "we aren't coming tonight after all",
            "we can't come any more",
            "please drop our reservation",
            "you can give our table away",
            "please undo my booking",
        ),
        slots=(*_OWNER, replace(_BOOKED_FOR, cues=())),
        confirm="Shall I cancel the booking {booked_for} under the name {name}?",
        noted="cancelled a table",
    )
)
@function_tool
async def cancel_booking(ctx: RunContext[Call], name: Name, phone: Phone, booked_for: BookedFor = None) -> str:
    """Give a guest's own table back; it cannot be undone.

    Needs the name and the phone number that it was made with.
    """
    call = ctx.userdata
    booking = await _own(call, name, phone, booked_for)
    cancelled = await call.backend(Tables).cancel(booking.reference)  # type: ignore[type-abstract]
    return f"Done, I have cancelled {_told(call, cancelled)}."


async def _bookings(call: Call, name: str, phone: str) -> tuple[Booking, ...]:
    house = call.backend(Tables)  # type: ignore[type-abstract]  # a Protocol is the key
    found = await house.find(name, e164(phone, call.profile.locale))
    for booking in found:
        call.memory.notes.refer_to("booking", booking.reference)
    return found


async def _own(call: Call, name: str, phone: str, booked_for: date | None) -> Booking:
    """The one booking that is the caller's to change. Raises NotFound, and Refused when several could be meant."""
    found = await _bookings(call, name, phone)
    if booked_for is not None:
        found = tuple(booking for booking in found if booking.starts_at.date() == booked_for)
    if not found:
        raise NotFound("I can't find a booking under that name and number for that day.")
    if len(found) > 1:
        days = spoken.listing([spoken.on(b.starts_at.date(), today=call.now().date()) for b in found])
        raise Refused(Answer(f"There are bookings {days}. {_BOOKED_FOR.ask}", asks=_BOOKED_FOR.name))
    return found[0]


async def _listed_within(call: Call, party: int, day: date | None, within: Within, area: Area | None) -> str:
    """What is free within these, on that day if one was named. Raises NotBooked and Refused."""
    house = call.backend(Tables)  # type: ignore[type-abstract]  # a Protocol is the key
    if day is not None:
        await house.free(party, day, area)  # which raises for a day on which nobody can come
        within = replace(within, first=day, last=day)
    if not (free := await house.soonest(party, within, area)):
        raise Refused(f"I have no table for {spoken.number(party)} then.", "Which other day or time would suit you?")
    return _for_example(call, party, offers.spread(free), day)


def _for_example(call: Call, party: int, found: Sequence[Offer], day: date | None) -> str:
    sentence = f"For {spoken.number(party)} I have, for example, {{}}."
    return offers.told(sentence, found, today=call.now().date(), wished=day)


def _refusal(call: Call, why: NotBooked, day: date | None, area: Area | None) -> Refused:
    """What is free instead; where it is matters only to who asked for a place."""
    places = offers.Places("area", {one.value: said for one, said in _IN.items()}) if area else offers.NOWHERE
    return offers.refusal(why, today=call.now().date(), wished=day, places=places)


def _place(offer: Offer, area: Area | None) -> str:
    return f"Yes, {_IN[Area(offer.place)]}" if area else "Yes,"


def _when(call: Call, offer: Offer) -> str:
    return f"{spoken.on(offer.starts_at.date(), today=call.now().date())} at {spoken.time(offer.starts_at)}"


def _told(call: Call, booking: Booking) -> str:
    """ "A table for four on the terrace, on Friday, November twenty-seventh at seven P M"."""
    day = spoken.on(booking.starts_at.date(), today=call.now().date())
    return f"a table for {spoken.number(booking.party)} {_IN[booking.area]}, {day} at {spoken.time(booking.starts_at)}"
