"""What Moonshine's answers are tidied of."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from agent.providers.local.models.moonshine import Moonshine, sounding_s, tidy
from agent.providers.local.speech_client import SpeechClient
from tests.agent.providers.conftest import say


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("You", ""),
        ("You.", ""),
        ("The first is the first is the first is the first is the first is", ""),
        ("I am here. " + "I am not going to talk about it. " * 8, "I am here."),
        (
            "Please send the parcel to my house and not to the shop, " + "to the shop, " * 3 + "thanks.",
            "Please send the parcel to my house and not to the shop, thanks.",
        ),
        ("Five, five, five, five, five, five, five, five.", "Five, five, five, five, five, five, five, five."),
        ("Five, five, five, five.", "Five, five, five, five."),
        ("No, no, no, no.", "No, no, no, no."),
        ("What day is it to-day?", "What day is it today?"),
        ("Good-bye.", "Goodbye."),
        ("Four-five-seven-one.", "Four five seven one."),
        ("Twenty-one.", "Twenty-one."),
        ("  Thank   you. ", "Thank you."),
        ("My phone number is 555-555-555-555", "My phone number is 555"),
        ("Dee Miller.", "Dee Miller."),
        ("D. Johnson", "D. Johnson"),
        ("Dee, it's about my order.", "Dee, it's about my order."),
        ("D as in David.", "D as in David."),
        ("D, A, V, I, D.", "D, A, V, I, D."),
        ("My phone number is 555-555-5555.", "My phone number is 555-555-5555."),
        ("Send it to orders at company dot con.", "Send it to orders at company dot com."),
        ("It's Jane Dot Smith at Gmail Dot Tom.", "It's Jane Dot Smith at Gmail Dot com."),
        ("jane.con@example.orc", "jane.con@example.org"),
        ("It's jane dot tom at example dot com.", "It's jane dot tom at example dot com."),
        ("Look at my comb.", "Look at my comb."),
    ],
)
def test_made_up_words_go_and_real_ones_stay(answer: str, text: str) -> None:
    """Stock answers to noise and loops vanish; repeated digits and short words are what callers say."""
    assert tidy(answer) == text


@pytest.mark.parametrize("number", ["555-555-5555", "555-550-5500"])
@pytest.mark.parametrize(("seconds", "said"), [(2.2, "555"), (4.8, "")])
def test_more_digits_than_there_was_time_for_were_not_said(number: str, seconds: float, said: str) -> None:
    """ "Five five five" is said in a second, ten digits in three."""
    assert tidy(f"My phone number is {number}.", seconds) == f"My phone number is {said or number}."


@pytest.mark.parametrize(("before_s", "after_s"), [(0.0, 0.0), (0.5, 0.5), (0.0, 2.0)])
def test_silence_around_the_words_is_no_time_to_say_them_in(before_s: float, after_s: float) -> None:
    """A call's utterance has half a second of a quiet line before it, and a pause behind it."""
    rng = np.random.default_rng(3)
    line, words = (
        rng.normal(0.0, level, int(seconds * 16_000)).astype(np.float32)
        for level, seconds in ((0.001, before_s + 2.0 + after_s), (0.2, 2.0))
    )
    line[int(before_s * 16_000) :][: len(words)] += words
    assert sounding_s(line) == pytest.approx(2.0, abs=0.05)
    assert sounding_s(np.zeros(100, np.float32)) == sounding_s(np.zeros(0, np.float32)) == 0.0


@pytest.mark.parametrize("copies", [1, 2])
async def test_two_callers_at_once_each_get_their_own_words(client: SpeechClient, copies: int) -> None:
    """A model that two threads shared answered with bytes that nobody had said."""
    sentences = ("Where is my order?", "What are your opening hours on Sunday?")
    sounds = [(await say(client, sentence, 16_000)).tobytes() for sentence in sentences]
    model = Moonshine(copies=copies)
    alone = [model.transcribe(sound) for sound in sounds]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(model.transcribe, sounds * 12))
    assert together == alone * 12
    assert alone[0] != alone[1]
