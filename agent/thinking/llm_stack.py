"""Who thinks for a profile, put together: the local understanding, or a large model with what stands around it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livekit.agents import llm

from agent.call.call import Call, Clock
from agent.events import AnswerReused, RouterDecided
from agent.knowledge import Knowledge, Shelf
from agent.language.packs import ENGLISH
from agent.profile.persona_file import PersonaFile
from agent.profile.profile import Profile
from agent.providers import catalog
from agent.providers.wrapped_llm import WrappedLLM
from agent.thinking.answer_cache import Answers, version_of
from agent.thinking.cached_llm import Cache, CachedLLM
from agent.thinking.informed_llm import InformedLLM, Library
from agent.thinking.local_llm import Understanding
from agent.thinking.routed_llm import RoutedLLM
from agent.tooling.toolbox import Toolbox
from agent.understanding.matching.embedding import Embedder, Remembered
from agent.understanding.routing import PASSAGE, TALK, Route, Router

Speaker = Callable[[], PersonaFile]


def build_understanding(
    profile: Profile, toolbox: Toolbox, embedder: Embedder, clock: Clock, speaker: Speaker | None = None
) -> Understanding:
    """The local LLM over the profile's tools and documents; with `speaker` over those that this persona may read."""
    knowledge = _shelf(profile, build_knowledge(profile, embedder), speaker)
    return Understanding(profile=profile, intents=toolbox.intents, embedder=embedder, knowledge=knowledge, clock=clock)


def build_knowledge(profile: Profile, embedder: Embedder) -> Knowledge:
    """The profile's documents, and what its personas declare for callers' ears."""
    personas = [persona.path for persona in profile.personas.values()]
    return Knowledge(profile.documents, embedder, profile.limits.max_reply_words, personas=personas)


def _shelf(profile: Profile, knowledge: Knowledge, speaker: Speaker | None) -> Shelf:
    return Shelf(knowledge, lambda: profile.readable_by(speaker()) if speaker else ())


def is_large(profile: Profile) -> bool:
    """True when a large model thinks: it can be told passages, spared questions, and passed over by the router,
    whoever hears and speaks. The understanding needs none of that."""
    return profile.mode == "realtime" or not catalog.is_understanding(profile.providers)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a large model in one call."""

    knowledge: Knowledge
    library: Library
    cache: Cache | None
    router: Router | None

    async def warm(self) -> None:
        """Read, embed and learn. Raises ConfigError and ProviderError."""
        await self.knowledge.warm()
        if self.router is not None:
            await self.router.warm(self.knowledge.passages)

    def llm(
        self, inner: llm.LLM[Any], call: Call, on_route: Callable[[Route | None], None] = lambda _: None
    ) -> llm.LLM[Any]:
        """The model in its surroundings: asked last, and with what it should know. They read English; in any other
        language it is asked alone. `on_route` hears what the router made of each turn, before the model is asked."""

        def decided(route: Route | None) -> None:
            on_route(route)
            if route is not None:
                call.emit(_decided(route))

        found: WrappedLLM = InformedLLM(inner, self.library)
        around = [found]
        if self.cache is not None:
            found = CachedLLM(found, self.cache, lambda source: call.emit(AnswerReused(source=source)))
            around.append(found)
        if self.router is not None:
            found = RoutedLLM(found, self.router, call.now, decided)
            around.append(found)
        for one in around:
            one.is_off = lambda: call.profile.language != ENGLISH
        return found


def build_around(
    profile: Profile, toolbox: Toolbox, embedder: Embedder, var_dir: Path, speaker: Speaker | None = None
) -> Around:
    """What the profile wants around its large model."""
    knowledge = build_knowledge(profile, embedder)
    shelf = _shelf(profile, knowledge, speaker)
    remembered = Remembered(embedder)
    is_heard = profile.mode == "realtime"  # what is answered in words alone has another voice than the model's
    return Around(
        knowledge,
        Library(remembered, shelf, profile.knowledge.min_score),
        _build_cache(profile, embedder, shelf, var_dir) if profile.cache.enabled and not is_heard else None,
        Router(toolbox.intents, embedder, profile.sentences) if profile.router.enabled and not is_heard else None,
    )


def _build_cache(profile: Profile, embedder: Embedder, shelf: Shelf, var_dir: Path) -> Cache:
    chosen = profile.cache
    answers = Answers(
        var_dir / "cache" / f"answers-{profile.name}.db",
        version_of(profile),
        threshold=chosen.threshold,
        max_items=chosen.max_items,
        ttl_s=chosen.ttl_s,
        clock=time.time,
    )
    return Cache(answers, embedder, shelf, profile.knowledge.min_score)


def _decided(route: Route) -> RouterDecided:
    is_tool = not route.best.startswith((TALK, PASSAGE))
    return RouterDecided(why=route.why.value, tool=route.best if is_tool else "", confidence=round(route.confidence, 3))


def fillers_of(profile: Profile, toolbox: Toolbox) -> tuple[str, ...]:
    """What may be said while a tool works."""
    own = (sentence for filler in toolbox.fillers.values() for sentence in filler.sentences)
    return tuple(dict.fromkeys((*profile.fillers.sentences, *own)))
