"""LiveKit's older model, which reads the words in many languages; its weights come from a model hub."""

from livekit import rtc
from livekit.agents import llm
from livekit.agents.language import LanguageCode

from agent.rules.evidence import Who

_LIKELY = 0.3  # what the model's own threshold for the language counts as here


def is_downloaded() -> bool:
    """True when the weights are on this machine; asks nobody else."""
    from huggingface_hub import try_to_load_from_cache
    from livekit.plugins.turn_detector.models import HG_MODEL, MODEL_REVISIONS, ONNX_FILENAME

    found = try_to_load_from_cache(HG_MODEL, f"onnx/{ONNX_FILENAME}", revision=MODEL_REVISIONS["multilingual"])
    return isinstance(found, str)


class Multilingual:
    """Raises RuntimeError when the weights have not been downloaded."""

    who = Who.MULTILINGUAL

    def __init__(self, language: str) -> None:
        from livekit.plugins.turn_detector.multilingual import MultilingualModel

        self._model = MultilingualModel()
        self._language = LanguageCode(language)

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """It reads only."""

    def on_silence(self) -> None:
        """It has to wait for the words."""

    async def probability(self, text: str) -> float | None:
        """0 to 1, scaled so that the model's own threshold for the language is ours."""
        context = llm.ChatContext.empty()
        context.add_message(role="user", content=text)
        threshold = await self._model.unlikely_threshold(self._language) or _LIKELY
        return min(1.0, await self._model.predict_end_of_turn(context) * _LIKELY / threshold)

    def on_end(self) -> None:
        """Nothing is remembered."""
