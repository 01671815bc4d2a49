"""What a tool's sentence means, as data."""

import json

from agent.answer import NOTHING, Answer, Identity, Meaning, Offered, meaning_of


def test_an_answer_is_its_sentence_and_means_more() -> None:
    """Whoever only speaks it needs to know nothing of the rest."""
    answer = Answer("I have 5 PM.", offers=[Offered("5 PM", {"at": "17:00"})], asks="at")
    assert (str(answer), meaning_of(answer).asks) == ("I have 5 PM.", "at")
    assert meaning_of("I have 5 PM.") == NOTHING


def test_a_meaning_survives_the_way_through_a_history_that_is_kept() -> None:
    """A call that another job takes up knows what was offered."""
    meaning = Meaning(
        offers=(Offered("5 PM", {"at": "17:00", "count": 2}),), asks="at", wants_yes=True, missing=1,
        identity=Identity.TOO_FEW,
    )  # fmt: skip
    assert Meaning.read(json.loads(json.dumps(meaning.as_json()))) == meaning


def test_what_others_wrote_there_means_nothing() -> None:
    """A provider's own data has another key, and a call of an older worker has none."""
    assert Meaning.read(None) == Meaning.read("x") == NOTHING
