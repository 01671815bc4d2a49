"""The dental practice's diary: which dentist sees whom, and when. It owns availability; tools make the sentences."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Protocol

from sqlalchemy import Engine

from agent.errors import NotFound, Refused
from backends.appointments_rows import Diary, expire_appointments, forget_patient, made_for, seed_when_empty
from backends.database import make_engine, prepare_database, speakable, tidying, writing
from backends.opening import Stretch, merged
from backends.people import ALIKE, CLEARLY, LIKELY, is_same, likeness
from backends.rota import Appointment, Patient, Practice, Wish
from backends.seeding import utc_now
from backends.slots import NotBooked, Offer, Reason, new_reference


class Appointments(Protocol):
    """The practice's system of record. Each method raises Unavailable; a wish that cannot be granted, NotBooked."""

    async def practice(self) -> Practice:
        """Who works there, what they do and how long it takes."""
        ...

    async def hours(self, day: date, dentist: str | None = None) -> tuple[Stretch, ...]:
        """When the practice is open that day, or when that dentist is in; nothing when closed or away."""
        ...

    async def find_slots(self, wish: Wish) -> tuple[Offer, ...]:
        """The free times of the wished day, or of the first day that has any. Raises NotBooked with offers."""
        ...

    async def find_patient(self, name: str, *, phone: str | None = None, born_on: date | None = None) -> Patient:
        """The one person of a name like that with that number or date of birth. Raises NotFound, Refused."""
        ...

    async def register(self, name: str, phone: str, born_on: date) -> Patient:
        """A new patient, or the one who is known by exactly these facts."""
        ...

    async def coming(self, patient_id: int) -> tuple[Appointment, ...]:
        """A patient's appointments that are not over, in order."""
        ...

    async def book(self, key: str, patient_id: int, wish: Wish) -> Appointment:
        """Make an appointment for a wish with day and time.

        The same `key` again gives the same appointment, as it stands now. Raises NotFound, NotBooked with offers.
        """
        ...

    async def move(self, reference: str, day: date, at: time, dentist: str | None = None) -> Appointment:
        """Move it, keeping the dentist unless one is named; the old time is given up only for the new one.

        Asked twice, it is moved once. Raises NotFound, NotBooked with offers.
        """
        ...

    async def cancel(self, reference: str) -> Appointment:
        """Give the time back; a second time changes nothing. Raises NotFound, NotBooked."""
        ...

    async def aclose(self) -> None:
        """Give back every connection."""
        ...


