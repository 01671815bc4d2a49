"""Settings: what an operator sets in the environment (and .env). Nothing here opens a connection."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from dotenv import load_dotenv
from pydantic import Field, ValidationError, field_validator
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
        "PARLEY_PHRASES_MB",
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
    profiles: Annotated[tuple[str, ...], NoDecode] = ()
    profiles_dir: Path = ROOT / "profiles"
    agent_name: str = "parley"
    capacity: Annotated[int, Field(ge=1, le=500)] = 5
    idle_processes: Annotated[int, Field(ge=0, le=50)] = 2
    var_dir: Path = ROOT / "var"
    store_url: str = ""
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    backend_url: str = ""
    worker_host: str = "127.0.0.1"
    worker_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    web_origins: Annotated[tuple[str, ...], NoDecode] = ()
    web_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    web_is_open: bool = False
    public_livekit_url: str = ""
    weather_url: str = ""  # read by backends/weather.py
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("profiles", "web_origins", "web_proxies", mode="before")
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
    def served(self) -> tuple[str, ...]:
        """The profiles that calls can be about; the first is that of whoever names none."""
        return tuple(dict.fromkeys((self.profile, *self.profiles)))

    @property
    def store(self) -> str:
        """SQLAlchemy URL of the call store."""
        return self.store_url or f"sqlite:///{self.var_dir / 'parley.db'}"

    def backend(self, profile: str) -> str:
        """SQLAlchemy URL of a profile's systems of record."""
        return self.backend_url or f"sqlite:///{self.var_dir / profile}.db"
