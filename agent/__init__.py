"""The engine: what is true of any call. It lends `server` on demand, so that `python -m livekit.agents start agent.py`
finds it in the package that shadows the script's name."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livekit.agents import AgentServer


def __getattr__(name: str) -> "AgentServer":
    if name == "server":
        from agent.worker import server

        return server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), "server"]
