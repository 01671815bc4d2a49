"""The likeliest label, or none."""

import numpy as np
import pytest

from agent.understanding.matching.classifier import Classifier, words_of
from agent.understanding.matching.similarity import Floats
from tests.fakes.embedder import WordEmbedder

THINGS = {"cancel": "cancel annul revoke stop undo", "track": "where track status find follow"}
OBJECTS = ("order", "parcel", "box", "shoes", "lamp")
STRANGE = ("who painted that", "sing something", "how tall are giraffes", "boil some eggs", "what rhymes with month")


async def embedded(*texts: str) -> Floats:
    """One vector a text, by its words."""
    return await WordEmbedder().embed(texts)


async def trained(*, with_strange: bool = True) -> Classifier:
    """Two labels of 25 sentences each: every verb with every object."""
    rows = [
        (f"{verb} my {thing}", label) for label, verbs in THINGS.items() for verb in verbs.split() for thing in OBJECTS
    ]
    outside = STRANGE if with_strange else ()
    texts = [text for text, _ in rows] + list(outside)
    return Classifier.train(texts, [*(label for _, label in rows), *(None for _ in outside)], await embedded(*texts))


@pytest.mark.parametrize("with_strange", [True, False])
@pytest.mark.parametrize(
    ("text", "label"),
    [("please annul the parcel", "cancel"), ("can I follow my lamp", "track"), ("stop the box", "cancel")],
)
async def test_it_knows_a_sentence_it_never_saw(text: str, label: str, with_strange: bool) -> None:
    """With rows out of scope to learn from, and without."""
    verdict = (await trained(with_strange=with_strange)).decide(text, (await embedded(text))[0])
    assert verdict.best == label and verdict.runner_up != label


async def test_what_is_near_to_no_example_is_out_of_scope() -> None:
    """It has a likeliest label all the same, and is never sure."""
    classifier = await trained(with_strange=False)
    verdict = classifier.decide("giraffes eat leaves", (await embedded("giraffes eat leaves"))[0])
    assert verdict.label is None and verdict.best in THINGS and not verdict.is_sure


async def test_an_example_is_decided_surely_and_half_and_half_is_not() -> None:
    """Confidence says which of two decisions to trust."""
    classifier = await trained()
    clear, torn = "cancel my order", "cancel or track my order"
    vectors = await embedded(clear, torn)
    sure, unsure = classifier.decide(clear, vectors[0]), classifier.decide(torn, vectors[1])
    assert sure.is_sure and sure.label == "cancel"
    assert unsure.confidence < sure.confidence


async def test_a_label_s_name_is_an_example() -> None:
    """A word that only the name has is understood."""
    texts = ["stop it", "end it", "find it", "seek it"]
    labels = ["cancellation_wish", "cancellation_wish", "tracking_wish", "tracking_wish"]
    said, *names = await embedded("a cancellation then", *(words_of(label) for label in sorted(set(labels))))
    named = dict(zip(sorted(set(labels)), names, strict=True))
    classifier = Classifier.train(texts, labels, await embedded(*texts), named)
    assert classifier.decide("a cancellation then", said).best == "cancellation_wish"


async def test_the_same_examples_make_the_same_classifier() -> None:
    """Nothing in it is random."""
    text = "stop and find my shoes"
    vector = (await embedded(text))[0]
    assert (await trained()).decide(text, vector) == (await trained()).decide(text, vector)


async def test_one_label_is_no_choice() -> None:
    """An error, and not a classifier that always says yes."""
    with pytest.raises(ValueError, match="two labels"):
        Classifier.train(["stop it", "sing"], ["cancel", None], await embedded("stop it", "sing"))


def test_too_many_examples_are_thinned_evenly() -> None:
    """Each label keeps as many as the others, from its first to its last."""
    corners = np.eye(4, dtype=np.float32)
    owners = [0] * 20 + [1] * 20 + [2] * 30 + [3] * 10
    labels = ["early"] * 40 + ["late"] * 30 + [None] * 10  # the second half of "early" is another kind of sentence
    classifier = Classifier.train(["x"] * len(owners), labels, corners[owners], max_examples=20)
    assert [classifier.decide("x", corner).label for corner in corners] == ["early", "early", "late", None]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("card_about_to_expire", "card about to expire"),
        ("blockCard", "block card"),
        ("PTO-request.status", "pto request status"),
        ("17", "17"),
        ("überweisung", "überweisung"),
        ("?", "?"),
    ],
)
def test_a_label_is_read_as_words(label: str, said: str) -> None:
    """However its author wrote it."""
    assert words_of(label) == said
