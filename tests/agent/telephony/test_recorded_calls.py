"""Recording, by telephone: the number that calls decides who is asked and who is told, their words what is left."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from agent.providers.local.speech_client import SpeechClient
from agent.recording import AGENT, CALLER, write_wav
from tests.agent.calls import ANSWER_S
from tests.agent.telephony.conftest import RECORDED, RECORDING_KEY, Office
from tests.agent.telephony.test_calls import all_gone, spoken, understood
from tests.agent.test_recorded_call import sound

pytestmark = [
    pytest.mark.needs("livekit-server", "livekit-sip", "redis-server", "sipp"),
    pytest.mark.timeout(180),
]
NEAR = "+15185550171"  # of New York, as the company: one party's consent is enough there, and the other is told
PARKING = "Where can I park?"


@pytest.fixture
def recordings(office: Office) -> set[Path]:
    """Those that were there before the call."""
    return _recordings(office)


def _recordings(office: Office) -> set[Path]:
    folder = office.worker.var / "recordings"
    return set(folder.iterdir()) if folder.exists() else set()


async def test_who_agrees_is_recorded_on_both_sides(
    office: Office, speech: SpeechClient, recordings: set[Path], tmp_path: Path
) -> None:
    """Nobody knows where the number is: it is asked, and recorded from the yes on."""
    yes, question = await spoken(speech, "Yes, that's fine."), await spoken(speech, PARKING)
    async with office.call(RECORDED) as phone:
        await phone.up()
        await phone.quiet(2.0, ANSWER_S)
        assert "record this call" in await understood(phone, speech, 0)
        since = await phone.say(yes)
        await phone.quiet(1.5, ANSWER_S, since)
        assert "recording is on" in await understood(phone, speech, since)
        since = await phone.say(question)
        await phone.quiet(2.0, ANSWER_S, since)
    await all_gone(office)
    await asyncio.sleep(1.0)
    (sealed,) = _recordings(office) - recordings
    write_wav(sealed, tmp_path / "call.wav", RECORDING_KEY)
    both = sound(tmp_path / "call.wav")
    for side in (CALLER, AGENT):
        heard = await speech.transcribe(np.ascontiguousarray(both[:, side]).tobytes())
        assert "park" in heard.lower(), (side, heard)


async def test_who_refuses_is_served_and_not_recorded(
    office: Office, speech: SpeechClient, recordings: set[Path]
) -> None:
    """A no is answered, and so is what is asked after it."""
    no, question = await spoken(speech, "No, I'd rather not."), await spoken(speech, PARKING)
    async with office.call(RECORDED) as phone:
        await phone.up()
        await phone.quiet(2.0, ANSWER_S)
        since = await phone.say(no)
        await phone.quiet(1.5, ANSWER_S, since)
        assert "not recorded" in await understood(phone, speech, since)
        since = await phone.say(question)
        await phone.quiet(2.0, ANSWER_S, since)
        assert "park" in await understood(phone, speech, since)
    await all_gone(office)
    await asyncio.sleep(1.0)
    assert _recordings(office) == recordings


async def test_who_is_told_and_does_not_want_it_leaves_no_recording(
    office: Office, speech: SpeechClient, recordings: set[Path]
) -> None:
    """Where telling is enough it runs from the start, until the caller takes it back: what there was goes."""
    question, stop = await spoken(speech, PARKING), await spoken(speech, "Please stop recording this call.")
    async with office.call(RECORDED, number=NEAR) as phone:
        await phone.up()
        await phone.quiet(2.0, ANSWER_S)
        assert "call is recorded" in await understood(phone, speech, 0)
        since = await phone.say(question)
        await phone.quiet(2.0, ANSWER_S, since)
        since = await phone.say(stop)
        await phone.quiet(2.0, ANSWER_S, since)
        assert "stopped the recording" in await understood(phone, speech, since)
    await all_gone(office)
    await asyncio.sleep(1.0)
    assert _recordings(office) == recordings
