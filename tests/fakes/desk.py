"""A bank's call by its tools: the caller says something, a tool is asked, what it says or refuses comes back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from livekit.agents import FunctionTool, ToolError

from agent.answer import MEANING, Meaning
from agent.call.call import Call
from agent.config import ROOT
from agent.events import AgentSpoke, CallerSpoke, Event
from agent.profile.profile import load_profile
from agent.thinking.local_llm import Understanding
from agent.tooling.toolbox import connect_backends, load_toolbox
from agent.understanding.history import AgentSaid, CallerSaid, Item, ToolAnswered, ToolAsked
from tests.fakes.banks import NOW
from tests.fakes.contexts import context_of

PROFILE = load_profile("bank", ROOT / "profiles")
TOOLS: dict[str, FunctionTool[..., Any]] = {tool.info.name: tool for tool in load_toolbox(PROFILE).tools}

PRIYA = {"name": "Priya Sharma", "date_of_birth": "1985-03-05", "account_last_four": "4412"}
JOHN = {"name": "John O'Brien", "date_of_birth": "1979-07-14", "account_last_four": "5520"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A tool's sentence, whether it was a refusal, and what it means."""

    sentence: str
    is_error: bool
    meaning: Meaning


class Desk:
    """One call at the bank in the database at `url`. The tools are those of the profile, as the LLM gets them."""

    def __init__(self, url: str, *, number: str = "", call_id: str = "call-1", clock: datetime = NOW) -> None:
        self.events: list[Event] = []
        self.items: list[Item] = []
        self.url = url
        self._unsaid: list[str] = []
        self.call = Call(
            id=call_id,
            profile=PROFILE,
            publish=lambda _id, _at, event: self.events.append(event),
            hang_up=lambda _: None,
            backends=connect_backends(PROFILE, url, lambda: clock),
            clock=lambda: clock.astimezone(UTC),
            number=number,
        )

    def hear(self, text: str) -> None:
        """The caller's turn, after the agent has said all it had to say."""
        said = " ".join(self._unsaid) or "..."
        self._unsaid.clear()
        self.call.emit(AgentSpoke(turn=self.call.agreements.turn, words=len(said.split()), is_whole=True, text=said))
        self.call.emit(CallerSpoke(turn=self.call.agreements.turn + 1, words=len(text.split()), text=text))

    async def ask(self, tool: str, **arguments: object) -> Answer:
        """What the tool says to these arguments, whoever thought of them."""
        context = context_of(self.call, tool)
        try:
            sentence, is_error = await TOOLS[tool](context, **arguments), False
        except ToolError as error:
            sentence, is_error = error.message, True
        answer = Answer(sentence, is_error, Meaning.read(context.function_call.extra.get(MEANING)))
        self._unsaid.append(answer.sentence)
        return answer

    async def say(self, mind: Understanding, text: str) -> str:
        """What the agent answers, with the local understanding as its mind: tools are called until there is text."""
        self.hear(text)
        self.items.append(CallerSaid(text))
        while (decision := await mind.decide(self.items, list(TOOLS))).requests:
            first = len(self.items)
            for number, request in enumerate(decision.requests):
                self.items.append(ToolAsked(f"{first}.{number}", request.tool, request.arguments))
            for number, request in enumerate(decision.requests):
                answer = await self.ask(request.tool, **request.arguments)
                told = ToolAnswered(f"{first}.{number}", request.tool, answer.sentence, answer.is_error, answer.meaning)
                self.items.append(told)
        self.items.append(AgentSaid(decision.text))
        self._unsaid = [decision.text]
        return decision.text

    async def known(self, factors: dict[str, str]) -> "Desk":
        """The same call, its caller verified."""
        assert not (await self.ask("verify_identity", **factors)).is_error
        return self
