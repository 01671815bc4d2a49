"""Whole calls and single turns: who is frustrated, and who only asks, apologises or tells of something broken."""

import pytest

from agent.rules.sentiment import FRUSTRATED, Sign, Turn, signs_of

FRUSTRATING = {
    "this is ridiculous": Sign.COMPLAINS,
    "That's absolutely useless.": Sign.COMPLAINS,
    "I already told you my order number": Sign.COMPLAINS,
    "I've just said that": Sign.COMPLAINS,
    "I told you that before": Sign.COMPLAINS,
    "how many times do I have to say it": Sign.COMPLAINS,
    "for the third time, four five seven one": Sign.COMPLAINS,
    "that's not what I asked": Sign.COMPLAINS,
    "you don't understand me": Sign.COMPLAINS,
    "you're not listening": Sign.COMPLAINS,
    "are you even listening": Sign.COMPLAINS,
    "I'm really fed up with this": Sign.COMPLAINS,
    "I am losing patience": Sign.COMPLAINS,
    "what a waste of time": Sign.COMPLAINS,
    "stupid machine": Sign.COMPLAINS,
    "this is driving me crazy": Sign.COMPLAINS,
    "no, no, no": Sign.COMPLAINS,
    "what's wrong with you": Sign.COMPLAINS,
    "you keep asking the same thing": Sign.COMPLAINS,
    "I didn't ask for that": Sign.COMPLAINS,
    "oh for god's sake": Sign.SWEARS,
    "what the hell": Sign.SWEARS,
    "fucking useless": Sign.SWEARS,
    "bloody machine": Sign.SWEARS,
    "dammit": Sign.SWEARS,
    "damn it, no": Sign.SWEARS,
    "human!": Sign.DEMANDS_HUMAN,
    "agent, agent, agent": Sign.DEMANDS_HUMAN,
    "Representative. Now!": Sign.DEMANDS_HUMAN,
    "no, human please": Sign.DEMANDS_HUMAN,
    "give me a real person": Sign.DEMANDS_HUMAN,
    "stop it and get me someone real": Sign.DEMANDS_HUMAN,
}
CALM = (
    "could I talk to a person please",
    "I'd like to speak with an agent about my booking",
    "is there a human I can talk to",
    "sorry, I already have an order with you",
    "my lamp is broken and it's a terrible pity",
    "the box was a mess when it came",
    "it's four five seven one",
    "no thank you",
    "no no, that's fine",
    "that's not a problem",
    "I was told to call before five",
    "I said it would be for four people, is that still all right",
    "you can't imagine how happy we were",
    "can't you do Friday instead",
    "I'm tired, let's make it tomorrow",
    "listen, could we do half past seven",
    "the agent on the phone said it was shipped",
    "what is wrong with my order",
    "hell's kitchen, new york",
    "it is just a small thing",
    "how many times can I change the booking",
    "Scunthorpe, and the name is Dick Cockburn",
    "I never got the parcel",
    "thanks, that's so helpful",
)


@pytest.mark.parametrize(("words", "sign"), FRUSTRATING.items())
def test_frustration_is_heard_in_words(words: str, sign: Sign) -> None:
    """Each with its own sign, the strongest first."""
    assert next(iter(signs_of(Turn(words))), None) is sign


@pytest.mark.parametrize("words", CALM)
def test_a_calm_turn_shows_nothing(words: str) -> None:
    """Not every strong word is about us, and a wish for a person is a wish."""
    assert signs_of(Turn(words)) == ()


def test_what_happened_is_a_sign_too() -> None:
    """To have to say it again, or to hear that it did not work."""
    assert signs_of(Turn("where is my order", is_repeat=True)) == (Sign.REPEATS,)
    assert signs_of(Turn("and now", tool_failed=True)) == (Sign.TOOL_FAILED,)


def test_pace_counts_only_beside_another_sign() -> None:
    """Some people talk fast."""
    fast = Turn("where is my order then", words_per_s=4.5, usual=2.5)
    assert signs_of(fast) == ()
    assert signs_of(Turn(fast.text, is_repeat=True, words_per_s=4.5, usual=2.5)) == (Sign.REPEATS, Sign.HURRIES)


CALLS = {
    ("where is my order", "I already told you", "this is useless", "human!"): True,
    ("no, no, no", "that's not what I asked", "are you even listening"): True,
    ("what the hell", "fucking useless", "give me a real person"): True,
    ("where is my order", "four five seven one", "thanks", "and the other one", "goodbye"): False,
    ("this is ridiculous", "four five seven one", "oh, great, thank you", "goodbye"): False,
    ("could I talk to a person", "yes please", "thank you"): False,
    ("I already told you", "you don't understand me", "ah, now you do, thanks", "goodbye"): False,
}


@pytest.mark.parametrize(("turns", "is_frustrated"), CALLS.items())
def test_three_frustrated_turns_make_a_frustrated_caller(turns: tuple[str, ...], is_frustrated: bool) -> None:
    """One is a bad moment, two a bad minute."""
    assert (sum(bool(signs_of(Turn(words))) for words in turns) >= FRUSTRATED) is is_frustrated
