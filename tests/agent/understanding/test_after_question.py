"""Answers to a question of ours, and what comes instead of one."""

import pytest

from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import Profile
from agent.thinking.local_llm import Understanding
from tests.agent.understanding.conftest import NOW
from tests.agent.understanding.conversation import Conversation
from tests.fakes.embedder import WordEmbedder
from tests.fakes.knowledge import WordKnowledge

SEAT = Slot(
    name="seat",
    kind=SlotKind.CHOICE,
    ask="At the window, or on the terrace?",
    choices=("window", "terrace"),
    said_as=(("outdoor", "terrace"),),
    is_optional=True,
)
BOOK = Intent(
    examples=("book a table", "reserve a table"),
    slots=(Slot(name="party", kind=SlotKind.NUMBER, ask="For how many?", cues=("for {}",)), SEAT),
    confirm="Shall I book for {party} {seat}?",
)
TOOLS = {"book": BOOK}


@pytest.fixture
def conversation(shop: Profile) -> Conversation:
    """One tool that has a choice nobody is asked for."""
    understanding = Understanding(
        profile=shop, intents=TOOLS, embedder=WordEmbedder(), knowledge=WordKnowledge(), clock=lambda: NOW
    )
    return Conversation(understanding, list(TOOLS))


async def test_a_choice_that_is_only_asked_about_is_not_taken(conversation: Conversation) -> None:
    """Five of a hundred strangers who asked whether there was outdoor seating were seated there."""
    await conversation.say("book a table")
    assert await conversation.say("do they have outdoor seating") == SEAT.ask
    assert await conversation.say("so, for two") == "Shall I book for two?"


async def test_who_wants_it_gets_it(conversation: Conversation) -> None:
    """A wish is none of these questions, and neither is the answer to what there is."""
    await conversation.say("book a table")
    assert await conversation.say("for two, outdoor please") == "Shall I book for two terrace?"
    await conversation.say("forget it")
    await conversation.say("book a table")
    await conversation.say("do they have outdoor seating")
    assert await conversation.say("the terrace then") == "For how many?"


async def test_nobody_has_to_choose(conversation: Conversation) -> None:
    """What is optional is asked for once at most."""
    await conversation.say("book a table")
    await conversation.say("do they have outdoor seating")
    assert await conversation.say("hmm not really") == "For how many?"


async def test_a_new_day_is_corrected_in_words_of_the_old_one(shop: Profile) -> None:
    """ "Make the visit for the fourth", when the day that is asked for is known: it is no other visit."""
    slots = (
        Slot(name="was", kind=SlotKind.DATE, ask="Which visit?", cues=("visit for {}", "from {}"), is_optional=True),
        Slot(name="day", kind=SlotKind.DATE, ask="To which day?"),
    )
    move = Intent(examples=("move my visit",), slots=slots, confirm="Move it to {day}?")
    understanding = Understanding(
        profile=shop, intents={"move": move}, embedder=WordEmbedder(), knowledge=WordKnowledge(), clock=lambda: NOW
    )
    conversation = Conversation(understanding, ["move"])
    await conversation.say("move my visit")
    assert await conversation.say("on December 3") == "Move it to Thursday, December 3?"
    assert await conversation.say("make the visit for December 4") == "Move it to Friday, December 4?"
