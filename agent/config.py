"""Settings: what an operator sets in the environment (and .env). Nothing here opens a connection."""

import difflib
import ipaddress
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.errors import ConfigError
from agent.files import text_file
from agent.files.env_file import FROM_FILE, EnvFile
from agent.files.wrong_values import plainly

ROOT = text_file.ROOT
# PyJWT warns of the development secret, which is short; where others can connect, a short one is refused below
warnings.filterwarnings("ignore", message="The HMAC key is")
DEV_KEY, DEV_SECRET = "devkey", "secret"  # what livekit.yaml and `livekit-server --dev` both use
MIN_SECRET = 32  # characters; livekit-server refuses shorter ones outside development
SPEECH_COUNTS = frozenset({"PARLEY_PHRASES_MB", "PARLEY_STT_THREADS", "PARLEY_TTS_THREADS"})
# read by the speech process itself, which loads no Settings: providers/local/speech_process.py
SPEECH_VARIABLES = SPEECH_COUNTS | {
    "PARLEY_SPEECH_SOCKET",
    "PARLEY_OPERATOR_PASSWORD",  # read by agent/operators, whose commands alone want it
    "PARLEY_TALLY_SOCKET",  # likewise told to jobs by their worker: observers/telling.py
    "PARLEY_HIBARI_VOICE",
    "PARLEY_PIPER_VOICE",
    "PARLEY_MOONSHINE_FOLDER",
    "PARLEY_MOONSHINE_ARCH",
}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PAGE = "see docs/settings.md"


