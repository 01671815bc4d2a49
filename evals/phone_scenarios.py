"""`python -m evals phone --scenarios`: the scenarios marked `spoken`, said aloud into a telephone. Judged as those by
text are: by what was called and said, which the call's kept state holds, and by what the database holds. And by the
ear: an answer of which too little was heard at the telephone has not been given."""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from livekit.agents import llm

from agent.events import EndReason
from agent.memory.store import StoredCall
from agent.profile.profile import Profile
from agent.rescue.taking_up import Carried
from evals import voices
from evals.caller import Samples
from evals.expecting import Made, Outcome, Played, failures, holds
from evals.phone_house import House, narrow, running_house
from evals.records import columns, snapshot
from evals.scenario import Script, load_scripts
from evals.spoken import AGAIN, QUIET_S, TRIES, VOICE
from evals.spoken import ANSWER_WITHIN_S as HEARD_WITHIN_S
from evals.telephone import Telephone
from evals.wer import errors, words

FIRST_NUMBER = 15550100100
GREETING_WITHIN_S = 60.0
ENDS_WITHIN_S = 15.0
LOOK_EVERY_S = 0.1
LOST_WORDS = 0.5  # of an answer: the ear's STT mishears names and numbers, and is no judge of single words

Item = llm.ChatItem


async def play(profiles: Sequence[Profile]) -> list[tuple[Script, list[str]]]:
    """The first wording of each, one after the other; each with what was wrong. Raises ConfigError and NotStarted."""
    numbers = {f"+{FIRST_NUMBER + place}": profile.name for place, profile in enumerate(profiles)}
    scripts = {profile.name: _spoken(profile) for profile in profiles}
    numbers = {number: name for number, name in numbers.items() if scripts[name]}
    judged: list[tuple[Script, list[str]]] = []
    if not numbers:
        return judged
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as folder:
        async with running_house(Path(folder), numbers, profiles_dir=profiles[0].folder.parent) as house:
            for number, name in numbers.items():
                profile = next(one for one in profiles if one.name == name)
                judged += [(script, await _conversation(house, number, profile, script)) for script in scripts[name]]
    return judged


def _spoken(profile: Profile) -> list[Script]:
    found = [one for one in load_scripts(profile, columns()) if one.scenario.spoken]
    return list({script.name: script for script in reversed(found)}.values())


async def _conversation(house: House, number: str, profile: Profile, script: Script) -> list[str]:
    """One call from the greeting to the end; gives what was wrong."""
    url = house.settings.backend(profile.name)
    before = await asyncio.to_thread(snapshot, url)
    sounds = [narrow(await voices.spoken(house.client, VOICE, one)) if one else None for one in script.words]
    print(f"\n{profile.name}/{script.name}", flush=True)
    known = {one.id for one in await asyncio.to_thread(house.stored)}
    async with house.call(number) as phone:
        await phone.up()
        async with _listening(house) as talk:
            outcome = await _talk(house, phone, talk, script, sounds, profile)
    record = await _record(house, known)
    after = await asyncio.to_thread(snapshot, url)
    ended = EndReason(record.end_reason) if record and record.end_reason and script.scenario.ends else None
    flags = frozenset(record.flags if record else ())
    wrong = failures(script, replace(outcome, before=before, after=after, ended=ended, flags=flags), profile)
    print("\n".join(f"  NOT AS WRITTEN: {reason}" for reason in wrong) or "  as written", flush=True)
    return wrong


async def _record(house: House, known: set[str]) -> StoredCall | None:
    """That of the call which is over."""
    new = [one.id for one in await asyncio.to_thread(house.stored) if one.id not in known]
    with contextlib.suppress(TimeoutError):
        return await house.ended(new[0]) if new else None
    return None


