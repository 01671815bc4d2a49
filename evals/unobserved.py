"""`python -m evals.unobserved dev`: our worker whose jobs have no observer at all, for `python -m evals observers`."""

from livekit.agents import JobProcess, cli

from agent import worker
from agent.worker import server


def prewarm(process: JobProcess) -> None:
    """As in our worker, but for who listens."""
    worker.prewarm(process, lambda _: [])


server.setup_fnc = prewarm

if __name__ == "__main__":
    cli.run_app(server)
