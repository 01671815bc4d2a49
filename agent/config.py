"""What an operator sets: Settings from the environment (and .env), Profile from one folder of profiles/.

An unknown or wrong key is a ConfigError that names the file, the line and the key. Nothing here opens a connection.
"""

import difflib
import os
from collections.abc import Hashable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from dotenv import load_dotenv
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
DEV_KEY, DEV_SECRET = "devkey", "secret"  # what livekit.yaml and `livekit-server --dev` both use
# read by the speech process itself, which loads no Settings: providers/speech_process.py
SPEECH_VARIABLES = frozenset(
    {
        "PARLEY_SPEECH_SOCKET",
        "PARLEY_PIPER_VOICE",
        "PARLEY_MOONSHINE_FOLDER",
        "PARLEY_MOONSHINE_ARCH",
        "PARLEY_STT_THREADS",
        "PARLEY_TTS_THREADS",
    }
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """The environment, `.env` included. Every field has its heading in docs/settings.md."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", env_prefix="PARLEY_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    livekit_url: str = Field("ws://127.0.0.1:7880", validation_alias="LIVEKIT_URL")
    livekit_api_key: str = Field(DEV_KEY, validation_alias="LIVEKIT_API_KEY")
    livekit_api_secret: str = Field(DEV_SECRET, validation_alias="LIVEKIT_API_SECRET", repr=False)
    profile: str = "shop"
    profiles_dir: Path = ROOT / "profiles"
    agent_name: str = "parley"
    capacity: Annotated[int, Field(ge=1, le=500)] = 5
    idle_processes: Annotated[int, Field(ge=0, le=50)] = 2
    var_dir: Path = ROOT / "var"
    store_url: str = ""
    backend_url: str = ""
    worker_host: str = "127.0.0.1"
    worker_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    web_origins: Annotated[tuple[str, ...], NoDecode] = ()
    web_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    web_is_open: bool = False
    public_livekit_url: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("web_origins", "web_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @classmethod
    def load(cls) -> "Settings":
        """Read the environment, .env first: providers look for their keys there too. Raises ConfigError naming the
        variable."""
        load_dotenv(ROOT / ".env")
        cls._refuse_unknown(os.environ)
        try:
            return cls.model_validate({})
        except ValidationError as error:
            wrong = error.errors()[0]
            name = str(wrong["loc"][0]) if wrong["loc"] else "?"
            variable = name if name.startswith("LIVEKIT_") else f"PARLEY_{name.upper()}"
            raise ConfigError(f"environment variable {variable}: {wrong['msg']}; see docs/settings.md") from None

    @classmethod
    def _refuse_unknown(cls, environment: Mapping[str, str]) -> None:
        """A misspelt variable would otherwise leave a default in force, unseen."""
        known = {f"PARLEY_{name.upper()}" for name in cls.model_fields} | SPEECH_VARIABLES
        for name in environment:
            if name.startswith("PARLEY_") and name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                meant = f"did you mean {near[0]}?" if near else "the variables are in docs/settings.md"
                raise ConfigError(f"environment variable {name}: unknown; {meant}")

    @property
    def has_placeholder_secrets(self) -> bool:
        """True while the key or secret is the one that every checkout of Parley knows."""
        return self.livekit_api_secret in {DEV_SECRET, ""} or self.livekit_api_key in {DEV_KEY, ""}

    def refuse_placeholders(self) -> None:
        """Raises ConfigError when production would run on the development key."""
        if self.has_placeholder_secrets:
            raise ConfigError(
                "LIVEKIT_API_KEY and LIVEKIT_API_SECRET are the development placeholders; set your own in the "
                "environment or .env, or use `python agent.py dev` on this machine"
            )

    @property
    def store(self) -> str:
        """SQLAlchemy URL of the call store."""
        return self.store_url or f"sqlite:///{self.var_dir / 'parley.db'}"

    def backend(self, profile: str) -> str:
        """SQLAlchemy URL of a profile's systems of record."""
        return self.backend_url or f"sqlite:///{self.var_dir / profile}.db"


class Section(BaseModel):
    """Base of every section of profile.yaml: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProviderChoice(Section):
    """A provider by its name in providers/catalog, with that provider's own options."""

    name: str
    options: dict[str, str | int | float | bool] = {}

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
    """When a turn is over and what stops the agent; turns.py translates it for LiveKit."""

    detector: Literal["local", "vad", "stt", "multilingual"] = "local"
    vad_min_speech_s: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    vad_min_silence_s: Annotated[float, Field(ge=0.05, le=2.0)] = 0.3
    vad_threshold: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    min_delay_s: Annotated[float, Field(ge=0.0, le=3.0)] = 0.2
    max_delay_s: Annotated[float, Field(ge=0.1, le=10.0)] = 0.9
    interruption_min_s: Annotated[float, Field(ge=0.0, le=3.0)] = 0.5
    false_interruption_s: Annotated[float, Field(ge=0.1, le=10.0)] = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> "Turns":
        if self.min_delay_s > self.max_delay_s:
            raise ValueError(f"min_delay_s {self.min_delay_s} is above max_delay_s {self.max_delay_s}")
        return self


class Limits(Section):
    """Where a call, a turn and a reply end."""

    max_turns: Annotated[int, Field(ge=1, le=1000)] = 60
    max_call_s: Annotated[float, Field(ge=10, le=4 * 3600)] = 900.0
    max_reply_words: Annotated[int, Field(ge=5, le=500)] = 80
    max_context_items: Annotated[int, Field(ge=4, le=1000)] = 80
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
    say_again: str = "Sorry, I didn't catch that."
    needed: str = "I need that to help you with this. Would you like to talk to a person instead?"


class KnowledgeChoice(Section):
    """How sure a passage must be before it is read to a caller."""

    min_score: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5


class Profile(Section):
    """One deployment: profile.yaml of a folder of profiles/. Each key has its heading in docs/profile.md."""

    name: str
    title: str
    language: Literal["en"] = "en"
    timezone: str = "UTC"
    persona: str
    tools: tuple[str, ...]
    backends: tuple[str, ...] = ()
    providers: Providers = Providers()
    turns: Turns = Turns()
    limits: Limits = Limits()
    sentences: Sentences
    knowledge: KnowledgeChoice = KnowledgeChoice()
    folder: Annotated[Path, Field(exclude=True)] = Path()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"unknown time zone {value!r}; use an IANA name such as Europe/London")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that "today" and opening hours mean."""
        return ZoneInfo(self.timezone)

    @cached_property
    def instructions(self) -> str:
        """The persona's Markdown. Raises ConfigError naming the file."""
        return read_text(self.folder / "personas" / f"{self.persona}.md", what="persona")

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
    text = read_text(path, what="profile")
    tree, values = _parse_yaml(text, path)
    if values.get("name") != name:
        raise ConfigError(f"{_place(path, tree, ('name',))}: name must be that of its folder, {name}")
    try:
        profile = Profile.model_validate({**values, "folder": path.parent})
    except ValidationError as error:
        raise ConfigError("; ".join(_explain(path, tree, wrong) for wrong in error.errors())) from None
    for document in profile.documents:
        read_text(document, what="knowledge")
    _ = profile.instructions
    return profile


