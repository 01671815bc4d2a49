"""Several microphones in a real room: the one that speaks is heard."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import numpy as np
import pytest
from livekit import rtc

from agent.room.microphones import RATE, Microphones
from evals.servers import LiveKit
from tests.fakes.guests import Hall, publish

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(60)]
SENT = 48_000
FRAME = SENT // 50


class Mouth:
    """A microphone that sends silence, or a tone of its own while `is_loud`."""

    def __init__(self, hertz: int) -> None:
        self.is_loud = False
        # a frame holds whole periods, so that it can be sent again and again: made once, it costs the test no time
        tone = 8000 * np.sin(2 * np.pi * hertz * np.arange(FRAME) / SENT)
        self._frames = {True: tone.astype(np.int16).tobytes(), False: bytes(2 * FRAME)}
        self._source = rtc.AudioSource(SENT, 1, queue_size_ms=100)

    @contextlib.asynccontextmanager
    async def open(self, room: rtc.Room) -> AsyncIterator[None]:
        """Open it in that room."""
        await publish(room, self._source)
        sending = asyncio.create_task(self._send())
        try:
            yield
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await self._source.aclose()

    async def _send(self) -> None:
        while True:
            await self._source.capture_frame(rtc.AudioFrame(self._frames[self.is_loud], SENT, 1, FRAME))


async def heard_hertz(ears: Microphones, wanted: int, seconds: float = 10.0) -> bool:
    """Whether a tone of that height is heard within the time."""
    recent = np.zeros(0, np.float32)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                frame = await ears.__anext__()
                recent = np.concatenate([recent, np.frombuffer(frame.data, np.int16)])[-RATE // 5 :]
                spectrum = np.abs(np.fft.rfft(recent))
                if len(recent) == RATE // 5 and recent.std() > 500 and abs(spectrum.argmax() * 5 - wanted) <= 10:
                    return True
    return False


@pytest.fixture
def hall(livekit_server: LiveKit) -> Hall:
    """A room of the test's own."""
    return Hall(livekit_server)


async def test_who_speaks_is_heard_though_a_silent_microphone_came_first(hall: Hall) -> None:
    """An observer's open microphone does not make the agent deaf; and when the observer speaks, that is heard too."""
    one, two = Mouth(400), Mouth(900)
    speakers: list[str] = []
    async with hall.guest("agent", "agent") as room, hall.guest("observer") as first, hall.guest("person") as second:
        ears = Microphones(room, speakers.append)
        async with one.open(first):
            await asyncio.sleep(0.5)
            async with two.open(second):
                await asyncio.sleep(0.5)
                two.is_loud = True
                assert await heard_hertz(ears, 900)
                two.is_loud, one.is_loud = False, True
                assert await heard_hertz(ears, 400)
        await ears.aclose()
    assert speakers[:3] == ["observer", "person", "observer"]


async def test_of_two_microphones_of_one_caller_the_one_that_is_used_is_heard(hall: Hall) -> None:
    """A headset that is plugged in and lies on the table."""
    laptop, headset = Mouth(400), Mouth(900)
    async with hall.guest("agent", "agent") as room, hall.guest("person") as person:
        ears = Microphones(room, lambda _: None)
        async with laptop.open(person), headset.open(person):
            laptop.is_loud = True
            assert await heard_hertz(ears, 400)
        await ears.aclose()


async def test_nobody_is_cut_off_by_another_who_makes_a_sound(hall: Hall) -> None:
    """While one speaks the other is not listened to."""
    one, two = Mouth(400), Mouth(900)
    async with hall.guest("agent", "agent") as room, hall.guest("person") as first, hall.guest("loud") as second:
        ears = Microphones(room, lambda _: None)
        async with one.open(first):
            one.is_loud = True
            assert await heard_hertz(ears, 400)
            async with two.open(second):
                two.is_loud = True
                assert not await heard_hertz(ears, 900, seconds=1.5)
        await ears.aclose()


async def test_a_microphone_that_is_closed_and_opened_again_is_heard(hall: Hall) -> None:
    """Muting by taking the track away, as some clients do."""
    async with hall.guest("agent", "agent") as room, hall.guest("person") as person:
        ears = Microphones(room, lambda _: None)
        for hertz in (400, 900):
            mouth = Mouth(hertz)
            async with mouth.open(person):
                mouth.is_loud = True
                assert await heard_hertz(ears, hertz)
            for sid in list(person.local_participant.track_publications):
                await person.local_participant.unpublish_track(sid)
        await ears.aclose()


class Higher(rtc.FrameProcessor[rtc.AudioFrame]):
    """Makes another tone of whatever it hears, so that it is known to have been asked."""

    enabled = True
    is_closed = False

    def _process(self, frame: rtc.AudioFrame) -> rtc.AudioFrame:
        tone = 8000 * np.sin(2 * np.pi * 700 * np.arange(frame.samples_per_channel) / frame.sample_rate)
        return rtc.AudioFrame(tone.astype(np.int16).tobytes(), frame.sample_rate, 1, frame.samples_per_channel)

    def _close(self) -> None:
        self.is_closed = True


async def test_what_takes_the_noise_out_is_asked_about_each_microphone_and_let_go_of(hall: Hall) -> None:
    """Of all that is heard; each microphone has one of its own."""
    mouth, made = Mouth(400), list[Higher]()

    def clean() -> Higher:
        made.append(Higher())
        return made[-1]

    async with hall.guest("agent", "agent") as room, hall.guest("person") as person:
        ears = Microphones(room, lambda _: None, clean)
        async with mouth.open(person):
            mouth.is_loud = True
            assert await heard_hertz(ears, 700)
        await ears.aclose()
    assert [one.is_closed for one in made] == [True]
