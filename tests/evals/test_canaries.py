"""What the meter of private values takes for misheard, and what it looks for then."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from agent.secrets.derived_key import box
from evals.canaries import Said, aloud, report
from evals.private_values import CANARIES, Canary, found_in

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


def test_digits_stand_in_what_was_sealed_and_hashed_by_chance() -> None:
    """Each run of four figures is in some of so many: none of it is a value that somebody could read."""
    short = [Canary("account", (), (f"{figures:04}",)) for figures in range(10_000)]
    sealed = [box("k" * 32, "privacy").encrypt(bytes([each]) * 60).decode() for each in range(200)]
    hashes = ["gone" + sha256(bytes([each])).hexdigest() for each in range(200)]
    assert found_in(" ".join([*sealed, *hashes]), short) == []


def test_a_value_beside_a_hash_and_one_in_base64_are_found() -> None:
    """Neither hides it."""
    beside = f"{sha256(b'').hexdigest()}4111111111111111"
    wrapped = urlsafe_b64encode(
        f"{CARD.said[0]}, and this is said by somebody who goes on at some length".encode()
    ).decode()
    assert found_in(beside, [CARD]) and found_in(wrapped, [CARD])


def test_a_latency_is_nobodys_number_and_a_number_in_pieces_is_one() -> None:
    """Both are four figures with a sign among them."""
    number = Canary("account", (), ("6819",))
    assert not found_in('{"duration": 6.819, "ttft": 0.6819, "sum": 26819}', [number])
    assert (
        found_in("it is 68 19", [number]) and found_in("6819", [number]) and found_in("six, eight, one, nine", [number])
    )
