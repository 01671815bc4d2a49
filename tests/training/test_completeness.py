"""Learning what a whole turn's words are like, from a handful of sentences."""

import gzip
import random
from pathlib import Path

from training.completeness import examples, judge, learn, turns

TURNS = [f"{ask} the {thing}?" for ask in ("where is", "can I see", "do you have") for thing in ("lamp", "desk", "bed")]


def test_each_turn_is_an_example_whole_and_cut_within_a_sentence() -> None:
    """What somebody says as a whole turn is never an example of a cut one."""
    found = list(examples(["Yes. I want the lamp.", "Yes please.", "Yes"] * 20, random.Random(1)))
    cut = {" ".join(said) for said, is_whole in found if not is_whole}
    assert {"yes i", "yes i want", "yes i want the"} >= {one for one in cut if one.startswith("yes i")} != set()
    assert "yes" not in cut
    assert sum(is_whole for _, is_whole in found) == 60


def test_what_was_learned_tells_whole_from_cut() -> None:
    """Of sentences that it has seen; the weights that are committed are judged on others (docs/turns.md)."""
    found = list(examples(TURNS * 60, random.Random(2)))
    model, words = learn(found)
    assert set(words[: len(model.vocabulary.frequent)]) == model.vocabulary.frequent
    assert judge(model, found) > 0.95


def test_turns_are_read_from_lines_and_columns(tmp_path: Path) -> None:
    """As the collections have them."""
    (tmp_path / "a.txt").write_text("# a comment\nHello there.\n\nBye.\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("text,label\nhello,x\n", encoding="utf-8")
    (tmp_path / "c.tsv.gz").write_bytes(gzip.compress(b"service\tutterance\nshop\thello again\n"))
    assert [list(turns(tmp_path / name)) for name in ("a.txt", "b.csv", "c.tsv.gz")] == [
        ["Hello there.", "Bye."],
        ["hello"],
        ["hello again"],
    ]
