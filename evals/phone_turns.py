"""Voice to voice, and barge-in, at a telephone's ear and at a browser's in turn: one call of each after the other."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from agent.config import ROOT
from agent.memory.store import StoredEvent
from evals.asking import ANSWER_WITHIN_S, GREETING_WITHIN_S, QUIET_S, TURNS_A_CALL, one_call
from evals.caller import RATE
from evals.figures import SETS, SetName
from evals.gaps import LEAD_S, LOOKED_AT_S, gap
from evals.latency_agents import short_answers
from evals.onset import FLOOR_DB, levels_db, onset_s
from evals.phone_figures import End, Heard, Measured
from evals.phone_house import House, narrow, running_house, wide
from evals.playing import AFTER_INTERRUPTION_S, Stage
from evals.questions import Question, Speech, declared, strangers
from evals.rtp import RATE as PHONE_RATE
from evals.scenes import INTO_ANSWER_S, SEED, Casting, Item, overlapping
from evals.stages import stages, told
from evals.telephone import Telephone
from evals.verdicts import Take, Told, Verdict, spans, yielded

SHORT, TALKATIVE = "+15550100100", "+15550100101"
LONGEST_ANSWER_S = 40.0
VOICED_S = 0.08
BARGE_INS_A_CALL = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much is measured in this run: turns by telephone, and barge-ins at each end, of each set."""

    turns: int
    barge_ins: int
    sets: Sequence[SetName]


