"""What passes the door, event by event, and what stays the same value."""

import json
import re
import time

import pytest

from agent.events import AgentSpoke, CallerSpoke, Event, Outcome, ToolCalled, ToolReturned, ValueSealed
from agent.redaction.discretion import Discretion
from agent.redaction.door import Door, Sealer, scrubbed
from tests.fakes.calls import NOON

KEY = "k" * 32


def caller(text: str) -> CallerSpoke:
    """The caller says it."""
    return CallerSpoke(turn=1, words=1, text=text)


def agent(text: str) -> AgentSpoke:
    """The agent says it."""
    return AgentSpoke(turn=1, words=1, is_whole=True, text=text)


def told(*events: Event, door: Door | None = None) -> list[str]:
    """The words of each event as they left the call, whose names it has heard."""
    discretion = Discretion({}, lambda: NOON)
    door = door or Door(discretion)
    left: list[str] = []
    for event in events:
        discretion.on_event(event)
        (one,) = door.told(event)
        left.append(getattr(one, "text", "") or getattr(one, "arguments", "") or getattr(one, "sentence", ""))
    return left


def test_a_number_said_in_pieces_over_turns_has_one_placeholder() -> None:
    """To its last two digits; and whoever says it again, whole or in part, says the same."""
    assert told(
        agent("What is your card number?"),
        caller("four one one one"),
        agent("Go on."),
        caller("one one one one, uh, one one one one"),
        caller("one one"),
        caller("one one"),
        agent("That is 4111 1111 1111 1111, is that right?"),
        caller("yes, ending in one one one one"),
    )[1:] == [
        "<CARD_1>", "Go on.", "<CARD_1>", "<CARD_1>", "<CARD_1>", "That is <CARD_1>, is that right?",
        "yes, ending in <CARD_1>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("4571", "4571"),
        ("eight, two, one, nine, three", "<NUMBER_1>."),
        ("9988 7766 5544", "<NUMBER_1>"),
        ("My odd-haard number is 9988-7766-5544.", "My odd-haard number is <NUMBER_1>."),
        ("my awed heart is 3675 9834 6012", "my awed heart is <NUMBER_1>"),
        ("my eye ban is nln91abnas0417164300", "my eye ban is <NUMBER_1>"),
        ("the cord number ends with 5105 1051", "the cord number ends with <NUMBER_1>"),
        ("it's 4571, I ordered on November 12th 2026", "it's 4571, I ordered on November 12th 2026"),
        ("$1,999.99", "$1,999.99"),
        ("4571, and I paid $1250.75 for it", "4571, and I paid $1250.75 for it"),
        ("the tracking number is 1Z999AA10123456784", "the tracking number is 1Z999AA10123456784"),
        ("4571, it was to come at half past twelve", "4571, it was to come at half past twelve"),
        ("for Tuesday, November 24 at 7", "for Tuesday, November 24 at 7"),
    ],
)
def test_figures_that_are_too_many_for_what_was_asked_are_something_else(said: str, left: str) -> None:
    """Who says "my pin is" and is heard as "my pen is" may be asked for an order; those have four figures here."""
    door = Door(longest_code=4)
    assert told(agent("What is your order number?"), caller(said), door=door)[-1].rstrip(".") == left.rstrip(".")
    (call,) = door.told(ToolCalled(tool_call="1", tool="x", arguments=json.dumps({"order_number": said})))
    assert isinstance(call, ToolCalled)
    assert json.loads(call.arguments)["order_number"].rstrip(".") == left.rstrip(".")


def test_two_values_of_a_kind_are_told_apart() -> None:
    """And a third one that is the first again."""
    (left,) = told(caller("4111 1111 1111 1111, no, 5105 1051 0510 5100, or 4111111111111111"))
    assert left == "<CARD_1>, no, <CARD_2>, or <CARD_1>"


def test_values_that_are_named_anew_are_others() -> None:
    """Though they are short enough to be pieces of one, or come right after one's first piece."""
    (left,) = told(agent("You have two cards: the one ending in 7305 and the one ending in 6467."))
    assert left == "You have two cards: the one ending in <CARD_1> and the one ending in <CARD_2>."
    (left,) = told(caller("my pin is 482193. my card's pin is 937164. My PAN is ABCDE4821F"))
    assert left == "my pin is <SECRET_1>. my card's pin is <SECRET_2>. My PAN is <ID_1>"
    assert told(caller("my Aadhaar number is 2345"), caller("my account number is 5577"), caller("9911")) == [
        "my Aadhaar number is <ID_1>", "my account number is <ACCOUNT_1>", "<ACCOUNT_1>",
    ]  # fmt: skip


def test_the_first_half_of_a_telephone_number_is_one_too_and_a_time_is_none() -> None:
    """It stands at the end of what was said."""
    left = told(caller("you can reach me at seven one three, five five"), caller("five oh one two seven"))
    assert left == ["you can reach me at <PHONE_1>", "<PHONE_1>"]
    assert told(caller("you can reach me at 1030"), caller("call me at seven thirty")) == [
        "you can reach me at 1030", "call me at seven thirty",
    ]  # fmt: skip


