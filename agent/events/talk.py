"""What is said, and how long it took."""

from dataclasses import dataclass

from agent.events.event import Event, pii


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSpoke(Event):
    """The caller's turn is over and transcribed. `began_at` and `ended_at` are when it was spoken, in seconds since the
    epoch on the worker's clock; None for what was written. `is_repeat` says that it is what was said a turn before."""

    turn: int
    words: int
    text: str = pii()
    began_at: float | None = None
    ended_at: float | None = None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpoke(Event):
    """The agent's turn is over; `text` and `words` are what was heard, not what was planned, `began_at` and `ended_at`
    when, as in CallerSpoke."""

    turn: int
    words: int
    is_whole: bool
    text: str = pii()
    began_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded(Event):
    """One exchange is over, with the stages between the end of the caller's speech and the agent's first sound.

    Durations in milliseconds as the worker saw them; None where the stage did not happen. The caller's ear adds the
    network. `speech_ended_at` and `spoke_at` place them on the worker's clock, in seconds since the epoch.
    """

    turn: int
    endpointing_ms: float | None
    stt_ms: float | None
    llm_ttft_ms: float | None
    tts_ttfb_ms: float | None
    e2e_ms: float | None
    had_tools: bool
    speech_ended_at: float | None = None
    spoke_at: float | None = None
    was_prepared: bool = False
    prepared_ms: float | None = None
    output_ms: float | None = None
    opened_by_filler: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FillerSpoken(Event):
    """A tool, or a provider where `tool` is empty, took its time, and the caller heard a filler meanwhile; `turn` is
    the caller's turn that it follows."""

    turn: int
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReused(Event):
    """A large model was not asked: its answer to the same question was kept; it came from the passage `source`."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterDecided(Event):
    """The router judged a turn before a large model was asked: `why` is "acted" when its `tool` was called at once,
    else the reason why the model was asked. `tool` is empty where no tool was the likeliest."""

    why: str
    tool: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnWeighed(Event):
    """An LLM is about to be asked, and the profile has some for hard turns: whether this is one, and `why`
    (rules/hardness.py)."""

    is_hard: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted(Event):
    """The caller's speech stopped the agent's; `words_heard` of it had been heard."""

    turn: int
    words_heard: int
