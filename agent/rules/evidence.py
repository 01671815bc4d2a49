"""What the witnesses' words come to: the probability that the caller's turn is over.

Each witness says a probability of its own. Its word is worth `slope` times how far its log-odds lie from `neutral`, and
what they are worth adds up. A witness that is silent, or missing, adds nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Who may be asked. docs/turns.md says how well each of them tells."""

    WORDS = "words"
    SMART_TURN = "smart_turn"
    V1_MINI = "v1_mini"
    MULTILINGUAL = "multilingual"


class Meant(StrEnum):
    """What the local understanding makes of the words so far. `DECLARED`: clear, and word for word what callers are
    known to say. `CLEAR`: a wish or an answer that it knows. `UNDERSTOOD`: it knows what is wanted, and more may come:
    a tale, a code that nobody asked for, a question for which the agent will have to ask something. `UNCLEAR`: nothing
    it knows, or not well enough to be sure; another hearing of the same sound may make sense. `BEGUN`: words from which
    a sentence that callers are known to say goes on, and which are no whole one themselves."""

    DECLARED = "declared"
    CLEAR = "clear"
    UNDERSTOOD = "understood"
    UNCLEAR = "unclear"
    BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class Worth:
    """What a witness's word is worth, in log-odds."""

    slope: float
    neutral: float = 0.0

    def of(self, probability: float) -> float:
        """For the turn's end above 0, against it below."""
        return self.slope * (log_odds(probability) - self.neutral)


# By `python -m training.endpointing` on recordings of people, and of synthetic voices, which pull the slopes of what is
# heard down (docs/turns.md). The multilingual model was not fitted: its neutral point is its own threshold.
PRIOR = -0.3
WORTH: Mapping[Who, Worth] = {
    Who.WORDS: Worth(1.0, 0.4),
    Who.SMART_TURN: Worth(0.45, 1.0),
    Who.V1_MINI: Worth(1.7, -0.25),
    Who.MULTILINGUAL: Worth(0.5, -0.85),
}
# Of sentences cut before a pause 3 in 100 come as near to what callers are known to say as 97 in 100 whole ones do:
# a factor of 32. That of what is said word for word was not measured; it is taken for three times as much.
_KNOWN: Mapping[Meant, float] = {
    Meant.UNDERSTOOD: math.log(32),
    Meant.CLEAR: math.log(32),
    Meant.DECLARED: math.log(100),
}
_READ = frozenset({Who.WORDS, Who.MULTILINGUAL})
_MOST = 4.6  # log-odds; no witness is surer than 99 in 100


def turn_is_over(said: Mapping[Who, float], meant: Meant | None = None) -> float:
    """The probability, by what each witness says and by the understanding, which can only raise it: of a sentence that
    it knows, the words' witnesses have nothing to say against."""
    known = _KNOWN.get(meant, 0.0) if meant else 0.0
    score = PRIOR + known
    for who, probability in said.items():
        worth = WORTH[who].of(probability)
        score += max(0.0, worth) if known and who in _READ else worth
    return 1.0 / (1.0 + math.exp(-score))


def log_odds(probability: float) -> float:
    """Of a probability; none is surer than 99 in 100."""
    kept = min(1.0 - 1e-6, max(1e-6, probability))
    return max(-_MOST, min(_MOST, math.log(kept / (1.0 - kept))))
