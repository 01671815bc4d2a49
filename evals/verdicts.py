"""What a recorded scene proves: pure judgements over when caller and agent were heard, and what was told.

Definitions follow tau-voice's: an agent *responds* when it speaks after the caller's turn, *yields* when it falls
silent within 2 s of a real interruption, and is *selective* when it goes on at what was none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evals.onset import HOLD_WINDOWS, WINDOW_S
from evals.written import holds

SILENCE_S = 0.3  # two stretches of voice so far apart are two
YIELD_WITHIN_S = 2.0
RESUME_WITHIN_S = 1.0
RESPOND_WITHIN_S = 4.0
OVER_ANYWAY_S = 1.0  # an answer that ends so soon by itself proves nothing
EVENT_LATE_S = 0.3  # the page's events arrive so much after what they tell
STOPS_WITHIN_S = 1.5  # a silence that begins so long after the caller is not the caller's doing


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of voice, or of silence, in seconds."""

    began: float
    ended: float

    @property
    def length_s(self) -> float:
        """How long it lasts."""
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the page, by its wire name."""

    at: float
    kind: str
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One scene as the caller's end recorded it. Seconds count from the scene's beginning; `began` and `ended` are the
    caller's first and last sound, `said` the captions of the caller's turns."""

    began: float
    ended: float
    agent: tuple[Span, ...]
    length_s: float
    events: tuple[Told, ...] = ()
    said: tuple[str, ...] = ()

    def told(self, kind: str, since: float) -> list[Told]:
        """Events of that kind, from that second on."""
        return [event for event in self.events if event.kind == kind and event.at > since]

    def speaking_at(self, second: float) -> Span | None:
        """The agent's stretch of voice at that second."""
        return next((span for span in self.agent if span.began <= second < span.ended), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_ok` is None when the scene proves nothing; `ms` is the response's, the yield's or the silence's length."""

    is_ok: bool | None
    reason: str
    ms: float | None = None


def spans(levels_db: NDArray[np.float64], floor_db: float) -> tuple[Span, ...]:
    """Stretches of voice in levels of 10 ms each; gaps under SILENCE_S are part of one, clicks are none."""
    found: list[Span] = []
    loud = np.flatnonzero(levels_db > floor_db)
    for run in np.split(loud, np.flatnonzero(np.diff(loud) > 1) + 1):
        if len(run) < HOLD_WINDOWS:
            continue
        began, ended = run[0] * WINDOW_S, (run[-1] + 1) * WINDOW_S
        if found and began - found[-1].ended < SILENCE_S:
            found[-1] = Span(found[-1].began, float(ended))
        else:
            found.append(Span(float(began), float(ended)))
    return tuple(found)


def silences(take: Take) -> list[Span]:
    """Between the agent's stretches of voice."""
    pairs = zip(take.agent, take.agent[1:], strict=False)
    return [Span(before.ended, after.began) for before, after in pairs]


def cut_off(take: Take) -> Verdict:
    """Not ok when the agent's voice, or its taking of the turn, begins before the caller is done."""
    if take.speaking_at(take.began):
        return Verdict(None, "the agent was still speaking")
    early = [span.began for span in take.agent if take.began < span.began < take.ended]
    taken = [event.at for event in take.told("caller_spoke", take.began) if event.at < take.ended]
    if early:
        return Verdict(False, f"spoke {take.ended - early[0]:.2f} s before the caller was done")
    if taken:
        return Verdict(False, f"took the turn {take.ended - taken[0]:.2f} s before the caller was done")
    after = [span.began - take.ended for span in take.agent if span.began >= take.ended]
    if not after or after[0] > RESPOND_WITHIN_S:
        return Verdict(True, "waited, and did not respond")
    return Verdict(True, "waited", after[0] * 1000)


def yielded(take: Take) -> Verdict:
    """Ok when the agent falls silent within YIELD_WITHIN_S of the caller's first sound and leaves its answer.

    An answer that pauses, comes back for a moment and is then given up has yielded with its last sound, not its first
    silence.
    """
    speaking = take.speaking_at(take.began)
    if speaking is None:
        return Verdict(None, "the agent was not speaking")
    ends = take.told("agent_spoke", take.began)
    came_back = [span for span in take.agent if ends and span.began < ends[0].at]
    after_s = max([speaking, *came_back], key=lambda span: span.ended).ended - take.began
    if ends and ends[0].fields.get("is_whole"):
        if ends[0].at - take.began < OVER_ANYWAY_S + EVENT_LATE_S:
            return Verdict(None, "the answer was over anyway")
        return Verdict(False, "said its answer to the end", after_s * 1000)
    if not ends and take.agent[-1] is not speaking:
        return Verdict(False, "fell silent and then went on", after_s * 1000)
    if after_s > YIELD_WITHIN_S:
        return Verdict(False, f"spoke on for {after_s:.2f} s")
    is_at_once = after_s == speaking.ended - take.began
    return Verdict(True, "fell silent" if is_at_once else "paused, came back and fell silent", after_s * 1000)


def talked_on(take: Take) -> Verdict:
    """Ok when the agent goes on, or resumes within RESUME_WITHIN_S, ends its answer and does not reply to the sound."""
    if take.speaking_at(take.began) is None:
        return Verdict(None, "the agent was not speaking")
    ends = take.told("agent_spoke", take.began)
    if not ends:
        return Verdict(False, "never ended its answer", _longest_ms(take))
    if not ends[0].fields.get("is_whole"):
        return Verdict(False, "gave its answer up", _longest_ms(take))
    if ends[0].at - take.began < OVER_ANYWAY_S:
        return Verdict(None, "the answer was over anyway")
    within = [gap for gap in silences(take) if gap.ended > take.began and gap.began < ends[0].at - EVENT_LATE_S]
    longest = max((gap.length_s for gap in within), default=0.0)
    if longest > RESUME_WITHIN_S:
        return Verdict(False, f"resumed after {longest:.2f} s", longest * 1000)
    if len(ends) > 1 or any(span.began > ends[0].at + EVENT_LATE_S for span in take.agent):
        return Verdict(False, "replied to it after its answer", longest * 1000)
    return Verdict(True, "resumed" if false_stop(take) else "talked on", longest * 1000)


def false_stop(take: Take) -> Span | None:
    """The silence that the caller's sound made in an answer which then went on to its end; None when there was none."""
    ends = take.told("agent_spoke", take.began)
    if not (ends and ends[0].fields.get("is_whole")) or take.speaking_at(take.began) is None:
        return None
    caused = [gap for gap in silences(take) if take.began < gap.began < take.ended + STOPS_WITHIN_S]
    return caused[0] if caused and caused[0].ended < ends[0].at else None


def answered(take: Take, expected: str) -> Verdict:
    """Ok when the agent waited for the end and then said what is expected."""
    waited = cut_off(take)
    if not waited.is_ok or waited.ms is None:
        return waited if waited.is_ok is not True else Verdict(False, waited.reason)
    texts = " ".join(str(event.fields.get("text", "")) for event in take.told("agent_spoke", take.ended))
    is_right = expected.lower() in texts.lower()
    return Verdict(is_right, "answered" if is_right else "answered something else", waited.ms)


def dictated(take: Take, value: str, *, is_for_tool: bool) -> Verdict:
    """Ok when the whole value reached the agent in one turn: in a tool's arguments, or in the turn's caption."""
    waited = cut_off(take)
    if not waited.is_ok:
        return waited
    turns = len(take.told("caller_spoke", take.began))
    if turns != 1:
        return Verdict(False, f"taken in {turns} turns", waited.ms)
    asked = [str(event.fields.get("arguments", "")) for event in take.told("tool_called", take.began)]
    held = holds(" ".join(asked if is_for_tool else take.said), value)
    return Verdict(held, "whole" if held else "in one turn, and not the value", waited.ms)


def rate(verdicts: Sequence[Verdict]) -> tuple[float | None, int]:
    """Per cent that are ok of those that prove something, and how many those are."""
    judged = [verdict for verdict in verdicts if verdict.is_ok is not None]
    return (round(100 * sum(bool(v.is_ok) for v in judged) / len(judged), 1) if judged else None), len(judged)


def _longest_ms(take: Take) -> float | None:
    gaps = [gap.length_s for gap in silences(take) if gap.ended > take.began]
    return max(gaps) * 1000 if gaps else None
