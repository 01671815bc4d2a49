"""What a provider's work costs by its list price. Sums are whole millionths of a dollar, so that nothing is rounded
away in a call that costs a cent."""

from dataclasses import dataclass

from livekit.agents.metrics import LLMMetrics, RealtimeModelMetrics, STTMetrics, TTSMetrics

from agent.providers.catalog import Price

MICROS = 1_000_000  # of a dollar
MICROS_PER_CENT = 10_000


@dataclass(frozen=True, slots=True)
class Usage:
    """What is charged for."""

    heard_s: float = 0.0
    characters: int = 0
    input_tokens: int = 0  # the cached ones among them
    cached_tokens: int = 0
    output_tokens: int = 0
    audio_input_tokens: int = 0  # likewise
    audio_cached_tokens: int = 0
    audio_output_tokens: int = 0


TYPICAL_MINUTE = Usage(  # four turns
    heard_s=60.0,
    characters=450,
    input_tokens=6000,
    output_tokens=150,
    audio_input_tokens=600,
    audio_output_tokens=600,
)


def micros(price: Price, usage: Usage) -> int:
    """The sum, in millionths of a dollar."""
    dollars = (
        price.per_minute * usage.heard_s / 60
        + price.per_million_characters * usage.characters / 1_000_000
        + price.per_million_input * (usage.input_tokens - usage.cached_tokens) / 1_000_000
        + price.per_million_cached * usage.cached_tokens / 1_000_000
        + price.per_million_output * usage.output_tokens / 1_000_000
        + price.per_million_audio_input * (usage.audio_input_tokens - usage.audio_cached_tokens) / 1_000_000
        + price.per_million_audio_cached * usage.audio_cached_tokens / 1_000_000
        + price.per_million_audio_output * usage.audio_output_tokens / 1_000_000
    )
    return round(dollars * MICROS)


def usage_of(metrics: object) -> Usage:
    """What a plugin's figures say; nothing of those that are no use."""
    match metrics:
        case STTMetrics():
            return Usage(heard_s=metrics.audio_duration)
        case TTSMetrics():
            return Usage(characters=metrics.characters_count)
        case LLMMetrics():
            return Usage(
                input_tokens=metrics.prompt_tokens,
                cached_tokens=metrics.prompt_cached_tokens,
                output_tokens=metrics.completion_tokens,
            )
        case RealtimeModelMetrics():
            heard, spoken = metrics.input_token_details, metrics.output_token_details
            kept = heard.cached_tokens_details or RealtimeModelMetrics.CachedTokenDetails()
            return Usage(
                input_tokens=heard.text_tokens,
                cached_tokens=kept.text_tokens,
                output_tokens=spoken.text_tokens,
                audio_input_tokens=heard.audio_tokens,
                audio_cached_tokens=kept.audio_tokens,
                audio_output_tokens=spoken.audio_tokens,
            )
    return Usage()


def worth(price: Price | None) -> int:
    """What it costs in a typical minute, for comparison; one whose price nobody knows is not taken for cheap."""
    return micros(price, TYPICAL_MINUTE) if price else MICROS
