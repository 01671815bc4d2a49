"""What a tool reads back is heard as it stands, whatever the model makes of it."""

from collections.abc import AsyncGenerator, Sequence

import pytest
from livekit.agents import llm

from agent.dialog.reading_back import Chunk, question_due, text_of, word_for_word
from agent.errors import Asked
from tests.fakes.calls import recorded_call

QUESTION = "Shall I cancel order four five seven one?"


def context(*outputs: tuple[str, bool]) -> llm.ChatContext:
    """A turn in which tools have answered so; True for an error."""
    found = llm.ChatContext.empty()
    found.add_message(role="user", content="cancel it")
    for number, (output, is_error) in enumerate(outputs):
        item = llm.FunctionCallOutput(call_id=f"c{number}", name="tool", output=output, is_error=is_error)
        found.items.append(item)
    return found


async def heard(said: Sequence[Chunk], chat_ctx: llm.ChatContext) -> list[Chunk]:
    """What is let through of what the model says."""

    async def chunks() -> AsyncGenerator[Chunk, None]:
        for chunk in said:
            yield chunk

    return [chunk async for chunk in word_for_word(chunks(), QUESTION, chat_ctx)]


@pytest.mark.parametrize(
    ("said", "then"),
    [
        (["Done!"], QUESTION),
        (["Shall I go ", "ahead?"], QUESTION),
        ([], QUESTION),
        ([f"{QUESTION} Or another one?"], QUESTION),
        (["All right. ", QUESTION], f"All right. {QUESTION}"),
        (["Shall I cancel order 4571?"], "Shall I cancel order 4571?"),
    ],
)
async def test_the_question_is_heard_word_for_word(said: list[str], then: str) -> None:
    """What leads to it may stay, if it is the last that is said."""
    chunks = await heard(said, context((QUESTION, False)))
    assert "".join(map(text_of, chunks)) == then


async def test_what_other_tools_answered_is_told_too() -> None:
    """In the model's words; an error is none of them."""
    two = context(("It is noon.", False), (QUESTION, False))
    assert await heard(["It is noon. Okay?"], two) == [f"It is noon. Okay? {QUESTION}"]
    failed = context(("One at a time.", True), (QUESTION, False))
    assert await heard(["I did both."], failed) == [QUESTION]


async def test_a_model_that_goes_on_with_tools_is_let() -> None:
    """The question stays due until there are words."""
    call = llm.FunctionToolCall(name="tool", arguments="{}", call_id="c9")
    chunk = llm.ChatChunk(id="1", delta=llm.ChoiceDelta(tool_calls=[call]))
    assert await heard(["One moment.", chunk], context((QUESTION, False))) == ["One moment.", chunk]


def test_it_is_due_in_the_turn_in_which_the_tool_has_asked() -> None:
    """Not in a guess at the next turn, whose history ends in other words."""
    call, _ = recorded_call()
    assert question_due(call, context((QUESTION, False))) == ""
    with pytest.raises(Asked):
        call.agreements.agreed("cancel", ("4571",), QUESTION)
    assert question_due(call, context((QUESTION, False))) == QUESTION
    assert question_due(call, context()) == ""
