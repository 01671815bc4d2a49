"""The Dockerfile, as far as it can be judged without a container engine; deploy/debian/image.py carries it out."""

import shlex

from agent.config import ROOT
from deploy.debian.image import instructions

LINES = instructions((ROOT / "Dockerfile").read_text())


def test_its_set_up_is_that_of_make_run() -> None:
    """One way to set up, so that what works here works there."""
    steps = [rest for keyword, rest in LINES if keyword == "RUN" and "deploy.steps" in rest]
    assert steps == ["python3 -m deploy.steps page", "python3 -m deploy.steps venv"]


def test_it_runs_as_somebody_without_rights_and_says_how_to_ask_for_its_health() -> None:
    """The last stage sets both."""
    last = LINES[max(number for number, (keyword, _) in enumerate(LINES) if keyword == "FROM") :]
    assert dict(last)["USER"] == "parley"
    assert dict(last)["HEALTHCHECK"].endswith('CMD ["python", "-m", "deploy.health"]')


def test_everything_it_copies_is_there() -> None:
    """A renamed folder breaks this test before it breaks the image."""
    copies = [shlex.split(rest)[:-1] for keyword, rest in LINES if keyword == "COPY"]
    sources = [source for copy in copies if not copy[0].startswith("--from") for source in copy]
    assert [source for source in sources if not (ROOT / source).exists()] == []
