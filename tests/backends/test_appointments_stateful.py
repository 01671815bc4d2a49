"""Any sequence of bookings, moves and cancels: no dentist and no patient is anywhere twice, and nothing is lost."""

import asyncio
from collections.abc import Awaitable
from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import select

from backends import appointments
from backends.appointments_rows import Diary, claims
from backends.appointments_rows import appointments as rows
from backends.database import make_engine
from backends.rota import Appointment, Wish
from backends.slots import NotBooked, quarters
from tests.fakes.clocks import StandingClock

T = TypeVar("T")
DAYS = st.integers(0, 16).map(lambda days: date(2026, 11, 20) + timedelta(days=days))
TIMES = st.sampled_from(
    [time(8), time(9), time(9, 30), time(10), time(10, 15), time(13), time(14, 45), time(19), time(2)]
)
TREATMENTS = st.sampled_from(["check-up", "cleaning", "filling", "crown", "root canal", "whitening"])
DENTISTS = st.none() | st.sampled_from(["Okafor", "Lindgren", "Reyes"])


class DiaryMachine(RuleBasedStateMachine):
    """A practice, with a model beside it that knows who was promised what."""

    kept = Bundle("kept")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = StandingClock()
        url = f"sqlite:///{Path(self.folder.name) / 'dental.db'}"
        appointments.prepare(url, self.clock)
        self.diary = appointments.connect(url, self.clock)
        self.engine = make_engine(url)
        self.promised: dict[str, Appointment] = {}
        self.requests = 0

    @initialize()
    def seeded(self) -> None:
        """What the seed holds was promised too."""
        with self.engine.connect() as connection:
            diary = Diary(connection)
            found = [diary.get(reference) for reference in connection.execute(select(rows.c.reference)).scalars()]
        self.promised = {appointment.reference: appointment for appointment in found if appointment}

    @rule(target=kept, patient=st.integers(1, 13), treatment=TREATMENTS, day=DAYS, at=TIMES, dentist=DENTISTS)
    def book(self, patient: int, treatment: str, day: date, at: time, dentist: str | None) -> object:  # a wish
        """A patient books; the same request again finds the same appointment; every offer is free."""
        self.requests += 1
        wish, key = Wish(treatment=treatment, day=day, at=at, dentist=dentist), str(self.requests)
        try:
            made = run(self.diary.book(key, patient, wish))
        except NotBooked as refusal:
            for offer in refusal.offers:
                search = Wish(treatment=treatment, day=offer.starts_at.date(), dentist=offer.place)
                assert offer in run(self.diary.find_slots(search))
                theirs = [made for made in self.promised.values() if made.patient_id == patient]
                assert not any(made.starts_at <= offer.starts_at < made.ends_at for made in theirs)
            return multiple()
        assert run(self.diary.book(key, patient, wish)) == made
        assert (made.starts_at.date(), made.starts_at.time(), made.treatment) == (day, at, treatment)
        assert dentist in {None, made.dentist}
        self.promised[made.reference] = made
        return made.reference

    @rule(reference=kept, day=DAYS, at=TIMES, dentist=DENTISTS)
    def move(self, reference: str, day: date, at: time, dentist: str | None) -> None:
        """Moved as asked, or not at all."""
        old = self.promised[reference]
        try:
            moved = run(self.diary.move(reference, day, at, dentist))
        except NotBooked:
            return
        assert (moved.starts_at.date(), moved.starts_at.time()) == (day, at)
        assert (moved.dentist, moved.treatment) == (dentist or old.dentist, old.treatment)
        self.promised[reference] = moved

    @rule(target=kept, reference=consumes(kept))
    def cancel(self, reference: str) -> object:
        """Gone for good, unless it is too late for that."""
        if self.promised[reference].starts_at - self.clock() < timedelta(hours=24):
            with pytest.raises(NotBooked, match="front desk"):
                run(self.diary.cancel(reference))
            return reference
        assert run(self.diary.cancel(reference)).is_cancelled
        del self.promised[reference]
        return multiple()

    @invariant()
    def the_diary_is_what_was_promised(self) -> None:
        """Each appointment stands as it was told and holds its dentist for all its time; nothing else is held."""
        with self.engine.connect() as connection:
            diary = Diary(connection)
            standing = connection.execute(select(rows.c.reference).where(rows.c.cancelled_at.is_(None))).scalars()
            there = {reference: diary.get(reference) for reference in standing}
            held = {(row.dentist, row.at): row.reference for row in connection.execute(select(claims))}
        assert there == self.promised
        expected = {
            (made.dentist, at): made.reference
            for made in self.promised.values()
            for at in quarters(made.starts_at, made.ends_at)
        }
        assert sum(len(quarters(a.starts_at, a.ends_at)) for a in self.promised.values()) == len(expected), "an overlap"
        assert held == expected
        by_patient = sorted(self.promised.values(), key=lambda made: (made.patient_id, made.starts_at))
        assert all(a.patient_id != b.patient_id or a.ends_at <= b.starts_at for a, b in pairwise(by_patient))
        for made in self.promised.values():
            dentist = next(d for d in diary.practice.dentists if d.name == made.dentist)
            stretches = diary.practice.stretches(dentist, made.starts_at.date())
            assert made.treatment in dentist.treatments
            assert any(s.start <= made.starts_at and made.ends_at <= s.end for s in stretches)

    def teardown(self) -> None:
        """Close everything."""
        run(self.diary.aclose())
        self.engine.dispose()
        self.folder.cleanup()


def run(work: Awaitable[T]) -> T:
    """Hypothesis' machines are not async."""

    async def wait() -> T:
        return await work

    return asyncio.run(wait())


TestDiary = DiaryMachine.TestCase
TestDiary.settings = settings(
    max_examples=5, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
