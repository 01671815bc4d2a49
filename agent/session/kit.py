"""Kit: what a job process loads of a profile once, before its call comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from livekit.agents import vad

from agent.call.call import utc_now
from agent.config import Settings
from agent.intent import SlotKind
from agent.memory.callers import Callers
from agent.memory.dialled import Dialled
from agent.memory.kept import KeptCalls
from agent.memory.notes import Notes
from agent.memory.recall import Memory
from agent.observers.bus import Bus
from agent.profile.languages import offered_by
from agent.profile.profile import Profile, load_profile
from agent.providers import catalog, noise
from agent.providers.tokens import count_tokens
from agent.redaction.discretion import Discretion
from agent.redaction.door import Door, Sealer
from agent.telephony.trunks import Lines, load_lines
from agent.tooling.toolbox import Toolbox, connect_backends, load_toolbox
from agent.turns.options import load_vad


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
    dialled: Dialled
    bus: Bus
    lines: Lines
    in_languages: Mapping[str, Profile]  # the profile in each of its languages, the one of its beginning first
    clean: Callable[[], noise.Cleaner] | None = None  # what takes the noise out of a microphone's sound

    def memory(self, call_id: str) -> Memory:
        """What a new call remembers of its caller."""
        return Memory(
            callers=self.callers,
            call_id=call_id,
            is_private=self.profile.memory.is_private,
            language=self.profile.language,
            clock=utc_now,
            notes=Notes(self.toolbox.intents),
        )

    def door(self, discretion: Discretion) -> Door:
        """That of a new call."""
        key = self.settings.privacy_key
        slots = (slot for intent in self.toolbox.intents.values() for slot in intent.slots)
        longest = max((slot.max_length for slot in slots if slot.kind is SlotKind.CODE), default=0)
        return Door(discretion, self.profile.privacy.words, Sealer(key) if key else None, longest)


def load_kit(settings: Settings, name: str, bus: Bus) -> Kit:
    """Blocking; at prewarm. Raises ConfigError."""
    written = load_profile(name, settings.profiles_dir)
    in_languages = {code: catalog.in_language(written, code) for code in offered_by(written)}
    profile = in_languages[written.language]
    count_tokens("")  # loads what it counts with
    catalog.preload(written.providers)
    return Kit(
        settings=settings,
        profile=profile,
        toolbox=load_toolbox(profile),
        vad=load_vad(profile.turns),
        backends=connect_backends(profile, settings.backend(profile.name), utc_now),
        callers=Callers(settings.store),
        kept=KeptCalls(settings.store, settings.livekit_api_secret),
        dialled=Dialled(settings.store),
        bus=bus,
        clean=noise.cleaners(profile.noise),
        lines=load_lines(settings.sip_dir),
        in_languages=in_languages,
    )
