"""What the meter of private values takes for misheard, and what it looks for then."""

from evals.canaries import Said, aloud, report
from evals.private_values import CANARIES, Canary

CARD = Canary("card", ("my card number is 4111 1111 1111 1111",), ("4111 1111 1111 1111", "4111111111111111"))
NAME = Canary("name", ("my name is Zephyrine Quackenbush",), ("Zephyrine", "Quackenbush"))


def test_every_value_can_be_said() -> None:
    """No figure and no sign is left that a voice would read as it likes."""
    assert not [text for one in CANARIES for text in one.said if any(c.isdigit() or c in "@_+/" for c in aloud(text))]
    assert aloud("my pin is 550") == "my pin is five five zero"


def test_a_digit_that_was_lost_leaves_a_value_all_the_same() -> None:
    """What was heard is looked for, not what was said."""
    whole = Said(CARD, CARD.said[0], "My card number is 4111, 1111, 1111, 1111.")
    assert not whole.is_misheard
    less = Said(CARD, CARD.said[0], "My card number is 4111 1111 1111 111.")
    assert less.is_misheard and less.misheard == ("411111111111111",)


def test_a_name_is_looked_for_in_the_words_that_are_like_it() -> None:
    """Not in those around it."""
    said = Said(NAME, NAME.said[0], "My name is Zephyrin Quekenbush.")
    assert said.is_misheard and set(said.misheard) == {"zephyrin", "quekenbush"}


def test_what_is_found_is_told_with_its_place() -> None:
    """Raw anywhere; what was misheard where words are kept."""
    said = [Said(NAME, NAME.said[0], "My name is Zephyrin Quekenbush.")]
    told = {"audit export": '{"caller_spoke": "Zephyrin"}', "audit verify": "whole: 3", "log": "Quackenbush called"}
    figures = report(said, told)
    assert (figures["found"], figures["misheard_found"], figures["misheard"], figures["is_whole"]) == (1, 1, 1, True)
