"""The scenes of `python -m evals turns`: what is in scenes/*.yaml, spoken by the cast, paused, and set into rooms.

The same seed gives the same voices, pauses and moments. How a scene is played is the stage's matter.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import livekit.agents.resources
import numpy as np
import yaml
from livekit.agents.utils.audio import audio_frames_from_file

from agent.providers.local.speech_client import SpeechClient
from evals.caller import RATE, Samples
from evals.mixing import SPEECH_DB, at_level, cough, knock, silence, with_pause
from evals.voices import Voice, over_phone, present, spoken

FOLDER = Path(__file__).with_name("scenes")
SOUNDS = Path(livekit.agents.resources.__file__).parent
HESITATION_PAUSES_S = (0.4, 0.6, 0.8, 1.0, 1.2, 1.5)
DICTATION_PAUSES_S = (0.5, 0.9)
INTO_ANSWER_S = (1.2, 3.5)  # so long the agent has been heard when the caller begins
INTO_GREETING_S = (0.8, 2.6)
SECOND_VOICE_DB = -15.0
ECHO_DB = 20.0
SEED = 4

Line = TypeVar("Line")
Play = Literal["ask", "over", "over greeting", "dictate"]
Judge = Literal["cut off", "yielded", "talked on", "answered", "dictated"]
Band = Literal["wide", "phone"]


@dataclass(frozen=True, slots=True)
class Room:
    """What the microphone hears besides the caller: a sound at a level, or, without one, the echo of the agent."""

    level_db: float
    sound: Samples | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One scene. `lead` is asked first so that the agent has something to say; `value` is what must come of it;
    so much of the sound as `rest_s` lies behind its last word."""

    kind: str
    text: str
    voice: str
    play: Play
    judge: Judge
    sound: Samples
    lead: Samples | None = None
    into_s: float = 0.0
    pause_s: float = 0.0
    value: str = ""
    rest_s: float = 0.0
    room: Room | None = None


class Casting:
    """Speaks what is asked for, each sentence of a voice once; knows the seed."""

    def __init__(self, client: SpeechClient, band: Band = "wide", *, most: int | None = None, seed: int = SEED) -> None:
        self.chance = np.random.default_rng(seed)
        self.cast = present()
        self._client = client
        self._band = band
        self._most = most
        self._said: dict[tuple[str, str], Samples] = {}

    @property
    def clear(self) -> tuple[Voice, ...]:
        """Voices that are understood well enough to ask for a long answer: not espeak-ng's."""
        return tuple(voice for voice in self.cast if voice.engine != "espeak-ng")

    async def say(self, voice: Voice, text: str) -> Samples:
        """The sentence by that voice, over the line that the run is on."""
        key = voice.name, text
        if key not in self._said:
            sound = await spoken(self._client, voice, text)
            self._said[key] = over_phone(sound) if self._band == "phone" else sound
        return self._said[key]

    async def say_paused(self, voice: Voice, text: str, pauses_s: Sequence[float]) -> Samples:
        """The sentence with a pause of its own at each `|`, cut into one synthesis of the whole."""
        parts = [part.strip() for part in text.split("|")]
        sound = await self.say(voice, " ".join(parts))
        for count in range(len(parts) - 1, 0, -1):
            beginning = await self.say(voice, " ".join(parts[:count]))
            sound = with_pause(sound, beginning, pauses_s[count - 1])
        return sound

    def some(self, lines: Sequence[Line]) -> list[Line]:
        """As many of them as are wanted, spread over the whole."""
        if self._most is None or self._most >= len(lines):
            return list(lines)
        return [lines[int(at)] for at in np.linspace(0, len(lines) - 1, self._most)]

    def between(self, low_high: tuple[float, float]) -> float:
        """A number by chance."""
        return round(float(self.chance.uniform(*low_high)), 2)

    def on_line(self, sound: Samples) -> Samples:
        """What is no speech, over the line that the run is on."""
        return over_phone(sound) if self._band == "phone" else sound


async def hesitations(casting: Casting) -> list[Item]:
    """Sentences with a pause in them, by what stands before it."""
    lines = casting.some([(kind, text) for kind, texts in _read("hesitations").items() for text in texts])
    pauses = casting.chance.permutation(np.resize(HESITATION_PAUSES_S, len(lines)))
    found = []
    for (kind, text), pause, voice in zip(lines, pauses, itertools.cycle(casting.cast), strict=False):
        sound = await casting.say_paused(voice, text, [float(pause)])
        found.append(
            Item(
                kind=kind.replace("_", " "),
                text=text,
                voice=voice.name,
                play="ask",
                judge="cut off",
                sound=sound,
                pause_s=float(pause),
            )
        )
    return found


async def interruptions(casting: Casting) -> list[Item]:
    """What must stop the agent, each by two voices: of 42 scenes a single one would be more than the 2 % allowed."""
    lines = [(kind, text) for kind, texts in _read("overlaps")["interruptions"].items() for text in texts] * 2
    return [item async for item in _over(casting, casting.some(lines), "yielded")]


async def backchannels(casting: Casting) -> list[Item]:
    """What must not, each by two voices; then noises that are nobody's words."""
    overlaps = _read("overlaps")
    lines = casting.some([("backchannel", text) for text in [*overlaps["backchannels"]] * 2])
    found = [item async for item in _over(casting, lines, "talked on")]
    for name in casting.some([*overlaps["noises"]] * 2):
        found += [
            item async for item in _over(casting, [("noise", name)], "talked on", sound=await _noise(casting, name))
        ]
    return found


