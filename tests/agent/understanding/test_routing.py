"""Which turns of the shop's callers the router decides alone, on the real embedding."""

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from agent.intent import Intent, Slot, SlotKind
from agent.knowledge import Knowledge
from agent.profile.profile import Profile
from agent.tooling.toolbox import load_toolbox
from agent.understanding.replies import VERIFY
from agent.understanding.routing import Asked, Route, Router, Why
from agent.understanding.state import Request
from evals.embedding import RealEmbedder
from tests.fakes.embedder import WordEmbedder

NOW = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("America/New_York"))
SHIPPING = Request("check_shipping", {"order_number": "4571"})


@pytest.fixture(scope="session")
def router(shop: Profile, real_embedder: RealEmbedder) -> Router:
    """Trained once on what the shop declares."""
    router = Router(load_toolbox(shop).intents, real_embedder, shop.sentences)

    async def train() -> None:
        await router.warm((await Knowledge.load(shop.documents, real_embedder)).passages)

    asyncio.run(train())
    return router


async def decided(router: Router, shop: Profile, text: str, prompt: str = "") -> Route:
    """What it makes of a turn when all of the shop's tools may be called."""
    return await router.route(Asked(text, prompt, shop.tools, NOW))


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("where is my order 4571", SHIPPING),
        ("Hi, can you tell me where my order number four five seven one is?", SHIPPING),
        ("what time is it", Request("current_date_and_time")),
        ("goodbye, have a nice day", Request("end_call")),
        ("what year is it", Request("current_date_and_time")),
    ],
)
async def test_a_sure_wish_with_all_it_takes_is_acted_on(
    router: Router, shop: Profile, text: str, request_: Request
) -> None:
    """At 0.85 and more."""
    route = await decided(router, shop, text)
    assert (route.why, route.requests) == (Why.ACTED, (request_,))
    assert route.best == request_.tool and route.confidence >= 0.85


@pytest.mark.parametrize(
    ("text", "prompt", "why"),
    [
        ("where is my order", "", Why.INCOMPLETE),
        ("where is my order 4571", "What is your order number?", Why.IN_CONTEXT),
        ("4571", "", Why.IN_CONTEXT),
        ("yes please", "", Why.IN_CONTEXT),
        ("don't tell me where order 4571 is", "", Why.IN_CONTEXT),
        ("please remember me for next time", "", Why.CHANGES),
        ("what is your return policy", "", Why.NOT_A_TOOL),
        ("how many planets are there", "", Why.OUT_OF_SCOPE),
        ("where is my order 4571 " + "because I have been waiting for so long now " * 4, "", Why.IN_CONTEXT),
    ],
)
async def test_all_else_is_for_the_model(router: Router, shop: Profile, text: str, prompt: str, why: Why) -> None:
    """With the reason, which the event tells."""
    route = await decided(router, shop, text, prompt)
    assert (route.why, route.requests) == (why, ())


@pytest.mark.parametrize(
    "text",
    [
        "what time is it and where is my order 4571",
        "where is order 4571 and is the moon made of cheese",
        "where is my order 4571 and when will my package arrive and what did I order",
        "where is my parcel 4571 and what's in my order 4571",
        "where is my order 4571 and can I return it",
        "where is my order 4571, I want to talk to a person",
        "goodbye, and where is my order 4571",
    ],
)
async def test_two_wishes_in_one_turn_are_for_the_model(router: Router, shop: Profile, text: str) -> None:
    """It hears both."""
    assert not (await decided(router, shop, text)).requests


async def test_an_open_question_of_the_agents_leaves_the_turn_whole(router: Router, shop: Profile) -> None:
    """ "Is there anything else?" asks for nothing in particular."""
    route = await decided(router, shop, "where is my order 4571", "Here you are. Is there anything else?")
    assert route.why is Why.ACTED


async def test_a_tool_of_another_persona_is_not_acted_on(router: Router) -> None:
    """Only what may be called now."""
    route = await router.route(Asked("where is my order 4571", "", ["end_call"], NOW))
    assert route.why is Why.NOT_A_TOOL


async def test_on_sentences_it_was_not_tuned_on_every_decision_is_right(router: Router, shop: Profile) -> None:
    """The shop's held-out sentences; those for tools that take nothing, or that hold their number, are acted on."""
    held_out = yaml.safe_load(Path(__file__).with_name("held_out.yaml").read_text(encoding="utf-8"))
    acted = right = sure = 0
    for target, sentences in held_out.items():
        for sentence in sentences:
            route = await decided(router, shop, sentence)
            acted += route.why is Why.ACTED
            right += route.why is Why.ACTED and route.best == target
            sure += route.why in {Why.ACTED, Why.INCOMPLETE}
    assert (acted, sure) >= (20, 40)
    assert right >= 0.95 * acted


async def test_an_attempt_to_verify_is_for_the_model(shop: Profile) -> None:
    """Attempts are counted, and it knows what else the caller has said of themselves."""
    verify = Intent(examples=("verify me please", "check my identity", "prove who calls", "identify myself now"))
    other = Intent(examples=("sing a song", "dance with us", "paint the house", "play some music"))
    router = Router({VERIFY: verify, "sing": other}, WordEmbedder(), shop.sentences)
    await router.warm([])
    route = await router.route(Asked("verify me please", "", [VERIFY, "sing"], NOW))
    assert (route.why, route.best) == (Why.CHANGES, VERIFY)


async def test_a_slot_that_only_a_model_can_read_is_left_to_it(shop: Profile) -> None:
    """Free words: what of the sentence is the reason, nobody here knows."""
    texts = ("call me back about it", "please ring me later", "give me a ring tomorrow")
    reason = Slot(name="reason", kind=SlotKind.TEXT, ask="Why?", is_optional=True)
    other = Intent(examples=("sing a song", "dance with us", "paint the house"))
    intents = {"call_back": Intent(examples=texts, slots=(reason,)), "sing": other}
    router = Router(intents, WordEmbedder(), shop.sentences)
    assert not router.is_ready
    await router.warm([])
    route = await router.route(Asked(texts[0], "", ["call_back", "sing"], NOW))
    assert route.requests == () and route.best == "call_back"