async def measure(wanted: Wanted, found: Measured) -> None:
    """Start what is needed, add to what there is, and end it all. Raises NotStarted and ConfigError."""
    async with _house() as house:
        for asked in wanted.sets:
            enough = len(found.of("phone", "barge_in", asked)) + wanted.barge_ins
            chosen = strangers() if asked == "strangers" else declared
            by_phone, by_browser = (Speech(house.client, chosen, is_phone=one) for one in (True, False))
            for _ in range(-(-wanted.turns // TURNS_A_CALL)):
                await _answers(house, asked, found, by_phone, by_browser)
            while len(found.of("phone", "barge_in", asked)) < enough:
                await _barge_ins(house, asked, found)


@asynccontextmanager
async def _house() -> AsyncIterator[House]:
    """One number for answers that are short, one for those that can be talked into."""
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as name:
        profiles = short_answers(Path(name))
        talkative = profiles / "talkative"
        shutil.copytree(ROOT / "profiles" / "shop", talkative)
        path = talkative / "profile.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"name": "talkative"}, sort_keys=False))
        numbers = {SHORT: "shop", TALKATIVE: "talkative"}
        async with running_house(Path(name), numbers, profiles_dir=profiles) as house:
            yield house


async def _answers(house: House, asked: SetName, found: Measured, by_phone: Speech, by_browser: Speech) -> None:
    """One call at each end with the same sentences."""
    call = found.calls[asked]
    for questions in (by_phone, by_browser):
        await questions.render(call * TURNS_A_CALL, TURNS_A_CALL)
    found.turns += await _telephone_call(house, asked, call, by_phone)
    judge = await one_call(house.workers[0], "ours", asked, call, by_browser, is_phone=False)
    found.turns += [
        Heard(
            end="browser", what="answer", asked=asked, text=turn.question, verdict=turn.verdict, ms=turn.ms,
            opened_by_filler=turn.kind == "filler", stages=turn.stages,
        )
        for turn in judge()
    ]  # fmt: skip
    found.calls[asked] += 1
    took = found.counted("phone", "answer", asked)
    print(f"{SETS[asked]}: {len(took)} turns by telephone, p50 {np.median(took) if took else 0:.0f} ms", flush=True)


@dataclass(frozen=True, slots=True)
class _Put:
    """A question and the answer, in seconds of the telephone's clock."""

    question: Question
    tail_s: float
    began: float
    ended: float
    until: float


async def _telephone_call(house: House, asked: SetName, call: int, questions: Speech) -> list[Heard]:
    """The questions of one call, or those until the agent hangs up."""
    put: list[_Put] = []
    async with _recorded(house, SHORT) as (phone, events):
        for number in range(call * TURNS_A_CALL, (call + 1) * TURNS_A_CALL):
            if phone.is_over:
                break
            question = questions.asked(number)
            sound = questions[question]
            began = phone.now
            ended = await phone.say(narrow(sound.samples))
            until = await _until_quiet(phone, ended - sound.rest_s, ANSWER_WITHIN_S)
            put.append(_Put(question, sound.tail_s, began, ended, until))
    return [_judged(phone, events, asked, one) for one in put]


def _judged(phone: Telephone, events: Sequence[StoredEvent], asked: SetName, put: _Put) -> Heard:
    since = max(0.0, put.began - LEAD_S)
    said = wide(phone.line.sent.rendered(put.ended + QUIET_S / 2, since))
    heard = wide(phone.line.rendered(since, min(put.until, put.ended + LOOKED_AT_S)))
    found = gap(said, heard, put.tail_s)
    at = [phone.epoch(since + one) if one else None for one in (found.ended_s, found.onset_s)]
    turns = [{"type": "turn_ended", **one.fields} for one in events if one.kind == "TurnEnded"]
    event = told(turns, at[1]) if at[1] else None
    return Heard(
        end="phone", what="answer", asked=asked, text=put.question.text, verdict=found.verdict, ms=found.ms,
        opened_by_filler=bool(event and event["opened_by_filler"]),
        stages=stages(event, at[0], at[1]) if event and at[0] and at[1] else None,
    )  # fmt: skip


async def _barge_ins(house: House, asked: SetName, found: Measured) -> None:
    """A call at each end in which long answers are talked into: by sentences of the set, each time another."""
    items = await _scenes(house, asked, len(found.of("phone", "barge_in", asked)))
    found.turns += await _into_telephone(house, asked, items)
    found.turns += await _into_browser(house, asked, items)


async def _scenes(house: House, asked: SetName, first: int) -> list[Item]:
    """A call's worth of them, from that number on."""
    casting = Casting(house.client, seed=SEED + first)
    leads, stops = overlapping()
    order = np.random.default_rng(SEED).permutation(len(stops))
    items = []
    for number in range(first, first + BARGE_INS_A_CALL):
        text = strangers()(number).text if asked == "strangers" else stops[order[number % len(stops)]]
        lead = leads[number % len(leads)]
        voice = casting.clear[number % len(casting.clear)]
        sound, asks = await casting.say(voice, text), await casting.say(casting.clear[0], lead)
        items.append(
            Item(
                kind=asked,
                text=text,
                voice=voice.name,
                play="over",
                judge="yielded",
                sound=sound,
                lead=asks,
                into_s=casting.between(INTO_ANSWER_S),
            )
        )
    return items


async def _into_browser(house: House, asked: SetName, items: Sequence[Item]) -> list[Heard]:
    heard = []
    async with house.workers[0].join(profile="talkative") as caller:
        stage = Stage(caller)
        await stage.until_greeted(GREETING_WITHIN_S)
        for item in items:
            try:
                verdict = yielded((await stage.play(item)).take)
            except TimeoutError as error:
                verdict = Verdict(None, f"not played: {error}")
            heard.append(_scene("browser", asked, item, verdict))
            await stage.until_idle()
    return heard


async def _into_telephone(house: House, asked: SetName, items: Sequence[Item]) -> list[Heard]:
    played: list[tuple[Item, float, float, float] | str] = []
    async with _recorded(house, TALKATIVE) as (phone, events):
        for item in items:
            try:
                played.append((item, *await _talk_into(phone, item)))
            except TimeoutError as error:
                played.append(f"not played: {error}")
            await _until_quiet(phone, phone.now - QUIET_S, 1.0)
    heard = []
    for item, one in zip(items, played, strict=True):
        verdict = Verdict(None, one) if isinstance(one, str) else yielded(_take(phone, events, *one[1:]))
        heard.append(_scene("phone", asked, item, verdict))
    return heard


def _scene(end: End, asked: SetName, item: Item, verdict: Verdict) -> Heard:
    if not verdict.is_ok:
        print(f"  {end}: {item.text!r} into {item.into_s:.1f} s: {verdict.reason}", flush=True)
    return Heard(
        end=end, what="barge_in", asked=asked, text=item.text, verdict=verdict.reason, is_ok=verdict.is_ok,
        ms=verdict.ms if verdict.is_ok else None,
    )  # fmt: skip


async def _talk_into(phone: Telephone, item: Item) -> tuple[float, float, float]:
    """Ask for a long answer and speak into it: when the answer was heard first, when the scene is over, and when the
    interruption began. Raises TimeoutError when there was no answer long enough."""
    assert item.lead is not None
    asked = await phone.say(narrow(item.lead))
    await phone.until(lambda: onset_s(phone.heard_since(asked), PHONE_RATE) is not None, ANSWER_WITHIN_S, "an answer")
    onset = asked + (onset_s(phone.heard_since(asked), PHONE_RATE) or 0.0)

    def is_time() -> bool:
        lately = levels_db(phone.heard_since(phone.now - VOICED_S), PHONE_RATE)
        return phone.now >= onset + item.into_s and bool(np.any(lately > FLOOR_DB))

    await phone.until(is_time, item.into_s + 2.0, "an answer long enough")
    began = phone.now
    await phone.say(narrow(item.sound))
    await asyncio.sleep(AFTER_INTERRUPTION_S)
    return onset, phone.now, began


def _take(phone: Telephone, events: Sequence[StoredEvent], onset: float, until: float, began: float) -> Take:
    """The scene from a moment before the answer on, as evals/verdicts.py judges it. What the agent told is the
    record's, since no page gets it."""
    since = max(0.0, onset - LEAD_S)
    agent = spans(levels_db(wide(phone.line.rendered(since, until)), RATE), FLOOR_DB)
    sent = phone.line.sent.rendered(until, began - 0.05)
    first = began - 0.05 + (onset_s(sent, PHONE_RATE) or 0.05)
    spoke = [
        Told(one.at.timestamp() - phone.epoch(since), "agent_spoke", one.fields)
        for one in events
        if one.kind == "AgentSpoke" and one.at.timestamp() > phone.epoch(since)
    ]
    return Take(began=first - since, ended=until - since, agent=agent, length_s=until - since, events=tuple(spoke))


@asynccontextmanager
async def _recorded(house: House, number: str) -> AsyncIterator[tuple[Telephone, list[StoredEvent]]]:
    """A call that was greeted; its events are there when the block is over."""
    before = {one.id for one in await asyncio.to_thread(house.stored)}
    events: list[StoredEvent] = []
    async with house.call(number) as phone:
        await phone.up()
        await _until_quiet(phone, phone.now, GREETING_WITHIN_S)
        yield phone, events
    new = [one.id for one in await asyncio.to_thread(house.stored) if one.id not in before]
    if len(new) == 1:
        await house.ended(new[0])
        events += await asyncio.to_thread(house.events, new[0])


async def _until_quiet(phone: Telephone, since: float, within_s: float) -> float:
    """Until the agent has spoken and been silent for QUIET_S, or has said nothing for so long; the moment of it."""
    has_spoken = False
    while phone.now - since < LONGEST_ANSWER_S:
        await asyncio.sleep(0.05)
        lately = phone.heard_since(max(since, phone.now - QUIET_S - 0.3))  # a sentence's own pause is no end
        is_loud = onset_s(lately, PHONE_RATE) is not None
        has_spoken |= is_loud
        if phone.is_over or (has_spoken and not is_loud) or (not has_spoken and phone.now - since > within_s):
            break
    return phone.now
