"""What a line says by itself while it is on hold is nobody's wish; who asks for a person still gets one."""

from collections.abc import Callable

import pytest

from agent.profile.profile import Profile
from agent.thinking.local_llm import Understanding
from tests.agent.understanding.conversation import Conversation


@pytest.mark.parametrize(
    "announced",
    [
        "Your call is important to us. The next available agent will be with you shortly.",
        "All of our representatives are currently assisting other customers.",
        "This call may be recorded for quality and training purposes.",
        "Please stay on the line and your call will be answered in the order it was received.",
        "Para español, oprima el número dos.",
        "You are number four in the queue, and your estimated wait time is six minutes.",
        "Thank you for holding. An agent will be right with you.",
        "We are experiencing higher than normal call volume.",
        "Did you know that you can also find answers on our website?",
        "Please continue to hold for the next available operator.",
    ],
)
async def test_an_announcement_calls_nobody(
    announced: str, understand: Callable[[], Understanding], shop: Profile
) -> None:
    """Above all it transfers nobody to a person."""
    conversation = Conversation(understand(), shop.tools)
    await conversation.say(announced)
    assert conversation.calls == []


@pytest.mark.parametrize(
    "wish",
    [
        "get me an agent",
        "next available agent please",
        "can I talk to the next operator",
        "I'd like to speak to a representative",
        "put me through to one of your agents please",
    ],
)
async def test_a_wish_for_a_person_is_still_one(
    wish: str, understand: Callable[[], Understanding], shop: Profile
) -> None:
    """Though it has the same words in it."""
    conversation = Conversation(understand(), shop.tools)
    await conversation.say(wish)
    assert [call.partition("(")[0] for call in conversation.calls] == ["transfer_to_human"]


@pytest.mark.parametrize("words", ["habla espanol", "oprima dos", "para español"])
async def test_a_few_words_that_sound_like_an_announcement_are_answered(
    words: str, understand: Callable[[], Understanding], shop: Profile
) -> None:
    """They are a caller's: nobody is left with an apology for an error of ours."""
    conversation = Conversation(understand(), shop.tools)
    assert await conversation.say(words)
    assert conversation.calls == []
