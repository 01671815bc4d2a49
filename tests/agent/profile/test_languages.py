"""Whole calls in three languages, through the real plugins of Deepgram, OpenAI and Cartesia on the rig: a Spanish one
in writing, a German one by voice, and an English one that changes to Spanish. Each is judged by its rows.

What the caller says by voice the rig knows beforehand (the local models hear English only), and a rule thinks.
"""

import asyncio
import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from agent.call.call import utc_now
from agent.config import ROOT
from agent.providers.local.speech_client import SpeechClient
from backends import tables
from backends.seating import Booking
from evals import voices
from evals.caller import Caller, Samples
from evals.servers import LiveKit, RunningWorker, end, start_worker
from tests.agent.calls import ANSWER_S, ask, greeted, kinds, spoken
from tests.rig.content import Heard, Known, Wish
from tests.rig.rig import KEYS, Rig, running

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(180)]

VOICES = {"es": "voz-de-la-casa", "de": "stimme-des-hauses"}
GUESTS = {"es": ("Lucía Ortega", "+12125550142", 3, "20:30"), "de": ("Jonas Weber", "+12125550177", 5, "18:00")}
DONE = {"es": "Hecho, su mesa está reservada.", "de": "Erledigt, Ihr Tisch ist reserviert."}
SAID = ("Guten Tag, ich hätte gern einen Tisch für fünf Personen.", "Ja, genau.")  # by voice, turn by turn


def the_day() -> date:
    """A Friday that is not so soon that it is fully booked."""
    today = utc_now().astimezone(ZoneInfo("America/New_York")).date()
    return today + timedelta(days=(4 - today.weekday()) % 7 + 7)


def mind(heard: Heard) -> str | Wish:
    """Whoever asks for a table is booked one once they have said yes; else it says which language it was told."""
    code = next((c for c, name in (("es", "Spanish"), ("de", "German")) if f"speaks {name}" in str(heard.said)), "en")
    role, last = heard.said[-1]
    if role == "tool":
        return last if "?" in last else DONE.get(code, last)
    if code == "en" or "terraza" in last:
        return {"en": "Yes, we are open.", "es": "Sí, tenemos terraza."}[code]
    name, phone, party, at = GUESTS[code]
    values = {"party": party, "day": the_day().isoformat(), "at": at, "name": name, "phone": phone}
    return Wish("book_table", json.dumps(values))


def profiles_in(folder: Path, rig: Rig) -> str:
    """The restaurant, in English, Spanish and German."""
    shutil.copytree(ROOT / "profiles" / "restaurant", folder / "restaurant")
    path = folder / "restaurant" / "profile.yaml"
    own = {
        "providers": {
            role: rig.choice(role, name).model_dump()  # type: ignore[arg-type]  # a Role
            for role, name in (("stt", "deepgram"), ("llm", "openai"), ("tts", "cartesia"))
        },
        "languages": {code: {"voice": {"cartesia": voice}} for code, voice in VOICES.items()},
        "limits": {"answer_within_s": 20},  # a busy machine is slow, not wrong
        "router": {"enabled": False},
    }
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | own, sort_keys=False))
    return str(folder)


