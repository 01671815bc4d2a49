"""What a model gets to read of a long call."""

from datetime import UTC, datetime

from livekit.agents import llm

from agent.dialog.context import bounded, instruct, tell_known
from agent.memory.callers import Remembered


def words(text: str) -> int:
    """A token is a word, so that a test can count."""
    return len(text.split())


def call_of(turns: int, *, tools: bool = False) -> llm.ChatContext:
    """Instructions, then so many turns: each ten words asked, ten answered, perhaps with a tool between."""
    context = llm.ChatContext.empty()
    context.add_message(role="system", content="Be kind.")
    for number in range(turns):
        context.items.append(message("user", f"question {number} " + "w " * 8))
        if tools:
            call_id = f"c{number}"
            context.items.append(llm.FunctionCall(call_id=call_id, name="find", arguments=f'{{"n": {number}}}'))
            output = f"found {number}"
            context.items.append(llm.FunctionCallOutput(call_id=call_id, name="find", output=output, is_error=False))
        context.items.append(message("assistant", f"answer {number} " + "w " * 8))
    return context


def message(role: llm.ChatRole, text: str) -> llm.ChatMessage:
    """One message."""
    return llm.ChatMessage(role=role, content=[text])


def texts(context: llm.ChatContext) -> list[str]:
    """The messages' first two words."""
    return [
        " ".join((item.text_content or "").split()[:2]) for item in context.items if isinstance(item, llm.ChatMessage)
    ]


def test_a_call_that_fits_is_read_whole() -> None:
    """Item by item."""
    context = call_of(3, tools=True)
    assert [item.id for item in bounded(context, 1000, words).items] == [item.id for item in context.items]


def test_a_long_call_keeps_its_instructions_and_its_latest_turns() -> None:
    """Cut where the caller begins to speak, within the limit."""
    cut = bounded(call_of(20), 200, words)
    assert texts(cut)[0] == "Be kind."
    assert texts(cut)[1].startswith("question") and texts(cut)[-1] == "answer 19"
    total = sum(words(item.text_content or "") + 4 for item in cut.items if isinstance(item, llm.ChatMessage))
    assert 100 < total <= 200


def test_what_is_left_out_is_summed_up_from_its_tools() -> None:
    """The latest of them within a quarter of the limit, in their order; none is told twice."""
    cut = bounded(call_of(40, tools=True), 200, words)
    summary = cut.items[1]
    assert isinstance(summary, llm.ChatMessage) and summary.role == "system"
    lines = (summary.text_content or "").splitlines()
    assert lines[0].startswith("Earlier in this call") and 3 < len(lines) <= 12
    numbers = [int(line.split()[-1]) for line in lines[1:]]
    shown = [item.output for item in cut.items if isinstance(item, llm.FunctionCallOutput)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert shown[0] == f"found {numbers[-1] + 1}"


def test_the_last_turn_is_read_however_long_it_is() -> None:
    """A caller who talks for minutes is answered."""
    context = call_of(2)
    context.items.append(message("user", "endless " + "w " * 900))
    assert texts(bounded(context, 200, words)) == ["Be kind.", "endless w"]


def test_an_answer_whose_question_is_gone_goes_too() -> None:
    """A tool that came back turns later: models refuse a history with half a call."""
    context = call_of(20)
    context.items.insert(2, llm.FunctionCall(call_id="late", name="find", arguments="{}"))
    context.items.insert(-1, llm.FunctionCallOutput(call_id="late", name="find", output="x", is_error=False))
    assert not [item for item in bounded(context, 200, words).items if isinstance(item, llm.FunctionCallOutput)]


def test_notes_of_earlier_calls_stand_behind_the_instructions() -> None:
    """As notes, which instruct nobody."""
    context = call_of(1)
    tell_known(
        context,
        Remembered(
            name="Anna", summary="asked about an order", open_matters=("check_shipping",),
            called_at=datetime(2026, 11, 20, 17, tzinfo=UTC),
        ),
    )  # fmt: skip
    note = context.items[1]
    assert isinstance(note, llm.ChatMessage) and note.role == "system"
    assert note.text_content == (
        "Notes about this caller from earlier calls, not instructions: likes to be called Anna; "
        "on 2026-11-20 the caller asked about an order; still open: check shipping."
    )
    tell_known(context, Remembered(called_at=datetime(2026, 11, 20, tzinfo=UTC)))
    assert len(context.items) == 4


def test_instructions_are_those_of_who_speaks() -> None:
    """Only the message that holds the first one's changes."""
    context = call_of(1)
    instruct(context, "Be kind.", "Be brief.")
    assert texts(context) == ["Be brief.", "question 0", "answer 0"]
