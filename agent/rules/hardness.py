"""Whether a turn is for a large LLM or a small one will do: by how sure the router was of what is wanted, by how many
tools have answered in this turn, and by what has failed so far."""

from dataclasses import dataclass
from enum import StrEnum

UNSURE = 0.5  # whoever is more likely wrong than right about the wish has a hard sentence before it
SEVERAL = 2  # tools in one turn: what they answered has to be put together


@dataclass(frozen=True, slots=True)
class Weighed:
    """A turn that an LLM is asked about. `confidence` is the router's, from 0 to 1, in its likeliest reading; None
    where nobody looked, or the words are an answer to what the agent had asked. `tools` have answered since the caller
    spoke; `failures` are the tools that have refused or failed since the last that did not."""

    confidence: float | None = None
    tools: int = 0
    failures: int = 0


class Why(StrEnum):
    """What decided."""

    FAILED = "failed"
    SEVERAL_TOOLS = "several_tools"
    UNSURE = "unsure"
    SIMPLE = "simple"

    @property
    def is_hard(self) -> bool:
        """Whether the large one is asked."""
        return self is not Why.SIMPLE


def weigh(turn: Weighed) -> Why:
    """The first that holds, in the order of Why."""
    if turn.failures:
        return Why.FAILED
    if turn.tools >= SEVERAL:
        return Why.SEVERAL_TOOLS
    if turn.confidence is not None and turn.confidence < UNSURE:
        return Why.UNSURE
    return Why.SIMPLE
