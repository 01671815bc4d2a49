"""The fold: whatever happened to earlier turns, the state is what really happened. On a model that only knows words."""

from collections.abc import Callable

import pytest

from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import Profile
from agent.rules.evidence import Meant
from agent.thinking.local_llm import Understanding
from agent.understanding.history import AgentSaid, CallerSaid, Item, ToolAnswered, ToolAsked
from agent.understanding.policy import HORIZON
from tests.agent.understanding.conftest import NOW
from tests.agent.understanding.conversation import Conversation, sentence_of
from tests.fakes.embedder import WordEmbedder
from tests.fakes.knowledge import PARKING, WordKnowledge
from tests.fakes.wishes import CANCEL_ORDER

FIND = Intent(
    examples=("where is my order", "find my order"),
    slots=(Slot(name="order_number", kind=SlotKind.CODE, ask="Which number?", min_length=4, max_length=4),),
)
HUMAN = Intent(examples=("talk to a human person",))
END = Intent(examples=("goodbye now",))
TOOLS = {"find": FIND, "cancel_order": CANCEL_ORDER, "request_human": HUMAN, "end_call": END}
SHALL_I = "Shall I cancel order 4571?"

Decide = Callable[..., "object"]


@pytest.fixture
def understanding(shop: Profile) -> Understanding:
    """Four tools and two passages."""
    return Understanding(
        profile=shop, intents=TOOLS, embedder=WordEmbedder(), knowledge=WordKnowledge(), clock=lambda: NOW
    )


async def test_a_discarded_guess_leaves_no_trace(understanding: Understanding) -> None:
    """A preemptive generation on half a sentence is decided, thrown away, and decided again on the whole."""
    items: list[Item] = [CallerSaid("cancel my order 4571"), AgentSaid(SHALL_I)]
    guess = await understanding.decide([*items, CallerSaid("yes")], list(TOOLS))
    assert [r.tool for r in guess.requests] == ["cancel_order"]
    final = await understanding.decide([*items, CallerSaid("yes but only if it is free")], list(TOOLS))
    assert (final.requests, final.text) == ((), SHALL_I)


async def test_the_same_history_gives_the_same_decision(understanding: Understanding) -> None:
    """A retry after a failure asks again with the same history."""
    items: list[Item] = [CallerSaid("where is my order"), AgentSaid("Which number?"), CallerSaid("4571")]
    assert await understanding.decide(items, list(TOOLS)) == await understanding.decide(items, list(TOOLS))


async def test_a_confirmed_tool_is_called_once(understanding: Understanding) -> None:
    """A second yes means nothing."""
    conversation = Conversation(understanding, list(TOOLS))
    await conversation.say("cancel my order 4571")
    await conversation.say("yes")
    assert conversation.calls == ["cancel_order(4571)"]
    await conversation.say("yes")
    assert conversation.calls == []


async def test_an_agreement_that_ends_like_a_goodbye_agrees(shop: Profile) -> None:
    """ "Yes, that's it" was near to "that's it, goodbye", and hung up on what was agreed."""
    ends = Intent(examples=("goodbye now", "that's it", "yes that's it"))
    understanding = Understanding(
        profile=shop,
        intents={**TOOLS, "end_call": ends},
        embedder=WordEmbedder(),
        knowledge=WordKnowledge(),
        clock=lambda: NOW,
    )
    conversation = Conversation(understanding, list(TOOLS))
    await conversation.say("cancel my order 4571")
    await conversation.say("yes, that's it")
    assert conversation.calls == ["cancel_order(4571)"]


async def test_what_is_asked_waits_through_asides(understanding: Understanding) -> None:
    """Who asks to hear it again, and then for a moment, still answers it."""
    conversation = Conversation(understanding, list(TOOLS))
    await conversation.say("cancel my order")
    for aside in ("can you repeat that", "hold on", "one moment please"):
        await conversation.say(aside)
    assert await conversation.say("4571") == SHALL_I


async def test_a_confirmed_tool_that_was_cut_off_before_it_ran_is_asked_for_again(understanding: Understanding) -> None:
    """The caller said yes and spoke on; nothing was called, so nothing is taken for done."""
    items: list[Item] = [CallerSaid("cancel my order 4571"), AgentSaid(SHALL_I), CallerSaid("yes"), CallerSaid("yes")]
    decision = await understanding.decide(items, list(TOOLS))
    assert decision.requests == ()
    assert decision.text == SHALL_I


async def test_the_tool_answers_are_said_in_order_and_what_was_planned_after_them(understanding: Understanding) -> None:
    """Two tools and a passage in one turn, whatever order the tools return in."""
    said = CallerSaid("where is my order 4571 and where is my order 4572 and where can I park")
    decision = await understanding.decide([said], list(TOOLS))
    assert [dict(r.arguments) for r in decision.requests] == [{"order_number": "4571"}, {"order_number": "4572"}]
    asked = [ToolAsked(str(n), r.tool, r.arguments) for n, r in enumerate(decision.requests)]
    answered = [ToolAnswered("0", "find", "First is here."), ToolAnswered("1", "find", "Second is there.")]
    reply = await understanding.decide([said, *asked, *answered], list(TOOLS))
    assert reply.text == f"First is here. Second is there. {PARKING.text}"


