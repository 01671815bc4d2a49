"""A large model that follows a script: one step each time it is asked, text or tools to call."""

import json
from collections.abc import Sequence
from typing import Any

from livekit.agents import llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions
from livekit.agents.utils import shortuuid

Step = str | Sequence[tuple[str, dict[str, Any]]]


class Scripted(llm.LLM[None]):
    """Gives one step after the other: text, or tools to call; remembers what the tools answered."""

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__()
        self.steps = list(steps)
        self.heard: list[str] = []

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        **_: Any,
    ) -> "_Step":
        """The next step; "..." when there is none."""
        self.heard = [item.output for item in chat_ctx.items if isinstance(item, llm.FunctionCallOutput)]
        step = self.steps.pop(0) if self.steps else "..."
        return _Step(self, step, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Step(llm.LLMStream):
    def __init__(self, mind: Scripted, step: Step, **rest: Any) -> None:
        super().__init__(mind, **rest)
        self._step = step

    async def _run(self) -> None:
        text = self._step if isinstance(self._step, str) else None
        calls = [
            llm.FunctionToolCall(name=tool, arguments=json.dumps(given), call_id=shortuuid("call_"))
            for tool, given in (() if isinstance(self._step, str) else self._step)
        ]
        delta = llm.ChoiceDelta(role="assistant", content=text, tool_calls=calls)
        self._event_ch.send_nowait(llm.ChatChunk(id=shortuuid("turn_"), delta=delta))