async def greetings(casting: Casting) -> list[Item]:
    """False stops in the greeting, whose sound is the same in every call, so that a lost syllable can be seen."""
    found = []
    for text, voice in zip(
        casting.some(("mm-hm", "Okay.", "cough", "uh-huh", "Yeah.") * 2), itertools.cycle(casting.clear), strict=False
    ):
        sound = await (_noise(casting, text) if text == "cough" else casting.say(voice, text))
        into = casting.between(INTO_GREETING_S)
        found.append(
            Item(
                kind="greeting",
                text=text,
                voice=voice.name,
                play="over greeting",
                judge="talked on",
                sound=sound,
                into_s=into,
            )
        )
    return found


async def dictation(casting: Casting) -> list[Item]:
    """Order numbers when the agent has asked for one; other values of the caller's own accord."""
    lines, found = _read("dictation"), []
    voices = itertools.cycle(casting.clear)
    for kind, values in lines.items():
        for line, next_voice in zip(casting.some(values), voices, strict=False):
            voice = next((voice for voice in casting.clear if voice.name == line.get("voice")), next_voice)
            pauses = [casting.between(DICTATION_PAUSES_S) for _ in range(line["say"].count("|"))]
            sound = await casting.say_paused(voice, line["say"], pauses)
            is_order = kind == "order_numbers"
            found.append(
                Item(
                    kind="order number" if is_order else "number" if line["is"].isdigit() else "e-mail",
                    text=line["say"],
                    voice=voice.name,
                    play="dictate" if is_order else "ask",
                    judge="dictated",
                    sound=sound,
                    lead=await casting.say(voice, "Where is my order?") if is_order else None,
                    pause_s=max(pauses),
                    value=line["is"],
                )
            )
    return found


async def rooms(casting: Casting) -> list[Item]:
    """Noise, a second voice and the agent's own echo, under questions, under answers and under interruptions."""
    lines, overlaps = _read("rooms"), _read("overlaps")
    noises = [casting.on_line(await _recorded(name)) for name in ("crowded-room", "office-ambience", "city-ambience")]
    talk = [
        await casting.say(voice, text) for voice, text in zip(casting.clear[::-1], lines["other_talk"], strict=False)
    ]
    beds = {f"noise {snr} dB": [Room(SPEECH_DB - snr, noise) for noise in noises] for snr in (20, 10)}
    beds["second voice"] = [Room(SPEECH_DB + SECOND_VOICE_DB, voice) for voice in talk]
    beds["echo"] = [Room(ECHO_DB)]
    asked, voices = overlaps["long_answers"], itertools.cycle(casting.clear)
    found = []
    for name, bed in beds.items():
        room = itertools.cycle(bed)
        for line, voice in zip(casting.some(lines["questions"]) if name != "echo" else (), voices, strict=False):
            question = await casting.say(voice, line["say"])
            found.append(
                Item(
                    kind=f"{name}, question",
                    text=line["say"],
                    voice=voice.name,
                    play="ask",
                    judge="answered",
                    sound=question,
                    value=line["answer"],
                    room=next(room),
                )
            )
        alone = [(f"{name}, alone", text) for text in casting.some(asked[:4])]
        found += [i async for i in _over(casting, alone, "talked on", sound=silence(0.5), rooms=room)]
    stops = [("echo, interruption", text) for texts in overlaps["interruptions"].values() for text in texts[:1]]
    return found + [
        item async for item in _over(casting, casting.some(stops), "yielded", rooms=itertools.cycle(beds["echo"]))
    ]


SCENES: dict[str, Callable[[Casting], Awaitable[list[Item]]]] = {
    "hesitations": hesitations,
    "interruptions": interruptions,
    "backchannels": backchannels,
    "greetings": greetings,
    "dictation": dictation,
    "rooms": rooms,
}


def overlapping() -> tuple[list[str], list[str]]:
    """Questions with long answers, and what is said into them that must stop the agent."""
    lines = _read("overlaps")
    return list(lines["long_answers"]), [text for texts in lines["interruptions"].values() for text in texts]


async def _over(
    casting: Casting,
    lines: Sequence[tuple[str, str]],
    judge: Judge,
    *,
    sound: Samples | None = None,
    rooms: "itertools.cycle[Room] | None" = None,
) -> AsyncIterator[Item]:
    """Items said into a long answer; the answer's question is never the one that interrupts."""
    asked = _read("overlaps")["long_answers"]
    for kind, text in lines:
        voice = casting.clear[int(casting.chance.integers(len(casting.clear)))]
        lead = str(casting.chance.choice([question for question in asked if question != text]))
        yield Item(
            kind=kind.replace("_", " "),
            text=text,
            voice=voice.name,
            play="over",
            judge=judge,
            sound=await casting.say(voice, text) if sound is None else sound,
            lead=await casting.say(voice, lead),
            into_s=casting.between(INTO_ANSWER_S),
            room=next(rooms) if rooms else None,
        )


async def _noise(casting: Casting, name: str) -> Samples:
    """A short sound that is nobody's words."""
    if name == "cough":
        return casting.on_line(cough(casting.chance))
    if name == "knock":
        return casting.on_line(knock(casting.chance))
    recorded = await _recorded({"keyboard": "keyboard-typing", "crowd": "crowded-room"}[name])
    at = int(casting.chance.uniform(0, len(recorded) - 1.5 * RATE))
    return casting.on_line(at_level(recorded[at : at + int(1.5 * RATE)], SPEECH_DB - 6))


async def _recorded(name: str) -> Samples:
    """A recording of the livekit-agents wheel, whole."""
    frames = audio_frames_from_file(str(SOUNDS / f"{name}.ogg"), sample_rate=RATE, num_channels=1)
    return np.concatenate([np.frombuffer(frame.data, np.int16) async for frame in frames])


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found
