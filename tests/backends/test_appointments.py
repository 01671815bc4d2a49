"""The practice's diary in a real SQLite and a real Postgres: the same suite, on the seed as it is on a Friday noon."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from agent.errors import NotFound, Refused, Unavailable
from backends import appointments
from backends.appointments import Appointments
from backends.appointments_rows import claims
from backends.database import make_engine
from backends.rota import Appointment, PartOfDay, Patient, Wish
from backends.slots import NotBooked, Offer, Reason
from tests.fakes.clocks import StandingClock
from tests.fakes.databases import locked

FRIDAY, SUNDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 23)
TUESDAY, WEDNESDAY, THANKSGIVING = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)
LINDGREN_AWAY = date(2026, 12, 2)
MARIA, ANNA = "+15185550101", "+15185550104"


@pytest.fixture
def clock() -> StandingClock:
    """Friday, November 20, 2026, noon in New York."""
    return StandingClock()


@pytest.fixture
def url(empty_url: str, clock: StandingClock) -> str:
    """A seeded database of each kind."""
    appointments.prepare(empty_url, clock)
    return empty_url


@pytest.fixture
async def diary(url: str, clock: StandingClock) -> AsyncIterator[Appointments]:
    """The diary in it."""
    diary = appointments.connect(url, clock)
    yield diary
    await diary.aclose()


@pytest.fixture
async def anna(diary: Appointments) -> Patient:
    """A patient who has one appointment, a week from Tuesday at eight."""
    return await diary.find_patient("Anna Lee", phone=ANNA)


def wish(  # a wish in one line of a table
    treatment: str = "check-up",
    day: date | None = None,
    at: time | None = None,
    part: PartOfDay | None = None,
    dentist: str | None = None,
) -> Wish:
    """A wish without the names of its parts."""
    return Wish(treatment=treatment, day=day, at=at, part=part, dentist=dentist)


def said(offers: Sequence[Offer]) -> list[str]:
    """Offers in short."""
    return [f"{offer.starts_at:%a %d %H:%M} {offer.place}" for offer in offers]


async def refused(work: Awaitable[object]) -> NotBooked:
    """What a wish was refused with; its sentence can be said aloud."""
    with pytest.raises(NotBooked) as error:
        await work
    assert not set("0123456789:/&%_") & set(error.value.sentence)
    assert error.value.sentence[-1] in ".?"
    return error.value


async def test_an_appointment_is_made_with_everything_of_it(diary: Appointments, anna: Patient) -> None:
    """Times are aware and those of the practice's clock; the treatment says how long."""
    made = await diary.book("key", anna.id, wish("crown", MONDAY, time(15), dentist="Okafor"))
    assert (made.patient_id, made.dentist, made.treatment) == (anna.id, "Okafor", "crown")
    assert made.starts_at.isoformat() == "2026-11-23T15:00:00-05:00"
    assert made.ends_at - made.starts_at == timedelta(minutes=90)
    assert len(made.reference) == 6 and made.reference.isdecimal()
    assert (await diary.coming(anna.id))[0] == made


@pytest.mark.parametrize(
    ("searched", "first"),
    [
        (wish(), "Fri 20 13:00 Okafor"),
        (wish(part=PartOfDay.EVENING), "Fri 20 17:00 Lindgren"),
        (wish(dentist="Reyes"), "Sat 21 09:30 Reyes"),
        (wish(dentist="Reyes", part=PartOfDay.AFTERNOON), "Sat 21 12:00 Reyes"),
        (wish("whitening", WEDNESDAY), "Wed 25 09:00 Lindgren"),
        (wish("root canal", MONDAY), "Mon 23 13:00 Okafor"),
        (wish(day=WEDNESDAY), "Wed 25 09:00 Lindgren"),
        (wish(day=SUNDAY), "Sun 22 10:00 Reyes"),
        (wish("crown", date(2026, 12, 24)), "Thu 24 08:00 Okafor"),
    ],
    ids=["at once", "evening", "dentist", "both", "one does it", "long enough", "another", "Sunday", "Christmas Eve"],
)
async def test_free_times_are_found_by_day_part_of_day_and_dentist(
    diary: Appointments, searched: Wish, first: str
) -> None:
    """Each of them can be booked; without a day, the first day that has any."""
    found = await diary.find_slots(searched)
    assert said(found)[0] == first
    assert len({offer.starts_at.date() for offer in found}) == 1
    assert not searched.part or {PartOfDay.of(offer.starts_at) for offer in found} == {searched.part}
    assert not searched.dentist or {offer.place for offer in found} == {searched.dentist}


