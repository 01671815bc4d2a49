"""The agent's voice: started, held, resumed, cut; every sample accounted for, on virtual time."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import io

from agent.turns.voice_out import RATE, VoiceOut
from tests.fakes.virtual_time import run


class Loudspeaker:
    """Plays what is captured at the pace of the clock, and remembers which samples were heard, and when."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: list[int] = []
        self._since = 0.0
        self.played: list[int] = []
        self.began_at: list[float] = []

    def _advance(self) -> None:
        due = round((self._loop.time() - self._since) * RATE)
        self.played += self._queue[:due]
        del self._queue[:due]
        self._since = self._loop.time()

    @property
    def queued_duration(self) -> float:
        """What is left to play."""
        self._advance()
        return len(self._queue) / RATE

    def clear_queue(self) -> None:
        """Silence."""
        self._advance()
        self._queue.clear()

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Play this next."""
        self._advance()
        if not self._queue:
            self.began_at.append(self._loop.time())
        self._queue += np.frombuffer(frame.data, np.int16).tolist()


def speech(seconds: float) -> rtc.AudioFrame:
    """Numbered samples, so that a lost or doubled one shows."""
    samples = (np.arange(int(seconds * RATE)) % 30_000).astype(np.int16)
    return rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples))


Scene = Callable[[VoiceOut, Loudspeaker], Awaitable[None]]


def played(scene: Scene) -> tuple[list[int], list[io.PlaybackFinishedEvent]]:
    """What was heard in the scene, and how its segments ended."""
    ends: list[io.PlaybackFinishedEvent] = []

    async def act() -> list[int]:
        speaker = Loudspeaker()
        voice = VoiceOut(speaker)
        voice.begin()
        voice.on("playback_finished", ends.append)
        await scene(voice, speaker)
        await asyncio.sleep(1)
        _ = speaker.queued_duration
        await voice.aclose()
        return speaker.played

    return run(act()), ends


def whole(seconds: float) -> list[int]:
    """The samples of `speech`."""
    samples: list[int] = np.frombuffer(speech(seconds).data, np.int16).tolist()
    return samples


def test_a_segment_is_played_whole_and_starts_at_once() -> None:
    """No sample is lost, and the first is on its way within a frame."""

    async def scene(voice: VoiceOut, speaker: Loudspeaker) -> None:
        at = asyncio.get_running_loop().time()
        await voice.capture_frame(speech(1.234))
        voice.flush()
        ended = await voice.wait_for_playout()
        assert speaker.began_at[0] - at < 0.02
        assert ended.playback_position == pytest.approx(1.234, abs=0.001)

    heard, (end,) = played(scene)
    assert heard == whole(1.234)
    assert not end.interrupted


@pytest.mark.parametrize("at_s", [0.03, 0.2, 0.555, 0.99])
@pytest.mark.parametrize("for_s", [0.01, 0.7])
def test_a_held_voice_goes_on_at_the_very_sample(at_s: float, for_s: float) -> None:
    """Held and released: silence at once, and then everything, once."""

    async def scene(voice: VoiceOut, speaker: Loudspeaker) -> None:
        await voice.capture_frame(speech(1.0))
        voice.flush()
        await asyncio.sleep(at_s)
        voice.pause()
        before = len(speaker.played)
        await asyncio.sleep(for_s)
        assert speaker.queued_duration == 0.0 and len(speaker.played) == before
        voice.resume()
        await voice.wait_for_playout()

    heard, (end,) = played(scene)
    assert heard == whole(1.0)
    assert not end.interrupted and end.playback_position == pytest.approx(1.0, abs=0.001)


def test_a_cut_voice_says_how_much_was_heard() -> None:
    """The history keeps what was heard, no more."""

    async def scene(voice: VoiceOut, _: Loudspeaker) -> None:
        await voice.capture_frame(speech(2.0))
        await asyncio.sleep(0.8)
        voice.pause()
        await asyncio.sleep(0.5)
        voice.flush()
        voice.clear_buffer()

    heard, (end,) = played(scene)
    assert end.interrupted
    assert end.playback_position == pytest.approx(0.8, abs=0.03)
    assert len(heard) == pytest.approx(end.playback_position * RATE, abs=RATE * 0.03)


def test_time_that_passes_between_two_looks_ends_the_segment_all_the_same() -> None:
    """The queue runs dry just between "is it over?" and going to sleep: somebody must wake up."""

    async def act() -> None:
        speaker = Loudspeaker()
        voice = VoiceOut(Hasty(speaker))
        voice.begin()
        for _ in range(20):
            await voice.capture_frame(speech(0.1))
            voice.flush()
            async with asyncio.timeout(5):
                await voice.wait_for_playout()
        await voice.aclose()

    run(act())


class Hasty:
    """A loudspeaker whose queue runs dry between two looks at it."""

    def __init__(self, speaker: Loudspeaker) -> None:
        self._speaker = speaker
        self._looks = 0
        self.clear_queue = speaker.clear_queue
        self.capture_frame = speaker.capture_frame

    @property
    def queued_duration(self) -> float:
        """At its end a little, then nothing, in turn."""
        left_s = self._speaker.queued_duration
        if left_s > 0.004:
            return left_s
        self._looks += 1
        return 0.0005 if self._looks % 2 else 0.0


def test_a_reply_that_begins_while_the_caller_speaks_waits() -> None:
    """Held by listening before its first sample; the session's own resume does not end that."""

    async def scene(voice: VoiceOut, speaker: Loudspeaker) -> None:
        voice.hold()
        voice.resume()
        await voice.capture_frame(speech(0.4))
        voice.flush()
        await asyncio.sleep(0.5)
        assert speaker.queued_duration == 0.0 and not speaker.played
        voice.release()
        await voice.wait_for_playout()

    heard, _ = played(scene)
    assert heard == whole(0.4)


