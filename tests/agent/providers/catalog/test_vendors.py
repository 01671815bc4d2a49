"""Every file of the catalog: what it builds, what it costs, and that its key is nowhere to be read."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from livekit.agents import llm, vad
from pydantic.fields import FieldInfo

from agent.errors import ConfigError
from agent.log import PiiFilter
from agent.profile.choices import ProviderChoice, Providers
from agent.providers import catalog
from agent.providers.catalog import Entry, Lent, Role
from agent.providers.local.local_models import Option
from agent.providers.local.speech_client import SpeechClient
from tests.rig.rig import KEYS

EVERYONE: list[tuple[Role, str]] = [(role, name) for role in get_args(Role) for name in catalog.entries(role)]
CLOUD = [(role, name) for role, name in EVERYONE if catalog.entries(role)[name].key]
NEEDED: dict[str, dict[str, Option]] = {"vllm": {"model": "my-model"}}  # what has no default


@pytest.fixture
def lent(silero_vad: vad.VAD) -> Lent:
    """What a call lends, without anything that runs."""

    def understanding() -> llm.LLM[Any]:
        from livekit.plugins import openai

        return openai.LLM(api_key="of the understanding")

    return Lent(SpeechClient(Path("nowhere")), vad=silero_vad, understanding=understanding)


def build(role: Role, choice: ProviderChoice, lent: Lent) -> object:
    """The plugin."""
    builders: dict[Role, Callable[[ProviderChoice, Lent], object]] = {
        "stt": catalog.build_stt,
        "llm": catalog.build_llm,
        "tts": catalog.build_tts,
        "realtime": lambda choice, lent: catalog.build_realtime(choice, lent.language)[0],
    }
    return builders[role](choice, lent)


@pytest.mark.usefixtures("with_keys")
@pytest.mark.parametrize(("role", "name"), EVERYONE)
async def test_each_builds_with_its_defaults(role: Role, name: str, lent: Lent) -> None:
    """A dummy key is enough, and no connection is opened. What is built is its vendor's."""
    entry = catalog.entries(role)[name]
    built = build(role, ProviderChoice(name=name, options=NEEDED.get(name, {})), lent)
    inner = getattr(built, "wrapped_stt", None) or getattr(built, "_wrapped_tts", None) or built
    assert type(inner).__module__.startswith(entry.package or ("agent.", "livekit.plugins.openai"))


@pytest.mark.usefixtures("with_keys")
@pytest.mark.parametrize(("role", "name"), EVERYONE)
async def test_each_takes_every_option_it_names(role: Role, name: str, lent: Lent) -> None:
    """The models of options keep up with the plugins: all at once, none at its default."""
    fields = catalog.entries(role)[name].options.model_fields
    options = {option: sample(option, field) for option, field in fields.items() if option != "api_key_variable"}
    assert build(role, ProviderChoice(name=name, options=options), lent)


SAMPLES: dict[str, Option] = {
    "language": "de",
    "model": "nova-3",
    "base_url": "http://127.0.0.1:9/v1",
    "eot_threshold": 0.9,
    "eager_eot_threshold": 0.4,
    "eot_timeout_ms": 900,
    "utterance_end_ms": 1500,
    "endpointing_ms": 300,
    "sample_rate": 16_000,
    "keyterm": ("Acme", "Parley"),
    "arch": "base",
    "reasoning_effort": "low",
    "response_format": "wav",
    "turns": "server",
    "vad": "semantic_vad",
    "vad_eagerness": "high",
    "noise_reduction": "far_field",
}


def sample(option: str, field: FieldInfo) -> Option:
    """A value that the option takes."""
    kind = str(field.annotation)
    if option == "model" and "ink" in kind:
        return "ink-2"
    if option in SAMPLES:
        return SAMPLES[option]
    return True if "bool" in kind else 1.0 if "float" in kind else 100 if "int" in kind else "text"


@pytest.mark.usefixtures("with_keys")
@pytest.mark.parametrize(("role", "name"), CLOUD)
async def test_its_key_is_in_no_repr(role: Role, name: str, lent: Lent) -> None:
    """Nor in that of its options, whoever prints them."""
    entry, options, key = catalog.checked(role, ProviderChoice(name=name))
    assert key == KEYS[entry.key]
    built = build(role, ProviderChoice(name=name), lent)
    assert key not in f"{built!r} {built} {options!r} {entry!r}"


@pytest.mark.parametrize(("role", "name"), CLOUD)
def test_a_missing_key_is_said_with_the_cure(role: Role, name: str) -> None:
    """Which variable, and who needs none."""
    entry = catalog.entries(role)[name]
    local = {"stt": "moonshine", "llm": "understanding", "tts": "hibari", "realtime": "mode: pipeline"}[role]
    with pytest.raises(ConfigError, match=rf"{name} needs the environment variable {entry.key}; .* choose {local}"):
        catalog.checked(role, ProviderChoice(name=name))


@pytest.mark.usefixtures("with_keys")
@pytest.mark.parametrize(("role", "name"), CLOUD)
def test_a_missing_package_is_said_with_the_cure(role: Role, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, before a call imports it. Nobody who has only its key is sent to it by `auto`."""
    entry = catalog.entries(role)[name]
    monkeypatch.setitem(sys.modules, entry.package, None)
    distribution = entry.package.replace(".", "-")
    with pytest.raises(ConfigError, match=rf"{name} is not installed: `uv pip install .*'{distribution}'` brings it"):
        catalog.checked(role, ProviderChoice(name=name))
    if role == "realtime":
        return
    found = catalog.chain(role, Providers.model_validate("auto"))
    assert entry.package not in {catalog.entry_of(role, choice).package for choice in found}


@pytest.mark.parametrize(("role", "name"), EVERYONE)
def test_each_says_what_it_costs_and_when_that_was_so(role: Role, name: str) -> None:
    """What is local costs nothing; a cloud's default model has a price."""
    entry: Entry[Any] = catalog.entries(role)[name]
    model = str(NEEDED.get(name, {}).get("model") or getattr(entry.options(), "model", "") or "")
    price = entry.price(model)
    assert price and price.as_of.year >= 2026
    rates = (price.per_minute, price.per_million_characters, price.per_million_input)
    assert any(rates) == bool(entry.key)


def test_the_longest_name_that_fits_has_the_price() -> None:
    """gpt-4o-mini is not gpt-4o, and a dated name is its model's."""
    chat = catalog.entries("llm")["openai"]
    small, large = chat.price("gpt-4o-mini-2024-07-18"), chat.price("gpt-4o")
    assert small and large and small.per_million_input < large.per_million_input
    assert chat.price("somebody-else's") is None


@pytest.mark.usefixtures("with_keys")
def test_no_line_of_the_log_holds_a_key() -> None:
    """In the message, its arguments, an attribute or a traceback: what a plugin or a library of its says."""
    _, _, key = catalog.checked("llm", ProviderChoice(name="openai"))
    logger, lines = logging.getLogger("livekit.plugins.of_the_test"), list[str]()

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{self.format(record)} {record.__dict__}")

    logger.addHandler(Keep())
    logger.addFilter(PiiFilter())
    logger.warning("refused %s", {"Authorization": f"Bearer {key}"})
    logger.warning("refused", extra={"url": f"https://host/?key={key}"})
    try:
        raise RuntimeError(f"headers: {key}")
    except RuntimeError:
        logger.exception("failed")
    assert len(lines) == 3 and not [line for line in lines if key in line]
    assert all("[key]" in line for line in lines)