def read_text(path: Path, *, what: str) -> str:
    """A UTF-8 file's text. Raises ConfigError that says which file and why."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{short(path)}: this {what} file is missing") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{short(path)}: not UTF-8 text at byte {error.start}") from None
    except OSError as error:
        raise ConfigError(f"{short(path)}: cannot read this {what} file: {error.strerror}") from None


def short(path: Path) -> Path:
    """The path as an operator of this checkout would type it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def place(profile: Profile, *keys: Hashable) -> str:
    """`file, line N: key` of a key in profile.yaml, for checks that are made elsewhere (a tool that does not exist)."""
    path = profile.folder / "profile.yaml"
    tree, _ = _parse_yaml(read_text(path, what="profile"), path)
    return _place(path, tree, keys)


def _parse_yaml(text: str, path: Path) -> tuple[yaml.Node, dict[str, Any]]:
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{short(path)}, line {line}: not YAML: {error.problem}") from None
    if tree is None or not isinstance(values, dict):
        raise ConfigError(f"{short(path)}, line 1: the file must be a mapping of keys; see docs/profile.md")
    return tree, values


def _explain(path: Path, tree: yaml.Node, wrong: Any) -> str:
    where = _place(path, tree, wrong["loc"])
    if wrong["type"] == "extra_forbidden":
        return f"{where}: unknown key; the keys are in docs/profile.md"
    if wrong["type"] == "missing":
        return f"{where}: this key is missing"
    return f"{where}: {wrong['msg']}"


def _place(path: Path, tree: yaml.Node, keys: tuple[Hashable, ...]) -> str:
    """Follow the keys down the YAML tree as far as they exist; the last one found gives the line."""
    node, line = tree, tree.start_mark.line
    for key in keys:
        child = _child(node, key)
        if child is None:
            break
        line, node = child
    return f"{short(path)}, line {line + 1}: {'.'.join(str(k) for k in keys)}"


def _child(node: yaml.Node, key: Hashable) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line, node.value[key]
    return None
