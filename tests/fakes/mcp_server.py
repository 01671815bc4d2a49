"""A real MCP server over stdin and stdout: `python mcp_server.py`."""

import asyncio
import os

from mcp.server import MCPServer

server = MCPServer("fake")


@server.tool()
async def forecast(city: str) -> str:
    """Tell tomorrow's weather in a city."""
    return f"It will be sunny\n in {city}. {os.environ.get('WEATHER_MOOD', '')}".strip()


@server.tool()
async def fail() -> str:
    """Fail with a secret in the message."""
    raise RuntimeError("canary")


@server.tool()
async def sleep() -> str:
    """Never answer."""
    await asyncio.sleep(3600)
    return "late"


if __name__ == "__main__":
    server.run()
