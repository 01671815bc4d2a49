"""Who thinks for a profile, put together: the local understanding, the knowledge, the answers that are given again."""

import time
from collections.abc import Callable
from pathlib import Path

from agent.call import Clock
from agent.knowledge import Knowledge, Shelf
from agent.nlu.embedding import Embedder
from agent.persona_file import PersonaFile
from agent.profile import Profile
from agent.providers import catalog
from agent.providers.answers import Answers, version_of
from agent.providers.cached_llm import Cache
from agent.providers.understanding import Understanding
from agent.toolbox import Toolbox

Speaker = Callable[[], PersonaFile]


def build_understanding(
    profile: Profile, toolbox: Toolbox, embedder: Embedder, clock: Clock, speaker: Speaker | None = None
) -> Understanding:
    """The local LLM over the profile's tools and documents; with `speaker` over those that this persona may read."""
    knowledge = _shelf(profile, embedder, speaker)
    return Understanding(profile=profile, intents=toolbox.intents, embedder=embedder, knowledge=knowledge, clock=clock)


def build_knowledge(profile: Profile, embedder: Embedder) -> Knowledge:
    """The profile's documents, and what its personas declare for callers' ears."""
    personas = [persona.path for persona in profile.personas.values()]
    return Knowledge(profile.documents, embedder, profile.limits.max_reply_words, personas=personas)


def _shelf(profile: Profile, embedder: Embedder, speaker: Speaker | None) -> Shelf:
    return Shelf(build_knowledge(profile, embedder), lambda: profile.readable_by(speaker()) if speaker else ())


def uses_cache(profile: Profile) -> bool:
    """True when a large model thinks and the speech process, which embeds, runs anyway; the understanding needs no
    more time than a look into the cache."""
    providers = profile.providers
    return profile.cache.enabled and providers.llm.name != "understanding" and catalog.needs_speech_process(providers)


def build_cache(profile: Profile, embedder: Embedder, var_dir: Path, speaker: Speaker | None = None) -> Cache:
    """What a large model need not be asked again."""
    chosen = profile.cache
    answers = Answers(
        var_dir / "cache" / f"answers-{profile.name}.db",
        version_of(profile),
        threshold=chosen.threshold,
        max_items=chosen.max_items,
        ttl_s=chosen.ttl_s,
        clock=time.time,
    )
    return Cache(answers, embedder, _shelf(profile, embedder, speaker), profile.knowledge.min_score)


def fillers_of(profile: Profile, toolbox: Toolbox) -> tuple[str, ...]:
    """What may be said while a tool works."""
    own = (sentence for filler in toolbox.fillers.values() for sentence in filler.sentences)
    return tuple(dict.fromkeys((*profile.fillers.sentences, *own)))
