"""One call of the meter: a caller asks, listens until it is quiet, and asks on. Its recording is judged afterwards."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agent.providers.chains import PIPELINE
from evals import voices
from evals.caller import RATE, Caller
from evals.figures import AgentName, Kind, SetName, Turn
from evals.gaps import LEAD_S, LOOKED_AT_S, gap
from evals.onset import onset_s
from evals.questions import Question, Questions
from evals.servers import RunningWorker
from evals.stages import stages, told

TURNS_A_CALL = 8
QUIET_S = 0.7  # between the agent's last word and the next question
ANSWER_WITHIN_S = 12.0
GREETING_WITHIN_S = 60.0  # several calls at once wait for their processes
LONGEST_ANSWER_S = 60.0
LOOK_EVERY_S = 0.05
EVENTS_S = 0.5  # the last turn's event is on its way when its sound has ended

Judge = Callable[[], list[Turn]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was put, in seconds of the caller's clock: its first sound, its last, the answer's end.
    `tail_s` is how long before the last sound the last word ends."""

    question: Question
    tail_s: float
    began: float
    ended: float
    until: float


async def one_call(
    worker: RunningWorker, agent: AgentName, asked: SetName, call: int, questions: Questions, *, is_phone: bool
) -> Judge:
    """Put the questions of the call with that number, or those until the agent hangs up; gives what judges them, when
    there is time for it."""
    put: list[Asked] = []
    async with worker.join(kind="sip" if is_phone else "standard") as caller:
        await until_quiet(caller, since=0.0, within_s=GREETING_WITHIN_S)
        for number in range(call * TURNS_A_CALL, (call + 1) * TURNS_A_CALL):
            if caller.is_disconnected.is_set():
                break
            question = questions.asked(number)
            sound = questions[question]
            began = caller.now
            ended = await caller.say(sound.samples)
            until = await until_quiet(caller, since=ended - sound.rest_s, within_s=ANSWER_WITHIN_S)
            put.append(Asked(question, sound.tail_s, began, ended, until))
        await asyncio.sleep(EVENTS_S)
    return lambda: [_judged(caller, one, agent, asked, call, is_phone=is_phone) for one in put]


async def until_quiet(caller: Caller, *, since: float, within_s: float) -> float:
    """Until the agent has spoken, been silent for QUIET_S and says that it listens (a pause in a long answer is not its
    end), or has said nothing for so long; the moment of it."""
    has_spoken = False
    while caller.now - since < LONGEST_ANSWER_S:
        await asyncio.sleep(LOOK_EVERY_S)
        lately = caller.heard.rendered(caller.now, max(since, caller.now - QUIET_S))
        is_loud = onset_s(lately, RATE) is not None
        has_spoken |= is_loud
        is_over = has_spoken and not is_loud and caller.agent_state not in {"thinking", "speaking"}
        if is_over or caller.is_disconnected.is_set() or (not has_spoken and caller.now - since > within_s):
            break
    return caller.now


def _judged(caller: Caller, put: Asked, agent: AgentName, asked: SetName, call: int, *, is_phone: bool) -> Turn:
    since = max(0.0, put.began - LEAD_S)
    said = caller.sent.rendered(put.ended + QUIET_S / 2, since)
    heard = caller.heard.rendered(min(put.until, put.ended + LOOKED_AT_S), since)
    found = gap(said, voices.over_phone(heard) if is_phone else heard, put.tail_s)
    ended_at, onset_at = (caller.epoch(since + at) if at else None for at in (found.ended_s, found.onset_s))
    event = told(caller.events, onset_at) if onset_at else None
    return Turn(
        agent=agent,
        asked=asked,
        call=call,
        question=put.question.text,
        voice=put.question.voice,
        kind=_kind(put.question, is_filled=bool(event and event["opened_by_filler"])),
        verdict=found.verdict,
        ms=found.ms,
        apart_ms=None if found.apart_s is None else found.apart_s * 1000,
        was_prepared=bool(event["was_prepared"]) if event else None,
        heard=_written(caller, put) if agent != "plain" and put.question.is_known else None,
        stages=stages(event, ended_at, onset_at) if event and ended_at and onset_at else None,
        at=caller.epoch(put.ended),
        is_by_pipeline=is_by_pipeline(caller.told("provider_replaced"), put.until),
    )


def is_by_pipeline(replaced: Iterable[Mapping[str, object]], until: float) -> bool:
    """Whether the pipeline answered at that moment instead of a realtime model, by the events of who replaced whom."""
    there = [event for event in replaced if event["role"] == "llm" and float(str(event["heard_at"])) <= until]
    return bool(there) and there[-1]["by"] == PIPELINE


def _written(caller: Caller, put: Asked) -> str:
    """What the agent took the caller's words for."""
    return " ".join(c.text for c in caller.captions if not c.is_agent and c.is_final and put.began < c.at <= put.until)


def _kind(question: Question, *, is_filled: bool) -> Kind:
    """By what was asked, so that both agents' turns are of the same kinds; the plain agent has no fillers."""
    if is_filled:
        return "filler"
    return "tool" if question.is_tool else "plain"
