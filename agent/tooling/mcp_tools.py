"""Tools of the MCP servers that a profile names: asked for when a call begins, guarded like ours, gone with the call.

Only a large model can choose them, since nothing says what callers say who want them.
"""

import asyncio
import logging
import os
import re
import shutil
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from livekit.agents import Agent, RunContext, function_tool
from livekit.agents.llm import RawFunctionTool

from agent.call.call import Call
from agent.errors import ConfigError
from agent.intent import Intent
from agent.profile.choices import McpChoice
from agent.profile.profile import Profile, place
from agent.tooling.changing import FIRST_ASKS, Change
from agent.tooling.toolbox import run_guarded

if TYPE_CHECKING:
    from livekit.agents.llm.mcp import MCPServer, MCPToolResultContext

logger = logging.getLogger("parley.mcp")
CONNECT_S = 5.0  # the call goes on without the tools of a server that takes longer
MAX_LETTERS = 4000  # of one answer: a model reads it all before it speaks
EMPTY = "Done."


def check(profile: Profile) -> None:
    """What can be known before the first call: programs are there, secrets are set. Raises ConfigError."""
    for name, choice in profile.mcp.items():
        if choice.command and shutil.which(choice.command[0]) is None:
            where = place(profile, "mcp", name, "command")
            raise ConfigError(f"{where}: there is no program {choice.command[0]!r}; install it or give its path")
        for key in ("environment", "token_variable"):
            wanted = getattr(choice, key)
            missing = [v for v in ([wanted] if isinstance(wanted, str) else wanted) if v and v not in os.environ]
            if missing:
                raise ConfigError(f"{place(profile, 'mcp', name, key)}: set {missing[0]} in the environment or .env")


class McpTools:
    """The servers of one call."""

    def __init__(self, choices: Mapping[str, McpChoice], limit_s: float, connect_s: float = CONNECT_S) -> None:
        self._choices = choices
        self._limit_s = limit_s
        self._connect_s = connect_s
        self._servers: list[MCPServer] = []

    async def connect(self) -> list[RawFunctionTool[..., Any]]:
        """All their tools, as `SERVER_TOOL`. A server that cannot be reached in time costs its tools and a log line."""
        found = await asyncio.gather(*(self._tools_of(name, choice) for name, choice in self._choices.items()))
        return [tool for tools in found for tool in tools]

    async def lend_to(self, agent: Agent) -> None:
        """Add their tools to the agent when they come; neither greeting nor turn waits for that."""
        if found := await self.connect():
            await agent.update_tools([*agent.tools, *found])

    async def aclose(self) -> None:
        """End the servers, or the connections to them."""
        await asyncio.gather(*(server.aclose() for server in self._servers), return_exceptions=True)

    async def _tools_of(self, name: str, choice: McpChoice) -> list[RawFunctionTool[..., Any]]:
        try:
            async with asyncio.timeout(self._connect_s):
                server = _server(choice, self._connect_s + self._limit_s)
                await server.initialize()
                self._servers.append(server)
                tools = await server.list_tools()
        except Exception as error:  # noqa: BLE001  # whatever a foreign server does, the call goes on
            logger.warning("mcp server away", extra={"kind": name, "error": type(error).__name__})
            return []
        used = (tool for tool in tools if choice.tools is None or tool.info.name in choice.tools)
        return [guard(tool, name, self._limit_s, asks_first=tool.info.name not in choice.only_looks) for tool in used]


def guard(
    tool: RawFunctionTool[..., Any], server: str, limit_s: float, *, asks_first: bool = True
) -> RawFunctionTool[..., Any]:
    """The same tool under its server's name, with the time limit, events and sentences of our own tools; with
    `asks_first` it runs after the caller's yes only."""
    name = _plain(f"{server}_{tool.info.name}")
    intent = Intent(examples=(), confirm=f"Shall I go on with {name.replace('_', ' ')}?")

    async def guarded(raw_arguments: dict[str, object], context: RunContext[Call]) -> str:
        async def work() -> str:
            return str(await tool(raw_arguments))

        change = Change(name, intent, raw_arguments)
        asked = partial(change.once_agreed, context, work) if asks_first else work
        return await run_guarded(context, name, raw_arguments, asked, limit_s)

    schema = {**tool.info.raw_schema, "name": name}
    if asks_first:
        schema["description"] = f"{schema.get('description') or ''}{FIRST_ASKS}"
    return function_tool(guarded, raw_schema=schema)


def _server(choice: McpChoice, patience_s: float) -> "MCPServer":
    """Not connected yet. Its own patience is longer than ours, so that it is our limits that are told."""
    from livekit.agents.llm.mcp import MCPServerHTTP, MCPServerStdio

    if choice.url:
        token = os.environ.get(choice.token_variable, "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return MCPServerHTTP(
            choice.url, headers=headers, client_session_timeout_seconds=patience_s, tool_result_resolver=_text
        )
    program, *arguments = choice.command
    environment = {name: os.environ[name] for name in choice.environment if name in os.environ}
    return MCPServerStdio(
        program, arguments, env=environment, client_session_timeout_seconds=patience_s, tool_result_resolver=_text
    )


def _text(result: "MCPToolResultContext") -> str:
    """What it answered in words; pictures and sounds are nothing to say."""
    said = " ".join(part.text for part in result.result.content if part.type == "text")
    return " ".join(said.split())[:MAX_LETTERS] or EMPTY


def _plain(name: str) -> str:
    """What every model takes for a tool's name."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64]
