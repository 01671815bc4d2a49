"""Tools of a real MCP server, which a real process speaks over its pipes."""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import AgentSession, llm
from livekit.agents.voice.run_result import RunResult

from agent.call.call import Call
from agent.config import ROOT
from agent.dialog.persona import Persona
from agent.errors import ConfigError
from agent.events import Outcome, ToolCalled, ToolReturned
from agent.profile.choices import McpChoice
from agent.profile.profile import load_profile
from agent.tap import Tap
from agent.tooling.mcp_tools import McpTools, check
from agent.tooling.toolbox import FAILED, NOT_HERE, TIMED_OUT, load_toolbox
from tests.agent.tooling.test_hand_over import Script, said
from tests.fakes.calls import Recorded, recorded_call, shop
from tests.fakes.desks import write_desks
from tests.fakes.scripted import Scripted, Step

SERVER = (sys.executable, str(ROOT / "tests" / "fakes" / "mcp_server.py"))
PATIENT_S = 60.0  # a busy machine is slow, not wrong
# the server gets nothing of our environment but what is named
NAMED = ("WEATHER_MOOD", *(name for name in ("PYTHONPATH",) if name in os.environ))
WEATHER = McpChoice(command=SERVER, environment=NAMED, only_looks=("forecast", "fail"))


@pytest.fixture
async def tools(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, llm.Tool]]:
    """Those of the server, by name."""
    monkeypatch.setenv("WEATHER_MOOD", "Lovely.")
    servers = McpTools({"weather": WEATHER}, 20.0, PATIENT_S)
    yield {tool.id: tool for tool in await servers.connect()}
    await servers.aclose()


async def outcome_of(tools: Mapping[str, llm.Tool], name: str, arguments: str = "{}") -> tuple[str, Recorded, Script]:
    """What a model that asks for the tool gets to read, and the call's record."""
    call, record = recorded_call()
    mind = Script(name, arguments=arguments)
    async with mind, AgentSession[Call](llm=mind, userdata=call) as session:
        await session.start(Persona(call.profile, [*load_toolbox(call.profile).tools, *tools.values()]))
        result: RunResult[None] = await session.run(user_input="do it")
        assert any(event.type == "function_call" for event in result.events)
    return mind.asked[-1][2][0], record, mind


async def test_a_model_calls_them_under_the_servers_name(tools: dict[str, llm.Tool]) -> None:
    """It reads their schema, the answer is one line, and the record has both events."""
    assert set(tools) == {"weather_forecast", "weather_fail", "weather_sleep"}
    said, record, mind = await outcome_of(tools, "weather_forecast", '{"city": "Paris"}')
    assert said == "It will be sunny in Paris. Lovely."
    assert "weather_forecast" in mind.asked[0][1]
    (called,), (returned,) = record.of(ToolCalled), record.of(ToolReturned)
    assert isinstance(called, ToolCalled) and called.arguments == '{"city": "Paris"}'
    assert isinstance(returned, ToolReturned)
    assert (returned.tool, returned.outcome) == ("weather_forecast", Outcome.OK)


async def test_they_come_while_the_call_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The greeting does not wait for them; what was called before stays in the history."""
    monkeypatch.setenv("WEATHER_MOOD", "Lovely.")
    call, _ = recorded_call()
    servers = McpTools({"weather": WEATHER}, 20.0, PATIENT_S)
    mind = Script("current_date_and_time", "weather_forecast", arguments='{"city": "Paris"}')
    async with mind, AgentSession[Call](llm=mind, userdata=call) as session:
        persona = Persona(call.profile, load_toolbox(call.profile).tools)
        await session.start(persona)
        mind.tools, later = mind.tools[:1], mind.tools[1:]
        await session.run(user_input="what time is it")
        await servers.lend_to(persona)
        mind.tools = later
        await session.run(user_input="will it rain in Paris")
    await servers.aclose()
    assert [text[:6] for text in mind.asked[-1][2]] == ["It is ", "It wil"]


async def test_their_failures_are_sentences(tools: dict[str, llm.Tool], caplog: pytest.LogCaptureFixture) -> None:
    """Not the server's own words, which nobody has read."""
    said, record, _ = await outcome_of(tools, "weather_fail")
    assert said == FAILED and "canary" not in caplog.text
    (returned,) = record.of(ToolReturned)
    assert isinstance(returned, ToolReturned) and returned.outcome is Outcome.FAILED


