"""Who wants something undone, corrects without a value, or was refused. A Saturday, a model that only knows words."""

import pytest

from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import Profile
from agent.thinking.local_llm import Understanding
from tests.agent.understanding.conftest import NOW
from tests.agent.understanding.conversation import Conversation
from tests.fakes.embedder import WordEmbedder
from tests.fakes.knowledge import WordKnowledge

DAY = Slot(name="day", kind=SlotKind.DATE, ask="Which day?", phrase="on {}")
AT = Slot(name="at", kind=SlotKind.TIME, ask="What time?", phrase="at {}")
NAME = Slot(name="name", kind=SlotKind.NAME, ask="What name?", phrase="for {}")
PHONE = Slot(name="phone", kind=SlotKind.PHONE, ask="Which phone number?", min_length=7)
SUM = Slot(name="amount", kind=SlotKind.MONEY, ask="How much?", phrase="{}")
HIRE = Intent(
    examples=("hire a boat", "I want to hire boats"),
    slots=(DAY, AT, NAME, PHONE),
    confirm="Hire {day} {at} {name}?",
    undone_by="return_boat",
)
RETURN = Intent(examples=("return my boat", "give the boat back"), slots=(NAME,), confirm="Return it {name}?")
DONATE = Intent(examples=("donate money", "give a donation"), slots=(SUM,), confirm="Donate {amount}?")
TOOLS = {"hire": HIRE, "return_boat": RETURN, "donate": DONATE, "request_human": Intent(examples=("a person please",))}
ASKED = "Phone: 555 010 0200. Hire on Sunday, November 22 at 10 AM for Miller?"


@pytest.fixture
def talk(shop: Profile) -> Conversation:
    """A call to a boathouse that takes donations."""
    model = Understanding(
        profile=shop, intents=TOOLS, embedder=WordEmbedder(), knowledge=WordKnowledge(), clock=lambda: NOW
    )
    return Conversation(model, list(TOOLS))


async def reading_back(talk: Conversation) -> None:
    """Everything for a boat is said, and read back."""
    await talk.say("hire a boat tomorrow at ten")
    await talk.say("Miller")
    assert await talk.say("555 010 0200") == ASKED


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("no, the name is wrong", "What name?"),
        ("it's a different name", "What name?"),
        ("that is not my name", "What name?"),
        ("the day is wrong", "Which day?"),
        ("wrong date", "Which day?"),
        ("you got the time wrong", "What time?"),
        ("another time please", "What time?"),
        ("that's not the right number", "Which phone number?"),
        ("no, wrong phone number", "Which phone number?"),
    ],
)
async def test_a_correction_without_a_value_asks_for_it(
    talk: Conversation, shop: Profile, said: str, question: str
) -> None:
    """Nothing is done, and nothing else is forgotten."""
    await reading_back(talk)
    assert await talk.say(said) == f"{shop.sentences.corrected} {question}"
    assert talk.calls == []


async def test_the_value_that_follows_is_read_back(talk: Conversation) -> None:
    """With what was right."""
    await reading_back(talk)
    await talk.say("no, the name is wrong")
    assert await talk.say("Novak") == "Phone: 555 010 0200. Hire on Sunday, November 22 at 10 AM for Novak?"


@pytest.mark.parametrize("said", ["the name is wrong, it's Novak", "wrong name, it should be Novak"])
async def test_a_correction_with_its_value_needs_no_question(talk: Conversation, said: str) -> None:
    """It is read back at once."""
    await reading_back(talk)
    assert (await talk.say(said)).endswith("for Novak?")


async def test_a_slot_that_was_told_before_can_be_corrected_while_another_is_asked_for(talk: Conversation) -> None:
    """ "The time is wrong" is no name."""
    await talk.say("hire a boat tomorrow at ten")
    assert (await talk.say("no, the time is wrong")).endswith("What time?")
    assert await talk.say("eleven") == "What name?"


