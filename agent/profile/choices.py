"""What a profile may choose beside turns, limits and sentences: providers, knowledge, memory, reminders, MCP servers,
fillers and the like. The defaults are right without a word in profile.yaml."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from agent.files.yaml_file import Section
from agent.rules.recording import PLACE


class LanguageChoice(Section):
    """One more language in which callers are spoken to; its texts stand in languages/<code>.yaml. `voice` is whose
    voice, by the name of the provider that speaks."""

    voice: dict[str, str] = Field(default={})


class KnowledgeChoice(Section):
    """How sure a passage must be before it is read to a caller."""

    min_score: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5


class MemoryChoice(Section):
    """What may be told of earlier calls; who is remembered at all, the caller decides."""

    is_private: bool = True


class ReminderChoice(Section):
    """Where reminders are sent when they are due, to a webhook or by mail; left out, they are told at the next call."""

    webhook: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    secret_variable: str = ""
    smtp: Annotated[str, Field(pattern=r"^(smtps?://[^\s/:]+:\d+)?$")] = ""
    mail_from: str = ""
    mail_to: str = ""
    user_variable: str = ""
    password_variable: str = ""

    @model_validator(mode="after")
    def _whole(self) -> "ReminderChoice":
        if self.webhook and self.smtp:
            raise ValueError("give either a webhook or a mail server (smtp)")
        if self.webhook and not self.secret_variable:
            raise ValueError(
                "a webhook needs secret_variable, which names the variable that its requests are signed with"
            )
        if self.smtp and not (self.mail_from and self.mail_to):
            raise ValueError("smtp needs mail_from and mail_to")
        return self


class McpChoice(Section):
    """An MCP server: a program to start, or an address. `tools` are those of it that may be used; all when left out.
    `only_looks` are those that change nothing: any other runs after the caller's yes only."""

    command: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    url: str = ""
    token_variable: str = ""
    tools: tuple[str, ...] | None = None
    only_looks: tuple[str, ...] = ()

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
    """When a large model's answer out of the knowledge alone is given again; thinking/cached_llm.py does it."""

    enabled: bool = True
    threshold: Annotated[float, Field(ge=0.5, le=1.0)] = 0.85
    max_items: Annotated[int, Field(ge=1, le=10_000)] = 500
    ttl_s: Annotated[float, Field(ge=1.0, le=30 * 86_400)] = 86_400.0


class HedgingChoice(Section):
    """When a second LLM of the chain is asked beside the first; providers/chain/llm.py does it."""

    after_s: Annotated[float, Field(ge=0.1, le=1.0)] = 0.6
    share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1


class HardTurnChoice(Section):
    """Which LLMs of the chain are asked first about a hard turn, as `providers.llm` names them; rules/hardness.py says
    which turns are hard."""

    llm: tuple[str, ...] = ()


class PrivacyChoice(Section):
    """What leaves a call of the words in it, for records and notes; redaction/door.py does it."""

    words: Literal["drop", "mask", "keep"] = "mask"


class RouterChoice(Section):
    """Whether sure turns go without a large model; understanding/routing.py says which these are."""

    enabled: bool = True


class RecordingChoice(Section):
    """Whether calls are recorded, by the rule of the company's place and the caller's; recorder.py asks or tells."""

    enabled: bool = False
    place: Annotated[str, Field(pattern=rf"^({PLACE.pattern})?$")] = ""
    tells: str = "This call is recorded."
    asks: str = "May I record this call?"
    agreed: str = "Thank you. The recording is on."
    refused: str = "All right, this call is not recorded."
    deleted: str = "All right, I've stopped the recording and deleted it."


class NoiseChoice(Section):
    """What is taken out of a caller's sound before it is heard (providers/noise.py); `strength` is the share of the
    cleaned sound in what is heard, 1 all of it."""

    remover: Literal["none", "hush"] = "none"
    strength: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5


class ProviderChoice(Section):
    """A provider by its name in providers/catalog, with that provider's own options."""

    name: str
    options: dict[str, str | int | float | bool | tuple[str, ...]] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        """A name alone, or with its model: openai/gpt-4o-mini."""
        if not isinstance(value, str):
            return value
        name, _, model = value.partition("/")
        return {"name": name, "options": {"model": model} if model else {}}


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


Chain = Annotated[tuple[ProviderChoice, ...], BeforeValidator(_listed), Field(min_length=1)]


class Providers(Section):
    """Who hears, thinks and speaks, the first of each first. Two names are no provider's: `local` is the one that needs
    no key, `auto` whoever has a key, and local behind; providers/catalog knows who that is. `realtime` does all three
    at once where the profile's mode is that, and is None where it is not."""

    stt: Chain = (ProviderChoice(name="local"),)
    llm: Chain = (ProviderChoice(name="local"),)
    tts: Chain = (ProviderChoice(name="local"),)
    realtime: ProviderChoice | None = None

    @model_validator(mode="before")
    @classmethod
    def _all_auto(cls, value: object) -> object:
        return {"stt": value, "llm": value, "tts": value} if isinstance(value, str) else value
