"""Profile: what one deployment says of itself in its folder of profiles/.

An unknown or wrong key is a ConfigError that names the file, the line and the key.
"""

import re
from collections.abc import Hashable
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from agent.errors import ConfigError
from agent.persona_file import Offered, PersonaFile, read_personas
from agent.yaml_file import Keys, Section, read_text

PAGE = "docs/profile.md"


class ProviderChoice(Section):
    """A provider by its name in providers/catalog, with that provider's own options."""

    name: str
    options: dict[str, str | int | float | bool] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value


class Providers(Section):
    """Who hears, thinks and speaks."""

    stt: ProviderChoice = ProviderChoice(name="moonshine")
    llm: ProviderChoice = ProviderChoice(name="understanding")
    tts: ProviderChoice = ProviderChoice(name="piper")


class Turns(Section):
    """When a turn is over and what stops the agent. Rules decide (agent/rules); turns.py translates for LiveKit."""

    detector: Literal["local", "words", "multilingual"] = "local"
    finished_s: Annotated[float, Field(ge=0.05, le=3.0)] = 0.25
    unsure_s: Annotated[float, Field(ge=0.05, le=5.0)] = 0.55
    unfinished_s: Annotated[float, Field(ge=0.05, le=10.0)] = 1.75
    dictation_s: Annotated[float, Field(ge=0.05, le=10.0)] = 2.0
    prepares: bool = True
    wordless_s: Annotated[float, Field(ge=0.1, le=10.0)] = 1.2
    vad_min_speech_s: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    vad_threshold: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5

    @model_validator(mode="after")
    def _ordered(self) -> "Turns":
        waits = {name: getattr(self, name) for name in ("finished_s", "unsure_s", "unfinished_s", "dictation_s")}
        for (shorter, first), (longer, second) in pairwise(waits.items()):
            if first > second:
                raise ValueError(f"{shorter} {first} is above {longer} {second}")
        return self


class PhoneTurns(Section):
    """What differs from `turns` for callers by telephone."""

    finished_s: Annotated[float, Field(ge=0.05, le=3.0)] = 0.3
    unsure_s: Annotated[float, Field(ge=0.05, le=5.0)] = 0.6
    vad_threshold: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.45


class Limits(Section):
    """Where a call, a turn and a reply end."""

    max_turns: Annotated[int, Field(ge=1, le=1000)] = 60
    max_message_chars: Annotated[int, Field(ge=20, le=20_000)] = 1000
    max_messages_per_s: Annotated[float, Field(gt=0, le=50)] = 1.0
    max_call_s: Annotated[float, Field(ge=10, le=4 * 3600)] = 900.0
    max_reply_words: Annotated[int, Field(ge=5, le=500)] = 80
    max_context_tokens: Annotated[int, Field(ge=200, le=1_000_000)] = 6000
    idle_prompt_s: Annotated[float, Field(ge=1, le=300)] = 12.0
    idle_prompts: Annotated[int, Field(ge=0, le=10)] = 2
    reconnect_s: Annotated[float, Field(ge=1, le=300)] = 20.0
    tool_timeout_s: Annotated[float, Field(gt=0, le=60)] = 8.0


class Sentences(Section):
    """What the agent says by itself. `{help}` is what the tools say they can do, `{human}` the `human` sentence."""

    greeting: str
    apology: str = "Sorry, something went wrong on my side. Could you say that again?"
    idle_prompt: str = "Are you still there?"
    idle_goodbye: str = "I can't hear you any more, so I'll hang up now. Goodbye."
    goodbye: str = "Thank you for calling. Goodbye."
    limit_goodbye: str = "I have to end this call now. Please call again if you need anything else. Goodbye."
    not_understood: str = "I did not get that. I can help with {help}."
    offer_human: str = "I did not get that either. Would you like to talk to a person?"
    unknown: str = "I don't know that, and I don't want to guess. I can help with {help}."
    human: str = "I've noted that you would like to talk to a person."
    help: str
    anything_else: str = "Is there anything else?"
    cancelled: str = "All right, I'll leave it as it is."
    corrected: str = "Sorry about that."
    hello: str = "Hello. How can I help?"
    welcome: str = "You're welcome."
    abilities: str = "I can help with {help}."
    ai: str = "I'm an automated assistant, not a person. I can help with {help}."
    take_time: str = "Of course, take your time."
    go_on: str = "Go on."
    too_long: str = "That was more than I can read at once. Please write it in fewer words."
    too_fast: str = "That was too much at once. Please write one message at a time."
    hold_the_line: str = "Please hold the line for a moment."
    taken_up: str = "Sorry, I lost you for a moment. Let's go on where we were."
    say_again: str = "Sorry, I didn't catch that."
    handed_over: str = "All right, let me see to that."
    needed: str = "I need that to help you with this. Would you like to talk to a person instead?"


class KnowledgeChoice(Section):
    """How sure a passage must be before it is read to a caller."""

    min_score: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5


class MemoryChoice(Section):
    """What may be told of earlier calls; who is remembered at all, the caller decides."""

    is_private: bool = True


class McpChoice(Section):
    """An MCP server: a program to start, or an address. `tools` are those of it that may be used; all when left out."""

    command: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    url: str = ""
    token_variable: str = ""
    tools: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "McpChoice":
        if bool(self.command) == bool(self.url):
            raise ValueError("give either the command that starts the server or its url")
        return self


