"""What each witness says of recordings of people, whole and cut: gathered once, kept as a JSON line each."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from livekit import rtc

from agent.providers.local.models.log_mel import log_mel
from agent.providers.local.models.moonshine import Moonshine
from agent.providers.local.models.smart_turn import SmartTurn, weights
from agent.turns.witnesses.completeness import load
from agent.turns.witnesses.v1_mini import V1Mini
from evals.recordings import decoded
from training.recordings import RATE, Samples, Where, cuts

_FRAME = 512


@dataclass(frozen=True, slots=True)
class Heard:
    """One cut of a recording: where it is, how long the speaker's own pause lasts, the words that the STT finds in it,
    and each witness's probability. `voice` is the mean level in each band of the whole recording's louder half."""

    file: str
    where: Where
    pause_s: float
    text: str
    said: dict[str, float]
    voice: list[float] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """True at the end of a whole request."""
        return self.where == "end"


async def gather(files: Sequence[Path], kept: Path) -> None:
    """Ask every witness about every recording; some 0.3 s of one core a cut."""
    ear, path = Moonshine(), weights()
    smart = SmartTurn(path) if path else None
    mini = V1Mini()
    with kept.open("w", encoding="utf-8") as lines:
        for seed, file in enumerate(files, start=1):
            sound = decoded(file, RATE)
            for number, cut in enumerate(cuts(sound, seed)):
                pcm = cut.sound.tobytes()
                said = {"v1_mini": await _asked(mini, pcm)} | ({"smart_turn": smart.probability(pcm)} if smart else {})
                voice = [] if number else _voice(sound)
                row = Heard(file.stem, cut.where, cut.pause_s, ear.transcribe(pcm), said, voice)
                lines.write(json.dumps(asdict(row)) + "\n")


def kept_in(file: Path, language: str) -> list[Heard]:
    """What `gather` has written, with what the present completeness model says of its words."""
    model = load(language)
    rows = [Heard(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if model and (probability := model.probability(row.text)) is not None:
            row.said["words"] = probability
    return rows


async def _asked(mini: V1Mini, pcm: bytes) -> float:
    mini.on_end()
    for frame in _frames(pcm):
        mini.on_sound(frame)
    await asyncio.sleep(0.02)  # its stream takes the frames in a task of its own
    return await mini.probability("") or 0.0


def _frames(pcm: bytes) -> Iterator[rtc.AudioFrame]:
    for at in range(0, len(pcm) - 2 * _FRAME + 1, 2 * _FRAME):
        yield rtc.AudioFrame(pcm[at : at + 2 * _FRAME], RATE, 1, _FRAME)


def _voice(sound: Samples) -> list[float]:
    bands = log_mel(sound.astype(np.float32) / 32768.0)
    loud = bands[:, bands.mean(0) > np.median(bands.mean(0))]
    return [round(float(level), 3) for level in loud.mean(1)]
