"""Servers of one's own that speak OpenAI's protocol, by the names and addresses that people know: Ollama and vLLM
think, Speaches hears and speaks. They cost nothing and ask for no key unless `api_key_variable` names one."""

from datetime import date

from agent.providers.catalog.entry import MANY, Capabilities, Entry, Price
from agent.providers.catalog.openai import LATE, PACKAGE, Chat, Speech, Transcription

FREE = {"": Price(date(2026, 6, 1))}


class Ollama(Chat):
    """Of https://ollama.com."""

    model: str = "llama3.2"
    base_url: str | None = "http://127.0.0.1:11434/v1"


class Vllm(Chat):
    """Of https://docs.vllm.ai; the model is the one it was started with."""

    model: str
    base_url: str | None = "http://127.0.0.1:8000/v1"


class SpeachesHears(Transcription):
    """Of https://speaches.ai."""

    model: str = "Systran/faster-distil-whisper-small.en"
    base_url: str | None = "http://127.0.0.1:8000/v1"


class SpeachesSpeaks(Speech):
    """Of https://speaches.ai."""

    model: str = "speaches-ai/Kokoro-82M-v1.0-ONNX"
    voice: str = "af_heart"
    base_url: str | None = "http://127.0.0.1:8000/v1"


ENTRIES = (
    Entry("ollama", Ollama, package=PACKAGE, can=Capabilities(MANY), prices=FREE, is_own=True, late=LATE),
    Entry("vllm", Vllm, package=PACKAGE, can=Capabilities(MANY), prices=FREE, is_own=True, late=LATE),
    Entry(
        "speaches", SpeachesHears, package=PACKAGE, can=Capabilities(MANY, False), prices=FREE, is_own=True, late=LATE
    ),
    Entry(
        "speaches", SpeachesSpeaks, package=PACKAGE, can=Capabilities(MANY, False), prices=FREE, is_own=True, late=LATE
    ),
)
