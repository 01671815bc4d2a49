"""What counts as the gap before an answer: the page's own detector, fed with levels."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import find_program

pytestmark = pytest.mark.needs("node")

QUIET, SPEECH, ECHO, HUM, CLICK = -75, -28, -48, -52, -20
Levels = list[tuple[float, int, int] | str]

CASES: dict[str, tuple[Levels, list[int]]] = {
    "a plain answer": ([(1, QUIET, QUIET), (1, SPEECH, QUIET), (0.5, QUIET, QUIET), (1, QUIET, SPEECH)], [500]),
    "the greeting answers nobody": ([(1, QUIET, QUIET), (1, QUIET, SPEECH)], []),
    "a breath in the question": (
        [(1, SPEECH, QUIET), (0.45, QUIET, QUIET), (1, SPEECH, QUIET), (0.7, QUIET, QUIET), (1, QUIET, SPEECH)],
        [700],
    ),
    "a breath in the answer is no second answer": (
        [(1, SPEECH, QUIET), (0.3, QUIET, QUIET), (1, QUIET, SPEECH), (0.8, QUIET, QUIET), (1, QUIET, SPEECH)],
        [300],
    ),
    "an agent's reminder in silence answers nobody": (
        [(1, SPEECH, QUIET), (0.3, QUIET, QUIET), (1, QUIET, SPEECH), (9, QUIET, QUIET), (1, QUIET, SPEECH)],
        [300],
    ),
    "a click after the question does not shorten the gap": (
        [(1, SPEECH, QUIET), (0.3, QUIET, QUIET), (0.01, CLICK, QUIET), (0.3, QUIET, QUIET), (1, QUIET, SPEECH)],
        [610],
    ),
    "a humming room": (
        [(3, HUM, QUIET), (1, SPEECH, QUIET), (0.5, HUM, QUIET), (1, HUM, SPEECH)],
        [500],
    ),
    "the agent's echo in the microphone is not the caller": (
        [(1, SPEECH, QUIET), (0.3, QUIET, QUIET), (1, ECHO, SPEECH), (0.9, QUIET, QUIET), (1, ECHO, SPEECH)],
        [300],
    ),
    "speaking into the answer asks anew": (
        [
            (1, SPEECH, QUIET), (0.3, QUIET, QUIET), (1, QUIET, SPEECH), (0.5, SPEECH, SPEECH), (0.5, SPEECH, QUIET),
            (0.6, QUIET, QUIET), (1, QUIET, SPEECH),
        ],
        [300, 600],
    ),
    "two questions": (
        [
            (1, SPEECH, QUIET), (0.3, QUIET, QUIET), (1, QUIET, SPEECH), (1, QUIET, QUIET), (1, SPEECH, QUIET),
            (0.9, QUIET, QUIET), (1, QUIET, SPEECH),
        ],
        [300, 900],
    ),
    "an agent that goes on after mm-hm answers nobody": (
        [
            (1, SPEECH, QUIET), (0.3, QUIET, QUIET), "speaking", (1.5, QUIET, SPEECH), (0.3, SPEECH, QUIET),
            (0.4, QUIET, QUIET), (1, QUIET, SPEECH), "silent", (1, SPEECH, QUIET), (0.4, QUIET, QUIET), "speaking",
            (1, QUIET, SPEECH),
        ],
        [300, 400],
    ),
    "the caller stops the agent and is answered": (
        [
            (1, SPEECH, QUIET), (0.3, QUIET, QUIET), "speaking", (1.5, QUIET, SPEECH), (0.3, SPEECH, QUIET), "silent",
            (1, SPEECH, QUIET), (0.25, QUIET, QUIET), "speaking", (0.25, QUIET, QUIET), (1, QUIET, SPEECH),
        ],
        [300, 500],
    ),
    "words that are understood late stop an agent that has gone on": (
        [
            (1, SPEECH, QUIET), (0.3, QUIET, QUIET), "speaking", (1.5, QUIET, SPEECH), (0.5, SPEECH, QUIET),
            (0.4, QUIET, QUIET), (0.3, QUIET, SPEECH), "silent", "interrupted", (0.8, QUIET, QUIET), "speaking",
            (1, QUIET, SPEECH),
        ],
        [300, 1500],
    ),
    "an agent that goes on although the caller wants to speak": (
        [
            (1, SPEECH, QUIET), (0.3, QUIET, QUIET), "speaking", (1.5, QUIET, SPEECH), (1.2, SPEECH, QUIET),
            (0.3, SPEECH, SPEECH), "silent", (0.5, SPEECH, QUIET), (0.6, QUIET, QUIET), "speaking", (1, QUIET, SPEECH),
        ],
        [300, 600],
    ),
    "a written question": ([(1, QUIET, QUIET), "typed", (0.25, QUIET, QUIET), (1, QUIET, SPEECH)], [250]),
}  # fmt: skip


def gaps_of(levels: Levels) -> list[dict[str, float]]:
    """Run the detector in Node; the same file runs on the page's audio thread."""
    node = find_program("node")
    assert node is not None
    script = Path(__file__).with_name("gap_cases.mjs")
    done = subprocess.run(
        [node, script], input=json.dumps(levels), capture_output=True, text=True, check=True, timeout=30
    )
    gaps: list[dict[str, float]] = json.loads(done.stdout)
    return gaps


@pytest.mark.parametrize("case", CASES)
def test_the_gap_is_from_the_end_of_speech_to_the_answer(case: str) -> None:
    """Each case gives its gaps within 20 ms, two steps of the detector, and no others."""
    levels, expected = CASES[case]
    assert [gap["gap_ms"] for gap in gaps_of(levels)] == pytest.approx(expected, abs=20)


def test_an_agent_that_talks_over_the_caller_is_marked() -> None:
    """No gap can be measured there, and none is made up."""
    [gap] = gaps_of([(1, QUIET, QUIET), (0.6, SPEECH, QUIET), (1, SPEECH, SPEECH)])
    assert gap["is_overlap"]


def test_a_written_question_is_marked() -> None:
    """The page says what its gap counts from."""
    assert [gap["is_typed"] for gap in gaps_of(CASES["a written question"][0])] == [True]
