"""livekit-server: the one on PATH, else the version that deploy/servers/ pins, built once into .cache/bin."""

from deploy.steps.go_build import GoServer
from deploy.steps.step import Step

SERVER = GoServer(
    name="livekit-server",
    package="github.com/livekit/livekit-server/cmd/server",
    takes="one to three minutes",
    otherwise="install livekit-server (macOS: brew install livekit; Linux: LiveKit's installer)",
    env={"CGO_ENABLED": "0"},
)


def step() -> Step:
    """The step of `make run`, `make phone` and `make test`."""
    return SERVER.step()
