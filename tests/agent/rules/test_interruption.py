"""What stops the agent, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.language.en.turn_words import ENGLISH
from agent.rules.interruption import Overlap, Verdict, judge
from agent.rules.language import spoken_words
from agent.speaking.pronounce import spoken

ANSWER = "Gift cards come in any amount from ten to five hundred dollars, by e-mail or by post."
QUESTION = "Order four five seven one. Shall I cancel it?"


def verdict(text: str, says: str = ANSWER, is_whole: bool = True, sound_s: float | None = None) -> Verdict:
    """The rule's word on it."""
    return judge(Overlap(text, says, is_whole, says.endswith("?"), sound_s), ENGLISH).verdict


@pytest.mark.parametrize(
    "text",
    ["Mm-hmm.", "Mm.", "Uh-huh.", "Yeah.", "Yeah, okay.", "Okay.", "Right.", "I see.", "Sure.", "Um.", "Oh.", "Yes.",
     "Got it.", "Alright.", "Right, right.", "Oh, okay.", "Mhm", "Makes sense.", "Great.", "Of course."],
)  # fmt: skip
def test_a_listeners_noise_lets_the_agent_go_on(text: str) -> None:
    """Backchannels, alone or in a row."""
    assert verdict(text) is Verdict.GO_ON


@pytest.mark.parametrize("text", ["Stop.", "Wait.", "Not that,"])
def test_who_wants_the_floor_need_not_say_much(text: str) -> None:
    """However short it sounds."""
    assert verdict(text, sound_s=0.3) is Verdict.STOP


@pytest.mark.parametrize("text", ["Okay.", "Yeah.", "Yes."])
def test_a_yes_answers_only_what_can_be_answered_with_yes(text: str) -> None:
    """Over "how can I help" it is a listener's noise."""
    assert verdict(text, QUESTION) is Verdict.STOP
    assert verdict(text, "Hello, this is Acme. How can I help?") is Verdict.GO_ON
    assert verdict(text, "Thank you. What is your order number?") is Verdict.GO_ON


@pytest.mark.parametrize(
    "text",
    ["Stop.", "Wait.", "Wait, wait.", "Hold on.", "No.", "No, the other one.", "What?", "Sorry?", "Excuse me.",
     "And what about returns?", "How much is it?", "Yeah, but where is my order?", "Okay, stop.",
     "Can I ask something?", "I want to talk to a person.", "Returns please.", "Hello?", "Goodbye.",
     "Okay thanks, where is my order?", "Just a second.", "Actually, never mind.", "That's not right."],
)  # fmt: skip
def test_words_that_want_the_floor_stop_the_agent(text: str) -> None:
    """Questions, corrections, commands."""
    assert verdict(text) is Verdict.STOP


@pytest.mark.parametrize(
    ("text", "sound_s"),
    [
        ("Come, come.", 0.45),
        ("And then,", 0.23),
        ("You got.", 0.35),
        ("Sir,,", 0.38),
        ("Time.", 0.38),
        ("I sme,", 0.62),
    ],
)
def test_a_murmur_that_the_stt_mishears_is_one(text: str, sound_s: float) -> None:
    """What Moonshine made of "mm-hm", "uh-huh", "yeah", "sure", "hm" and "I see" by three voices."""
    assert verdict(text, sound_s=sound_s) is Verdict.GO_ON


@pytest.mark.parametrize(
    "text", ["Time.", "Time?", "Eight.", "Light.", "Returns", "I'm fine.", "Of course not.", "Make."]
)
def test_the_words_of_an_stt_that_hears_no_murmurs_are_believed(text: str) -> None:
    """Which tells nothing of how short they sounded: no habit of another one is laid upon them."""
    assert verdict(text) is Verdict.STOP


@pytest.mark.parametrize("text", ["Time.", "Eight.", "Today,", "Sunday", "Yet."])
def test_a_word_that_every_hearing_makes_of_a_sound_is_one(text: str) -> None:
    """However short; a murmur is another word each time."""
    assert judge(Overlap(text, ANSWER, sound_s=0.35, also=(text.strip(".,"),)), ENGLISH).verdict is Verdict.STOP
    assert judge(Overlap(text, ANSWER, sound_s=0.35, also=("Jane",)), ENGLISH).verdict is Verdict.GO_ON


@pytest.mark.parametrize(("text", "sound_s"), [("Stop.", 0.3), ("No.", 0.25), ("What?", 0.3), ("Sunday?", 0.6)])
def test_a_short_word_that_wants_the_floor_gets_it(text: str, sound_s: float) -> None:
    """Shortness excuses murmurs only."""
    assert verdict(text, sound_s=sound_s) is Verdict.STOP