async def test_an_answer_that_arrives_late_is_said_alone(understanding: Understanding) -> None:
    """A tool that answered after a filler was spoken; the filler is not repeated."""
    items: list[Item] = [
        CallerSaid("where is my order 4571"),
        ToolAsked("1", "find", {"order_number": "4571"}),
        AgentSaid("One moment."),
        ToolAnswered("1", "find", "It is here."),
    ]
    assert (await understanding.decide(items, list(TOOLS))).text == "It is here."


async def test_a_failed_tool_is_said_too(understanding: Understanding) -> None:
    """Its sentence is fit to be spoken."""
    items: list[Item] = [
        CallerSaid("where is my order 4571"),
        ToolAsked("1", "find", {"order_number": "4571"}),
        ToolAnswered("1", "find", "I can't find that order.", is_error=True),
    ]
    assert (await understanding.decide(items, list(TOOLS))).text == "I can't find that order."


async def test_without_anything_new_it_only_asks_on(understanding: Understanding, shop: Profile) -> None:
    """`generate_reply` without a caller's turn says nothing wrong."""
    histories: list[list[Item]] = [
        [],
        [AgentSaid("Hello.")],
        [CallerSaid("thank you"), AgentSaid("You're welcome.")],
    ]
    for items in histories:
        assert (await understanding.decide(items, list(TOOLS))).text == shop.sentences.anything_else


async def test_tools_that_are_not_there_are_not_called(understanding: Understanding) -> None:
    """A persona may have fewer tools than the profile; unknown ones are ignored."""
    decision = await understanding.decide([CallerSaid("cancel my order 4571")], ["end_call", "made_by_someone_else"])
    assert decision.requests == ()


async def test_without_a_human_none_is_offered(understanding: Understanding, shop: Profile) -> None:
    """The second time is like the first."""
    conversation = Conversation(understanding, ["find"])
    first = await conversation.say("flurb the wibble")
    second = await conversation.say("flurb the wibble")
    assert first == second == shop.sentences.not_understood.format(help=shop.sentences.help)


async def test_an_old_question_is_forgotten(understanding: Understanding) -> None:
    """It is asked again behind an aside, until after two other turns a number is no answer to it any more, and after
    the horizon nothing is."""
    conversation = Conversation(understanding, list(TOOLS))
    question = await conversation.say("cancel my order")
    asides = [await conversation.say("where can I park") for _ in range(HORIZON)]
    assert asides == [f"{PARKING.text} {question}"] * 2 + [PARKING.text] * (HORIZON - 2)
    await conversation.say("4571")
    assert conversation.calls == ["find(4571)"]


async def test_the_fold_asks_the_model_only_for_what_is_new(shop: Profile) -> None:
    """One text a turn, however long the call."""
    model = WordEmbedder()
    understanding = Understanding(
        profile=shop, intents=TOOLS, embedder=model, knowledge=WordKnowledge(), clock=lambda: NOW
    )
    conversation = Conversation(understanding, list(TOOLS))
    for number in range(4):
        await conversation.say(f"where is my order 457{number}")
    before = len(model.asked)
    await conversation.say("where can I park")
    assert model.asked[before:] == ["where can i park"]


async def test_a_number_that_is_only_remembered_makes_no_beginning_clear(understanding: Understanding) -> None:
    """After one order was told, "it's about order" may be about another, whose number is about to come."""
    told = sentence_of("find", "4571")
    items: list[Item] = [CallerSaid("where is my order 4571"), ToolAsked("1", "find", {"order_number": "4571"})]
    items += [ToolAnswered("1", "find", told), AgentSaid(told)]
    begun = await understanding.decide([*items, CallerSaid("find that order for")], list(TOOLS))
    assert [r.arguments["order_number"] for r in begun.requests] == ["4571"]
    assert begun.meant is Meant.UNCLEAR
    said = await understanding.decide([*items, CallerSaid("and where is 4572")], list(TOOLS))
    assert said.meant is Meant.CLEAR


async def test_a_request_for_something_else_is_no_answer(understanding: Understanding) -> None:
    """While a number is asked for, words that hardly mean a human are not clear because of the open question."""
    items: list[Item] = [CallerSaid("where is my order"), AgentSaid("Which number?")]
    decision = await understanding.decide([*items, CallerSaid("I wanted to talk human")], list(TOOLS))
    assert [r.tool for r in decision.requests] == ["request_human"]
    assert decision.meant is Meant.UNCLEAR


@pytest.mark.parametrize(
    ("answer", "tools"), [("yes please", ["request_human"]), ("no", []), ("where is my order 4571", ["find"])]
)
async def test_a_person_that_was_offered_after_an_answer_comes_with_a_yes(
    understanding: Understanding, shop: Profile, answer: str, tools: list[str]
) -> None:
    """No plan of ours asked: dialog/offering.py did, at the end of what a frustrated caller was told."""
    told = sentence_of("find", "4571")
    items: list[Item] = [CallerSaid("where is my order 4571"), ToolAsked("1", "find", {"order_number": "4571"})]
    items += [ToolAnswered("1", "find", told), AgentSaid(f"{told} {shop.sentences.offer_person}"), CallerSaid(answer)]
    assert [request.tool for request in (await understanding.decide(items, list(TOOLS))).requests] == tools
