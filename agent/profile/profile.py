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

import yaml
from pydantic import Field, ValidationInfo, field_validator, model_validator

from agent.config import Settings
from agent.errors import ConfigError
from agent.files.text_file import read_text
from agent.files.yaml_file import Keys, Section
from agent.language.emergency import NUMBERS, told
from agent.language.packs import ENGLISH, known, pack
from agent.profile.after_call import ConfirmationChoice, ResultChoice, SurveyChoice
from agent.profile.campaign import Outbound
from agent.profile.choices import (
    CacheChoice,
    FillerChoice,
    HardTurnChoice,
    HedgingChoice,
    KnowledgeChoice,
    LanguageChoice,
    McpChoice,
    MemoryChoice,
    NoiseChoice,
    PrivacyChoice,
    ProviderChoice,
    Providers,
    RecordingChoice,
    ReminderChoice,
    RouterChoice,
)
from agent.profile.departments import Department, TransferChoice
from agent.profile.persona_file import Offered, PersonaFile, read_personas

PAGE = "docs/profile.md"
_OTHER_LANGUAGES: dict[str, str] = yaml.safe_load(Path(__file__).with_name("other_languages.yaml").read_text("utf-8"))


class Turns(Section):
    """When a turn is over and what stops the agent. Rules decide; turns/options.py translates for LiveKit."""

    detector: Literal["local", "v1-mini", "words", "multilingual"] = "local"
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
    hold_s: Annotated[float, Field(ge=10, le=3600)] = 180.0
    reconnect_s: Annotated[float, Field(ge=1, le=300)] = 20.0
    tool_timeout_s: Annotated[float, Field(gt=0, le=60)] = 8.0
    answer_within_s: Annotated[float, Field(ge=0.5, le=30)] = 1.5


class Sentences(Section):
    """What the agent says by itself. `{help}` is what the tools say they can do, `{human}` the `human` sentence."""

    greeting: str
    apology: str = "Sorry, something went wrong on my side. Could you say that again?"
    idle_prompt: str = "Are you still there?"
    idle_goodbye: str = "I can't hear you any more, so I'll hang up now. Goodbye."
    goodbye: str = "Thank you for calling. Goodbye."
    limit_goodbye: str = "I have to end this call now. Please call again if you need anything else. Goodbye."
    out_of_order: str = (
        "I'm sorry, something on my side is broken, and I can't go on. A person here has a note of your call. Goodbye."
    )
    not_understood: str = "I did not get that. I can help with {help}."
    offer_human: str = "I did not get that either. Would you like to talk to a person?"
    unknown: str = "I don't know that, and I don't want to guess. I can help with {help}."
    human: str = "I've noted that you would like to talk to a person."
    help: str
    anything_else: str = "Is there anything else?"
    cancelled: str = "All right, I'll leave it as it is."
    what_differs: str = "What should I change?"
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
    cut_off: str = "We were cut off a moment ago. If you want to go on: {last}"
    say_again: str = "Sorry, I didn't catch that."
    keyed_twice: str = "I may have got some of the keys twice. Please enter it once more, and then press pound."
    transferring: str = "I'm putting you through to {department}. Please hold the line."
    not_transferred: str = "I could not reach {department}: {why}. {then} What else can I do for you?"
    will_call_back: str = "I have asked them to call you back."
    has_noted: str = "I have noted that you would like to talk to a person."
    joined: str = "You are connected now."
    handed_over: str = "All right, let me see to that."
    switched: str = "Sure, let's speak English. I'm an automated assistant, not a person."
    only_english: str = "Sorry, I only speak English."
    other_languages: dict[Annotated[str, Field(pattern=r"^[a-z]{2}$")], str] = Field(
        default_factory=lambda: dict(_OTHER_LANGUAGES)
    )
    needed: str = "I need that to help you with this. Would you like to talk to a person instead?"
    distress: str = ""  # that of the locale, see DISTRESS
    cannot_undo: str = "I can't undo that from here."
    no_more_calls: str = "All right. I've taken this number off our list, and we won't call it again."
    offer_person: str = "Would you like to talk to a person?"

    @field_validator("other_languages")
    @classmethod
    def _besides_ours(cls, own: dict[str, str]) -> dict[str, str]:
        return _OTHER_LANGUAGES | own


# Where help is, said at once to whoever is in danger.
_IN_DANGER = (
    "If you or somebody with you is in danger, please call {emergency} now. If you think of ending your life, {line}"
)
DISTRESS = {
    "en-US": _IN_DANGER.format(emergency="nine one one", line="call or text nine eight eight, at any hour."),
    "en-GB": _IN_DANGER.format(
        emergency="nine nine nine", line="the Samaritans answer at any hour, at one one six, one two three."
    ),
    "en-IN": _IN_DANGER.format(
        emergency="one one two", line="Tele Manas answers at any hour, at one four four one six."
    ),
}


def where_help_is(language: str, locale: str) -> str:
    """That sentence in a language, with the numbers of the locale's country."""
    if language == ENGLISH and locale in DISTRESS:
        return DISTRESS[locale]
    return told(pack(language).distress, locale.partition("-")[2])


class CostChoice(Section):
    """What a call, and all calls of a day, may cost in US cents by list prices; 0 is no ceiling. providers/spending.py
    counts; with `on_page` the caller's page shows it while it grows."""

    per_call_cents: Annotated[int, Field(ge=0, le=100_000)] = 0
    per_day_cents: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    on_page: bool = False


