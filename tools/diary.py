"""The practice's diary as the tools for appointments have it: what a caller names, and how an appointment is told.
Holds no tool."""

from collections.abc import Sequence
from datetime import date, time
from typing import Annotated

from pydantic import Field

from agent.answer import Answer
from agent.call.call import Call
from agent.errors import Refused
from agent.intent import Slot, SlotKind
from backends.appointments import Appointments
from backends.rota import Appointment
from backends.slots import NotBooked, Offer
from tools import offers, spoken

Day = Annotated[date, Field(description="The day the caller wants, an ISO date.")]
At = Annotated[time, Field(description="The time the caller wants, HH:MM, 24 hours.")]
WithDentist = Annotated[str | None, Field(max_length=40, description="A dentist's last name, when one is wished for.")]
Name = Annotated[str, Field(min_length=1, max_length=80, description="The patient's first and last name.")]
Born = Annotated[date, Field(description="The patient's date of birth, an ISO date.")]

DENTIST = Slot(
    name="dentist",
    kind=SlotKind.CHOICE,
    ask="Which dentist would you like to see?",
    choices=("Okafor", "Lindgren", "Reyes"),
    is_optional=True,
    phrase="with Doctor {}",
)
FIND = "find_appointment_times"
DAY = Slot(name="day", kind=SlotKind.DATE, ask="Which day would suit you?", phrase="on {}", look_first=FIND)
AT = Slot(name="at", kind=SlotKind.TIME, ask="What time would suit you?", phrase="at {}", look_first=FIND)
WITHIN = Slot(
    name="within",
    kind=SlotKind.RANGE,
    ask="Which days and times would suit you?",
    is_optional=True,
    is_written=False,
)
NAME = Slot(name="name", kind=SlotKind.NAME, ask="What is the patient's first and last name?", look_first=FIND)
BORN = Slot(name="born_on", kind=SlotKind.DATE, ask="And the patient's date of birth, with the year?")


def diary_of(call: Call) -> Appointments:
    """The profile's diary. Raises Unavailable when it has none."""
    return call.backend(Appointments)  # type: ignore[type-abstract]  # a Protocol is the key


def refusal(call: Call, why: NotBooked, day: date | None) -> Refused:
    """The refusal with its ways out, each with its dentist."""
    return offers.refusal(why, today=call.now().date(), wished=day, places=_dentists(why.offers))


def listed(call: Call, sentence: str, found: Sequence[Offer], day: date | None) -> Answer:
    """The sentence with the free times in place of its {}, each with its dentist."""
    return offers.told(sentence, found, today=call.now().date(), wished=day, places=_dentists(found))


def a_treatment(treatment: str) -> str:
    """A check-up, an emergency."""
    return f"{'an' if treatment[0] in 'aeiou' else 'a'} {treatment}"


def told(call: Call, appointment: Appointment) -> str:
    """ "A cleaning with Doctor Reyes on Tuesday, November twenty-fourth at nine A M"."""
    on = spoken.on(appointment.starts_at.date(), today=call.now().date())
    what = f"{a_treatment(appointment.treatment)} with Doctor {spoken.name(appointment.dentist)}"
    return f"{what} {on} at {spoken.time(appointment.starts_at)}"


def _dentists(found: Sequence[Offer]) -> offers.Places:
    return offers.Places("dentist", {offer.place: f"with Doctor {offer.place}" for offer in found})
