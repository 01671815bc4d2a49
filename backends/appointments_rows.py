"""The rows behind backends/appointments.py: their schema, their seed, and the diary as one transaction sees it."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    ForeignKey,
    Integer,
    Row,
    Select,
    String,
    Table,
    Time,
    delete,
    insert,
    select,
    update,
)

from backends.database import UtcDateTime, metadata
from backends.opening import DAY, Calendar, Span, SpecialDay
from backends.rota import DAYS_TO_OFFER, Appointment, Dentist, Held, Patient, Practice, Wish
from backends.seeding import coming, fill, is_empty, raw_rows
from backends.slots import FORGOTTEN, Window, quarters

practice = Table(
    "practice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("timezone", String(40), nullable=False),
    Column("lead_minutes", Integer, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("notice_hours", Integer, nullable=False),
)
special_days = Table(
    "practice_special_days",
    metadata,
    Column("rule", String(80), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("opens", Time),
    Column("closes", Time),
)
treatments = Table(
    "treatments",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("minutes", Integer, nullable=False),
)
dentists = Table(
    "dentists",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
)
dentist_hours = Table(
    "dentist_hours",
    metadata,
    Column("dentist", String(40), ForeignKey("dentists.name"), primary_key=True),
    Column("weekday", Integer, primary_key=True),
    Column("opens", Time, primary_key=True),
    Column("closes", Time, nullable=False),
)
dentist_treatments = Table(
    "dentist_treatments",
    metadata,
    Column("dentist", String(40), ForeignKey("dentists.name"), primary_key=True),
    Column("treatment", String(40), ForeignKey("treatments.name"), primary_key=True),
)
absences = Table(
    "dentist_absences",
    metadata,
    Column("dentist", String(40), ForeignKey("dentists.name"), primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, nullable=False),
)
patients = Table(
    "patients",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("phone", String(20), nullable=False, index=True),
    Column("born_on", Date, nullable=False, index=True),
    Column("registered_at", UtcDateTime),  # by a call; none for whom the practice knew itself
)
appointments = Table(
    "appointments",
    metadata,
    Column("reference", String(6), primary_key=True),
    Column("request_key", String(64), unique=True),
    Column("patient_id", Integer, ForeignKey("patients.id"), nullable=False, index=True),
    Column("dentist", String(40), ForeignKey("dentists.name"), nullable=False),
    Column("treatment", String(40), ForeignKey("treatments.name"), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("cancelled_at", UtcDateTime),
    Column("is_from_call", Boolean, nullable=False),
)
claims = Table(
    "dentist_claims",
    metadata,
    Column("at", UtcDateTime, primary_key=True),
    Column("dentist", String(40), ForeignKey("dentists.name"), primary_key=True),
    Column("reference", String(6), ForeignKey("appointments.reference"), nullable=False, index=True),
)


class Diary:
    """The diary inside one transaction. With `is_locked`, nobody else writes in it before the transaction ends."""

    def __init__(self, connection: Connection, *, is_locked: bool = False) -> None:
        self._connection = connection
        house = select(practice)
        # SQLite leaves FOR UPDATE out: there the transaction itself is the only writer
        self.practice = _practice(connection, connection.execute(house.with_for_update() if is_locked else house).one())

    def taken_for(self, patient_id: int, held: Held, own: str | None = None) -> Held:
        """What is held, and, with every dentist, when the patient sits in another chair."""
        of_patient = self._standing().where(appointments.c.patient_id == patient_id)
        theirs = [row for row in self._rows(of_patient) if row.reference != own]
        busy = [at for row in theirs for at in quarters(row.starts_at, row.ends_at)]
        return held | {(dentist.name, at) for dentist in self.practice.dentists for at in busy}

    def held_around(self, day: date | None, now: datetime, own: str | None = None) -> Held:
        """What is held on the days from which offers are made, leaving out what `own` holds."""
        today = self.practice.calendar.wall(now).date()
        start = datetime.combine(max(day or today, today), time(0), tzinfo=self.practice.calendar.zone)
        between = select(claims).where(claims.c.at >= start, claims.c.at < start + (DAYS_TO_OFFER + 2) * DAY)
        return frozenset((row.dentist, row.at) for row in self._rows(between) if row.reference != own)

    def has_another(self, patient_id: int, start: datetime, end: datetime, own: str | None) -> bool:
        """Whether a patient is in a chair in that time already."""
        same = self._standing().where(appointments.c.patient_id == patient_id)
        rows = self._rows(same.where(appointments.c.starts_at < end, appointments.c.ends_at > start))
        return any(row.reference != own for row in rows)

    def get(self, reference: str) -> Appointment | None:
        """The appointment of that reference."""
        found = self._rows(select(appointments).where(appointments.c.reference == reference))
        return self._appointment(found[0]) if found else None

    def of_request(self, key: str) -> Appointment | None:
        """What that request has booked."""
        found = self._rows(select(appointments).where(appointments.c.request_key == key))
        return self._appointment(found[0]) if found else None

    def coming(self, patient_id: int, now: datetime) -> tuple[Appointment, ...]:
        """What a patient has that is not over yet."""
        of_patient = self._standing().where(appointments.c.patient_id == patient_id, appointments.c.ends_at > now)
        return tuple(self._appointment(row) for row in self._rows(of_patient.order_by(appointments.c.starts_at)))

    def patient(self, patient_id: int) -> Patient | None:
        """The patient of that id."""
        found = self._rows(select(patients).where(patients.c.id == patient_id))
        return _known(found[0]) if found else None

    def known_by(self, phone: str | None, born_on: date | None) -> tuple[Patient, ...]:
        """Everybody with that number and that date of birth, or with the one that is given."""
        query = select(patients).order_by(patients.c.id)
        query = query.where(patients.c.phone == phone) if phone else query
        query = query.where(patients.c.born_on == born_on) if born_on else query
        return tuple(_known(row) for row in self._rows(query)) if phone or born_on else ()

    def add_patient(self, name: str, phone: str, born_on: date, registered_at: datetime | None) -> Patient:
        """Write a new patient; `registered_at` is when a call did so."""
        values = {"name": name, "phone": phone, "born_on": born_on, "registered_at": registered_at}
        new = insert(patients).values(**values).returning(patients.c.id)
        return Patient(self._connection.execute(new).scalar_one(), name, phone, born_on)

    def add(
        self, reference: str, key: str | None, patient_id: int, wish: Wish, dentist: str, now: datetime
    ) -> Appointment:
        """Write an appointment and hold its dentist."""
        values = self._values(wish, dentist) | {"patient_id": patient_id, "treatment": wish.treatment}
        mine = {"reference": reference, "request_key": key, "made_at": now, "is_from_call": key is not None}
        new = insert(appointments).values(**mine, **values)
        self._connection.execute(new)
        return self._claim(reference)

    def put(self, reference: str, wish: Wish, dentist: str) -> Appointment:
        """Move an appointment, and hold the new time instead of the old one."""
        self._release(reference)
        moved = update(appointments).where(appointments.c.reference == reference)
        self._connection.execute(moved.values(**self._values(wish, dentist)))
        return self._claim(reference)

    def cancel(self, reference: str, now: datetime) -> None:
        """Give its time back. Without its key the same request can be made anew, by a caller who thought again."""
        self._release(reference)
        gone = update(appointments).where(appointments.c.reference == reference)
        self._connection.execute(gone.values(cancelled_at=now, request_key=None))

    def span(self, wish: Wish) -> tuple[datetime, datetime]:
        """From when to when a wish with day and time needs its dentist, in UTC."""
        start = self.practice.calendar.moment(wish.day, wish.at) if wish.day and wish.at else None
        if start is None:
            raise ValueError("a wish that `obstacle` has not judged")
        return start, start + self.practice.treatments[wish.treatment]

    def _release(self, reference: str) -> None:
        self._connection.execute(delete(claims).where(claims.c.reference == reference))

    def _claim(self, reference: str) -> Appointment:
        written = self.get(reference)
        if written is None:
            raise ValueError("an appointment that is not written")
        held = quarters(written.starts_at, written.ends_at)
        rows = [{"dentist": written.dentist, "at": at, "reference": reference} for at in held]
        self._connection.execute(insert(claims), rows)
        return written

    def _values(self, wish: Wish, dentist: str) -> dict[str, object]:
        start, end = self.span(wish)
        return {"dentist": dentist, "starts_at": start, "ends_at": end}

    def _standing(self) -> Select[Any]:
        return select(appointments).where(appointments.c.cancelled_at.is_(None))

    def _appointment(self, row: Row[Any]) -> Appointment:
        return Appointment(
            reference=row.reference,
            patient_id=row.patient_id,
            dentist=row.dentist,
            treatment=row.treatment,
            starts_at=self.practice.calendar.wall(row.starts_at),
            ends_at=self.practice.calendar.wall(row.ends_at),
            is_cancelled=row.cancelled_at is not None,
        )

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        return list(self._connection.execute(query))


def made_for(connection: Connection, phone: str) -> dict[str, list[dict[str, object]]]:
    """The appointments that calls have made for a number, and the patients that calls have written down, by table."""
    theirs = patients.c.phone == phone
    mine = appointments.c.is_from_call & appointments.c.patient_id.in_(select(patients.c.id).where(theirs))
    written = select(patients).where(theirs, patients.c.registered_at.is_not(None))
    both = {"appointments": select(appointments).where(mine), "patients": written}
    return {table: [row._asdict() for row in connection.execute(query)] for table, query in both.items()}


def forget_patient(connection: Connection, phone: str, now: datetime) -> int:
    """Delete what calls have made for a number: appointments, and patients that the practice did not know. Whoever has
    one to come stays without name, number and date of birth, so that the time stays held. How many rows that were."""
    theirs = select(patients.c.id).where(patients.c.phone == phone)
    is_coming = appointments.c.cancelled_at.is_(None) & (appointments.c.ends_at > now)
    mine = appointments.c.is_from_call & appointments.c.patient_id.in_(theirs) & ~is_coming
    count = _delete(connection, mine) + _delete_patients(connection, patients.c.phone == phone)
    nobody = {"name": FORGOTTEN, "phone": "", "born_on": date.min}
    of_call = update(patients).where(patients.c.phone == phone, patients.c.registered_at.is_not(None))
    return count + int(connection.execute(of_call.values(**nobody)).rowcount)


def expire_appointments(connection: Connection, before: datetime) -> int:
    """Delete what calls have made and was over, or cancelled, before then, and the patients who have nothing left. How
    many rows that were."""
    is_over = (appointments.c.ends_at < before) | (appointments.c.cancelled_at < before)
    count = _delete(connection, appointments.c.is_from_call & is_over)
    return count + _delete_patients(connection, patients.c.registered_at < before)


def _delete(connection: Connection, which: ColumnElement[bool]) -> int:
    theirs = select(appointments.c.reference).where(which)
    connection.execute(delete(claims).where(claims.c.reference.in_(theirs)))
    return int(connection.execute(delete(appointments).where(which)).rowcount)


def _delete_patients(connection: Connection, which: ColumnElement[bool]) -> int:
    """Those of them whom a call has written down, and who have no appointment."""
    is_free = patients.c.id.not_in(select(appointments.c.patient_id))
    gone = delete(patients).where(which, patients.c.registered_at.is_not(None), is_free)
    return int(connection.execute(gone).rowcount)


def seed_when_empty(connection: Connection, now: datetime) -> None:
    """A practice with a few weeks of appointments, counted from `now`; those on a closed day are left out."""
    if not is_empty(connection, practice):
        return
    for table in (practice, special_days, treatments, dentists, dentist_hours, dentist_treatments):
        fill(connection, table)
    today = Diary(connection).practice.calendar.wall(now).date()
    for row in raw_rows("dentist_absences"):
        first = coming(today, int(row["weekday"]), int(row["week"]))
        last = first + (int(row["days"]) - 1) * DAY
        connection.execute(insert(absences).values(dentist=row["dentist"], first_day=first, last_day=last))
    diary = Diary(connection)
    known = {row["phone"] + row["name"]: _patient(diary, row).id for row in raw_rows("patients")}
    for row in raw_rows("appointments"):
        day, at = coming(today, int(row["weekday"]), int(row["week"])), time.fromisoformat(row["at"])
        wish = Wish(treatment=row["treatment"], day=day, at=at, dentist=row["dentist"])
        if diary.practice.obstacle(wish, now) is None:
            diary.add(row["reference"], None, known[row["phone"] + row["name"]], wish, row["dentist"], now)


def _known(row: Row[Any]) -> Patient:
    return Patient(row.id, row.name, row.phone, row.born_on)


def _patient(diary: Diary, row: dict[str, str]) -> Patient:
    return diary.add_patient(row["name"], row["phone"], date.fromisoformat(row["born_on"]), None)


def _practice(connection: Connection, house: Row[Any]) -> Practice:
    spans, done, away = defaultdict(list), defaultdict(set), defaultdict(list)
    for dentist, weekday, opens, closes in connection.execute(select(dentist_hours)):
        spans[dentist].append(Span(weekday, opens, closes))
    for dentist, treatment in connection.execute(select(dentist_treatments)):
        done[dentist].add(treatment)
    for dentist, first, last in connection.execute(select(absences)):
        away[dentist].append((first, last))
    names = connection.execute(select(dentists.c.name).order_by(dentists.c.position)).scalars().all()
    special = tuple(SpecialDay(*row) for row in connection.execute(select(special_days)))
    week = tuple(sorted({span for theirs in spans.values() for span in theirs}))
    return Practice(
        calendar=Calendar(ZoneInfo(house.timezone), week, special),
        window=Window(timedelta(minutes=house.lead_minutes), house.horizon_days),
        notice=timedelta(hours=house.notice_hours),
        dentists=tuple(Dentist(n, frozenset(done[n]), tuple(sorted(spans[n])), tuple(away[n])) for n in names),
        treatments={row.name: timedelta(minutes=row.minutes) for row in connection.execute(select(treatments))},
    )
