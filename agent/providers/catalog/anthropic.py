"""Anthropic (https://docs.claude.com) thinks."""

from datetime import date
from typing import Annotated, Any

from livekit.agents import llm
from pydantic import Field

from agent.providers.catalog.entry import HTTPX, MANY, Capabilities, Endpoint, Entry, Lent, Price, Thinks

PRICED = date(2026, 6, 1)


class Messages(Thinks, Endpoint):
    """The Messages API. `is_cached` lets it keep instructions, tools and history between a call's turns."""

    model: str = "claude-haiku-4-5"
    temperature: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    is_cached: bool = True

    def build(self, key: str, lent: Lent) -> llm.LLM[Any]:
        """Streams tokens and tool calls."""
        from livekit.plugins import anthropic

        said = self.given()
        if said.pop("is_cached"):
            said["caching"] = "ephemeral"
        return anthropic.LLM(**said, api_key=key)


def _tokens(input_: float, output: float) -> Price:
    return Price(PRICED, per_million_input=input_, per_million_cached=input_ / 10, per_million_output=output)


ENTRIES = (
    Entry(
        "anthropic",
        Messages,
        "ANTHROPIC_API_KEY",
        "livekit.plugins.anthropic",
        Capabilities(MANY),
        {
            "claude-haiku-4": _tokens(1.0, 5.0),
            "claude-sonnet-4": _tokens(3.0, 15.0),
            "claude-opus-4": _tokens(5.0, 25.0),
        },
        rank=2,
        late=(*HTTPX, "anthropic.resources.messages"),
    ),
)
