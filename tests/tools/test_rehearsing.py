"""Every tool that is said to only look says the same in a rehearsal as in earnest, on the real backends, and tells
nobody of it."""

import asyncio
import json
from pathlib import Path

import pytest
from livekit.agents import llm
from livekit.agents.llm.utils import validated_arguments

from agent.config import ROOT
from agent.profile.profile import load_profile
from agent.tooling.toolbox import connect_backends, load_toolbox, prepare_backends, rehearse
from tests.fakes.calls import NOON, recorded_call
from tests.fakes.contexts import context_of

CASES: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("shop", "lookup_order", {"order_number": "4571"}),
    ("shop", "check_shipping", {"order_number": "1001"}),
    ("shop", "current_date_and_time", {}),
    ("restaurant", "find_tables", {"party": 2, "day": "2026-11-21"}),
    ("restaurant", "current_date_and_time", {}),
    ("dental", "find_appointment_times", {"treatment": "check-up"}),
    ("dental", "check_opening", {"day": "2026-11-23"}),
    ("dental", "current_date_and_time", {}),
)
PROFILES = ("shop", "restaurant", "dental", "bank")


@pytest.mark.parametrize(("profile_name", "tool", "arguments"), CASES)
async def test_a_rehearsal_finds_out_what_the_tool_says(
    tmp_path: Path, profile_name: str, tool: str, arguments: dict[str, object]
) -> None:
    """The tool needs no more of the call than it gets then; otherwise the rehearsal would come to nothing each time."""
    profile = load_profile(profile_name, ROOT / "profiles")
    url, toolbox, told = f"sqlite:///{tmp_path / 'backend.db'}", load_toolbox(profile), list[str]()
    prepare_backends(profile, url, lambda: NOON)
    call, record = recorded_call(profile, backends=connect_backends(profile, url, lambda: NOON))
    wished = [llm.FunctionToolCall(name=tool, arguments=json.dumps(arguments), call_id="c1")]
    rehearse(toolbox, call, wished, told.append)
    async with asyncio.timeout(5):
        while not told:  # noqa: ASYNC110  # a background task tells it
            await asyncio.sleep(0.01)
    assert record.events == []
    call.rehearsals.begin({})
    looking = toolbox.looking[tool]
    earnest = await looking(context_of(call), **validated_arguments(looking, arguments))
    assert told == [earnest]


def test_every_tool_that_only_looks_is_tried_here() -> None:
    """In each profile that has it; the bank's tools look at what only some callers may hear."""
    looking = {
        (name, tool) for name in PROFILES for tool in load_toolbox(load_profile(name, ROOT / "profiles")).looking
    }
    assert looking - {("bank", "current_date_and_time")} == {(name, tool) for name, tool, _ in CASES}
