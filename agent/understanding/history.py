"""A call's history in the understanding's own words: turns of the caller, each with what was done and said after it.

thinking/local_llm translates LiveKit's chat context into these items; nothing here is stored.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agent.answer import NOTHING, Meaning, Value
from agent.language.en.yes_no import find_yes_no
from agent.understanding.reading.words import with_digits, words


@dataclass(frozen=True, slots=True)
class CallerSaid:
    """What the caller's turn was transcribed as."""

    text: str


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """What was heard of the agent's turn; `is_whole` is false when the caller spoke into it."""

    text: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class ToolAsked:
    """A tool was called."""

    call_id: str
    tool: str
    arguments: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """What a tool returned, and what it means; an error's sentence is fit to be spoken too, toolbox.py sees to it."""

    call_id: str
    tool: str
    sentence: str
    is_error: bool = False
    meaning: Meaning = NOTHING


HARDLY_HEARD = 2  # words

Item = CallerSaid | AgentSaid | ToolAsked | ToolAnswered


@dataclass(slots=True)
class Turn:
    """A caller's turn and everything until the next one. `prompt` is what the agent had said right before it."""

    text: str
    prompt: AgentSaid | None = None
    calls: list[ToolAsked] = field(default_factory=list)
    answers: list[ToolAnswered] = field(default_factory=list)
    said: list[AgentSaid] = field(default_factory=list)

    @property
    def unsaid(self) -> list[ToolAnswered]:
        """Tool answers that the agent has not spoken to their end, such as those it is about to."""
        whole = [_loose(said.text) for said in self.said if said.is_whole]
        return [a for a in self.answers if a.sentence and not any(_loose(a.sentence) in text for text in whole)]


def turns(items: Iterable[Item]) -> list[Turn]:
    """The caller's turns in order; what came before the first is only its prompt. A turn that was taken for over too
    early, since the caller went on before anything was done or two words were heard, is one with what follows."""
    found: list[Turn] = []
    for turn in _as_taken(items):
        if found and _went_on(found[-1], turn):
            found[-1] = Turn(f"{found[-1].text} {turn.text}", found[-1].prompt, turn.calls, turn.answers, turn.said)
        else:
            found.append(turn)
    return found


def _went_on(before: Turn, after: Turn) -> bool:
    if before.calls or find_yes_no(before.text):  # what was agreed to is asked again rather than taken for agreed
        return False
    prompt = after.prompt
    return prompt is None or (not prompt.is_whole and len(words(prompt.text)) <= HARDLY_HEARD)


def _as_taken(items: Iterable[Item]) -> list[Turn]:
    found: list[Turn] = []
    prompt: AgentSaid | None = None
    for item in items:
        if isinstance(item, CallerSaid):
            found.append(Turn(item.text, prompt))
            prompt = None
        elif isinstance(item, AgentSaid):
            prompt = item
        if found:
            _add(found[-1], item)
    return found


def _add(turn: Turn, item: Item) -> None:
    match item:
        case ToolAsked():
            turn.calls.append(item)
        case ToolAnswered():
            turn.answers.append(item)
        case AgentSaid():
            turn.said.append(item)


def arguments_of(text: str) -> dict[str, Value]:
    """A tool call's arguments, as JSON, that can be used again; a large model may have written anything."""
    try:
        values = json.loads(text or "{}")
    except ValueError:
        return {}
    return {k: v for k, v in values.items() if isinstance(v, str | int | bool)} if isinstance(values, dict) else {}


def was_heard(question: str, prompt: AgentSaid | None) -> bool:
    """True when the caller answered right after hearing all of the question: only then does a yes mean it."""
    return bool(prompt and prompt.is_whole and was_last_said(question, prompt.text))


def was_last_said(question: str, said: str) -> bool:
    """True when the agent's words end with the question, however its numbers and letters are written."""
    return bool(question) and _run_together(said).endswith(_run_together(question))


def _run_together(text: str) -> str:
    return "".join(words(with_digits(text)))


def _loose(text: str) -> str:
    return " ".join(words(text))