class Transcript:
    """The call's history, read from what it keeps for a job that would go on with it; the last that was there."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def take(self, kept: Carried | None) -> None:
        """A newer one; none when the call is over."""
        if kept is not None:
            self.items = [one for one in kept.context.items if one.type != "agent_config_update"]

    @property
    def is_answered(self) -> bool:
        """Whether the agent had the last word, and no tool is at work."""
        asked = {one.call_id for one in self.items if one.type == "function_call"}
        given = {one.call_id for one in self.items if one.type == "function_call_output"}
        last = next((one for one in reversed(self.items) if one.type == "message"), None)
        return asked <= given and last is not None and last.role == "assistant"

    @property
    def ids(self) -> frozenset[str]:
        """Of all there is by now."""
        return frozenset(one.id for one in self.items)

    def said(self, role: str, known: frozenset[str]) -> str:
        """The words of one side that are new."""
        messages = [one for one in self.items if one.type == "message" and one.role == role and one.id not in known]
        return " ".join(one.text_content or "" for one in messages)

    def made(self, known: frozenset[str]) -> tuple[Made, ...]:
        """The tools called that are new."""
        called = [one for one in self.items if one.type == "function_call" and one.id not in known]
        return tuple(Made(one.name, json.loads(one.arguments or "{}")) for one in called)


@contextlib.asynccontextmanager
async def _listening(house: House) -> AsyncIterator[Transcript]:
    """The transcript of the one call that runs, kept up to date."""
    talk = Transcript()

    async def follow() -> None:
        while True:
            for room in await house.rooms():
                talk.take(await asyncio.to_thread(house.kept, room))
            await asyncio.sleep(LOOK_EVERY_S)

    task = asyncio.create_task(follow(), name="transcript")
    try:
        yield talk
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _talk(
    house: House, phone: Telephone, talk: Transcript, script: Script, sounds: Sequence[Samples | None], profile: Profile
) -> Outcome:
    await _heard_out(phone, talk, 0.0, frozenset(), GREETING_WITHIN_S)
    turns: list[Played] = []
    problems: list[str] = []
    for number, (said, sound) in enumerate(zip(script.words, sounds, strict=True), 1):
        if phone.is_over:
            problems.append(f"turn {number}: the call had ended")
            break
        for _ in range(TRIES):
            since, played = await _turn(phone, talk, said, sound)
            if not any(holds(played.reply, sentence, profile) for sentence in AGAIN):
                break
        turns.append(played)
        heard = await house.understood(phone.line.rendered(since, phone.now))
        print(f"  ear     {heard}", flush=True)
        if errors(played.reply, heard) > LOST_WORDS * len(words(played.reply)):
            problems.append(f"turn {number}: at the telephone was heard {heard!r} of {played.reply!r}")
    if script.scenario.ends:
        with contextlib.suppress(TimeoutError):
            await phone.until(lambda: phone.is_over, ENDS_WITHIN_S, "the end")
    return Outcome(turns=tuple(turns), problems=tuple(problems))


async def _turn(phone: Telephone, talk: Transcript, said: str, sound: Samples | None) -> tuple[float, Played]:
    """What the caller says next, or says nothing, and what comes of it; and since when the answer may be heard."""
    known = talk.ids
    since = phone.now if sound is None else await phone.say(sound)
    await _heard_out(phone, talk, since, known, HEARD_WITHIN_S if sound is not None else GREETING_WITHIN_S)
    played = Played(said, talk.said("assistant", known), talk.made(known))
    print(f"  caller  {said}\n  heard   {talk.said('user', known)}", flush=True)
    for call in played.calls:
        print(f"  tool    {call}", flush=True)
    print(f"  agent   {played.reply}", flush=True)
    return since, played


async def _heard_out(phone: Telephone, talk: Transcript, since: float, known: frozenset[str], within_s: float) -> None:
    """Until the agent has answered, by the ear and by the history, and is quiet; or has not for so long."""
    deadline = since + within_s
    while not phone.is_over and phone.now < deadline + within_s:
        await asyncio.sleep(LOOK_EVERY_S)
        last = phone.last_sound_at() or 0.0
        is_quiet = phone.now - last > QUIET_S
        if is_quiet and last > since and talk.is_answered and talk.said("assistant", known):
            return
        if is_quiet and phone.now > deadline and talk.is_answered:
            return
    await asyncio.sleep(2 * LOOK_EVERY_S)  # what was said last is on its way
