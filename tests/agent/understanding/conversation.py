"""A call by text against the understanding alone: the caller speaks, tools answer with a sentence that names them."""

from collections.abc import Sequence
from dataclasses import replace

from agent.answer import meaning_of
from agent.thinking.local_llm import Understanding
from agent.understanding.history import AgentSaid, CallerSaid, Item, ToolAnswered, ToolAsked
from agent.understanding.policy import Decision


def sentence_of(tool: str, *arguments: object) -> str:
    """What the invented tool answers: its call, as in the tables."""
    return f"{tool}({', '.join(str(a) for a in arguments)})"


class Conversation:
    """`say` returns the reply; `calls` are those of the last turn. A call that is a key of `refusals` gets that."""

    def __init__(self, understanding: Understanding, tools: Sequence[str]) -> None:
        self._understanding = understanding
        self._tools = list(tools)
        self.items: list[Item] = []
        self.calls: list[str] = []
        self.refusals: dict[str, str] = {}

    async def say(self, text: str, *, is_cut: bool = False) -> str:
        """The caller's turn; with `is_cut` the caller will speak into the reply after its first words."""
        self.items.append(CallerSaid(text))
        decision = await self._decide()
        self.calls = []
        if decision.requests:
            assert not decision.text
            self._run(decision)
            decision = await self._decide()
            assert not decision.requests
        heard = " ".join(decision.text.split()[:3]) if is_cut else decision.text
        self.items.append(AgentSaid(heard, is_whole=not is_cut))
        return decision.text

    def hear(self, text: str) -> None:
        """The agent says something by itself, such as an idle prompt."""
        self.items.append(AgentSaid(text))

    async def _decide(self) -> Decision:
        return await self._understanding.decide(self.items, self._tools)

    def _run(self, decision: Decision) -> None:
        first = len(self.items)
        for number, request in enumerate(decision.requests):
            self.items.append(ToolAsked(f"{first}.{number}", request.tool, request.arguments))
        for number, request in enumerate(decision.requests):
            sentence = sentence_of(request.tool, *request.arguments.values())
            self.calls.append(sentence)
            answer = ToolAnswered(f"{first}.{number}", request.tool, sentence)
            if no := self.refusals.get(sentence):
                answer = replace(answer, sentence=no, is_error=True, meaning=meaning_of(no))
            self.items.append(answer)