class Profile(Section):
    """One deployment: profile.yaml of a folder of profiles/. Each key has its heading in docs/profile.md."""

    name: str
    title: str
    language: str = ENGLISH
    locale: str = "en-US"
    languages: dict[str, LanguageChoice] = Field(default={})
    pronunciations: Annotated[dict[str, str], Field(max_length=1000)] = Field(default={})
    timezone: str = "UTC"
    persona: str
    tools: tuple[str, ...]
    backends: tuple[str, ...] = ()
    departments: dict[Annotated[str, Field(max_length=40)], Department] = Field(default={})
    transfers: TransferChoice = TransferChoice()
    mcp: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,20}$")], McpChoice] = Field(default={})
    mode: Literal["pipeline", "realtime"] = "pipeline"
    providers: Annotated[Providers, Field(validate_default=True)] = Providers()
    turns: Annotated[Turns, Field(validate_default=True)] = Turns()
    phone_turns: PhoneTurns = PhoneTurns()
    limits: Limits = Limits()
    sentences: Sentences
    knowledge: KnowledgeChoice = KnowledgeChoice()
    memory: MemoryChoice = MemoryChoice()
    reminders: ReminderChoice = ReminderChoice()
    results: ResultChoice = ResultChoice()
    confirmations: ConfirmationChoice = ConfirmationChoice()
    survey: SurveyChoice = SurveyChoice()
    outbound: Outbound = Outbound()
    recording: RecordingChoice = RecordingChoice()
    noise: NoiseChoice = NoiseChoice()
    fillers: FillerChoice = FillerChoice()
    cache: CacheChoice = CacheChoice()
    router: RouterChoice = RouterChoice()
    hedging: HedgingChoice = HedgingChoice()
    hard_turns: HardTurnChoice = HardTurnChoice()
    privacy: PrivacyChoice = PrivacyChoice()
    costs: CostChoice = CostChoice()
    folder: Annotated[Path, Field(exclude=True)] = Path()

    @model_validator(mode="before")
    @classmethod
    def _with_the_languages_own(cls, values: object) -> object:
        """What a language says by itself, and its country, where the profile says nothing of it."""
        code = values.get("language", ENGLISH) if isinstance(values, dict) else ENGLISH
        if not isinstance(values, dict) or code == ENGLISH or code not in known():
            return values
        said, fillers = values.get("sentences"), values.get("fillers", {})
        both: dict[str, object] = {"locale": f"{code}-{code.upper()}", **values}
        both |= {"fillers": {"sentences": pack(code).fillers, **fillers}} if isinstance(fillers, dict) else {}
        both |= {"sentences": {**pack(code).sentences, **said}} if isinstance(said, dict) else {}
        return both

    @field_validator("language")
    @classmethod
    def _has_a_folder(cls, code: str) -> str:
        if code not in known():
            raise ValueError(f"there is no language {code!r}; there are {', '.join(known())}")
        return code

    @field_validator("locale")
    @classmethod
    def _is_of_the_language(cls, locale: str, before: ValidationInfo) -> str:
        code = before.data.get("language", ENGLISH)
        there = [*DISTRESS] if code == ENGLISH else [f"{code}-{country}" for country in NUMBERS]
        if locale not in there:
            raise ValueError(f"{locale!r} is none of {', '.join(there)}")
        return locale

    @field_validator("languages")
    @classmethod
    def _are_others(cls, languages: dict[str, LanguageChoice], before: ValidationInfo) -> dict[str, LanguageChoice]:
        for code in languages:
            cls._has_a_folder(code)
            if code == before.data.get("language"):
                raise ValueError(f"{code} is the profile's language already; take it out here")
        return languages

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

    @field_validator("providers")
    @classmethod
    def _as_the_mode_wants(cls, providers: Providers, before: ValidationInfo) -> Providers:
        is_realtime = before.data.get("mode") == "realtime"
        whole = (providers.realtime or ProviderChoice(name="openai")) if is_realtime else None
        return providers.model_copy(update={"realtime": whole})

    @field_validator("turns")
    @classmethod
    def _asked_once(cls, turns: Turns, before: ValidationInfo) -> Turns:
        """A realtime model is not asked about guesses: it keeps what it was told."""
        return turns.model_copy(update={"prepares": False}) if before.data.get("mode") == "realtime" else turns

    @field_validator("sentences")
    @classmethod
    def _say_where_help_is(cls, sentences: Sentences, before: ValidationInfo) -> Sentences:
        language, locale = before.data.get("language", ENGLISH), before.data.get("locale", "en-US")
        return (
            sentences
            if sentences.distress
            else sentences.model_copy(update={"distress": where_help_is(language, locale)})
        )

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


def load_served(settings: Settings) -> tuple[Profile, ...]:
    """Every profile that is served, the one of whoever names none first. Raises ConfigError."""
    if not settings.profiles_dir.is_dir():
        raise ConfigError(f"PARLEY_PROFILES_DIR={settings.profiles_dir}: no such folder; name that of your profiles")
    return tuple(load_profile(name, settings.profiles_dir, settings.variable_of(name)) for name in settings.served)


def load_profile(name: str, profiles_dir: Path, variable: str = "PARLEY_PROFILE") -> Profile:
    """Read profiles/<name>/profile.yaml and check that its files can be read. Raises ConfigError; `variable` is the one
    that named it."""
    path = profiles_dir / name / "profile.yaml"
    if not path.parent.is_dir():
        known = ", ".join(sorted(p.parent.name for p in profiles_dir.glob("*/profile.yaml"))) or "none"
        raise ConfigError(f"{variable}={name}: no folder {name} in {profiles_dir.name}/ (there are: {known})")
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
