"""What a gap is made of: the caller's recording and what the worker tells of the turn, on one machine's clock. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

ADDS_UP_MS = 40.0
BELONGS_S = 1.5  # an answer's first sound reaches the ear at most so long after the worker let it go

# In the order of the clock; the sentence is what the report says of it.
NAMES = {
    "inbound": "from the caller's last sound until the worker takes the speech to be over: network, buffers, VAD",
    "stt": "from there until the words are known",
    "waiting": "from there until the turn is judged over: silence that is waited for",
    "llm": "what the decision, or the LLM's first words, still take then",
    "tts": "what the first sound of the voice still takes then",
    "output": "from the voice's first sound until it goes to the room",
    "residual": "between these, and explained by none of them",
    "outbound": "from the room to the ear: network, buffers, silence in front of the voice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Milliseconds; together exactly the gap that was heard, since `residual` is what the others leave."""

    inbound: float
    stt: float
    waiting: float
    llm: float
    tts: float
    output: float
    residual: float
    outbound: float

    @property
    def total(self) -> float:
        """The gap."""
        return float(sum(getattr(self, name) for name in NAMES))

    @property
    def adds_up(self) -> bool:
        """Whether what the worker measured explains what was heard."""
        return abs(self.residual) <= ADDS_UP_MS


def told(events: Iterable[Mapping[str, Any]], onset_at: float) -> Mapping[str, Any] | None:
    """The worker's `turn_ended` for the answer that was heard at `onset_at` (epoch seconds), if there is one."""
    near = [
        (abs(onset_at - event["spoke_at"]), event)
        for event in events
        if event["type"] == "turn_ended" and event.get("spoke_at") is not None
    ]
    distance, event = min(near, key=lambda pair: pair[0], default=(BELONGS_S, {}))
    return event if distance < BELONGS_S else None


def stages(event: Mapping[str, Any], ended_at: float, onset_at: float) -> Stages | None:
    """The stages of a turn whose silence lasted from `ended_at` to `onset_at`. None when the worker lacks a moment."""
    heard_at, spoke_at, endpointing = event["speech_ended_at"], event["spoke_at"], event["endpointing_ms"]
    if heard_at is None or spoke_at is None or endpointing is None or event["opened_by_filler"]:
        return None
    prepared = event["prepared_ms"] or 0.0
    words = endpointing - prepared if event["was_prepared"] else min(event["stt_ms"] or 0.0, endpointing)
    llm, tts, output = (event[name] or 0.0 for name in ("llm_ttft_ms", "tts_ttfb_ms", "output_ms"))
    # a prepared answer was begun `prepared` before the decision: only what is left of it then is waited for
    llm_left = max(0.0, llm - prepared)
    tts_left = max(0.0, llm + tts - prepared) - llm_left
    thinking = (spoke_at - heard_at) * 1000 - endpointing
    return Stages(
        inbound=(heard_at - ended_at) * 1000,
        stt=words,
        waiting=endpointing - words,
        llm=llm_left,
        tts=tts_left,
        output=output,
        residual=thinking - llm_left - tts_left - output,
        outbound=(onset_at - spoke_at) * 1000,
    )


def mean(many: Iterable[Stages]) -> Stages | None:
    """The mean of each: unlike medians they add up, to the mean gap."""
    kept = list(many)
    if not kept:
        return None
    return Stages(**{name: round(fmean(getattr(one, name) for one in kept), 1) for name in NAMES})