async def test_each_free_time_can_be_booked(diary: Appointments) -> None:
    """A patient each, on the morning of the Wednesday on which Doctor Okafor has no minute left."""
    found = await diary.find_slots(wish("filling", WEDNESDAY, part=PartOfDay.MORNING))
    start = found[0].starts_at
    for number, offer in enumerate(o for o in found if (o.starts_at - start) % timedelta(hours=1) == timedelta()):
        who = await diary.register(f"Patient {number}", f"+1518556{number:04d}", date(1990, 1, 1))
        at = offer.starts_at
        made = await diary.book(str(number), who.id, wish("filling", at.date(), at.time()))
        assert (made.starts_at, made.dentist) == (at, offer.place)


@pytest.mark.parametrize(
    ("wanted", "reason", "offers"),
    [
        (wish(day=WEDNESDAY, at=time(10), dentist="Okafor"), Reason.TAKEN,
         ["Wed 25 10:00 Lindgren", "Fri 27 10:00 Okafor"]),
        (wish("root canal", WEDNESDAY, time(13)), Reason.TAKEN, ["Fri 27 13:00 Okafor"]),
        (wish("cleaning", TUESDAY, time(9), dentist="Reyes"), Reason.TAKEN,
         ["Tue 24 08:15 Reyes", "Tue 24 09:45 Reyes", "Tue 24 09:00 Okafor", "Sat 28 09:00 Reyes"]),
        (wish(day=THANKSGIVING, at=time(10)), Reason.CLOSED, ["Fri 27 10:00 Okafor"]),
        (wish(day=TUESDAY, at=time(22)), Reason.CLOSED, ["Tue 24 16:30 Okafor", "Wed 25 17:30 Lindgren"]),
        (wish(day=LINDGREN_AWAY, at=time(10), dentist="Lindgren"), Reason.AWAY,
         ["Wed 02 10:00 Okafor", "Mon 07 10:00 Lindgren"]),
        (wish(day=TUESDAY, at=time(10), dentist="Lindgren"), Reason.AWAY,
         ["Tue 24 10:00 Reyes", "Wed 25 10:00 Lindgren"]),
        (wish("whitening", TUESDAY, time(10)), Reason.AWAY, ["Wed 25 10:00 Lindgren"]),
        (wish("whitening", MONDAY, time(10), dentist="Reyes"), Reason.NOT_DONE, ["Mon 23 10:00 Lindgren"]),
        (wish("hair cut", MONDAY, time(10)), Reason.NOT_DONE, []),
        (wish(day=FRIDAY, at=time(9)), Reason.PAST, ["Fri 20 13:00 Okafor", "Sat 21 09:30 Reyes"]),
        (wish(day=FRIDAY, at=time(12, 30)), Reason.PAST, ["Fri 20 13:00 Okafor", "Sat 21 12:30 Reyes"]),
        (wish(day=date(2026, 11, 2), at=time(9)), Reason.PAST, ["Fri 20 13:00 Okafor"]),
        (wish(day=date(2027, 3, 1), at=time(9)), Reason.TOO_FAR, []),
        (wish(day=TUESDAY, at=time(11, 5)), Reason.OFF_GRID,
         ["Tue 24 11:00 Okafor", "Tue 24 11:15 Okafor", "Wed 25 11:00 Lindgren"]),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)  # fmt: skip
async def test_what_cannot_be_had_is_refused_with_a_way_out(
    diary: Appointments, anna: Patient, wanted: Wish, reason: Reason, offers: list[str]
) -> None:
    """Nearest before and after with that dentist, then another dentist, then another day; nothing is written."""
    before = await diary.coming(anna.id)
    refusal = await refused(diary.book("key", anna.id, wanted))
    assert (refusal.reason, said(refusal.offers)) == (reason, offers)
    assert isinstance(refusal, Refused)
    assert await diary.coming(anna.id) == before


@pytest.mark.parametrize(
    ("searched", "reason", "offers"),
    [
        (wish(day=WEDNESDAY, dentist="Okafor"), Reason.TAKEN, ["Wed 25 10:00 Lindgren", "Fri 27 10:00 Okafor"]),
        (wish(day=TUESDAY, part=PartOfDay.EVENING), Reason.TAKEN, ["Tue 24 16:30 Okafor", "Wed 25 17:30 Lindgren"]),
        (wish("whitening", dentist="Reyes"), Reason.NOT_DONE, ["Fri 20 14:00 Lindgren"]),
        (wish(day=THANKSGIVING), Reason.CLOSED, ["Fri 27 10:00 Okafor"]),
    ],
)
async def test_a_search_without_a_find_is_refused_with_a_way_out(
    diary: Appointments, searched: Wish, reason: Reason, offers: list[str]
) -> None:
    """In the same words as a booking."""
    refusal = await refused(diary.find_slots(searched))
    assert (refusal.reason, said(refusal.offers)) == (reason, offers)


async def test_asking_twice_books_once(diary: Appointments, anna: Patient) -> None:
    """Also when the first attempt still runs, as after an interruption."""
    wanted = wish("filling", MONDAY, time(15))
    made = await asyncio.gather(*(diary.book("key", anna.id, wanted) for _ in range(8)))
    assert len({appointment.reference for appointment in made}) == 1
    assert len(await diary.coming(anna.id)) == 2


async def test_a_patient_sits_in_one_chair_at_a_time(diary: Appointments, anna: Patient) -> None:
    """Another call, so another key; two dentists would be free."""
    await diary.book("call-1", anna.id, wish("filling", MONDAY, time(15)))
    refusal = await refused(diary.book("call-2", anna.id, wish("filling", MONDAY, time(15, 30), dentist="Lindgren")))
    assert refusal.reason is Reason.DOUBLE


async def test_nobody_is_offered_a_time_at_which_they_sit_in_another_chair(diary: Appointments) -> None:
    """Maria is with Doctor Reyes from nine to a quarter to ten, so half past nine with Doctor Okafor is no way out."""
    maria = await diary.find_patient("Maria Santos", phone=MARIA)
    refusal = await refused(diary.book("key", maria.id, wish(day=TUESDAY, at=time(10), dentist="Okafor")))
    assert said(refusal.offers) == [
        "Tue 24 10:30 Okafor", "Tue 24 08:30 Okafor", "Tue 24 10:00 Reyes", "Fri 27 10:00 Okafor",
    ]  # fmt: skip


async def test_a_move_keeps_reference_dentist_and_length(diary: Appointments, anna: Patient) -> None:
    """And the old time is free at once."""
    (old,) = await diary.coming(anna.id)
    moved = await diary.move(old.reference, MONDAY, time(15))
    assert (moved.reference, moved.dentist, moved.treatment) == (old.reference, "Okafor", "crown")
    assert await diary.coming(anna.id) == (moved,)
    free = await diary.find_slots(wish("crown", old.starts_at.date(), dentist="Okafor"))
    assert old.starts_at in {offer.starts_at for offer in free}


async def test_a_move_by_half_an_hour_may_overlap_itself(diary: Appointments, anna: Patient) -> None:
    """From eight to half past eight, for ninety minutes."""
    (old,) = await diary.coming(anna.id)
    moved = await diary.move(old.reference, old.starts_at.date(), time(8, 30))
    assert moved.starts_at - old.starts_at == timedelta(minutes=30)


async def test_a_move_that_is_asked_twice_is_made_once(diary: Appointments, anna: Patient) -> None:
    """It says where it should be, so a retry finds it there."""
    (old,) = await diary.coming(anna.id)
    first = await diary.move(old.reference, MONDAY, time(15))
    assert await diary.move(old.reference, MONDAY, time(15)) == first


@pytest.mark.parametrize(
    ("day", "at", "dentist", "reason"),
    [
        (WEDNESDAY, time(8), None, Reason.TAKEN),
        (THANKSGIVING, time(8), None, Reason.CLOSED),
        (MONDAY, time(12), None, Reason.CLOSED),
        (MONDAY, time(15), "Reyes", Reason.NOT_DONE),
        (date(2026, 11, 19), time(8), None, Reason.PAST),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
async def test_a_move_that_cannot_be_had_leaves_the_old_time(  # a table's columns
    diary: Appointments, anna: Patient, day: date, at: time, dentist: str | None, reason: Reason
) -> None:
    """The old time is only given up for the new one."""
    before = await diary.coming(anna.id)
    assert (await refused(diary.move(before[0].reference, day, at, dentist))).reason is reason
    assert await diary.coming(anna.id) == before


async def test_a_day_before_is_the_last_moment(diary: Appointments, anna: Patient, clock: StandingClock) -> None:
    """Twenty-four hours exactly are enough; after that the front desk has to do it, and an undone one stays."""
    (old,) = await diary.coming(anna.id)
    clock.at = old.starts_at - timedelta(hours=24) + timedelta(seconds=1)
    for work in (diary.cancel(old.reference), diary.move(old.reference, date(2026, 12, 3), time(9))):
        refusal = await refused(work)
        assert refusal.reason is Reason.TOO_LATE and "front desk" in refusal.sentence
    clock.at = old.starts_at - timedelta(hours=24)
    assert (await diary.cancel(old.reference)).is_cancelled
    assert not await diary.coming(anna.id)


async def test_what_was_cancelled_is_free_and_stays_cancelled(diary: Appointments, anna: Patient) -> None:
    """A second cancel changes nothing, a move is refused, the same request makes a new one."""
    wanted = wish("crown", MONDAY, time(15))
    made = await diary.book("key", anna.id, wanted)
    assert (await diary.cancel(made.reference)).is_cancelled and (await diary.cancel(made.reference)).is_cancelled
    assert (await refused(diary.move(made.reference, MONDAY, time(13)))).reason is Reason.GONE
    assert (await diary.book("key", anna.id, wanted)).reference != made.reference


@pytest.mark.parametrize(
    ("name", "phone", "born_on", "found"),
    [
        ("Maria Santos", MARIA, None, "Maria Santos"),
        ("Mateo Santos", MARIA, None, "Mateo Santos"),
        ("Robert Obrien", "+15185550106", None, "Robert O'Brien"),
        ("james whitefield", None, date(1957, 11, 30), "James Whitfield"),
        ("Santos Maria", MARIA, date(1984, 3, 5), "Maria Santos"),
        ("Hannah Leigh", None, date(1988, 2, 29), "Hannah Leigh"),
    ],
)
async def test_a_patient_is_found_by_name_and_one_more_fact(
    diary: Appointments, name: str, phone: str | None, born_on: date | None, found: str
) -> None:
    """Mother and son share a telephone; a name may be misheard a little."""
    assert (await diary.find_patient(name, phone=phone, born_on=born_on)).name == found


@pytest.mark.parametrize(
    ("name", "phone", "born_on"),
    [
        ("Maria Santos", ANNA, None),
        ("Maria Santos", MARIA, date(1984, 5, 3)),
        ("Santos", MARIA, None),
        ("Viktor Nagy", MARIA, None),
        ("Maria Santos", None, None),
        ("%", MARIA, None),
    ],
)
async def test_a_wrong_fact_finds_nobody(
    diary: Appointments, name: str, phone: str | None, born_on: date | None
) -> None:
    """And the sentence does not say which one is wrong."""
    with pytest.raises(NotFound, match="with those details"):
        await diary.find_patient(name, phone=phone, born_on=born_on)


@pytest.mark.parametrize("heard", ["Hannah Lee", "Anna Lay", "Anna Leigh"])
async def test_a_misheard_name_will_do_where_both_other_facts_are_one_person_s(diary: Appointments, heard: str) -> None:
    """Anna Lee was born on the same day, and has another number."""
    found = await diary.find_patient(heard, phone="+15185550105", born_on=date(1988, 2, 29))
    assert found.name == "Hannah Leigh"
    with pytest.raises(NotFound):
        await diary.find_patient("Robert O'Brien", phone="+15185550105", born_on=date(1988, 2, 29))


async def test_two_who_might_be_meant_need_one_more_fact(diary: Appointments) -> None:
    """Ann Lee and Anna Lee were born on the same day; a telephone number tells them apart."""
    with pytest.raises(Refused, match="one more detail"):
        await diary.find_patient("Anne Lee", born_on=date(1988, 2, 29))
    assert (await diary.find_patient("Anne Lee", born_on=date(1988, 2, 29), phone=ANNA)).name == "Anna Lee"


async def test_a_new_patient_is_written_once(diary: Appointments) -> None:
    """The same facts again are the same person; other facts are another one."""
    first = await diary.register("Nora Quist", "+15185550150", date(1999, 9, 9))
    assert await diary.register("nora quist", "+15185550150", date(1999, 9, 9)) == first
    assert await diary.register("Nils Quist", "+15185550150", date(1999, 9, 9)) != first
    assert await diary.find_patient("Nora Quist", phone="+15185550150") == first
    assert await diary.register("Nora Quisst", "+15185550150", date(1999, 9, 9)) != first  # a twin may sound the same


@pytest.mark.parametrize("reference", ["000000", "", "'; DROP TABLE appointments; --"])
async def test_a_reference_that_is_not_there_is_not_found(diary: Appointments, reference: str) -> None:
    """Nor is a patient."""
    with pytest.raises(NotFound):
        await diary.move(reference, MONDAY, time(15))
    with pytest.raises(NotFound):
        await diary.cancel(reference)
    with pytest.raises(NotFound):
        await diary.book("key", 999, wish(day=MONDAY, at=time(15)))


async def test_hours_are_the_practices_or_one_dentists(diary: Appointments) -> None:
    """On Wednesday from eight to six; Doctor Lindgren is away the week after next."""
    assert await diary.hours(WEDNESDAY)
    (morning, afternoon) = await diary.hours(WEDNESDAY, "Lindgren")
    assert (morning.start, afternoon.end) == (
        datetime(2026, 11, 25, 14, tzinfo=UTC), datetime(2026, 11, 25, 23, tzinfo=UTC),
    )  # fmt: skip
    assert not await diary.hours(LINDGREN_AWAY, "Lindgren")
    assert not await diary.hours(WEDNESDAY, "Nobody")
    assert not await diary.hours(THANKSGIVING)


@pytest.mark.parametrize(
    ("now", "day", "utc_hour"),
    [
        (datetime(2027, 3, 8, 17, tzinfo=UTC), date(2027, 3, 14), 14),
        (datetime(2027, 3, 8, 17, tzinfo=UTC), date(2027, 3, 13), 15),
        (datetime(2026, 10, 26, 17, tzinfo=UTC), date(2026, 11, 1), 15),
        (datetime(2026, 10, 26, 17, tzinfo=UTC), date(2026, 10, 31), 14),
    ],
    ids=["clocks went forward", "the day before it", "clocks went back", "the day before that"],
)
async def test_ten_is_ten_on_the_day_on_which_the_clocks_change(  # a table's columns
    diary: Appointments, anna: Patient, clock: StandingClock, now: datetime, day: date, utc_hour: int
) -> None:
    """Stored in UTC, said and found by the wall; an appointment moves over the change with its time."""
    clock.at = now
    made = await diary.book("key", anna.id, wish(day=day, at=time(10), dentist="Reyes"))
    assert made.starts_at.astimezone(UTC).hour == utc_hour
    assert (made.starts_at.date(), made.starts_at.time()) == (day, time(10))
    assert made.ends_at - made.starts_at == timedelta(minutes=30)
    moved = await diary.move(made.reference, day + timedelta(days=9), time(10), "Okafor")
    assert moved.starts_at.time() == time(10)


@pytest.fixture
def crowd(url: str, clock: StandingClock) -> Callable[[int], list[Appointments]]:
    """Callers who each have connections of their own, as calls in processes of their own do."""
    return lambda count: [appointments.connect(url, clock) for _ in range(count)]


async def test_of_fifty_callers_for_the_last_hour_one_wins(
    crowd: Callable[[int], list[Appointments]], url: str
) -> None:
    """The others hear what is free instead."""
    (front,) = crowd(1)
    await front.cancel("374559")  # eleven o'clock of the Wednesday that is full
    people = [await front.register(f"Patient {n}", f"+1518556{n:04d}", date(1990, 1, 1)) for n in range(50)]
    await front.aclose()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(50))
    lines = asyncio.Semaphore(50 if url.startswith("sqlite") else 15)  # the tests' Postgres takes twenty connections

    async def call(patient: Patient, diary: Appointments) -> Appointment | NotBooked:
        async with lines:
            try:
                wanted = wish("filling", WEDNESDAY, time(11), dentist="Okafor")
                return await diary.book(f"call-{patient.id}", patient.id, wanted)
            except NotBooked as refusal:
                return refusal
            finally:
                await diary.aclose()

    ended = await asyncio.gather(*(call(who, diary) for who, diary in zip(people, crowd(50), strict=True)))
    won = [end for end in ended if isinstance(end, Appointment)]
    lost = [end for end in ended if isinstance(end, NotBooked)]
    assert (len(won), len(lost)) == (1, 49)
    assert all(end.reason is Reason.TAKEN and said(end.offers)[0] == "Wed 25 11:00 Lindgren" for end in lost)


async def test_two_who_swap_times_at_once_end_with_one_each(crowd: Callable[[int], list[Appointments]]) -> None:
    """Neither deadlocks, and neither loses an appointment."""
    one, two = crowd(2)
    first = await one.find_patient("Hannah Leigh", phone="+15185550105")
    second = await one.find_patient("Robert O'Brien", phone="+15185550106")
    ((hers,), (his,)) = (await one.coming(first.id), await one.coming(second.id))
    await asyncio.gather(
        one.move(hers.reference, MONDAY, time(8, 30)),
        two.move(his.reference, MONDAY, time(10)),
        return_exceptions=True,
    )
    ((hers,), (his,)) = (await one.coming(first.id), await two.coming(second.id))
    assert hers.ends_at <= his.starts_at or his.ends_at <= hers.starts_at
    for diary in (one, two):
        await diary.aclose()


def test_the_database_itself_refuses_to_book_a_dentist_twice(url: str) -> None:
    """Whatever a program forgets: Doctor Okafor on the full Wednesday at eight."""
    engine, at = make_engine(url), datetime(2026, 11, 25, 13, tzinfo=UTC)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(claims).values(at=at, dentist="Okafor", reference="311207"))
    engine.dispose()


async def test_a_second_start_adds_nothing(url: str, clock: StandingClock) -> None:
    """Also when it is days later."""
    clock.forward(timedelta(days=2))
    appointments.prepare(url, clock)
    diary = appointments.connect(url, clock)
    maria = await diary.find_patient("Maria Santos", phone=MARIA)
    assert [appointment.reference for appointment in await diary.coming(maria.id)] == ["311207"]
    await diary.aclose()


async def test_a_locked_diary_is_unavailable_in_time(tmp_path: Path, clock: StandingClock) -> None:
    """And it works again once the lock is gone."""
    path = tmp_path / "dental.db"
    appointments.prepare(f"sqlite:///{path}", clock)
    diary = appointments.connect(f"sqlite:///{path}", clock)
    with locked(path):
        async with asyncio.timeout(2):
            with pytest.raises(Unavailable):
                await diary.find_slots(wish())
    assert await diary.find_slots(wish())
    await diary.aclose()