class FillerChoice(Section):
    """What is said while a tool takes longer than a caller likes to wait in silence; dialog/fillers.py says when."""

    sentences: Annotated[tuple[str, ...], Field(min_length=2)] = (
        "One moment, let me check.",
        "Let me have a look.",
        "Just a second, please.",
    )
    after_s: Annotated[float, Field(ge=0.0, le=5.0)] = 0.2


class CacheChoice(Section):
    """When a large model's answer out of the knowledge alone is given again; providers/cached_llm.py does it."""

    enabled: bool = True
    threshold: Annotated[float, Field(ge=0.5, le=1.0)] = 0.85
    max_items: Annotated[int, Field(ge=1, le=10_000)] = 500
    ttl_s: Annotated[float, Field(ge=1.0, le=30 * 86_400)] = 86_400.0


class RouterChoice(Section):
    """Whether sure turns go without a large model; nlu/routing.py says which these are."""

    enabled: bool = True


class Profile(Section):
    """One deployment: profile.yaml of a folder of profiles/. Each key has its heading in docs/profile.md."""

    name: str
    title: str
    language: Literal["en"] = "en"
    locale: Literal["en-US", "en-GB", "en-IN"] = "en-US"
    pronunciations: Annotated[dict[str, str], Field(max_length=1000)] = Field(default={})
    timezone: str = "UTC"
    persona: str
    tools: tuple[str, ...]
    backends: tuple[str, ...] = ()
    mcp: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,20}$")], McpChoice] = Field(default={})
    providers: Providers = Providers()
    turns: Turns = Turns()
    phone_turns: PhoneTurns = PhoneTurns()
    limits: Limits = Limits()
    sentences: Sentences
    knowledge: KnowledgeChoice = KnowledgeChoice()
    memory: MemoryChoice = MemoryChoice()
    fillers: FillerChoice = FillerChoice()
    cache: CacheChoice = CacheChoice()
    router: RouterChoice = RouterChoice()
    folder: Annotated[Path, Field(exclude=True)] = Path()

    @field_validator("pronunciations")
    @classmethod
    def _sayable(cls, entries: dict[str, str]) -> dict[str, str]:
        for written, said in entries.items():
            if not any(c.isalnum() for c in written):
                raise ValueError(f"{written!r} has no letter or digit to be found by")
            if not any(c.isalpha() for c in said) or not all(c.isalpha() or c in " '-" for c in said):
                raise ValueError(f"{written}: {said!r} must be letters, spaces, hyphens and apostrophes")
            again = next((w for w in entries if re.search(rf"\b{re.escape(w)}\b", said, re.IGNORECASE)), None)
            if again is not None:
                raise ValueError(f"{written}: {said!r} holds {again!r}, which would be replaced again")
        return entries

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"unknown time zone {value!r}; use an IANA name such as Europe/London")
        return value

    @model_validator(mode="after")
    def _phone_fits(self) -> "Profile":
        if not self.phone_turns.finished_s <= self.phone_turns.unsure_s <= self.turns.unfinished_s:
            raise ValueError("phone_turns: finished_s, unsure_s and the unfinished_s of turns must not fall")
        return self

    def turns_on(self, *, is_phone: bool) -> Turns:
        """The turns of a call in a browser or by telephone."""
        return self.turns.model_copy(update=self.phone_turns.model_dump()) if is_phone else self.turns

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that "today" and opening hours mean."""
        return ZoneInfo(self.timezone)

    @cached_property
    def personas(self) -> dict[str, PersonaFile]:
        """The persona that begins, and all that callers may be handed over to. Raises ConfigError: file and line."""
        offered = Offered({*self.tools, *self.mcp}, {path.name for path in self.documents})
        return read_personas(self.folder / "personas", self.persona, offered)

    @property
    def instructions(self) -> str:
        """Those of the persona that begins."""
        return self.personas[self.persona].instructions

    def tools_of(self, persona: PersonaFile) -> tuple[str, ...]:
        """Those of the profile's tools that a persona may use: all, unless its file lists some."""
        return self.tools if persona.says.tools is None else tuple(t for t in persona.says.tools if t not in self.mcp)

    def readable_by(self, persona: PersonaFile) -> frozenset[str]:
        """The names of the files that a persona may read from: the documents its file lists, and itself."""
        documents = persona.says.knowledge
        return frozenset(
            (
                *(document.name for document in self.documents if documents is None or document.name in documents),
                persona.path.name,
            )
        )

    @property
    def documents(self) -> tuple[Path, ...]:
        """The profile's knowledge, in the order of names."""
        return tuple(sorted((self.folder / "knowledge").glob("*.md")))


def load_profile(name: str, profiles_dir: Path) -> Profile:
    """Read profiles/<name>/profile.yaml and check that its files can be read. Raises ConfigError."""
    path = profiles_dir / name / "profile.yaml"
    if not path.parent.is_dir():
        known = ", ".join(sorted(p.parent.name for p in profiles_dir.glob("*/profile.yaml"))) or "none"
        raise ConfigError(f"PARLEY_PROFILE={name}: no folder {name} in {profiles_dir.name}/ (there are: {known})")
    keys = Keys.of(path, what="profile", page=PAGE)
    if keys.values.get("name") != name:
        raise ConfigError(f"{keys.place('name')}: name must be that of its folder, {name}")
    profile = keys.read(Profile, folder=path.parent)
    for document in profile.documents:
        read_text(document, what="knowledge")
    _ = profile.personas
    return profile


def place(profile: Profile, *keys: Hashable) -> str:
    """`file, line N: key` of a key in profile.yaml, for checks that are made elsewhere (a tool that does not exist)."""
    return Keys.of(profile.folder / "profile.yaml", what="profile", page=PAGE).place(*keys)
