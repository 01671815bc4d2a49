"""What is known of a turn before an LLM is asked about it."""

import pytest
from livekit.agents import llm

from agent.rules.hardness import Weighed
from agent.session.thinking import weighed
from agent.understanding.routing import Route, Why


def history(*said: str) -> llm.ChatContext:
    """`ok` and `no` are tools that answered and failed; all else the caller says."""
    found = llm.ChatContext.empty()
    for place, word in enumerate(said):
        if word in {"ok", "no"}:
            found.items.append(
                llm.FunctionCallOutput(name="find", call_id=str(place), output=word, is_error=word == "no")
            )
        else:
            found.add_message(role="user", content=word)
    return found


@pytest.mark.parametrize(
    ("said", "tools", "failures"),
    [
        (("where is it",), 0, 0),
        (("where is it", "ok", "ok"), 2, 0),
        (("where is it", "ok", "ok", "and the other"), 0, 0),
        (("where is it", "no", "try again", "no"), 1, 2),
        (("where is it", "no", "try again", "ok"), 1, 0),
        (("where is it", "no", "what else"), 0, 1),  # what has failed is not forgotten with the turn
    ],
)
def test_tools_count_by_turn_and_failures_until_one_works(said: tuple[str, ...], tools: int, failures: int) -> None:
    """By the history alone."""
    assert weighed(history(*said), 0.7) == Weighed(0.7, tools, failures)


@pytest.mark.parametrize(
    ("route", "reading"),
    [
        (Route(Why.IN_CONTEXT), None),  # "yes", "4571", "not that one": what was asked before says what it means
        (Route(Why.IN_CONTEXT, "find", 0.9), 0.0),  # two wishes in one sentence
        (Route(Why.UNSURE, "find", 0.4), 0.4),
        (Route(Why.CHANGES, "change", 0.95), 0.95),
    ],
)
def test_how_sure_the_router_is_of_one_wish(route: Route, reading: float | None) -> None:
    """An answer to a question is no doubtful wish."""
    assert route.reading == reading
