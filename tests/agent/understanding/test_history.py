"""Turns out of items, and what was really heard of them."""

from agent.understanding.history import (
    AgentSaid,
    CallerSaid,
    Item,
    ToolAnswered,
    ToolAsked,
    turns,
    was_heard,
)


def test_items_become_turns_of_the_caller() -> None:
    """What the agent said before a turn is its prompt, what follows belongs to it."""
    first, second = turns(
        [
            AgentSaid("Hello."),
            CallerSaid("where is it"),
            ToolAsked("1", "look", {}),
            ToolAnswered("1", "look", "Here."),
            AgentSaid("Here."),
            CallerSaid("thanks"),
        ]
    )
    assert first.prompt == AgentSaid("Hello.")
    assert [call.tool for call in first.calls] == ["look"]
    assert second.prompt == AgentSaid("Here.")


def test_a_turn_that_was_taken_for_over_too_early_is_one_with_what_follows() -> None:
    """ "No." [All] "Make it four people.": nothing was done, and hardly a word was heard."""
    asked, cut = AgentSaid("Shall I book it?"), AgentSaid("All", is_whole=False)
    (turn,) = turns([asked, CallerSaid("No."), cut, CallerSaid("Make it four people.")])[-1:]
    assert (turn.text, turn.prompt) == ("No. Make it four people.", asked)
    assert [turn.text for turn in turns([CallerSaid("where is"), CallerSaid("my order")])] == ["where is my order"]


def test_what_was_heard_or_done_or_agreed_to_parts_turns() -> None:
    """Half an answer, a tool, and a yes, which must be asked for again."""
    half = AgentSaid("All right, I'll leave", is_whole=False)
    assert len(turns([CallerSaid("No."), half, CallerSaid("Make it four.")])) == 2
    assert len(turns([CallerSaid("look"), ToolAsked("1", "look", {}), CallerSaid("and here")])) == 2
    assert len(turns([CallerSaid("yes"), CallerSaid("yes")])) == 2


def test_an_answer_is_unsaid_until_it_was_heard_to_its_end() -> None:
    """A filler before it, or half of it, does not count."""
    items: list[Item] = [
        CallerSaid("x"),
        ToolAsked("1", "look", {}),
        ToolAnswered("1", "look", "It is here."),
        AgentSaid("One moment."),
    ]
    assert turns(items)[0].unsaid
    assert turns([*items, AgentSaid("It is", is_whole=False)])[0].unsaid
    assert not turns([*items, AgentSaid("It is here. Anything else?")])[0].unsaid


def test_a_question_was_heard_only_right_before_and_whole() -> None:
    """Case and punctuation may differ, since the history holds what the voice was given."""
    assert was_heard("Shall I cancel it?", AgentSaid("Sorry. Shall I cancel it"))
    assert not was_heard("Shall I cancel it?", AgentSaid("Shall I cancel it?", is_whole=False))
    assert not was_heard("Shall I cancel it?", AgentSaid("Are you still there?"))
    assert not was_heard("Shall I cancel it?", None)
