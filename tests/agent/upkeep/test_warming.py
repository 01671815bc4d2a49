"""What is kept as sound before calls come."""

from pathlib import Path
from tempfile import TemporaryDirectory

from agent.profile.choices import CacheChoice, ProviderChoice, Providers
from agent.profile.profile import Profile
from agent.providers.local.speech_client import SpeechClient
from agent.providers.local.supervisor import SpeechProcess
from agent.tooling.toolbox import Toolbox, load_toolbox
from agent.understanding.matching.passages import Passage, shorten
from agent.upkeep.warming import openings, warm_speech
from tests.fakes.calls import shop

LONG = Passage(" ".join(f"This is sentence number {n} of a long passage." for n in range(20)), "Long", "long.md#Long")
SHORT = Passage("We are open from nine to five. On Sundays we are closed.", "Hours", "store.md#Hours")


def test_every_answer_that_may_be_read_has_its_opening() -> None:
    """A short passage is read from its start; a long one from any sentence around which it was found."""
    assert openings([SHORT], 80) == [SHORT.text]
    found = openings([LONG], 30)
    assert all(shorten(LONG.text, number, 30) in found for number in range(20))
    assert 1 < len(found) <= 20


async def test_a_restarted_speech_process_still_knows_them(tmp_path: Path) -> None:
    """It died: its successor has greeting and fillers without anybody asking it to keep them."""
    mind, cache = (
        ProviderChoice(name="openai"),
        CacheChoice(enabled=False),
    )  # its answers are its own, so only phrases are kept
    profile = shop().model_copy(update={"providers": Providers(llm=(mind,)), "cache": cache})
    toolbox = load_toolbox(profile)
    with TemporaryDirectory(prefix="parley-") as short:  # a Unix socket's path must be short
        await _live_twice(profile, toolbox, Path(short) / "speech.sock", tmp_path)


async def _live_twice(profile: Profile, toolbox: Toolbox, socket: Path, tmp_path: Path) -> None:
    process = SpeechProcess(socket, arguments=("--phrases", str(tmp_path / "phrases")))
    await process.start()
    await process.ready(90)
    await warm_speech([(profile, toolbox)], process.socket, tmp_path)
    before = {file.name for file in (tmp_path / "phrases").iterdir()}
    first = await opening(process, profile.fillers.sentences[0])
    await process.aclose()
    await process.start()
    await process.ready(90)
    assert await opening(process, profile.fillers.sentences[0]) == first
    assert {file.name for file in (tmp_path / "phrases").iterdir()} == before
    await process.aclose()


async def opening(process: SpeechProcess, text: str) -> bytes:
    """The first clause's sound; hibari says nothing twice alike."""
    client = SpeechClient(process.socket, return_timeout_s=60)
    try:
        async for pcm in client.synthesize(text, is_opening=True):
            return pcm
        return b""
    finally:
        await client.aclose()
