"""The gap between two parties in a recording: from the caller's last sound to the agent's first. Pure."""

from dataclasses import dataclass
from typing import Literal

from evals.caller import RATE, Samples
from evals.onset import energy_onset_s, fine_end_s, flux_onset_s

Verdict = Literal["counted", "cut_off", "silent", "disagree"]
LEAD_S = 0.3  # of both sides, before the caller speaks: the agent's silence, with the line's noise in it
AGREE_S = 0.04
LOOKED_AT_S = 10.0  # behind the caller's speech; whoever has not answered by then is silent


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds since the recording's beginning. `apart_s` is how far the two detectors are from one another.

    `cut_off`: the agent spoke before the caller had ended. `disagree`: nobody knows when it began to speak.
    """

    verdict: Verdict
    ended_s: float
    onset_s: float | None = None
    apart_s: float | None = None

    @property
    def ms(self) -> float | None:
        """Voice to voice, of a turn that counts."""
        return (self.onset_s - self.ended_s) * 1000 if self.verdict == "counted" and self.onset_s else None


def gap(caller: Samples, agent: Samples, tail_s: float = 0.0) -> Gap:
    """Judge one turn: both sides from LEAD_S before the caller's question to the end of the answer, int16, 48 kHz.

    `tail_s` is how long before the caller's last sound the last word ends: people's recordings end in breath and noise.
    """
    ended_s = fine_end_s(caller, RATE) - tail_s
    agent = agent[: int((ended_s + LOOKED_AT_S) * RATE)]
    found = energy_onset_s(agent, RATE, LEAD_S), flux_onset_s(agent, RATE, LEAD_S)
    onsets = [onset for onset in found if onset is not None]
    if not onsets:
        return Gap("silent", ended_s)
    if min(onsets) < ended_s:
        return Gap("cut_off", ended_s, min(onsets))
    apart_s = max(onsets) - min(onsets)
    if len(onsets) < len(found) or apart_s > AGREE_S:
        return Gap("disagree", ended_s, min(onsets), apart_s)
    return Gap("counted", ended_s, sum(onsets) / len(onsets), apart_s)