def test_the_next_segment_waits_for_the_one_before_and_plays() -> None:
    """Two replies in a row, the second after a cut that left the output held."""

    async def scene(voice: VoiceOut, _: Loudspeaker) -> None:
        await voice.capture_frame(speech(0.5))
        voice.pause()
        voice.flush()
        voice.clear_buffer()
        voice.resume()
        await voice.capture_frame(speech(0.3))
        voice.flush()
        await voice.wait_for_playout()

    heard, ends = played(scene)
    assert [end.interrupted for end in ends] == [True, False]
    assert heard[-len(whole(0.3)) :] == whole(0.3)


def test_a_slow_voice_is_played_as_it_comes() -> None:
    """A TTS with gaps: what there is is not kept back for a whole frame."""

    async def scene(voice: VoiceOut, _: Loudspeaker) -> None:
        samples = whole(0.31)
        for start in range(0, len(samples), 500):
            part = np.array(samples[start : start + 500], np.int16)
            await voice.capture_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, len(part)))
            await asyncio.sleep(0.05)
        voice.flush()
        await voice.wait_for_playout()

    heard, _ = played(scene)
    assert heard == whole(0.31)


def test_what_is_interjected_is_heard_before_the_segment_that_begins_meanwhile() -> None:
    """Both whole, one behind the other, and the segment's own length is told."""

    async def scene(voice: VoiceOut, speaker: Loudspeaker) -> None:
        await voice.interject(speech(0.8))
        await asyncio.sleep(0.2)
        assert voice.sounds and not voice.is_playing
        await voice.capture_frame(speech(0.5))
        voice.flush()
        await voice.wait_for_playout()
        assert not voice.sounds and not speaker.queued_duration

    heard, ends = played(scene)
    assert heard == whole(0.8) + whole(0.5)
    assert [round(end.playback_position, 2) for end in ends] == [0.5]


def test_whoever_holds_the_voice_cuts_what_is_interjected() -> None:
    """The caller speaks: they are listened to."""

    async def scene(voice: VoiceOut, speaker: Loudspeaker) -> None:
        await voice.interject(speech(0.8))
        await asyncio.sleep(0.3)
        voice.hold()
        await asyncio.sleep(0.1)
        await voice.interject(speech(0.8))
        voice.release()
        await asyncio.sleep(1.0)
        assert not speaker.queued_duration

    heard, ends = played(scene)
    assert heard == whole(0.8)[: round(0.3 * RATE)] and not ends


def test_a_segment_that_has_run_dry_starves_until_more_of_it_comes() -> None:
    """Not before it has begun, nor when it is whole."""

    async def scene(voice: VoiceOut, _: Loudspeaker) -> None:
        states = [voice.is_starving]
        await voice.capture_frame(speech(0.3))
        await asyncio.sleep(0.1)
        states.append(voice.is_starving)
        await asyncio.sleep(0.4)
        states.append(voice.is_starving)
        await voice.capture_frame(speech(0.3))
        await asyncio.sleep(0.1)
        states.append(voice.is_starving)
        voice.flush()
        await voice.wait_for_playout()
        assert [*states, voice.is_starving] == [False, False, True, False, False]

    played(scene)