def _address_of(value: str, schemes: str, example: str, *, is_origin: bool = False) -> str:
    """The value again. Raises ValueError that never quotes it: an address may hold a password."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError(f"must be an address, as in {example}") from None
    try:
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError(f"its port must be a number from 1 to 65535, as in {example}") from None
    if parts.scheme not in schemes.split() or "://" not in value:
        raise ValueError(
            f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes.split())}, as in {example}"
        )
    if not host or port == 0 or any(c.isspace() for c in value):
        raise ValueError(f"must name a host, and a port from 1 to 65535 if any, without spaces, as in {example}")
    if "@" in parts.netloc or parts.query or parts.fragment or (is_origin and parts.path.strip("/")):
        raise ValueError(f"must be an address alone, without a name, password or question in it, as in {example}")
    return parts.geturl()


def _address(schemes: str, example: str, *, is_origin: bool = False) -> AfterValidator:
    return AfterValidator(lambda value: _address_of(value, schemes, example, is_origin=is_origin))


def _host(value: str) -> str:
    if value.count(":") == 1 or "/" in value or " " in value:
        raise ValueError("must be a name or an address alone, as in 127.0.0.1; the port has a variable of its own")
    return value


def _ip(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError("must be addresses such as 10.0.0.7, with commas between") from None


def _folder(value: Path) -> Path:
    try:
        return value.expanduser()
    except RuntimeError:
        raise ValueError("~ names no home folder here; write the folder out") from None


def _database(value: str) -> str:
    if value.startswith("sqlite") and value.partition("://")[2].strip("/") in {"", ":memory:"}:
        raise ValueError("must name a file: each process would have a database of its own in memory")
    return value


def _key(value: str) -> str:
    if value and len(value) < MIN_SECRET:
        raise ValueError(f"must have {MIN_SECRET} characters or more; `openssl rand -hex 32` makes one")
    return value


LiveKitUrl = Annotated[str, _address("ws wss http https", "ws://127.0.0.1:7880")]
WebUrl = Annotated[str, _address("http https", "https://api.example.org")]
Origin = Annotated[str, _address("http https", "https://example.org", is_origin=True)]
Host = Annotated[str, AfterValidator(_host)]
Ip = Annotated[str, AfterValidator(_ip)]
Folder = Annotated[Path, AfterValidator(_folder)]
Database = Annotated[str, AfterValidator(_database)]


class Settings(BaseSettings):
    """The environment, `.env` included. Every field has its heading in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", extra="ignore", frozen=True, hide_input_in_errors=True)

    livekit_url: LiveKitUrl = Field("ws://127.0.0.1:7880", validation_alias="LIVEKIT_URL")
    livekit_api_key: str = Field(DEV_KEY, validation_alias="LIVEKIT_API_KEY")
    livekit_api_secret: str = Field(DEV_SECRET, validation_alias="LIVEKIT_API_SECRET", repr=False)
    profile: str = "shop"
    profiles: Annotated[tuple[str, ...], NoDecode] = ()
    profiles_dir: Folder = ROOT / "profiles"
    agent_name: str = "parley"
    capacity: Annotated[int, Field(ge=1, le=500)] = 5
    idle_processes: Annotated[int, Field(ge=0, le=50)] = 2
    var_dir: Folder = ROOT / "var"
    sip_dir: Folder = ROOT / "deploy" / "sip"
    store_url: Database = ""
    privacy_key: Annotated[str, AfterValidator(_key)] = Field("", repr=False)
    audit_key: Annotated[str, AfterValidator(_key)] = Field("", repr=False)
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    audit_days: Annotated[int, Field(ge=1, le=36_500)] = 365
    backend_url: Database = ""
    worker_host: Host = "127.0.0.1"
    worker_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    metrics_host: Host = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    web_host: Host = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    web_origins: Annotated[tuple[Origin, ...], NoDecode] = ()
    web_proxies: Annotated[tuple[Ip, ...], NoDecode] = ()
    web_is_open: bool = False
    page_url: Origin = ""
    operators_host: Host = "127.0.0.1"
    operators_port: Annotated[int, Field(ge=0, le=65535)] = 8082
    operators_is_open: bool = False
    public_livekit_url: LiveKitUrl = ""
    streams_host: Host = "127.0.0.1"
    streams_port: Annotated[int, Field(ge=0, le=65535)] = 8082
    streams_url: Origin = ""
    twilio_auth_token: str = Field("", validation_alias="TWILIO_AUTH_TOKEN", repr=False)
    recording_key: str = Field("", repr=False)
    weather_url: WebUrl = ""  # read by backends/weather.py
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("profiles", "web_origins", "web_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @classmethod
    def load(cls, env_file: Path = ROOT / ".env") -> "Settings":
        """Read the file, then the environment, which gets what only the file has: providers look for their keys there.
        Raises ConfigError naming the variable and where it stands, and never a value that may be secret."""
        file = EnvFile.read(env_file)
        file.add_to(os.environ)
        known = {_variable(name): name for name in cls.model_fields}

        def place(name: str) -> str:
            return file.place(name, os.environ)

        for name, value in os.environ.items():
            if name == FROM_FILE:
                continue
            _refuse_unknown(name, {*known, *SPEECH_VARIABLES}, place)
            if name in SPEECH_VARIABLES or name in known:
                may_be_blank = name in known and cls.model_fields[known[name]].default in ("", ())
                _refuse_odd(name, value, place, may_be_blank=may_be_blank)
            if name in SPEECH_COUNTS and not (value.isdecimal() and int(value)):
                raise ConfigError(f"{place(name)}: must be a whole number from 1 on; see docs/providers.md")
        try:
            settings = cls.model_validate({})
        except ValidationError as error:
            wrong = error.errors()[0]
            name = str(wrong["loc"][0]) if wrong["loc"] else "?"
            variable = name if name.startswith(("LIVEKIT_", "TWILIO_")) else f"PARLEY_{name.upper()}"
            raise ConfigError(f"{place(variable)}: {plainly(wrong)}; {PAGE}") from None
        settings.refuse_swapped()
        return settings

    def refuse_swapped(self) -> None:
        """Raises ConfigError when the key can only be the secret."""
        key, secret = self.livekit_api_key, self.livekit_api_secret
        if (key, secret) == (DEV_SECRET, DEV_KEY) or len(secret) < MIN_SECRET <= len(key):
            raise ConfigError(
                "LIVEKIT_API_KEY and LIVEKIT_API_SECRET are swapped: exchange them; of the two the secret is the "
                "long one"
            )

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
        if len(self.livekit_api_secret) < MIN_SECRET:
            raise ConfigError(
                f"LIVEKIT_API_SECRET has fewer than {MIN_SECRET} characters, which livekit-server refuses; give both "
                "one such as `openssl rand -hex 32` makes"
            )

    def variable_of(self, profile: str) -> str:
        """Which variable a profile that is served comes from."""
        return "PARLEY_PROFILE" if profile == self.profile else "PARLEY_PROFILES"

    @property
    def served(self) -> tuple[str, ...]:
        """The profiles that calls can be about; the first is that of whoever names none."""
        return tuple(dict.fromkeys((self.profile, *self.profiles)))

    @property
    def page(self) -> str:
        """Where people's browsers reach the page, without a slash behind it."""
        return (self.page_url or f"http://{self.web_host}:{self.web_port}").rstrip("/")

    @property
    def store(self) -> str:
        """SQLAlchemy URL of the call store."""
        return self.store_url or f"sqlite:///{self.var_dir / 'parley.db'}"

    def backend(self, profile: str) -> str:
        """SQLAlchemy URL of a profile's systems of record."""
        return self.backend_url or f"sqlite:///{self.var_dir / profile}.db"


def _variable(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"PARLEY_{field.upper()}"


def _refuse_unknown(name: str, known: set[str], place: Callable[[str], str]) -> None:
    """A misspelt variable would otherwise leave a default in force, unseen. Others' variables are not ours to judge,
    unless they are all but the name of one of ours."""
    is_ours = name.startswith("PARLEY_")
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8 if is_ours else 0.9)
    if name not in known and (near or is_ours):
        meant = f"did you mean {near[0]}?" if near else "the variables are in docs/settings.md"
        raise ConfigError(f"{place(name)}: unknown; {meant}")


def _refuse_odd(name: str, value: str, place: Callable[[str], str], *, may_be_blank: bool) -> None:
    """A blank value and one with an oddness: neither is what its writer saw."""
    if not value.strip() and not (may_be_blank and not value):
        raise ConfigError(f"{place(name)}: set, but blank; give it a value or take it away; {PAGE}")
    if wrong := text_file.oddness(value):
        raise ConfigError(f"{place(name)}: {wrong}")
