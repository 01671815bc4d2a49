"""Kit: what a job process loads of a profile once, before its call comes."""

from dataclasses import dataclass

from livekit.agents import vad

from agent.call import utc_now
from agent.config import Settings
from agent.memory.callers import Callers
from agent.memory.kept import KeptCalls
from agent.observers.bus import Bus
from agent.profile import Profile, load_profile
from agent.providers import catalog
from agent.providers.tokens import count_tokens
from agent.toolbox import Toolbox, connect_backends, load_toolbox
from agent.turns import load_vad


@dataclass(frozen=True, slots=True)
class Kit:
    """That of one profile."""

    settings: Settings
    profile: Profile
    toolbox: Toolbox
    vad: vad.VAD
    backends: dict[type, object]
    callers: Callers
    kept: KeptCalls
    bus: Bus


def load_kit(settings: Settings, name: str, bus: Bus) -> Kit:
    """Blocking; at prewarm. Raises ConfigError."""
    profile = load_profile(name, settings.profiles_dir)
    count_tokens("")  # loads what it counts with
    catalog.preload(profile.providers)
    return Kit(
        settings=settings,
        profile=profile,
        toolbox=load_toolbox(profile),
        vad=load_vad(profile.turns),
        backends=connect_backends(profile, settings.backend(profile.name), utc_now),
        callers=Callers(settings.store),
        kept=KeptCalls(settings.store, settings.livekit_api_secret),
        bus=bus,
    )
