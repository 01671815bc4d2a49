"""OpenAI (https://platform.openai.com/docs) thinks, hears and speaks, each by itself or all at once;
with `base_url` any server of its protocol."""

from datetime import date
from typing import Annotated, Any, Literal

from livekit.agents import APIConnectOptions, llm, stt, tts
from pydantic import Field

from agent.providers.catalog.entry import (
    HTTPX,
    MANY,
    Capabilities,
    Converses,
    Endpoint,
    Entry,
    Hears,
    Lent,
    Price,
    Speaks,
    Thinks,
)

KEY = "OPENAI_API_KEY"
PACKAGE = "livekit.plugins.openai"
PRICED = date(2026, 6, 1)
LATE = (
    *HTTPX,
    "openai.lib._chat_completion_resources",
    "openai.lib._parsing._audio",
    "openai.lib.streaming.chat",
    "openai.resources.audio.audio",
    "openai.resources.audio.speech",
    "openai.resources.audio.transcriptions",
    "openai.resources.chat.chat",
    "openai.resources.chat.completions.completions",
)
ONCE = APIConnectOptions(max_retry=0, timeout=2.0)  # the pipeline is the retry


class Chat(Thinks, Endpoint):
    """Chat completions."""

    model: str = "gpt-4.1-mini"
    temperature: Annotated[float, Field(ge=0.0, le=2.0)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] | None = None

    def build(self, key: str, lent: Lent) -> llm.LLM[Any]:
        """Streams tokens and tool calls."""
        from livekit.plugins import openai

        return openai.LLM(**self.given(), api_key=key)


class Transcription(Hears, Endpoint):
    """Whole utterances are sent: our VAD cuts them."""

    model: str = "gpt-4o-mini-transcribe"
    language: str | None = None
    prompt: str | None = None

    def build(self, key: str, lent: Lent) -> stt.STT[Any]:
        """Needs the VAD that is lent."""
        from livekit.plugins import openai

        assert lent.vad
        own: dict[str, Any] = {"detect_language": True} if lent.may_be_another else {"language": lent.language}
        said = own | self.given()
        return stt.StreamAdapter(stt=openai.STT(**said, api_key=key, use_realtime=False), vad=lent.vad)


class Speech(Speaks, Endpoint):
    """Whole sentences are sent. `instructions` say how to speak, to models that take them."""

    model: str = "gpt-4o-mini-tts"
    voice: str = "ash"
    speed: Annotated[float, Field(ge=0.25, le=4.0)] | None = None
    instructions: str | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = None

    def build(self, key: str, lent: Lent) -> tts.TTS[Any]:
        """Sentence by sentence."""
        from livekit.plugins import openai

        return tts.StreamAdapter(tts=openai.TTS(**self.given(), api_key=key))


class Realtime(Converses, Endpoint):
    """The Realtime API. `vad…` are the server's turn detection, which tells turns and never answers by itself;
    `transcription_model` writes down what the caller says where the server has the turns."""

    model: str = "gpt-realtime"
    voice: str = "marin"
    speed: Annotated[float, Field(ge=0.25, le=1.5)] | None = None
    noise_reduction: Literal["near_field", "far_field"] | None = None
    transcription_model: str = "gpt-4o-mini-transcribe"
    vad: Literal["server_vad", "semantic_vad"] = "server_vad"
    vad_threshold: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    vad_prefix_padding_ms: Annotated[int, Field(ge=0, le=5000)] = 300
    vad_silence_ms: Annotated[int, Field(ge=50, le=10_000)] = 500
    vad_eagerness: Literal["low", "medium", "high", "auto"] = "auto"

    def build(self, key: str, language: str) -> llm.RealtimeModel:
        """Where our own turn-taking ends the turns, the words come from whoever hears for the profile."""
        from livekit.plugins import openai
        from openai.types.realtime import AudioTranscription

        is_server = self.turns == "server"
        given: dict[str, Any] = {"speed": self.speed, "base_url": self.base_url}
        return openai.realtime.RealtimeModel(
            **{name: value for name, value in given.items() if value is not None},
            model=self.model,
            voice=self.voice,
            input_audio_noise_reduction=self.noise_reduction,
            input_audio_transcription=AudioTranscription(model=self.transcription_model, language=language)
            if is_server
            else None,
            turn_detection=self._detection() if is_server else None,
            api_key=key,
            conn_options=ONCE,
        )

    def _detection(self) -> Any:  # its type is the plugin's
        from openai.types.realtime.realtime_audio_input_turn_detection import SemanticVad, ServerVad

        if self.vad == "semantic_vad":
            return SemanticVad(
                type="semantic_vad", eagerness=self.vad_eagerness, create_response=False, interrupt_response=False
            )
        return ServerVad(
            type="server_vad",
            threshold=self.vad_threshold,
            prefix_padding_ms=self.vad_prefix_padding_ms,
            silence_duration_ms=self.vad_silence_ms,
            create_response=False,
            interrupt_response=False,
        )


def _tokens(input_: float, cached: float, output: float) -> Price:
    return Price(PRICED, per_million_input=input_, per_million_cached=cached, per_million_output=output)


CHAT_PRICES = {
    "gpt-4o-mini": _tokens(0.15, 0.075, 0.60),
    "gpt-4o": _tokens(2.50, 1.25, 10.0),
    "gpt-4.1-nano": _tokens(0.10, 0.025, 0.40),
    "gpt-4.1-mini": _tokens(0.40, 0.10, 1.60),
    "gpt-4.1": _tokens(2.0, 0.50, 8.0),
    "gpt-5-nano": _tokens(0.05, 0.005, 0.40),
    "gpt-5-mini": _tokens(0.25, 0.025, 2.0),
    "gpt-5": _tokens(1.25, 0.125, 10.0),
}
REALTIME_PRICES = {
    "gpt-realtime-mini": Price(
        PRICED,
        per_million_input=0.60,
        per_million_cached=0.06,
        per_million_output=2.40,
        per_million_audio_input=10.0,
        per_million_audio_cached=0.30,
        per_million_audio_output=20.0,
    ),
    "gpt-realtime": Price(
        PRICED,
        per_million_input=4.0,
        per_million_cached=0.40,
        per_million_output=16.0,
        per_million_audio_input=32.0,
        per_million_audio_cached=0.40,
        per_million_audio_output=64.0,
    ),
}
ENTRIES = (
    Entry("openai", Realtime, KEY, PACKAGE, Capabilities(MANY, realtime=True), REALTIME_PRICES),
    Entry("openai", Chat, KEY, PACKAGE, Capabilities(MANY), CHAT_PRICES, rank=1, late=LATE),
    Entry(
        "openai",
        Transcription,
        KEY,
        PACKAGE,
        Capabilities(MANY, is_streaming=False),
        {
            "gpt-4o-mini-transcribe": Price(PRICED, per_minute=0.003),
            "gpt-4o-transcribe": Price(PRICED, per_minute=0.006),
            "whisper-1": Price(PRICED, per_minute=0.006),
        },
        rank=3,
        late=LATE,
    ),
    Entry(
        "openai",
        Speech,
        KEY,
        PACKAGE,
        Capabilities(MANY, is_streaming=False),
        {
            "gpt-4o-mini-tts": Price(PRICED, per_million_characters=17.0),  # $0.015 a minute of some 880 characters
            "tts-1-hd": Price(PRICED, per_million_characters=30.0),
            "tts-1": Price(PRICED, per_million_characters=15.0),
        },
        rank=3,
        late=LATE,
    ),
)