async def test_what_is_not_said_to_look_waits_for_the_callers_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its server says of it: the values are read back, and it runs once. Its arguments may be anything."""
    monkeypatch.setenv("WEATHER_MOOD", "Lovely.")
    servers = McpTools({"weather": McpChoice(command=SERVER, environment=NAMED, tools=("forecast",))}, 20.0, PATIENT_S)
    call, record = recorded_call()
    asks: Step = [("weather_forecast", {"city": "Paris", "days": [1, {"in": True}]})]
    mind = Scripted([asks, "Sunny.", asks, "Sunny.", asks, "Sunny."])
    question = "City: Paris. Days: 1, in True. Shall I go on with weather forecast?"
    try:
        async with mind, AgentSession[Call](llm=mind, userdata=call) as session:
            Tap(call, on_busy=lambda _: None, on_close=lambda _: None).attach(session)
            await session.start(Persona(call.profile, await servers.connect()))
            replies = [said(await session.run(user_input=words)) for words in ("will it rain", "hm", "yes")]
    finally:
        await servers.aclose()
    assert replies == [question, question, "Sunny."] and mind.heard[-1].startswith("It will be sunny in Paris")
    assert [e.outcome for e in record.of(ToolReturned) if isinstance(e, ToolReturned)] == [
        Outcome.ASKED,
        Outcome.ASKED,
        Outcome.OK,
    ]


async def test_they_have_our_time_limit() -> None:
    """A server that never answers holds no caller up."""
    slow = McpChoice(command=SERVER, environment=NAMED[1:], tools=("sleep",), only_looks=("sleep",))
    servers = McpTools({"weather": slow}, 0.1, PATIENT_S)
    try:
        found = {tool.id: tool for tool in await servers.connect()}
        assert set(found) == {"weather_sleep"}
        assert (await outcome_of(found, "weather_sleep"))[0] == TIMED_OUT
    finally:
        await servers.aclose()


async def test_a_server_that_is_away_costs_its_tools_only(caplog: pytest.LogCaptureFixture) -> None:
    """The others come all the same."""
    servers = McpTools(
        {
            "weather": McpChoice(command=SERVER, environment=NAMED[1:], tools=("forecast",)),
            "gone": McpChoice(command=("/no/such/program",)),
            "far": McpChoice(url="http://127.0.0.1:9/mcp"),
        },
        20.0,
        PATIENT_S,
    )
    try:
        assert [tool.id for tool in await servers.connect()] == ["weather_forecast"]
    finally:
        await servers.aclose()
    assert sorted(r.__dict__["kind"] for r in caplog.records if r.message == "mcp server away") == ["far", "gone"]


async def test_a_persona_lists_a_server_to_have_its_tools(tmp_path: Path, tools: dict[str, llm.Tool]) -> None:
    """Another one is refused them."""
    folder = write_desks(tmp_path)
    with (folder / "profile.yaml").open("a") as file:
        file.write(f"mcp:\n  weather: {{command: [{sys.executable}]}}\n")
    desk = folder / "personas" / "parcels.md"
    desk.write_text(desk.read_text().replace("[lookup_order", "[weather, lookup_order"))
    call, _ = recorded_call(load_profile("shop", tmp_path))
    mind = Script("weather_forecast", "hand_over_to_parcels", "weather_forecast", arguments='{"city": "Paris"}')
    async with mind, AgentSession[Call](llm=mind, userdata=call) as session:
        await session.start(Persona(call.profile, [*load_toolbox(call.profile).tools, *tools.values()]))
        await session.run(user_input="will it rain?")
    offered: list[Any] = [asked[1] for asked in mind.asked]
    assert "weather_forecast" not in offered[0] and "weather_forecast" in offered[2]
    assert [mind.asked[-1][2][0], mind.asked[-1][2][2][:17]] == [NOT_HERE, "It will be sunny "]


@pytest.mark.parametrize(
    ("mcp", "message"),
    [
        ("weather: {}", "mcp.weather: give either the command"),
        ("weather: {command: [a], url: b}", "give either the command"),
        ("Weather: {command: [a]}", "String should match pattern"),
        ("weather: {command: [/no/such/program]}", "mcp.weather.command: there is no program '/no/such/program'"),
        (f"weather: {{command: [{sys.executable}], environment: [NO_SUCH]}}", "environment: set NO_SUCH"),
        ("weather: {url: 'https://example.org/mcp', token_variable: NO_SUCH}", "token_variable: set NO_SUCH"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, mcp: str, message: str) -> None:
    """At the worker's start."""
    folder = write_desks(tmp_path)
    with (folder / "profile.yaml").open("a") as file:
        file.write(f"mcp:\n  {mcp}\n")
    with pytest.raises(ConfigError, match=r"profile\.yaml, line \d+: .*") as error:
        check(load_profile("shop", tmp_path))
    assert message in str(error.value)


def test_a_profile_without_servers_has_nothing_to_check() -> None:
    """As the shop."""
    check(shop())
