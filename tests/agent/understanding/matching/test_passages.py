"""Markdown into passages that can be read aloud."""

from agent.understanding.matching.passages import shorten, speakable, split


def test_each_heading_with_text_is_a_passage() -> None:
    """Its source is the file and the heading; a heading without text is none."""
    passages = split("# All\n\n## One\nFirst.\n\n### Two\nSecond.\n", "a.md")
    assert [(p.source, p.text) for p in passages] == [("a.md#One", "First."), ("a.md#Two", "Second.")]


def test_text_before_any_heading_belongs_to_the_file() -> None:
    """A file need not have headings."""
    assert [p.source for p in split("Just this.", "a.md")] == ["a.md"]


def test_questions_are_declared_in_a_comment() -> None:
    """On one line with bars, or one to a line."""
    one = split("# Hours\n<!-- asked: when are you open | when do you close -->\nNine to five.", "a.md")[0]
    many = split("# Hours\n<!-- asked:\n- when are you open\n- when do you close\n-->\nNine to five.", "a.md")[0]
    assert one.questions == many.questions == ("when are you open", "when do you close")
    assert one.text == "Nine to five."


def test_another_comment_is_neither_read_nor_asked() -> None:
    """Notes for authors stay notes."""
    passage = split("# Hours\n<!-- check this in May -->\nNine to five.", "a.md")[0]
    assert (passage.text, passage.questions) == ("Nine to five.", ())


def test_marks_are_not_spoken() -> None:
    """Emphasis, links, code and tags leave their words; list items become sentences."""
    assert speakable("We *really* **do**, see [our site](https://a.example) or `this` <br>now.") == (
        "We really do, see our site or this now."
    )
    assert speakable("You need:\n\n- a label\n- a box") == "You need: a label. a box."


def test_shortening_keeps_whole_sentences_around_the_best() -> None:
    """The one before comes first, since the best one may lean on it."""
    text = "One two three. Four five six. Seven eight nine. Ten eleven twelve."
    assert shorten(text, 2, 6) == "Four five six. Seven eight nine."
    assert shorten(text, 2, 100) == text


def test_one_sentence_that_is_too_long_ends_at_a_comma() -> None:
    """Better a whole clause than a cut word."""
    assert (
        shorten("We are open from nine, and on Sundays we are closed all day long.", 0, 8) == "We are open from nine."
    )
