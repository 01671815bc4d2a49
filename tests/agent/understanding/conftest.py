"""The real embedding, loaded once, and the understanding of the profile shop over it."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.config import ROOT
from agent.knowledge import Knowledge
from agent.profile.profile import Profile, load_profile
from agent.thinking.local_llm import Understanding
from agent.tooling.toolbox import load_toolbox
from evals.embedding import RealEmbedder
from tests.fakes.wishes import INVENTED

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=ZoneInfo("America/New_York"))  # a Saturday


@pytest.fixture(scope="session")
def shop() -> Profile:
    """The profile that the tables are about."""
    return load_profile("shop", ROOT / "profiles")


@pytest.fixture
def understand(shop: Profile, real_embedder: RealEmbedder) -> Callable[[], Understanding]:
    """Makes an understanding with the shop's tools and the invented ones."""

    def make() -> Understanding:
        return Understanding(
            profile=shop,
            intents={**load_toolbox(shop).intents, **INVENTED},
            embedder=real_embedder,
            knowledge=Knowledge(shop.documents, real_embedder, personas=[p.path for p in shop.personas.values()]),
            clock=lambda: NOW,
        )

    return make
