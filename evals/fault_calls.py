"""One call of `evals faults`: a caller asks, a provider of the rig fails at a moment, and what is heard is measured at
the caller's ear. Knows nothing of the agent but its room."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import numpy as np

from evals.caller import RATE, Caller, Samples
from evals.fault_outcomes import RETURNED_S, Case, Moment, Outcome
from evals.onset import FLOOR_DB, WINDOW_S, levels_db
from evals.wer import words
from tests.rig.service import Service

GREETED_S = 60.0
ANSWERED_S = 15.0  # who has said nothing by then has left the caller alone
QUIET_S = 2.6  # behind an answer: it is over
GREETED_QUIET_S = 1.0
INTO_S = 0.9  # of the caller's speech, when the fault comes in the middle of it
REPLY_BYTES, SOUND_BYTES = 1200, 90_000  # of an answer that still pass: some words, a second of sound
TOLD = {"provider_failed", "provider_replaced", "hedged", "breaker_changed", "filler_spoken", "turn_ended"}
SHORT_S = 0.03  # windows that are loud for less are no speech


Hear = Callable[[Samples], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Question:
    """What the caller says, as sound and as the words that must arrive; `sentences` are the answer's, each by the words
    that tell it."""

    sound: Samples
    words: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]


async def call(
    caller: Caller, case: Case, service: Service, questions: tuple[Question, Question], hear: Hear
) -> Outcome:
    """Two questions; the fault comes before both, before the second, or in the middle of it. `hear` gives the words in
    what the caller heard."""
    outcome, answers = Outcome(case, []), list[Samples]()
    await greeted(caller)
    for question in questions:
        is_second = question is questions[1]
        if is_second and case.moment is Moment.BETWEEN:
            await service.fail(case.fault)
        failing = asyncio.create_task(_fail_in_the_middle(service, case)) if is_second else None
        answers.append(await ask(caller, question, outcome))
        if failing:
            await failing
    outcome.is_lost = caller.is_disconnected.is_set()
    if case.moment is Moment.BETWEEN:
        await service.fail(None)
        outcome.returned_s = await _returned_s(caller)
    for question, answer in zip(questions, answers, strict=True):
        judge(question, await hear(answer), outcome)
    outcome.is_lost = outcome.is_lost or outcome.turns_lost == len(questions)
    outcome.log += [*caller.transcript().splitlines(), *_told(caller)]
    outcome.log.sort(key=lambda line: float(line[:7]))
    return outcome


def _told(caller: Caller) -> list[str]:
    """What became of providers and fillers, as the room tells it."""
    events = [event for event in caller.events if event["type"] in TOLD]
    names = ("role", "provider", "by", "rival", "reason", "state", "endpointing_ms", "llm_ttft_ms", "tts_ttfb_ms")
    return [
        f"{float(str(event['heard_at'])):7.2f} {event['type']} {[event[name] for name in names if name in event]}"
        for event in events
    ]


async def greeted(caller: Caller) -> None:
    """Wait for the end of the greeting. Raises TimeoutError."""
    await caller.until(lambda c: c.told("greeted") or _has_spoken(c), GREETED_S, "the greeting")
    await _silence(caller, GREETED_S, GREETED_QUIET_S)


async def _fail_in_the_middle(service: Service, case: Case) -> None:
    """While the caller speaks; of an answer some still passes."""
    if case.moment is not Moment.MIDDLE:
        return
    await asyncio.sleep(INTO_S)
    after = {"llm": REPLY_BYTES, "tts": SOUND_BYTES}.get(case.role, 0)
    await service.fail(case.fault, after=after)


async def ask(caller: Caller, question: Question, outcome: Outcome) -> Samples:
    """Say it, listen to the end of the answer, and return what was heard."""
    heard = len(_heard(caller))
    ended = await caller.say(question.sound)
    await _silence(caller, ANSWERED_S, QUIET_S)
    answer = caller.agent_spoke_since(ended)
    outcome.log.append(f"{ended:7.2f} question ended; sound from there on: {_spans(answer)}")
    outcome.gaps_s.append(longest_silence_s(answer, ANSWERED_S))
    transcript = " ".join(_heard(caller)[heard:]).lower()
    outcome.words_lost += sum(not re.search(rf"\b{word}", transcript) for word in question.words)
    return answer


def judge(question: Question, heard: str, outcome: Outcome) -> None:
    """By the sound: a sentence is there when most of its words are, and twice when most of them are twice."""
    spoken = words(heard)
    counts = [[spoken.count(word) for word in sentence] for sentence in question.sentences]
    lost = [not _most(count > 0 for count in sentence) for sentence in counts]
    outcome.sentences_lost += sum(lost)
    outcome.sentences_repeated += sum(_most(count > 1 for count in sentence) for sentence in counts)
    outcome.turns_lost += all(lost)


def _most(truths: Iterable[bool]) -> bool:
    every = list(truths)
    return sum(every) > len(every) / 2


async def _returned_s(caller: Caller) -> float:
    """How long until every breaker is closed."""
    began = caller.now
    while caller.now - began < RETURNED_S:
        states = {(event["role"], event["provider"]): event["state"] for event in caller.told("breaker_changed")}
        if set(states.values()) <= {"closed"}:
            return caller.now - began if states else 0.0
        await asyncio.sleep(0.1)
    return RETURNED_S


async def _silence(caller: Caller, at_most_s: float, quiet_s: float) -> None:
    """Until the agent has spoken and is silent again, or has not spoken for so long."""
    began = caller.now
    while caller.now - began < 3 * at_most_s:
        await asyncio.sleep(0.2)
        loud = np.flatnonzero(levels_db(caller.agent_spoke_since(began), RATE) > FLOOR_DB)
        silent_since = began + float(loud[-1] + 1) * WINDOW_S if len(loud) else began
        if caller.now - silent_since > (quiet_s if len(loud) else at_most_s):
            return


def _spans(sound: Samples) -> list[tuple[float, float]]:
    """Where something is heard, in seconds; shorter silences than a quarter of a second are none."""
    loud = np.flatnonzero(levels_db(sound, RATE) > FLOOR_DB)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) * WINDOW_S > 0.25) + 1) if len(loud) else []
    return [(round(float(part[0]) * WINDOW_S, 2), round(float(part[-1] + 1) * WINDOW_S, 2)) for part in parts]


def longest_silence_s(sound: Samples, at_most_s: float) -> float:
    """Before the agent's first sound and between its sounds up to its last; `at_most_s` when there is none."""
    loud = levels_db(sound, RATE) > FLOOR_DB
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8), [0]])))
    spans = [(start, end) for start, end in edges.reshape(-1, 2) if (end - start) * WINDOW_S >= SHORT_S]
    if not spans:
        return at_most_s
    silences = [start - before for (start, _), before in zip(spans, [0, *(end for _, end in spans)], strict=False)]
    return float(max(silences)) * WINDOW_S


def _has_spoken(caller: Caller) -> bool:
    return bool(caller.agent_lines())


def _heard(caller: Caller) -> list[str]:
    return [caption.text for caption in caller.captions if not caption.is_agent and caption.is_final]
