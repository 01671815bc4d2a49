"""When a call is recorded: by place, by the caller's answer to the question alone, and never after a no."""

import asyncio
import os
from base64 import b64encode
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from livekit import rtc

from agent.config import Settings
from agent.dialog.recorder import FLAG, Recorder
from agent.dialog.sayings import Sayings
from agent.events import ConsentGiven, ConsentRefused
from agent.profile.choices import RecordingChoice
from agent.recording import RATE
from tests.fakes.calls import recorded_call, shop

ASKS, TELLS = RecordingChoice().asks, RecordingChoice().tells
NEW_YORK, CALIFORNIA = "+15185550142", "+14155550142"


class Mouth:
    """Says nothing aloud, and knows what it was asked to."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def speak(self, sentence: str, may_be_stopped: bool = True) -> None:
        """One sentence."""
        self.said.append(sentence)


class Recorded:
    """A call of a shop in New York that records, from that number."""

    def __init__(self, folder: Path, number: str, *, is_enabled: bool = True) -> None:
        self.folder = folder / "recordings"
        choice = RecordingChoice(enabled=is_enabled, place="US-NY")
        self.call, self.record = recorded_call(shop().model_copy(update={"recording": choice}), number=number)
        key = b64encode(os.urandom(32)).decode()
        settings = Settings.model_validate({"var_dir": folder, "recording_key": key})
        self.mouth = Mouth()
        self.recorder = Recorder(self.call, settings, cast(Sayings, self.mouth))

    async def opens(self) -> None:
        """As every call does."""
        await self.recorder.tell()
        await self.recorder.ask()

    async def hears(self, text: str, after: str = ASKS) -> bool:
        """A turn of the caller's, after those words of the agent's; whether it was about the recording."""
        taken = self.recorder.takes(text, after)
        await asyncio.sleep(0)
        return taken

    def talks(self) -> None:
        """A moment of sound."""
        self.recorder.on_caller_frame(rtc.AudioFrame(np.ones(320, np.int16).tobytes(), RATE, 1, 320))

    @property
    def consent(self) -> list[tuple[str, str]]:
        """What the audit log learns of it, in order."""
        told = [one for one in self.record.events if isinstance(one, ConsentGiven | ConsentRefused)]
        assert all(one.purpose == "recording" for one in told)
        return [(type(one).__name__, one.how) for one in told]

    @property
    def files(self) -> int:
        """How many there are."""
        return len(list(self.folder.glob("*"))) if self.folder.exists() else 0


async def test_where_it_is_enough_the_caller_is_told_and_recorded(tmp_path: Path) -> None:
    """Before the greeting, and asked nothing."""
    one = Recorded(tmp_path, NEW_YORK)
    await one.opens()
    one.talks()
    assert (one.mouth.said, one.files, FLAG in one.call.flags) == ([TELLS], 1, True)
    await one.recorder.aclose()
    assert one.files == 1


@pytest.mark.parametrize("number", [CALIFORNIA, ""], ids=["California", "a browser"])
async def test_elsewhere_only_a_yes_begins_it(number: str, tmp_path: Path) -> None:
    """And the yes is nobody else's turn."""
    one = Recorded(tmp_path, number)
    await one.opens()
    one.talks()
    assert (one.mouth.said, one.files) == ([ASKS], 0)
    assert await one.hears("Yes, that's fine.")
    assert (one.files, one.mouth.said[-1]) == (1, RecordingChoice().agreed)
    assert one.consent == [("ConsentGiven", "said_yes")]
    assert not await one.hears("Yes.")


@pytest.mark.parametrize("text", ["No.", "I'd rather you didn't record this.", "No thanks, don't record me."])
async def test_a_no_is_a_no_for_the_whole_call(text: str, tmp_path: Path) -> None:
    """A yes to something else does not change it."""
    one = Recorded(tmp_path, CALIFORNIA)
    await one.opens()
    assert await one.hears(text)
    assert not await one.hears("Yes, please.", after="Shall I cancel it?")
    assert (one.files, one.mouth.said[-1]) == (0, RecordingChoice().refused)
    assert await one.hears("I said no, don't record this.")
    assert one.consent == [("ConsentRefused", "said_no")], "a second no is no news"


@pytest.mark.parametrize(
    ("text", "after"), [("Where is my order?", ASKS), ("Yes, do that.", "Shall I cancel it?"), ("Maybe.", ASKS)]
)
async def test_what_is_no_answer_to_it_is_no_yes(text: str, after: str, tmp_path: Path) -> None:
    """The turn is answered as any other, and a later yes is about something else."""
    one = Recorded(tmp_path, CALIFORNIA)
    await one.opens()
    assert not await one.hears(text, after)
    assert not await one.hears("Yes.")
    assert (one.files, one.consent) == (0, [])


async def test_a_wish_in_mid_call_stops_it_and_deletes_what_there_was(tmp_path: Path) -> None:
    """And what is said afterwards is nowhere."""
    one = Recorded(tmp_path, NEW_YORK)
    await one.opens()
    one.talks()
    assert await one.hears("Actually, please stop recording.", after="It ships on Monday.")
    one.talks()
    await one.recorder.aclose()
    assert (one.files, one.mouth.said[-1]) == (0, RecordingChoice().deleted)
    assert one.consent == [("ConsentRefused", "withdrew")], "being told is no consent, and can be taken back"


async def test_a_profile_that_does_not_record_says_nothing_of_it(tmp_path: Path) -> None:
    """Whoever speaks of records is answered as ever."""
    one = Recorded(tmp_path, NEW_YORK, is_enabled=False)
    await one.opens()
    one.talks()
    assert not await one.hears("Don't record me.")
    assert (one.mouth.said, one.files) == ([], 0)


async def test_a_disk_that_cannot_be_written_costs_the_recording_and_not_the_call(tmp_path: Path) -> None:
    """The operator reads it in the log."""
    one = Recorded(tmp_path, NEW_YORK)
    one.folder.write_text("in the way")
    await one.opens()
    one.talks()
    await one.recorder.aclose()
    assert FLAG not in one.call.flags
