"""The real embedding, loaded once, and the understanding of the profile shop over it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from agent.config import ROOT
from agent.knowledge import Knowledge
from agent.nlu.embedding import Vectors
from agent.profile import Profile, load_profile
from agent.providers.models.minilm import MiniLM
from agent.providers.understanding import Understanding
from agent.toolbox import load_toolbox
from tests.fakes.wishes import INVENTED

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=ZoneInfo("America/New_York"))  # a Saturday


class RealEmbedder:
    """MiniLM in this process; remembers, since every conversation of the table embeds the same examples."""

    def __init__(self) -> None:
        self._model = MiniLM()
        self._known: dict[str, Vectors] = {}

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """As the speech process does it, one by one."""
        for text in texts:
            if text not in self._known:
                self._known[text] = self._model.embed([text])
        return np.concatenate([self._known[text] for text in texts])


@pytest.fixture(scope="session")
def real_embedder() -> RealEmbedder:
    """One model for all tests of the run."""
    return RealEmbedder()


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
            knowledge=Knowledge(shop.documents, real_embedder, persona=shop.folder / "personas" / f"{shop.persona}.md"),
            clock=lambda: NOW,
        )

    return make
