"""Handing the caller over to another persona of the profile: a tool for an LLM, an intent for the local understanding.

Nothing of the call changes but who speaks: the conversation, the caller's tier and all that was learned stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livekit.agents import FunctionTool, RunContext, function_tool

from agent.call.call import Call
from agent.intent import HAND_OVER, Intent
from agent.profile.persona_file import PersonaFile
from agent.profile.profile import Profile


@dataclass(frozen=True, slots=True)
class HandOver:
    """The tool that hands over to one persona, and what callers say who need it."""

    tool: FunctionTool[..., Any]
    intent: Intent


def hand_overs(profile: Profile, intents: Mapping[str, Intent]) -> dict[str, HandOver]:
    """One for each persona that another one names, by the tool's name; `intents` are those of the profile's tools."""
    sources: dict[str, list[PersonaFile]] = {}
    for persona in profile.personas.values():
        for name in persona.says.hand_over_to:
            sources.setdefault(name, []).append(persona)
    return {
        f"{HAND_OVER}{name}": HandOver(
            _tool(profile.personas[name]), _intent(profile, profile.personas[name], givers, intents)
        )
        for name, givers in sources.items()
    }


def _tool(target: PersonaFile) -> FunctionTool[..., Any]:
    async def hand_over(ctx: RunContext[Call]) -> str:
        call = ctx.userdata
        await call.require(target.tier)
        call.hand_over(target.name)
        return target.says.hello or call.profile.sentences.handed_over

    about = (
        f"Hand the caller over to a colleague who sees to this: {target.says.about}. Use it when the caller wants that "
        "and no other tool does it; the colleague knows all that was said."
    )
    return function_tool(hand_over, name=f"{HAND_OVER}{target.name}", description=about)


def _intent(profile: Profile, target: PersonaFile, givers: list[PersonaFile], intents: Mapping[str, Intent]) -> Intent:
    """Who wants what only the other one does, wants to be handed over: its tools' examples are examples of that too."""
    shared = set.intersection(*(set(profile.tools_of(giver)) for giver in givers))
    others = (name for name in profile.tools_of(target) if name in intents and name not in shared)
    examples = (*target.says.asked, *(example for name in others for example in intents[name].examples))
    return Intent(examples=tuple(dict.fromkeys(examples)))
