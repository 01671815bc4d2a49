"""The profile's own sentences as sound on disk, in the voice of its first TTS where that is not local: they are heard
also when that TTS is down. What a local voice says, the speech process keeps (phrases.py)."""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from livekit import rtc
from livekit.agents import tts, utils

from agent.errors import ConfigError
from agent.profile.profile import Profile
from agent.providers import catalog
from agent.providers.local.phrases import Phrases
from agent.providers.local.speech_client import SpeechClient

logger = logging.getLogger("parley.providers")

RATE = 24_000  # that of turns/voice_out
WITHIN_S = 20.0


def kept_sentences(profile: Profile, var_dir: Path) -> Phrases:
    """What is kept of that voice; nothing, and nothing is, where it is local. `load` it in a thread."""
    choice = catalog.first("tts", profile.providers)
    voice = f"{choice!r} {profile.locale} {sorted(profile.pronunciations.items())} {RATE}"
    is_local = catalog.entry_of("tts", choice).is_local
    folder = var_dir / "cache" / "sayings" / hashlib.sha256(voice.encode()).hexdigest()[:16]
    return Phrases(None if is_local else folder, voice=voice)


async def keep_sentences(profile: Profile, sentences: Iterable[str], client: SpeechClient, var_dir: Path) -> None:
    """Have the first voice of the profile say what is not kept yet, once for all calls: at the worker's start. One that
    cannot now leaves it to the next start."""
    choice = catalog.first("tts", profile.providers)
    if catalog.entry_of("tts", choice).is_local:
        return
    kept, spoken = kept_sentences(profile, var_dir), catalog.pronunciation_of(profile).spoken
    await asyncio.to_thread(kept.load)
    async with utils.http_context.open():
        voice = catalog.build_tts(choice, catalog.lent_to_voice(profile, client))
        try:
            for sentence in sentences:
                if kept.find(sentence) is None:
                    async with asyncio.timeout(WITHIN_S):
                        frame = await render(voice, spoken(sentence))
                    await asyncio.to_thread(kept.keep(sentence, bytes(frame.data)))
        except ConfigError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a plugin raises: calls render for themselves
            logger.warning("sentences not kept", extra={"profile": profile.name, "error": type(error).__name__})
        finally:
            await voice.aclose()


async def render(voice: tts.TTS[Any], said: str) -> rtc.AudioFrame:
    """The sound of it, mono at RATE. Raises what the plugin raises."""
    async with voice.synthesize(said) as stream:  # closed, or LiveKit's span of it never ends and is never sent
        frame = await stream.collect()
    if frame.sample_rate == RATE:
        return frame
    resampler = rtc.AudioResampler(frame.sample_rate, RATE)
    return utils.merge_frames([*resampler.push(frame), *resampler.flush()])


def frame_of(sound: bytes) -> rtc.AudioFrame:
    """What was kept, to be played."""
    return rtc.AudioFrame(sound, RATE, 1, len(sound) // 2)