class SqlAppointments:
    """The diary in SQLite or Postgres.

    Writers take turns (`Diary`), and a dentist's quarter hour is a primary key besides: even a program that does not
    know the first rule cannot book a dentist twice.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    async def practice(self) -> Practice:
        """Who works there, what they do and how long it takes."""
        return await asyncio.to_thread(self._practice)

    async def hours(self, day: date, dentist: str | None = None) -> tuple[Stretch, ...]:
        """When the practice is open that day, or when that dentist is in; nothing when closed or away."""
        practice = await asyncio.to_thread(self._practice)
        if dentist is None:
            return merged(practice.calendar.stretches(day))
        return next((practice.stretches(d, day) for d in practice.dentists if d.name == dentist), ())

    async def find_slots(self, wish: Wish) -> tuple[Offer, ...]:
        """The free times of the wished day, or of the first day that has any. Raises NotBooked with offers."""
        return await asyncio.to_thread(self._find_slots, wish)

    async def find_patient(self, name: str, *, phone: str | None = None, born_on: date | None = None) -> Patient:
        """The one person of a name like that with that number or date of birth. Raises NotFound, Refused."""
        return await asyncio.to_thread(self._find_patient, name, phone, born_on)

    async def register(self, name: str, phone: str, born_on: date) -> Patient:
        """A new patient, or the one who is known by exactly these facts."""
        return await asyncio.to_thread(self._register, name, phone, born_on)

    async def coming(self, patient_id: int) -> tuple[Appointment, ...]:
        """A patient's appointments that are not over, in order."""
        return await asyncio.to_thread(self._coming, patient_id)

    async def book(self, key: str, patient_id: int, wish: Wish) -> Appointment:
        """Make an appointment for a wish with day and time. Raises NotFound, NotBooked with offers."""
        return await asyncio.to_thread(self._book, key, patient_id, wish)

    async def move(self, reference: str, day: date, at: time, dentist: str | None = None) -> Appointment:
        """Move it, keeping the dentist unless one is named. Raises NotFound, NotBooked with offers."""
        return await asyncio.to_thread(self._move, reference, day, at, dentist)

    async def cancel(self, reference: str) -> Appointment:
        """Give the time back; a second time changes nothing. Raises NotFound, NotBooked."""
        return await asyncio.to_thread(self._cancel, reference)

    async def aclose(self) -> None:
        """Give back every connection."""
        await asyncio.to_thread(self._engine.dispose)

    def _practice(self) -> Practice:
        with speakable("appointments"), self._engine.connect() as connection:
            return Diary(connection).practice

    def _find_slots(self, wish: Wish) -> tuple[Offer, ...]:
        now = self._clock()
        with speakable("appointments"), self._engine.connect() as connection:
            diary = Diary(connection)
            held = diary.held_around(wish.day, now)
        why = diary.practice.obstacle(replace(wish, at=None), now)
        if not why:
            look = diary.practice.free if wish.day else diary.practice.soonest
            if found := look(wish, now, held):
                return found
        raise (why or _taken()).offering(diary.practice.offers(wish, now, held))

    def _find_patient(self, name: str, phone: str | None, born_on: date | None) -> Patient:
        with speakable("appointments"), self._engine.connect() as connection:
            known = Diary(connection).known_by(phone, born_on)
        alike = sorted(((likeness(name, patient.name), patient.id, patient) for patient in known), reverse=True)
        best, *others = (one[0] for one in alike) if alike else (0.0,)
        if best < LIKELY or (best < ALIKE and others):
            raise NotFound("I can't find a patient with those details.")
        is_sure = best >= ALIKE or (phone is not None and born_on is not None)
        if not is_sure or (others and best - others[0] < CLEARLY):
            raise Refused("I need one more detail to be sure whom I have found, your number or your date of birth.")
        return alike[0][2]

    def _register(self, name: str, phone: str, born_on: date) -> Patient:
        with writing(self._engine, "appointments") as connection:
            diary = Diary(connection, is_locked=True)
            same = [patient for patient in diary.known_by(phone, born_on) if is_same(name, patient.name)]
            return same[0] if same else diary.add_patient(name, phone, born_on, self._clock())

    def _coming(self, patient_id: int) -> tuple[Appointment, ...]:
        with speakable("appointments"), self._engine.connect() as connection:
            return Diary(connection).coming(patient_id, self._clock())

    def _book(self, key: str, patient_id: int, wish: Wish) -> Appointment:
        with writing(self._engine, "appointments") as connection:
            diary = Diary(connection, is_locked=True)
            if standing := diary.of_request(key):
                return standing
            if diary.patient(patient_id) is None:
                raise NotFound("I can't find a patient with those details.")
            done = self._assign(diary, wish, patient_id, None)
            if isinstance(done, str):
                reference = new_reference(lambda reference: diary.get(reference) is not None)
                return diary.add(reference, key, patient_id, wish, done, self._clock())
        raise self._refusal(done, wish, patient_id, None)

    def _move(self, reference: str, day: date, at: time, dentist: str | None) -> Appointment:
        with writing(self._engine, "appointments") as connection:
            diary = Diary(connection, is_locked=True)
            old = self._standing(diary, reference)
            wish = Wish(treatment=old.treatment, day=day, at=at, dentist=dentist or old.dentist)
            if old.is_at(wish):
                return old
            done = self._late(diary, old) or self._assign(diary, wish, old.patient_id, reference)
            if isinstance(done, str):
                return diary.put(reference, wish, done)
        raise self._refusal(done, wish, old.patient_id, reference)

    def _cancel(self, reference: str) -> Appointment:
        with writing(self._engine, "appointments") as connection:
            diary = Diary(connection, is_locked=True)
            found = diary.get(reference)
            if found is None or not found.is_cancelled:
                found = self._standing(diary, reference)
                if why := self._late(diary, found):
                    raise why
                diary.cancel(reference, self._clock())
            return replace(found, is_cancelled=True)

    def _standing(self, diary: Diary, reference: str) -> Appointment:
        found = diary.get(reference)
        if found is None:
            raise NotFound("I can't find an appointment with that reference.")
        if found.is_cancelled:
            raise NotBooked(Reason.GONE, "That appointment has been cancelled.", "Shall I make a new one?")
        return found

    def _late(self, diary: Diary, appointment: Appointment) -> NotBooked | None:
        return diary.practice.too_late(appointment, self._clock())

    def _assign(self, diary: Diary, wish: Wish, patient_id: int, own: str | None) -> str | NotBooked:
        """The dentist who takes it."""
        now = self._clock()
        if why := diary.practice.obstacle(wish, now):
            return why
        start, end = diary.span(wish)
        if diary.has_another(patient_id, start, end, own):
            return NotBooked(
                Reason.DOUBLE, "There is another appointment of yours at that time.", "Shall I move that one?"
            )
        free = diary.practice.free(replace(wish, part=None), now, diary.held_around(wish.day, now, own))
        return next((offer.place for offer in free if offer.starts_at == start), None) or _taken()

    def _refusal(self, why: NotBooked, wish: Wish, patient_id: int, own: str | None) -> NotBooked:
        # after the transaction, so that nobody stands in line while offers are looked for
        if why.reason in {Reason.DOUBLE, Reason.TOO_LATE}:
            return why
        now = self._clock()
        with speakable("appointments"), self._engine.connect() as connection:
            diary = Diary(connection)
            held = diary.taken_for(patient_id, diary.held_around(wish.day, now, own), own)
            return why.offering(diary.practice.offers(wish, now, held))


KIND = Appointments


def connect(url: str, clock: Callable[[], datetime]) -> Appointments:
    """The diary in the database at `url`; opens nothing yet. Raises ConfigError for a URL that cannot be one."""
    return SqlAppointments(make_engine(url), clock)


def prepare(url: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Migrate to head, and seed an empty database around the clock's today. Raises ConfigError."""
    prepare_database(url, lambda connection: seed_when_empty(connection, clock()))


def forget(url: str, known_by: str, clock: Callable[[], datetime] = utc_now) -> int:
    """Delete what calls have made for the patient of that number, and keep only the time of what is to come. How many
    rows that were. Blocking. Raises Unavailable."""
    with tidying(url, "appointments") as connection:
        return forget_patient(connection, known_by, clock())


def held(url: str, known_by: str) -> dict[str, list[dict[str, object]]]:
    """What calls have made for the patient of that number. Blocking. Raises Unavailable."""
    with tidying(url, "appointments") as connection:
        return made_for(connection, known_by)


def expire(url: str, before: datetime) -> int:
    """Delete what calls have made and was over before then. How many rows that were. Blocking. Raises Unavailable."""
    with tidying(url, "appointments") as connection:
        return expire_appointments(connection, before)


def _taken() -> NotBooked:
    return NotBooked(Reason.TAKEN, "I have nothing free then.", "Would another time suit you?")