def test_each_sentence_may_name_somebody() -> None:
    """Who calls, and for whom."""
    (left,) = told(caller("This is Thaddeus Featherstone speaking. My name is Oluwaseun Adeyemi. I want a lamp"))
    assert left == "This is <NAME_1> speaking. My name is <NAME_2>. I want a lamp"


def test_a_name_that_was_given_once_is_hidden_afterwards_and_linked() -> None:
    """Whole, in part, or spelled."""
    left = told(
        agent("What is your full name?"),
        caller("Priya Sharma"),
        agent("Thank you, Priya."),
        caller("P R I Y A, Sharma is the family name"),
    )
    assert left[1:] == ["<NAME_1>", "Thank you, <NAME_1>.", "<NAME_1>, <NAME_1> is the family name"]


def test_what_a_tool_is_given_is_told_by_the_names_of_its_arguments() -> None:
    """An order number is nobody's, whatever stands around it."""
    arguments = {
        "name": "Olu Ade", "date_of_birth": "1985-03-05", "card_last_four": "7305", "order_number": "4571",
        "party": 4, "guests": [{"email": "olu@example.com"}], "note": "call 202 555 0147", "is_new": True,
    }  # fmt: skip
    (left,) = told(ToolCalled(tool_call="t", tool="book", arguments=json.dumps(arguments)))
    assert json.loads(left) == {
        "name": "<NAME_1>", "date_of_birth": "<BORN_1>", "card_last_four": "<CARD_1>", "order_number": "4571",
        "party": 4, "guests": [{"email": "<EMAIL_1>"}], "note": "call <PHONE_1>", "is_new": True,
    }  # fmt: skip
    assert told(ToolCalled(tool_call="t", tool="book", arguments="{card 4111111111111111")) == ["{card <CARD_1>"]


def test_sums_are_private_once_it_is_known_whose_they_are() -> None:
    """A price is nobody's; what a verified customer has is theirs, in words and in figures."""
    discretion = Discretion({}, lambda: NOON)
    door = Door(discretion)
    told_price = agent("That costs $54.90.")
    assert door.told(told_price) == [told_price]
    discretion.is_of_customer = True
    (left,) = told(agent("You have thirty lakh rupees, that is ₹30,00,000.50, on 2 accounts."), door=door)
    assert not re.search(r"lakh|thirty|30|00", left) and left.endswith("on 2 accounts.")


def test_what_a_tool_answers_is_masked_too() -> None:
    """It may read back what the caller said."""
    returned = ToolReturned(
        tool_call="t",
        tool="x",
        outcome=Outcome.OK,
        duration_ms=1.0,
        sentence="I'll call plus one, two oh two, five five five, oh one four seven.",
    )
    assert told(returned) == ["I'll call <PHONE_1>."]


def test_a_profile_that_keeps_no_word_keeps_none() -> None:
    """Of neither side."""
    assert told(agent("hello"), caller("hi there"), door=Door(level="drop")) == ["", ""]


def test_a_profile_that_keeps_values_has_them_sealed_for_whoever_holds_the_key() -> None:
    """Each once, in front of the event that it was said in; without a key nothing is sealed."""
    sealer = Sealer(KEY)
    door = Door(level="keep", sealer=sealer)
    sealed, spoken = door.told(caller("my card is 4111 1111 1111 1111"))
    assert isinstance(sealed, ValueSealed) and isinstance(spoken, CallerSpoke)
    assert spoken.text == "my card is <CARD_1>"
    assert (sealed.placeholder, sealer.open(sealed.sealed)) == ("<CARD_1>", "4111 1111 1111 1111")
    assert "4111" not in sealed.sealed
    assert len(door.told(caller("yes, 4111 1111 1111 1111"))) == 1
    assert len(Door(level="mask", sealer=sealer).told(caller("4111 1111 1111 1111"))) == 1


def test_a_line_of_another_library_loses_what_has_the_shape_of_a_private_value() -> None:
    """And keeps the rest."""
    assert (
        scrubbed("failed on 'my card is 4111 1111 1111 1111' after 12 s") == "failed on 'my card is <CARD>' after 12 s"
    )


@pytest.mark.parametrize(
    "line",
    [
        "HTTP server listening on 127.0.0.1:8081",
        "registered worker at 2026-11-29T19:12:50.864+00:00",
        "job AJ_4hG7k2299817x in room call-5f0b77431290 took 31.5 s",
    ],
)
def test_what_machines_write_is_nobodys(line: str) -> None:
    """An operator must find a port and an id again."""
    assert scrubbed(line) == line


@pytest.mark.parametrize(
    "text",
    [
        "a " * 4000,
        "one " * 4000,
        "x at y dot " * 1500,
        "a" * 8000,
        "1 a " * 3000,
        "4.5-" * 3000,
        "4,5," * 3000,
        "a." * 6000,
    ],
)
def test_no_sentence_takes_long(text: str) -> None:
    """Whatever somebody writes: the longest message has twenty thousand characters."""
    started = time.thread_time()
    Door().told(caller(text))
    assert time.thread_time() - started < 4
