"""A turn's stages: they add up to what was heard, and what nothing explains is shown as such."""

from typing import Any

import pytest

from evals.stages import Stages, mean, stages, told

ENDED_AT = 1_800_000_000.0


def event(**changed: Any) -> dict[str, Any]:
    """What the worker tells of a turn: it hears the end 60 ms late, decides after 300, speaks 480 after that end."""
    fields: dict[str, Any] = {
        "type": "turn_ended",
        "speech_ended_at": ENDED_AT + 0.06,
        "spoke_at": ENDED_AT + 0.54,
        "endpointing_ms": 300.0,
        "stt_ms": 200.0,
        "llm_ttft_ms": 30.0,
        "tts_ttfb_ms": 120.0,
        "output_ms": 20.0,
        "was_prepared": False,
        "prepared_ms": None,
        "opened_by_filler": False,
    }
    return {**fields, **changed}


def found(**changed: Any) -> Stages:
    """The stages of that turn, heard 600 ms after the caller's last sound."""
    result = stages(event(**changed), ENDED_AT, ENDED_AT + 0.6)
    assert result is not None
    return result


def test_stages_of_a_turn_that_nothing_was_prepared_for() -> None:
    """Each from the clock of the one who measured it, together the gap."""
    turn = found()
    assert (turn.stt, turn.waiting, turn.llm, turn.tts, turn.output) == (200, 100, 30, 120, 20)
    assert (turn.inbound, turn.outbound) == pytest.approx((60, 60), abs=0.01)
    assert turn.residual == pytest.approx(10, abs=0.01)
    assert turn.total == pytest.approx(600, abs=0.01)
    assert turn.adds_up


def test_what_was_prepared_is_not_waited_for() -> None:
    """Begun 100 ms before the decision: of LLM and TTS only 50 ms of the TTS are left; words were known at 200."""
    turn = found(was_prepared=True, prepared_ms=100.0, spoke_at=ENDED_AT + 0.44)
    assert (turn.stt, turn.waiting, turn.llm, turn.tts) == (200, 100, 0, 50)
    assert turn.residual == pytest.approx(10, abs=0.01)
    assert turn.total == pytest.approx(600, abs=0.01)
    turn = found(was_prepared=True, prepared_ms=200.0, spoke_at=ENDED_AT + 0.38)
    assert (turn.llm, turn.tts, turn.stt) == (0, 0, 100)


def test_a_turn_that_the_worker_cannot_explain_does_not_add_up() -> None:
    """200 ms that no stage measured."""
    turn = found(spoke_at=ENDED_AT + 0.74)
    assert not turn.adds_up
    assert turn.total == pytest.approx(600, abs=0.01)


@pytest.mark.parametrize(
    "changed", [{"speech_ended_at": None}, {"endpointing_ms": None}, {"opened_by_filler": True}], ids=str
)
def test_a_turn_without_its_moments_has_no_stages(changed: dict[str, Any]) -> None:
    """A typed question; a filler, whose first sound the worker does not time."""
    assert stages(event(**changed), ENDED_AT, ENDED_AT + 0.6) is None


def test_the_event_of_an_answer_is_the_one_whose_first_sound_was_heard() -> None:
    """Not another turn's, and none that is seconds away."""
    events = [event(spoke_at=ENDED_AT + 0.5, turn=1), event(spoke_at=ENDED_AT + 6, turn=2), {"type": "greeted"}]
    assert (told(events, ENDED_AT + 0.6) or {})["turn"] == 1
    assert (told(events, ENDED_AT + 5.9) or {})["turn"] == 2
    assert told(events, ENDED_AT + 3) is None
    assert told([event(spoke_at=None)], ENDED_AT) is None


def test_means_add_up_too() -> None:
    """Which is why the waterfall shows them."""
    two = found(), found(spoke_at=ENDED_AT + 0.5)
    average = mean(two)
    assert average is not None and average.total == pytest.approx(600, abs=0.1)
    assert mean([]) is None
