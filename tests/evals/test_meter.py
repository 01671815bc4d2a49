"""The meter in a real room: an agent whose gaps are known to the sample, over WebRTC through a real livekit-server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

import numpy as np
import pytest
from livekit import api, rtc

from evals.caller import FRAME, RATE, Caller, Samples, token
from evals.gaps import LEAD_S, gap
from evals.onset import end_s
from evals.playing import Ear
from evals.servers import LiveKit
from tests.fakes.recordings import hiss, noise, vowel

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(90)]
QUEUE_MS = 20
GAPS_S = (0.2, 0.4, 0.7)
LISTENS_S = 1.5  # long enough for an answer to come and to be over


def sound(*parts: np.ndarray) -> Samples:
    """As int16."""
    return np.concatenate(parts).astype(np.int16)


CHANCE = np.random.default_rng(11)
QUESTION = sound(vowel(0.6))
ANSWERS = {"a voice": sound(vowel(0.5)), "a hiss, then a voice": sound(hiss(CHANCE, 0.12), vowel(0.4))}


@dataclass
class KnownAgent:
    """Joins like an agent, sends 10 ms frames for ever over noise of its own, and speaks when it is told to."""

    room: rtc.Room
    noise_db: float
    source: rtc.AudioSource = field(default_factory=lambda: rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE_MS))
    to_say: list[Samples] = field(default_factory=list)

    async def run(self) -> None:
        """Send until cancelled."""
        chance = np.random.default_rng(5)
        while True:
            frame = noise(chance, self.noise_db, FRAME / RATE)
            if self.to_say:
                frame = frame + self.to_say.pop(0)
            frame = np.rint(frame).astype(np.int16)
            await self.source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE, 1, FRAME))

    def say(self, answer: Samples) -> None:
        """From the next frame on."""
        padded = np.pad(answer, (0, -len(answer) % FRAME))
        self.to_say = list(padded.reshape(-1, FRAME))


@pytest.fixture(params=[-200.0, -55.0], ids=["silent line", "noisy line"])
async def call(livekit_server: LiveKit, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Caller, KnownAgent]]:
    """The caller and that agent in one room, both heard."""
    name = f"meter-{uuid4().hex[:8]}"
    jwt = token(livekit_server.key, livekit_server.secret, name, "caller", "nobody-answers-to-this")
    grants = api.VideoGrants(room_join=True, room=name)
    access = api.AccessToken(livekit_server.key, livekit_server.secret).with_identity("agent").with_grants(grants)
    agent = KnownAgent(rtc.Room(), request.param)
    await agent.room.connect(livekit_server.url, access.to_jwt())
    track = rtc.LocalAudioTrack.create_audio_track("voice", agent.source)
    await agent.room.local_participant.publish_track(track)
    running = asyncio.create_task(agent.run())
    async with Caller.join(livekit_server.url, jwt) as caller:
        await caller.until(lambda c: c.heard.stretches, 15, "sound from the agent")
        await asyncio.sleep(1)  # the jitter buffer has settled
        yield caller, agent
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await agent.room.disconnect()
    await agent.source.aclose()


@pytest.mark.parametrize("answer", ANSWERS)
async def test_gaps_known_to_the_sample_are_measured_within_20_ms(call: tuple[Caller, KnownAgent], answer: str) -> None:
    """0.2, 0.4 and 0.7 s after the caller's last sound; what arrives is found by its waveform, not by its loudness."""
    caller, agent = call
    for gap_s in GAPS_S:
        began = caller.now
        ended = await caller.say(QUESTION)
        await asyncio.sleep(ended + gap_s - caller.now)
        agent.say(ANSWERS[answer])
        await asyncio.sleep(LISTENS_S)
        said = caller.sent.rendered(caller.now, began - LEAD_S)
        heard = caller.heard.rendered(caller.now, began - LEAD_S)
        truth_s = place_of(ANSWERS[answer], heard) - (place_of(QUESTION, said) + end_s(QUESTION, RATE))
        assert gap_s < truth_s < gap_s + 0.4, "what was found is the answer, and a room away"
        found = gap(said, heard)
        assert found.verdict == "counted"
        assert found.ms == pytest.approx(truth_s * 1000, abs=20)


async def test_what_is_heard_comes_in_the_frames_of_which_an_echo_is_made(call: tuple[Caller, KnownAgent]) -> None:
    """A loudspeaker's echo goes back one for each that the microphone takes; longer ones would lose their ends."""
    caller, _ = call
    caller.heard = ear = Ear()
    heard: list[int] = []
    ear.listeners.append(lambda frame: heard.append(len(frame)))
    await asyncio.sleep(0.5)
    assert set(heard) == {FRAME}


def place_of(wanted: Samples, track: Samples) -> float:
    """The second at which the waveform stands in the track, by cross-correlation."""
    size = 1 << (len(track) + len(wanted)).bit_length()
    spectra = np.fft.rfft(track, size) * np.conj(np.fft.rfft(wanted, size))
    return float(np.argmax(np.fft.irfft(spectra, size)[: len(track)]) / RATE)
