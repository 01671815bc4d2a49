"""Moonshine's slips: mended in its own text, where nobody says what it writes, and nowhere else."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import stt, vad
from livekit.agents.utils import http_context

from agent.intent import Intent, Slot, SlotKind
from agent.profile.choices import ProviderChoice
from agent.providers import catalog
from agent.providers.local.moonshine import MoonshineSTT
from agent.providers.local.slips import mended
from agent.providers.local.speech_client import SpeechClient
from agent.providers.surroundings import Surroundings
from agent.understanding.dictation.dictation import Dictation
from agent.understanding.dictation.expected import Expected
from agent.understanding.reading.codes import find_codes
from agent.understanding.reading.misheard import Misheard
from agent.understanding.reading.trailing import Completeness, promises
from tests.agent.providers.conftest import Samples, say
from tests.fakes.flux_server import FluxServer, serving

ORDER = "What is your order number? It has four digits."
NAME = "What is your name?"
NUMBER = Slot(name="order_number", kind=SlotKind.CODE, ask=ORDER, min_length=4, max_length=4)
DICTATION = Dictation({"lookup_order": Intent(examples=(), slots=(NUMBER,))})
PHONE = "What is your phone number?"
RATE, STEP = 16_000, 800


def heard(text: str, prompt: str = "", *, is_over_agent: bool = False) -> str:
    """The text as a call reads it, after what the agent said."""
    return mended(text, DICTATION.wanted(text, prompt), is_over_agent=is_over_agent)


@pytest.mark.parametrize("prompt", ["", NAME, ORDER, PHONE, "What is your e-mail address?"])
@pytest.mark.parametrize("is_over_agent", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "Dee Miller.",
        "Is it suitable for people in wheelchairs?",
        "We are looking for people to talk to.",
        "I'd like a table for guests of mine.",
        "D. Johnson",
        "Dee, it's about my order.",
        "D-day is in June.",
        "D as in David.",
        "D, A, V, I, D.",
        "What?",
        "What was that?",
        "Want to know why?",
        "the party's twenty",
        "The deputy's two o'clock.",
        "It's for this one, nine dollars.",
        "Time.",
        "What time?",
        "My arm is numb.",
        "I ordered none.",
        "Is it one day or two?",
        "Is it free?",
        "I want one, or two.",
        "Order numbers are on the invoice.",
        "My e-mail addresses in your system are wrong.",
        "Make it two.",
        "Step two, please.",
        "4571 or 4572",
        "4571, no, 4572",
        "four five, no, four six",
        "Four or five, seven, one.",
        "One two or three four",
        "Twenty-one.",
        "555-555-5555",
    ],
)
def test_what_a_caller_may_have_said_stays_what_it_is(text: str, prompt: str, is_over_agent: bool) -> None:
    """Whatever was asked, and over the agent's voice too."""
    assert heard(text, prompt, is_over_agent=is_over_agent) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I have a question about my booking nam.", "I have a question about my booking number."),
        ("When will I get ordered, numb?", "When will I get order number?"),
        ("Where is my order, Nam?", "Where is my order, number?"),
        ("It's my account numb", "It's my account number"),
        ("My email addresses in.", "My e-mail address is in."),
        ("My mail addresses in foot,", "My e-mail address is in foot,"),
    ],
)
def test_what_nobody_says_is_what_was_said(text: str, said: str) -> None:
    """Whatever was asked, unless it was a name."""
    assert {heard(text, prompt) for prompt in ("", PHONE, ORDER)} == {said}


@pytest.mark.parametrize("text", ["Nam.", "I'm your customer, Nam.", "Your ticket, Numb"])
def test_a_name_that_is_asked_for_stays_one(text: str) -> None:
    """However much it looks like a number cut off."""
    assert heard(text, NAME) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("One day or zero, sorry, one day or zero four.", "1004"),
        ("Um, it's one's zero, zero, six.", "1006"),
        ("Four's five, seven, one.", "4571"),
        ("Ten, no seven.", "1007"),
        ("Ten or seven.", "1007"),
        ("One double zero free.", "1003"),
        ("It's two day or zero, five.", "2005"),
    ],
)
def test_digits_that_are_asked_for_are_heard(text: str, code: str) -> None:
    """Where too few are written, and where the caller says of what they are; nowhere else."""
    assert find_codes(heard(text, ORDER), 4, 4, True).values == (code,)
    assert heard(text) == text
    assert find_codes(heard(f"Where is order {text}"), 4, 4).last == code


@pytest.mark.parametrize(
    ("text", "prompt", "answer"),
    [
        ("What?", ORDER, Completeness.NONE),
        ("What is it?", ORDER, Completeness.NONE),
        ("Pardon?", ORDER, Completeness.NONE),
        ("Want?", ORDER, Completeness.NONE),
        ("I never got my order, it's no.", ORDER, Completeness.UNFINISHED),
        ("Ten, no seven.", ORDER, Completeness.WHOLE),
        ("My email addresses in.", "", Completeness.UNFINISHED),
        ("My mail addresses in", "", Completeness.UNFINISHED),
    ],
)
def test_dictation_reads_what_was_mended(text: str, prompt: str, answer: Completeness) -> None:
    """And a question is none of it."""
    assert DICTATION.completeness(heard(text, prompt), DICTATION.expected(prompt)) is answer


def test_a_number_that_is_promised_is_waited_for() -> None:
    """As in "when will I get order number"."""
    assert promises(heard("Where is my order, Nam?"))
    assert promises(heard("When will I get ordered, numb?"))


