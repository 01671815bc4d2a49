"""What is made ready before calls come: the profile's vectors, and its phrases as sound in the speech process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from string import Formatter

from agent.call.call import utc_now
from agent.errors import VoiceAgentError
from agent.profile.profile import Profile
from agent.providers import catalog
from agent.providers.local.local_tts import LocalTTS
from agent.providers.local.speech_client import SpeechClient
from agent.providers.local.vectors import KnownVectors, vectors_file
from agent.providers.rendered import keep_sentences
from agent.thinking.llm_stack import build_around, build_knowledge, build_understanding, fillers_of
from agent.tooling.toolbox import Toolbox
from agent.understanding.matching.embedding import Embedder
from agent.understanding.matching.passages import Passage, sentences, shorten

logger = logging.getLogger("parley.warming")


async def warm_speech(served: Sequence[tuple[Profile, Toolbox]], socket: Path, var_dir: Path) -> None:
    """Let the speech process embed the profiles' examples and documents and speak what every call needs, so that
    none waits for that. Raises ConfigError and ProviderError."""
    async with _client(socket) as client:
        vectors = KnownVectors(vectors_file(var_dir), client, learns=True)  # one: what it saves is all that is kept
        for profile, toolbox in served:
            if any(choice.name == "understanding" for choice in catalog.chain("llm", profile.providers)):
                await build_understanding(profile, toolbox, vectors, utc_now).warm()
            if not catalog.is_understanding(profile.providers):
                await build_around(profile, toolbox, vectors, var_dir).warm()
        await asyncio.to_thread(vectors.save)
        for profile, toolbox in served:
            if voice := _voice(profile, client):
                for sentence in (*_first_sentences(profile), *fillers_of(profile, toolbox)):
                    await voice.keep(sentence)


async def keep_phrases(profile: Profile, toolbox: Toolbox, socket: Path, var_dir: Path) -> None:
    """Have the speech process keep all else that every caller may hear: some seconds of work at the first start, behind
    whatever callers need meanwhile, and none later."""
    async with _client(socket) as client:
        await keep_sentences(profile, (*_first_sentences(profile), *fillers_of(profile, toolbox)), client, var_dir)
        voice = _voice(profile, client)
        if voice is None:
            return
        try:
            for sentence in _sentences(profile, toolbox):
                await voice.keep(sentence)
            for answer in await _answers(profile, KnownVectors(vectors_file(var_dir), client)):
                await voice.keep_opening(answer)
        except VoiceAgentError as error:
            logger.warning("phrases not kept", extra={"error": type(error).__name__, "reason": str(error)})


def openings(passages: Iterable[Passage], max_words: int) -> list[str]:
    """Every text that an answer out of these passages may begin with."""
    return list(
        dict.fromkeys(
            shorten(passage.text, number, max_words)
            for passage in passages
            for number in range(len(sentences(passage.text)))
        )
    )


@asynccontextmanager
async def _client(socket: Path) -> AsyncIterator[SpeechClient]:
    client = SpeechClient(socket)
    try:
        yield client
    finally:
        await client.aclose()


def _voice(profile: Profile, client: SpeechClient) -> LocalTTS | None:
    """The local one, first or behind others; what another provider says is not ours to keep."""
    speaks = (choice for choice in catalog.chain("tts", profile.providers) if catalog.can("tts", choice).pronounces)
    return LocalTTS(client, catalog.pronunciation_of(profile).spoken) if next(speaks, None) else None


def _first_sentences(profile: Profile) -> tuple[str, ...]:
    """What every call hears, and what must be heard even when the TTS fails."""
    said = profile.sentences
    ends = (said.goodbye, said.limit_goodbye, said.out_of_order)
    return (said.greeting, said.apology, *ends, said.hold_the_line, said.taken_up)


def _sentences(profile: Profile, toolbox: Toolbox) -> list[str]:
    """What the agent says by itself and what it asks for a tool."""
    said = profile.sentences
    # what is said in other languages, this voice cannot say
    said_by_itself = [text for name, text in said if name != "help" and isinstance(text, str) and text]
    known = {"help": said.help, "human": said.human}
    own = [text.format(**known) for text in said_by_itself if _placeholders(text) <= known.keys()]
    return own + [slot.ask for intent in toolbox.intents.values() for slot in intent.slots]


def _placeholders(text: str) -> set[str]:
    """What of a sentence is known only in the call, such as a department's name."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


async def _answers(profile: Profile, embedder: Embedder) -> list[str]:
    """What the local understanding may read aloud; a large model finds words of its own."""
    if not catalog.is_understanding(profile.providers):
        return []
    knowledge = build_knowledge(profile, embedder)
    await knowledge.warm()
    return openings(knowledge.passages, profile.limits.max_reply_words)
