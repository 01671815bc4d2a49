"""What `evals audio --modes` makes of the conversations that were played."""

import json

from evals.audio_modes import summary, table
from evals.spoken import Conversation

RIGHT = Conversation("shop/asks", [], [])
SAID_OTHERWISE = Conversation("shop/asks", ["turn 2: book_table was called"], [])
WRONG = Conversation("bank/pays", ["no rows", "the call goes on"], ["no rows"], is_by_pipeline=True)


def test_a_conversation_passes_by_what_outlasts_it() -> None:
    """The words are a figure of their own, and so is who answered."""
    told = json.loads(json.dumps(summary({"pipeline": [RIGHT, RIGHT], "realtime": [SAID_OTHERWISE, WRONG]})))
    assert told == {
        "pipeline": {"played": 2, "passed": 2, "as_written": 2, "by_pipeline": 0},
        "realtime": {"played": 2, "passed": 1, "as_written": 0, "by_pipeline": 1},
    }


def test_the_table_says_what_is_wrong_in_which_mode() -> None:
    """A line for each mode, then one for each conversation."""
    lines = table({"pipeline": [RIGHT], "realtime": [SAID_OTHERWISE, WRONG]}).splitlines()
    assert [line.split() for line in lines[1:3]] == [["pipeline", "1", "1", "1", "0"], ["realtime", "2", "1", "0", "1"]]
    assert "realtime  right  shop/asks" in lines and "realtime  WRONG  bank/pays" in lines
    assert lines[-1].strip() == "bank/pays: no rows"


def test_a_mode_in_which_nothing_was_played_has_passed_nothing() -> None:
    """Zero of zero."""
    assert summary({"realtime": []})["realtime"]["played"] == 0
