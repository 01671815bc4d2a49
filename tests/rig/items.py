"""What a Realtime conversation is made of: its items, and what whoever thinks is told of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from livekit.agents import llm

from tests.rig.content import Heard

Told = dict[str, Any]


class RefusedError(Exception):
    """What a client has asked that cannot be: its code and sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Item:
    """One of the conversation, as it is told; what was said in it is in `text`, for whoever thinks."""

    told: Told
    text: str = ""
    sound: bytes = field(default=b"", repr=False)
    seconds: float = 0.0

    @property
    def id(self) -> str:
        """Its own."""
        return str(self.told["id"])


def told_of(items: Sequence[Item], instructions: str, tools: Sequence[str]) -> Heard:
    """What whoever thinks is told of items whose sound was understood."""
    said = [("system", instructions)]
    for item in items:
        is_answer = item.told["type"] == "function_call_output"
        if item.told["type"] != "function_call":
            said.append(("tool" if is_answer else str(item.told["role"]), item.text))
    return Heard(said, tools, _history(items))


def _history(items: Sequence[Item]) -> llm.ChatContext:
    """No tool's answer is an error in it: the protocol has no word for that."""
    names = {item.told["call_id"]: item.told["name"] for item in items if item.told["type"] == "function_call"}
    found: list[llm.ChatItem] = []
    for item in items:
        told = item.told
        if told["type"] == "function_call":
            call = llm.FunctionCall(call_id=told["call_id"], name=told["name"], arguments=told["arguments"])
            found.append(call)
        elif told["type"] == "function_call_output":
            name = names.get(told["call_id"], "")
            found.append(llm.FunctionCallOutput(call_id=told["call_id"], name=name, output=item.text, is_error=False))
        else:
            found.append(llm.ChatMessage(role=told["role"], content=[item.text.strip()]))
    return llm.ChatContext(found)