async def test_what_was_done_is_undone_by_its_own_tool(talk: Conversation) -> None:
    """With what is known of it, and only after a yes."""
    await reading_back(talk)
    await talk.say("yes")
    assert await talk.say("undo that") == "Return it for Miller?"


@pytest.mark.parametrize(
    "said", ["undo that", "please cancel that", "can you reverse the donation", "I didn't donate money"]
)
async def test_what_nothing_undoes_is_for_a_person(talk: Conversation, shop: Profile, said: str) -> None:
    """Never the same tool again."""
    await talk.say("donate 20 dollars")
    await talk.say("yes")
    assert await talk.say(said) == f"{shop.sentences.cannot_undo} {shop.sentences.offer_person}"
    await talk.say("yes please")
    assert talk.calls == ["request_human()"]


@pytest.mark.parametrize(
    "said", ["don't donate money", "please don't donate any money", "I don't want to give a donation"]
)
async def test_what_was_never_wanted_is_left(talk: Conversation, shop: Profile, said: str) -> None:
    """No question for the sum."""
    assert await talk.say(said) == shop.sentences.cancelled


async def test_a_sum_is_never_taken_over(talk: Conversation) -> None:
    """Neither after a no, nor after it was given."""
    await talk.say("donate 20 dollars")
    await talk.say("no")
    assert await talk.say("donate all my money") == "How much?"
    await talk.say("30 dollars")
    await talk.say("yes")
    assert await talk.say("donate money") == "How much?"


async def test_what_the_caller_said_no_to_is_asked_for_anew(talk: Conversation) -> None:
    """Also what no sum is."""
    await reading_back(talk)
    await talk.say("no")
    assert await talk.say("hire a boat") == "Which day?"


async def test_a_refusal_without_a_way_out_is_over(talk: Conversation) -> None:
    """The next wish is taken for itself, and the refusal is not said again."""
    await talk.say("donate 20 dollars")
    talk.refusals["donate(20.00 USD)"] = "That card is empty."
    assert await talk.say("yes") == "That card is empty."
    assert await talk.say("hire a boat tomorrow") == "What time?"


async def test_after_a_refusal_the_value_is_asked_for_anew(talk: Conversation) -> None:
    """The same wish again does not offer what was refused."""
    await talk.say("donate 20 dollars")
    talk.refusals["donate(20.00 USD)"] = "That card is empty."
    await talk.say("yes")
    assert await talk.say("I want to give a donation") == "How much?"


async def test_whoever_is_in_danger_hears_where_help_is_in_the_middle_of_anything(
    talk: Conversation, shop: Profile
) -> None:
    """And a yes brings a person, not a boat."""
    await reading_back(talk)
    assert await talk.say("I can't breathe") == f"{shop.sentences.distress} {shop.sentences.offer_person}"
    await talk.say("yes")
    assert talk.calls == ["request_human()"]


async def test_the_later_of_two_times_is_taken(talk: Conversation) -> None:
    """Said with them, or in the turn after."""
    assert await talk.say("hire a boat tomorrow at ten or at eleven, the later one") == "What name?"
    await talk.say("Miller")
    assert "11 AM" in await talk.say("555 010 0200")


@pytest.mark.parametrize(
    ("said", "hour"), [("8 or 8:30, whatever you have", "8 AM"), ("nine or ten, the later one", "10 AM")]
)
async def test_an_answer_may_leave_a_choice(talk: Conversation, said: str, hour: str) -> None:
    """The first when all is the same, and it is read back."""
    await talk.say("hire a boat tomorrow")
    await talk.say(said)
    await talk.say("Miller")
    assert hour in await talk.say("555 010 0200")


async def test_the_later_one_may_come_a_turn_later(talk: Conversation) -> None:
    """While the name is asked for."""
    await talk.say("hire a boat tomorrow at ten or at eleven")
    assert await talk.say("the later one") == "What name?"
    await talk.say("Miller")
    assert "11 AM" in await talk.say("555 010 0200")
