"""A wish that cannot be had, and what becomes of it: an offer taken, a value changed, a question between, or nothing.
On a Saturday, on a model that only knows words."""

import pytest

from agent.answer import Answer, Offered
from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import Profile
from agent.thinking.local_llm import Understanding
from tests.agent.understanding.conftest import NOW
from tests.agent.understanding.conversation import Conversation
from tests.fakes.embedder import WordEmbedder
from tests.fakes.knowledge import PARKING, WordKnowledge

COUNT = Slot(name="count", kind=SlotKind.NUMBER, ask="How many?", cues=("{} boats", "for {}"), phrase="for {}")
DAY = Slot(name="day", kind=SlotKind.DATE, ask="Which day?", phrase="on {}")
AT = Slot(name="at", kind=SlotKind.TIME, ask="What time?", phrase="at {}")
NAME = Slot(name="name", kind=SlotKind.NAME, ask="What name?", look_first="look")
LOOK = Intent(examples=("are boats free",), slots=(DAY, AT), leads_to="hire")
HIRE = Intent(
    examples=("hire a boat", "I want to hire boats"),
    slots=(COUNT, DAY, AT, NAME),
    confirm="Hire {count} {day} {at} for {name}?",
)
ALTER = Intent(
    examples=("alter my hire",),
    slots=(NAME, Slot(name="day", kind=SlotKind.DATE, ask="", is_optional=True)),
    confirm="Alter it?",
    one_of=("day",),
    ask_one_of="What shall I alter?",
)
TOOLS = {"look": LOOK, "hire": HIRE, "alter": ALTER}
NO = Answer(
    "All boats are out. I have 10 AM, or 2 PM, or 9 AM on Monday, November 23. Which one?",
    offers=[
        Offered("10 AM", {"day": "2026-11-21", "at": "10:00"}),
        Offered("2 PM", {"day": "2026-11-21", "at": "14:00"}),
        Offered("9 AM on Monday, November 23", {"day": "2026-11-23", "at": "09:00"}),
    ],
)
TODAY_NINE = "look(2026-11-21, 09:00)"


@pytest.fixture
def talk(shop: Profile) -> Conversation:
    """A call to a boathouse where at nine everything is out."""
    model = Understanding(
        profile=shop, intents=TOOLS, embedder=WordEmbedder(), knowledge=WordKnowledge(), clock=lambda: NOW
    )
    conversation = Conversation(model, list(TOOLS))
    conversation.refusals[TODAY_NINE] = NO
    return conversation


async def test_it_looks_before_it_asks_for_the_name(talk: Conversation) -> None:
    """As soon as all that the look needs is known; and not again for the same."""
    assert await talk.say("hire a boat for 2 today at ten") == "look(2026-11-21, 10:00) What name?"
    assert await talk.say("uh") == "What name?"
    assert await talk.say("Miller") == "Hire for two on Saturday, November 21 at 10 AM for Miller?"
    assert talk.calls == []


@pytest.mark.parametrize(
    ("words", "look"),
    [
        ("the second one", "look(2026-11-21, 14:00)"),
        ("then ten", "look(2026-11-21, 10:00)"),
        ("monday please", "look(2026-11-23, 09:00)"),
        ("at eleven", "look(2026-11-21, 11:00)"),
        ("tomorrow then", "look(2026-11-22, 09:00)"),
    ],
)
async def test_a_refusal_is_answered_by_an_offer_or_another_wish(talk: Conversation, words: str, look: str) -> None:
    """The question for the name waits until there is something to have."""
    assert await talk.say("hire a boat for 2 today at nine") == NO
    assert await talk.say(words) == f"{look} What name?"


async def test_dropping_it_leaves_nothing(talk: Conversation, shop: Profile) -> None:
    """No call, and no frame that a later word could fill."""
    await talk.say("hire a boat for 2 today at nine")
    assert await talk.say("forget it") == shop.sentences.cancelled
    await talk.say("the second one")
    assert talk.calls == []


async def test_a_refusal_of_the_change_itself_keeps_the_wish(talk: Conversation) -> None:
    """Somebody was faster: the offers are taken as before, and the yes is asked for anew."""
    await talk.say("hire a boat for 2 today at ten")
    await talk.say("Miller")
    talk.refusals["hire(2, 2026-11-21, 10:00, Miller)"] = NO
    assert await talk.say("yes") == NO
    await talk.say("the second one")
    assert talk.calls == ["look(2026-11-21, 14:00)"]
    await talk.say("yes")
    assert talk.calls == ["hire(2, 2026-11-21, 14:00, Miller)"]


async def test_a_yes_after_a_look_goes_on_with_what_it_leads_to(talk: Conversation) -> None:
    """With what was looked for, and without looking again."""
    assert await talk.say("are boats free today at ten") == "look(2026-11-21, 10:00)"
    assert await talk.say("yes") == "How many?"
    assert await talk.say("two") == "What name?"


async def test_a_correction_before_the_yes_changes_one_value(talk: Conversation) -> None:
    """And the rest stays as it was."""
    await talk.say("hire a boat for 2 today at ten")
    await talk.say("Miller")
    said = await talk.say("no, 3 boats")
    assert said == "Hire for three on Saturday, November 21 at 10 AM for Miller?"


async def test_a_question_between_is_answered_and_then_it_goes_on(talk: Conversation) -> None:
    """One who asks about parking has not changed their mind."""
    await talk.say("hire a boat for 2 today at ten")
    assert await talk.say("is there parking") == f"{PARKING.text} What name?"
    assert await talk.say("Miller") == "Hire for two on Saturday, November 21 at 10 AM for Miller?"


async def test_one_of_several_changes_is_asked_for(talk: Conversation) -> None:
    """A change of nothing is none; what the question does not name is said before it."""
    await talk.say("alter my hire")
    assert await talk.say("Miller") == "What shall I alter?"
    assert await talk.say("monday") == "Name: Miller. Day: Monday, November 23. Alter it?"
