"""What the callers of the meter ask: questions with short answers, in several voices."""

from dataclasses import dataclass

from agent.providers.speech import SpeechClient
from evals import voices
from evals.caller import Samples

PLAIN = (
    "Where can I park?",
    "What is your address?",
    "Do you sell gift cards?",
    "Is there a student discount?",
    "Do you ship to Canada?",
    "How long does express shipping take?",
    "How much does shipping cost?",
    "Are you open on Sunday?",
    "Are you open on Christmas Day?",
    "Which credit cards do you take?",
    "Where do I find my invoice?",
    "I forgot my password.",
    "How do I delete my account?",
    "When do I get my money back?",
    "Is there a warranty?",
    "What can you do for me?",
)
TOOL = (
    "Where is my order number one zero zero one?",
    "What time is it?",
    "Where is my order number four five seven one?",
    "What day is it today?",
)
TOOL_EVERY = 4  # turns
# Those of the cast that the local STT understands; a turn that is misheard has the answer to another question.
HEARD_WELL = ("joe", "slt", "joe low", "rms", "joe high")


@dataclass(frozen=True, slots=True)
class Question:
    """One question as one voice says it."""

    text: str
    voice: voices.Voice
    is_tool: bool


class Speech:
    """The questions as sound at 48 kHz, without silence around them; over a telephone line if so. Rendered once."""

    def __init__(self, client: SpeechClient, *, is_phone: bool) -> None:
        self.cast = tuple(voice for voice in voices.present() if voice.name in HEARD_WELL)
        self._client = client
        self._is_phone = is_phone
        self._sounds: dict[Question, Samples] = {}

    def asked(self, number: int) -> Question:
        """The question of a turn, by its number in the run: each comes round, the next time in another voice."""
        tools, rest = divmod(number, TOOL_EVERY)
        texts, at = (TOOL, tools) if rest == TOOL_EVERY - 1 else (PLAIN, number - tools)
        voice = self.cast[(number + number // (len(PLAIN) + len(TOOL))) % len(self.cast)]
        return Question(texts[at % len(texts)], voice, texts is TOOL)

    async def render(self, first: int, count: int) -> None:
        """Make the sound of so many turns, while nobody is in a call."""
        for question in map(self.asked, range(first, first + count)):
            if question not in self._sounds:
                sound = await voices.spoken(self._client, question.voice, question.text)
                self._sounds[question] = voices.over_phone(sound) if self._is_phone else sound

    def __getitem__(self, question: Question) -> Samples:
        """The sound of a question that was rendered."""
        return self._sounds[question]
