"""One call of `evals faults`: a caller asks, a provider of the rig fails at a moment, and what is heard is measured at
the caller's ear. Knows nothing of the agent but its room."""

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from evals.caller import RATE, Caller, Samples
from evals.onset import FLOOR_DB, WINDOW_S, levels_db
from tests.rig.faults import Fault
from tests.rig.service import Service

GREETED_S = 60.0
ANSWERED_S = 15.0  # who has said nothing by then has left the caller alone
QUIET_S = 2.6  # behind an answer: it is over
INTO_S = 0.9  # of the caller's speech, when the fault comes in the middle of it
REPLY_BYTES, SOUND_BYTES = 1200, 90_000  # of an answer that still pass: some words, a second of sound
SHORT_S = 0.03  # windows that are loud for less are no speech


class Moment(StrEnum):
    """When the provider fails."""

    START = "at the start"
    BETWEEN = "between turns"
    MIDDLE = "in mid-utterance"


@dataclass(frozen=True, slots=True)
class Case:
    """One call to be made: who fails, how, and when."""

    role: str
    fault: Fault
    moment: Moment


@dataclass(frozen=True, slots=True)
class Question:
    """What the caller says, as sound and as the words that must arrive; each of `answer` must be captioned."""

    sound: Samples
    words: tuple[str, ...]
    answer: tuple[str, ...]


@dataclass(slots=True)
class Outcome:
    """What became of it. `gap_s` is the longest silence from the end of a question to the end of its answer."""

    case: Case
    gaps_s: list[float]
    words_lost: int = 0
    turns_lost: int = 0
    is_lost: bool = False

    @property
    def gap_s(self) -> float:
        """The longest."""
        return max(self.gaps_s, default=0.0)


async def call(caller: Caller, case: Case, service: Service, questions: tuple[Question, Question]) -> Outcome:
    """Two questions; the fault comes before both, before the second, or in the middle of it."""
    outcome = Outcome(case, [])
    await caller.until(lambda c: c.told("greeted") or _has_spoken(c), GREETED_S, "the greeting")
    await _silence(caller, GREETED_S)
    for question in questions:
        is_second = question is questions[1]
        if is_second and case.moment is Moment.BETWEEN:
            await service.fail(case.fault)
        failing = asyncio.create_task(_fail_in_the_middle(service, case)) if is_second else None
        await _ask(caller, question, outcome)
        if failing:
            await failing
    outcome.is_lost = caller.is_disconnected.is_set() or outcome.turns_lost == len(questions)
    return outcome


async def _fail_in_the_middle(service: Service, case: Case) -> None:
    """While the caller speaks; of an answer some still passes."""
    if case.moment is not Moment.MIDDLE:
        return
    await asyncio.sleep(INTO_S)
    after = {"stt": 0, "llm": REPLY_BYTES, "tts": SOUND_BYTES}[case.role]
    await service.fail(case.fault, after=after)


async def _ask(caller: Caller, question: Question, outcome: Outcome) -> None:
    """Say it, and listen to the end of the answer."""
    lines, heard = len(caller.agent_lines()), len(_heard(caller))
    ended = await caller.say(question.sound)
    await _silence(caller, ANSWERED_S)
    outcome.gaps_s.append(longest_silence_s(caller.agent_spoke_since(ended), ANSWERED_S))
    transcript = " ".join(_heard(caller)[heard:]).lower()
    outcome.words_lost += sum(not re.search(rf"\b{word}", transcript) for word in question.words)
    said = " ".join(caller.agent_lines()[lines:])
    outcome.turns_lost += not all(words.lower() in said.lower() for words in question.answer)


async def _silence(caller: Caller, at_most_s: float) -> None:
    """Until the agent has spoken and is silent again, or has not spoken for so long."""
    began = caller.now
    while caller.now - began < 3 * at_most_s:
        await asyncio.sleep(0.2)
        loud = np.flatnonzero(levels_db(caller.agent_spoke_since(began), RATE) > FLOOR_DB)
        silent_since = began + float(loud[-1] + 1) * WINDOW_S if len(loud) else began
        if caller.now - silent_since > (QUIET_S if len(loud) else at_most_s):
            return


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
