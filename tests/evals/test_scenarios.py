"""Every scenario of every profile on the local default: `python -m evals text` without the report."""

from pathlib import Path

import pytest

from agent.config import ROOT
from agent.profile.profile import load_profile
from evals.embedding import RealEmbedder
from evals.rehearsal import Rehearsal, rehearse

PROFILES = sorted(path.parent.name for path in (ROOT / "profiles").glob("*/profile.yaml"))


@pytest.mark.parametrize("name", PROFILES)
async def test_every_scenario_comes_true(name: str, real_embedder: RealEmbedder, tmp_path: Path) -> None:
    """All of them, in each wording."""
    results = await rehearse([Rehearsal(load_profile(name, ROOT / "profiles"), real_embedder, tmp_path)])
    wrong = [f"{r.script.name}: {r.script.words[0]!r}: {failure}" for r in results for failure in r.failures]
    assert not wrong, "\n".join(wrong)
