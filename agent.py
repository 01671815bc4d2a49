"""The worker's entry: `python agent.py dev | start | console`."""

from livekit.agents import cli

from agent.worker import run_command, server

if __name__ == "__main__":
    run_command(lambda: cli.run_app(server))