async def test_a_booking_in_spanish_one_in_german_and_a_change_in_mid_call(
    livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right rows; questions, disclosure and voice in the caller's language; the change is confirmed in the new
    one."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    sound = await voices.agents(speech, "Hello there, I would like a table for five.")
    async with running(Known(SAID), mind) as rig:
        folder = profiles_in(tmp_path / "profiles", rig)
        worker = await asyncio.to_thread(
            start_worker, livekit_server, tmp_path, agent_name="languages", PARLEY_PROFILES_DIR=folder,
            PARLEY_PROFILE="restaurant",
        )  # fmt: skip
        try:
            async with asyncio.TaskGroup() as calls:
                calls.create_task(in_spanish(worker))
                calls.create_task(in_german(worker, sound))
                calls.create_task(changing(worker))
        finally:
            await asyncio.to_thread(end, worker.process)
        assert_heard_and_spoken(rig)
    for code in GUESTS:
        assert_booked(await booked(worker, code), code)


async def in_spanish(worker: RunningWorker) -> None:
    """In writing; a participant attribute tells the language."""
    async with worker.join("lucia", attributes={"language": "es-MX"}) as caller:
        await greeted(caller)
        question = await write(caller, "Quiero reservar una mesa para tres personas.")
        assert question.startswith("¿Le reservo una mesa para 3 el viernes") and "a las 20:30" in question, question
        assert await write(caller, "Sí, pero espere un momento.") == question  # which is no consent
        assert await write(caller, "Sí, por favor.") == DONE["es"]
    assert chosen(caller) == [("es", "participant")]
    assert disclosed(caller) == [("es", 0)]


async def in_german(worker: RunningWorker, sound: Samples) -> None:
    """By voice."""
    async with worker.join("jonas", attributes={"language": "de"}) as caller:
        await greeted(caller)
        question = await ask(caller, sound)
        assert question.startswith("Soll ich einen Tisch für 5 am Freitag, den") and "um 18:00 Uhr" in question, (
            question
        )
        await caller.until(lambda c: c.agent_state != "speaking", ANSWER_S, "the end of the question")
        assert (await ask(caller, sound)).strip() == DONE["de"]
    assert chosen(caller) == [("de", "participant")]
    assert disclosed(caller) == [("de", 0)]


async def changing(worker: RunningWorker) -> None:
    """English first, since nothing tells otherwise; then Spanish, since the caller asks for it."""
    async with worker.join("ana") as caller:
        await greeted(caller)
        assert await write(caller, "Are you open on Friday evening?") == "Yes, we are open."
        confirmed = await write(caller, "Sorry, do you speak Spanish?")
        assert confirmed == "Claro, sigamos en español. Soy un asistente automático, no una persona."
        assert await write(caller, "¿Tienen terraza?") == "Sí, tenemos terraza."
    assert chosen(caller) == [("en", "profile"), ("es", "asked")]
    assert disclosed(caller) == [("en", 0), ("es", 2)]


async def write(caller: Caller, text: str) -> str:
    """Type it and wait for the agent's next whole answer."""
    before = len(spoken(caller))
    await caller.write(text)
    await caller.until(lambda c: len(spoken(c)) > before, ANSWER_S, "an answer")
    return spoken(caller)[-1].strip()


def chosen(caller: Caller) -> list[tuple[object, object]]:
    """Which languages were spoken, and by whom they were told."""
    return [(event["language"], event["by"]) for event in kinds(caller, "language_chosen")]


def disclosed(caller: Caller) -> list[tuple[object, object]]:
    """In which language that an AI speaks was heard, and after how many turns."""
    return [(event["language"], event["turn"]) for event in kinds(caller, "ai_disclosed")]


def assert_heard_and_spoken(rig: Rig) -> None:
    """Deepgram was asked for each language, and for several at once where it was not known; Cartesia for each voice."""
    assert {"es", "de", "en-US", "multi"} == {one.body["language"][0] for one in rig.deepgram.asked}
    said = {(one.body["language"], one.body["voice"]["id"]) for one in rig.cartesia.asked if "voice" in one.body}
    assert set(VOICES.items()) <= said and {code for code, _ in said} == {"en", *VOICES}


async def booked(worker: RunningWorker, code: str) -> Booking:
    """The one booking of that guest."""
    name, phone, *_ = GUESTS[code]
    house = tables.connect(f"sqlite:///{worker.var / 'restaurant.db'}", utc_now)
    (booking,) = await house.find(name, phone)
    return booking


def assert_booked(booking: Booking, code: str) -> None:
    """What was asked for, once."""
    name, _, party, at = GUESTS[code]
    starts_at = datetime.combine(the_day(), datetime.strptime(at, "%H:%M").time())  # noqa: DTZ007  # the house's clock
    assert (booking.guest.name, booking.party, booking.starts_at.replace(tzinfo=None)) == (name, party, starts_at)