@pytest.mark.parametrize(
    ("text", "also", "sound_s", "is_asking", "verdict"),
    [
        ("What?", "Right", 0.4, False, Verdict.GO_ON),
        ("Don't run.", "Thank you.", 0.57, False, Verdict.GO_ON),
        ("Wait.", "Wake", 0.4, False, Verdict.STOP),
        ("What?", "", 0.4, False, Verdict.STOP),
        ("What is it?", "Right", 0.9, False, Verdict.STOP),
        ("Of Ok,", "Oh, okay.", 0.7, False, Verdict.GO_ON),
        ("Okay, no.", "Okay.", 0.7, False, Verdict.STOP),
        ("No.", "Mm.", 0.4, True, Verdict.STOP),
        ("No.", "Mm.", None, False, Verdict.STOP),
    ],
)
def test_a_short_sound_that_may_be_a_murmur_is_one(
    text: str, also: str, sound_s: float | None, is_asking: bool, verdict: Verdict
) -> None:
    """By a second hearing; a question's answer and a longer sound are what they were first heard as."""
    overlap = Overlap(
        text, "Shall I pay it?" if is_asking else ANSWER, is_asking=is_asking, sound_s=sound_s, also=(also,)
    )
    assert judge(overlap, ENGLISH).verdict is verdict


def test_a_yes_long_before_the_question_is_none() -> None:
    """The greeting ends with a question that has not been asked yet."""
    early = Overlap("Okay.", "Hello, this is Acme's automated assistant. How can I help?", is_asking=False)
    assert judge(early, ENGLISH).verdict is Verdict.GO_ON


@pytest.mark.parametrize("text", ["", " ", "You.", "The", "...", "Huh.", "Ha."])
def test_noise_lets_the_agent_go_on(text: str) -> None:
    """Nothing, and what the STT makes of a cough."""
    assert verdict(text) is Verdict.GO_ON


@pytest.mark.parametrize("text", ["Yes.", "Yeah.", "Okay.", "Sure.", "Yes, of course."])
def test_a_yes_to_a_question_is_its_answer(text: str) -> None:
    """The same words that let an explanation go on."""
    assert verdict(text, QUESTION) is Verdict.STOP


def test_a_hum_is_no_answer() -> None:
    """Thinking aloud over a question is not a yes."""
    assert verdict("Mm.", QUESTION) is Verdict.GO_ON


@pytest.mark.parametrize(
    "text", ["any amount from ten to", "come in any amount from Len to five", "five hundred dollars by"]
)
def test_the_agents_own_words_are_its_echo(text: str) -> None:
    """A loudspeaker in the microphone, misheard a little."""
    assert verdict(text) is Verdict.GO_ON


@pytest.mark.parametrize(
    "text", ["Do you have any cards for fifty dollars?", "Can I get five hundred dollars by e-mail?"]
)
def test_a_question_with_the_agents_words_is_a_question(text: str) -> None:
    """Callers repeat what they hear."""
    assert verdict(text) is Verdict.STOP


@pytest.mark.parametrize("text", ["Yeah", "Okay", "I see", "Returns", "The", "", "any amount from ten to"])
def test_half_a_sentence_does_not_decide_for_the_agent(text: str) -> None:
    """While the caller still speaks, only what wants the floor decides."""
    assert verdict(text, is_whole=False) is Verdict.UNDECIDED


@pytest.mark.parametrize("text", ["Stop", "Wait", "No no", "Where is my", "Can you", "I want to"])
def test_the_first_words_of_an_interruption_are_enough(text: str) -> None:
    """Nobody has to finish a sentence to be listened to."""
    assert verdict(text, is_whole=False) is Verdict.STOP


@given(st.text(max_size=80), st.text(max_size=80), st.booleans())
def test_there_is_always_a_verdict(text: str, says: str, is_whole: bool) -> None:
    """A whole utterance is never left undecided."""
    found = judge(Overlap(text, says, is_whole), ENGLISH)
    assert found.reason
    assert not (is_whole and found.verdict is Verdict.UNDECIDED)


@given(st.lists(st.sampled_from(sorted(ENGLISH.backchannels)), min_size=1, max_size=4))
def test_any_row_of_backchannels_is_one(phrases: list[str]) -> None:
    """In any order and number, over an answer; unless two of them together say something else."""
    words = spoken_words(" ".join(phrases))
    if " ".join(words) in ENGLISH.stops:
        return
    assert verdict(" ".join(phrases)) is Verdict.GO_ON


def test_an_echo_is_of_the_words_that_are_spoken() -> None:
    """What the caption shows in figures the loudspeaker says in words; dialog/turn_taking gives the rule those."""
    written = "Order 4571 was shipped with UPS, tracking number ending in 482."
    echo = "order four five seven one was shipped with u p s"
    assert verdict(echo, says=spoken(written)) is Verdict.GO_ON
    assert verdict(echo, says=written) is Verdict.STOP
