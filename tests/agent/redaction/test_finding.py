"""What is found private in sentences that were labelled by hand, before there were rules."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.events import AgentSpoke, CallerSpoke
from agent.redaction.discretion import Discretion
from agent.redaction.figures import tokens_of
from agent.redaction.finding import find
from tests.fakes.calls import NOON

HERE = Path(__file__).parent
_BETWEEN = re.compile(r"\b(?:and|then|um)\b")
_LABEL = re.compile(r"\{(\w+):([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence, what it answers, and where somebody has marked private values."""

    asked: str
    text: str
    spans: tuple[tuple[int, int], ...]


def read(name: str) -> list[Labelled]:
    """The sentences of a file: a question (or nothing) and an answer on each line, private values as {KIND:value}."""
    found = []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines()[1:]:
        asked, said = line.split("\t")
        spans, text, last = [], "", 0
        for match in _LABEL.finditer(said):
            text += said[last : match.start()]
            spans.append((len(text), len(text) + len(match[2])))
            text += match[2]
            last = match.end()
        found.append(Labelled(asked, text + said[last:], tuple(spans)))
    return found


def masked(one: Labelled) -> set[int]:
    """Which characters of a sentence would not leave the call."""
    discretion = Discretion({}, lambda: NOON)
    if one.asked:
        discretion.on_event(AgentSpoke(turn=0, words=1, is_whole=True, text=one.asked))
    discretion.on_event(CallerSpoke(turn=1, words=1, text=one.text))
    spans = [(found.start, found.end) for found in find(one.text, one.asked)]
    spans += discretion.of_somebody(tokens_of(one.text))
    return {at for start, end in spans for at in range(start, end)}


def letters(text: str, start: int, end: int) -> set[int]:
    """Where letters and figures stand."""
    return {at for at in range(start, end) if text[at].isalnum()}


def judged(sentences: list[Labelled]) -> tuple[list[str], list[str], int]:
    """What was missed, which sentences lost a word that is nobody's, and how many values there were."""
    missed, false, count = [], [], 0
    for one in sentences:
        hidden = masked(one)
        count += len(one.spans)
        missed += [f"{one.text[a:b]!r} in {one.text!r}" for a, b in one.spans if not letters(one.text, a, b) <= hidden]
        private = {at for a, b in one.spans for at in letters(one.text, a, b)}
        # "4111 and then 1111": what stands between the pieces of a value may go with them
        between = {at for match in _BETWEEN.finditer(one.text) for at in range(match.start(), match.end())}
        if lost := sorted((hidden & letters(one.text, 0, len(one.text))) - private - between):
            false.append(f"{''.join(one.text[at] for at in lost)!r} in {one.text!r} [{one.asked}]")
    return missed, false, count


@pytest.mark.parametrize("name", ["sentences.tsv", "held_out.tsv"])
def test_private_values_are_found_and_hardly_anything_else(name: str) -> None:
    """At least 98 % of the values, whole; at most 3 % of the sentences lose anything else."""
    sentences = read(name)
    missed, false, count = judged(sentences)
    assert len(missed) <= 0.02 * count, missed
    assert len(false) <= 0.03 * len(sentences), false


def test_what_was_heard_instead_is_as_private() -> None:
    """As the local STT wrote down what two voices dictated (`python -m evals canaries`), and rules have learnt since:
    a cue that is another word now, a digit that is a word, a checksum that does not hold."""
    missed, _, count = judged(read("misheard.tsv"))
    assert not missed and count >= 15


@pytest.mark.parametrize(
    "said",
    [
        "my party is twelve people", "my table is for eight at seven thirty", "see you at 5.30 on the terrace",
        "is 41 the right size", "my order number is 4571", "my total is 1200 dollars", "the parcel AB12CD34EF is late",
        "what we saw at example.com was cheaper", "my flight is 4471", "they are one two or three years old",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_left(said: str) -> None:
    """Counts, times, references and a shop's address name nobody."""
    assert find(said) == []
