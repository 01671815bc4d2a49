"""Nearest example, and when it is near enough."""

from agent.intent import Intent, Slot, SlotKind
from agent.understanding.matching.intents import (
    CODE_BONUS,
    TOOL_MIN,
    TORN,
    Evidence,
    Question,
    Talk,
    Tool,
    choose,
)
from agent.understanding.matching.passages import Found
from agent.understanding.reading.small_talk import Small
from tests.fakes.knowledge import HOURS, PARKING

NUMBER = Slot(name="order_number", kind=SlotKind.CODE, ask="Which number?")
TOOLS = {"look": Intent(examples=("x",), slots=(NUMBER,)), "wave": Intent(examples=("y",))}
NOTHING = Talk(Small.HELLO, 0.0)


def evidence(look: float = 0.0, wave: float = 0.0, small: Talk = NOTHING, passage: float = 0.0) -> Evidence:
    """Scores as given."""
    return Evidence({"look": look, "wave": wave}, small, Found(PARKING, passage, PARKING.text))


def test_the_best_that_is_sure_enough_wins() -> None:
    """Whatever kind it is."""
    assert choose(evidence(look=0.6, wave=0.7), TOOLS, 0.5, has_code=False) == Tool("wave", 0.7)
    assert isinstance(choose(evidence(look=0.6, passage=0.7), TOOLS, 0.5, has_code=False), Question)
    assert choose(evidence(small=Talk(Small.THANKS, 0.8)), TOOLS, 0.5, has_code=False) == Talk(Small.THANKS, 0.8)


def test_nothing_near_is_nothing() -> None:
    """Out of scope is an answer."""
    assert choose(evidence(look=TOOL_MIN - 0.01, passage=0.49), TOOLS, 0.5, has_code=False) is None


def test_what_is_nearer_to_another_world_is_nothing() -> None:
    """ "Order me a pizza" is near to orders, and nearer to what no profile is about."""
    assert choose(evidence(look=0.6, small=Talk(Small.ELSEWHERE, 0.8)), TOOLS, 0.5, has_code=False) is None
    assert choose(evidence(look=0.8, small=Talk(Small.ELSEWHERE, 0.6)), TOOLS, 0.5, has_code=False) == Tool("look", 0.8)


def test_a_number_in_the_sentence_speaks_for_the_tool_that_takes_one() -> None:
    """Against a passage about orders in general."""
    close = evidence(look=0.6, passage=0.6 + CODE_BONUS / 2)
    assert isinstance(choose(close, TOOLS, 0.5, has_code=False), Question)
    assert isinstance(choose(close, TOOLS, 0.5, has_code=True), Tool)


def test_a_tool_that_may_not_be_called_is_no_candidate() -> None:
    """Only what the persona has now."""
    assert choose(evidence(look=0.9), {"wave": TOOLS["wave"]}, 0.5, has_code=False) is None


def test_two_passages_equally_near_do_not_tell_which_is_meant() -> None:
    """ "The shipping" costs something, and takes some days."""
    torn = Evidence({}, NOTHING, Found(PARKING, 0.8, PARKING.text), Found(HOURS, 0.8 - TORN / 2, HOURS.text))
    assert torn.is_torn
    assert not Evidence({}, NOTHING, Found(PARKING, 0.8, PARKING.text), Found(HOURS, 0.5, HOURS.text)).is_torn
    assert not evidence(passage=0.8).is_torn
    assert not Evidence({}, NOTHING, None).is_torn