def test_a_telephone_number_may_be_one_or_the_other() -> None:
    """ "Or" is a zero in a code only: two ends of a number are two."""
    text = "five five five zero one four two or three"
    assert heard(text, PHONE) == text
    assert heard("five five five, zero's one four two", PHONE) == "five five five, zero one four two"


@pytest.mark.parametrize(
    ("text", "said"), [("Anon,", "Hang on."), ("And on.", "Hang on."), ("Step,", "Stop."), ("Time time.", "Mm-hm.")]
)
def test_a_sound_over_the_agents_voice_is_what_callers_say_there(text: str, said: str) -> None:
    """As all that is said; elsewhere it may mean something."""
    assert heard(text, is_over_agent=True) == said
    assert heard(text) == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("d. ship to canada", "do you ship to Canada"),
        ("d sell gift cards", "do you sell gift cards"),
        ("dee miller", ""),
        ("d. johnson", ""),
    ],
)
def test_a_quick_do_you_is_known_by_the_sentence_it_opens(text: str, meant: str) -> None:
    """ "D. Ship to Canada" is no name, and "D. Johnson" no question: the declared sentences tell."""
    assert Misheard(("do you ship to Canada", "do you sell gift cards")).meant(text) == meant.lower()


# What a caller says, word for word as Moonshine writes it where it errs; said to an STT of a vendor, it was said.
SAID = (
    "Um, it's one's zero, zero, six.",
    "Ten, no seven.",
    "Where is order one day or zero four?",
    "When will I get ordered, numb?",
    "My email addresses in.",
    "D. Ship to Canada.",
    "Good-bye.",
    "Anon.",
    "Time.",
)


async def _finals(ears: stt.STT[None], samples: Samples) -> list[str]:
    """What the STT makes of the sound, faster than in real time."""
    async with ears.stream() as stream, asyncio.timeout(30):
        collecting = asyncio.create_task(_texts(stream))
        for part in np.split(samples, range(STEP, len(samples), STEP)):
            stream.push_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, len(part)))
            await asyncio.sleep(STEP / RATE / 4)
        stream.end_input()
        return await collecting


async def _texts(stream: stt.RecognizeStream) -> list[str]:
    return [e.alternatives[0].text async for e in stream if e.type is stt.SpeechEventType.FINAL_TRANSCRIPT]


async def test_the_text_of_a_cloud_stt_is_never_touched(client: SpeechClient, silero_vad: vad.VAD) -> None:
    """By Deepgram's own plugin, from a server of its protocol: what it hears is what the call reads."""
    loud = (np.random.default_rng(1).standard_normal(RATE) * 3000).astype(np.int16)
    samples = np.concatenate([np.concatenate([loud, np.zeros(RATE * 3 // 2, np.int16)]) for _ in SAID])
    async with serving(FluxServer([(text,) for text in SAID])) as flux, http_context.open():
        choice = ProviderChoice(name="deepgram-flux", options={"base_url": flux.base_url})
        ears = catalog.build_stt(choice, catalog.Lent(client, vad=silero_vad))
        assert await _finals(ears, samples) == list(SAID)


class Hears(SpeechClient):
    """Hears the same words in every sound."""

    def __init__(self, text: str) -> None:
        super().__init__(Path("nowhere"))
        self._text = text

    async def transcribe(self, pcm: bytes, *, is_final: bool = True) -> str:
        """Those."""
        return self._text


@pytest.mark.parametrize(
    ("wanted", "said"), [(None, "One's zero zero four."), (Expected(SlotKind.CODE, 4, 4), "One zero zero four.")]
)
async def test_moonshines_own_text_is_mended_by_what_was_asked(
    client: SpeechClient, silero_vad: vad.VAD, wanted: Expected | None, said: str
) -> None:
    """In its stream, and where a sound is recognised at once."""
    around = Surroundings(wanted=lambda _: wanted)
    ears = MoonshineSTT(Hears("One's zero zero four."), silero_vad, around=around)
    sound = np.concatenate([await say(client, "One zero zero four.", RATE), np.zeros(RATE, np.int16)])
    assert await _finals(ears, sound) == [said]
    whole = await ears.recognize([rtc.AudioFrame(sound.tobytes(), RATE, 1, len(sound))])
    assert whole.alternatives[0].text == said


async def test_what_is_said_over_the_agent_is_mended_as_such(client: SpeechClient, silero_vad: vad.VAD) -> None:
    """ "Anon" is a word elsewhere."""
    sound = np.concatenate([await say(client, "Hang on.", RATE), np.zeros(RATE, np.int16)])
    assert await _finals(MoonshineSTT(Hears("Anon."), silero_vad), sound) == ["Anon."]
    around = Surroundings(is_agent_speaking=lambda: True)
    assert await _finals(MoonshineSTT(Hears("Anon."), silero_vad, around=around), sound) == ["Hang on."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No, make it for people.", "No, make it four people."),
        ("There will be for guests.", "There will be four guests."),
        ("For people.", "four people."),
        ("June fifteenth, to thousand and one.", "June fifteenth, two thousand and one."),
        ("It's just the to of us.", "It's just the two of us."),
    ],
)
def test_a_count_before_what_is_counted_is_no_preposition(text: str, said: str) -> None:
    """Where nobody says one."""
    assert heard(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("\"'No,' I said it's Ray.", "No, I said it's Ray."), ("five. Wait, no,, for,", "five. Wait, no,, four,")],
)
def test_quotes_are_nobody_s_and_a_last_for_is_a_count(text: str, said: str) -> None:
    """As an answer to "for how many people"."""
    assert mended(text, Expected(SlotKind.NUMBER)) == said
