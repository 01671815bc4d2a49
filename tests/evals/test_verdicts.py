"""What a scene proves, on made-up recordings whose answer is known."""

import numpy as np
import pytest

from evals.verdicts import Span, Take, Told, Verdict, cut_off, dictated, false_stop, rate, spans, talked_on, yielded

WHOLE = {"is_whole": True}
CUT = {"is_whole": False}


def levels(*pieces: tuple[float, float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """10 ms levels of (seconds, dB) pieces."""
    return np.concatenate([np.full(round(seconds * 100), db) for seconds, db in pieces])


def take(*agent: tuple[float, float], began: float, ended: float, told: tuple[Told, ...] = (), said: str = "") -> Take:
    """A scene of 20 s in which the agent speaks over these stretches."""
    voice = tuple(Span(*stretch) for stretch in agent)
    return Take(began=began, ended=ended, agent=voice, length_s=20.0, events=told, said=(said,))


def test_a_click_is_no_voice_and_a_short_gap_parts_nothing() -> None:
    """0.02 s of sound is nothing; 0.2 s of silence is a pause inside speech; 0.4 s parts two stretches."""
    recorded = levels((1, -90), (0.02, -20), (1, -90), (1, -20), (0.2, -90), (1, -20), (0.4, -90), (1, -20))
    found = spans(recorded, -50)
    assert [(round(span.began, 2), round(span.ended, 2)) for span in found] == [(2.02, 4.22), (4.62, 5.62)]


def test_voice_inside_the_callers_words_is_a_cut_off() -> None:
    """The agent begins at 2.0 s, the caller ends at 3.0 s."""
    verdict = cut_off(take((2.0, 4.0), began=0.5, ended=3.0))
    assert verdict.is_ok is False
    assert "1.00 s" in verdict.reason


def test_turn_taken_in_a_pause_is_a_cut_off_though_nothing_is_heard() -> None:
    """The page is told that the turn is over while the caller still speaks."""
    verdict = cut_off(take((3.6, 5.0), began=0.5, ended=3.0, told=(Told(2.0, "caller_spoke"),)))
    assert verdict.is_ok is False


def test_waiting_agent_has_its_response_measured() -> None:
    """0.6 s after the caller's last sound."""
    verdict = cut_off(take((3.6, 5.0), began=0.5, ended=3.0, told=(Told(3.3, "caller_spoke"),)))
    assert verdict.is_ok is True
    assert verdict.ms == pytest.approx(600)


def test_no_response_is_no_cut_off_and_no_measure() -> None:
    """Silence to the end, or a voice that comes too late to be an answer."""
    assert cut_off(take(began=0.5, ended=3.0)).ms is None
    assert cut_off(take((9.0, 10.0), began=0.5, ended=3.0)).ms is None


def test_agent_that_still_speaks_proves_nothing_about_cut_offs() -> None:
    """The scene began too early."""
    assert cut_off(take((0.0, 2.0), began=0.5, ended=3.0)).is_ok is None


def test_barge_in_is_measured_from_onset_to_silence() -> None:
    """The caller begins at 2.0 s, the agent's last sound is at 2.3 s, and its answer is given up."""
    verdict = yielded(take((0.0, 2.3), (3.5, 6.0), began=2.0, ended=2.8, told=(Told(2.9, "agent_spoke", CUT),)))
    assert verdict.is_ok is True
    assert verdict.ms == pytest.approx(300)


@pytest.mark.parametrize(
    ("agent", "told", "why"),
    [
        (((0.0, 5.0),), (Told(5.1, "agent_spoke", CUT),), "spoke on"),
        (((0.0, 2.4), (3.0, 6.0)), (Told(6.1, "agent_spoke", WHOLE),), "to the end"),
        (((0.0, 2.4), (3.0, 6.0)), (), "went on"),
    ],
)
def test_interruption_that_is_not_heeded_is_no_yield(
    agent: tuple[tuple[float, float], ...], told: tuple[Told, ...], why: str
) -> None:
    """Too late, or silent for a moment and then the same answer to its end."""
    verdict = yielded(take(*agent, began=2.0, ended=2.8, told=told))
    assert verdict.is_ok is False
    assert why in verdict.reason


def test_answer_that_comes_back_for_a_moment_yields_with_its_last_sound() -> None:
    """Held at 2.2 s, released at 3.0 s, given up at 3.4 s: the caller was spoken over until then."""
    told = (Told(3.5, "agent_spoke", CUT),)
    verdict = yielded(take((0.0, 2.2), (3.0, 3.4), (5.0, 8.0), began=2.0, ended=3.2, told=told))
    assert verdict.is_ok is True
    assert verdict.ms == pytest.approx(1400)


def test_silence_without_an_event_is_a_yield() -> None:
    """What the ear hears counts."""
    assert yielded(take((0.0, 2.4), began=2.0, ended=2.8)).is_ok is True


def test_answer_that_was_over_anyway_proves_nothing() -> None:
    """It would have ended by itself, interrupted or not."""
    told = (Told(2.6, "agent_spoke", WHOLE),)
    assert yielded(take((0.0, 2.4), began=2.0, ended=2.8, told=told)).is_ok is None
    assert talked_on(take((0.0, 2.4), began=2.0, ended=2.3, told=told)).is_ok is None
    assert yielded(take((0.0, 1.4), began=2.0, ended=2.8)).is_ok is None


@pytest.mark.parametrize(
    ("agent", "told", "is_ok"),
    [
        (((0.0, 6.0),), (Told(6.1, "agent_spoke", WHOLE),), True),
        (((0.0, 2.3), (3.1, 6.0)), (Told(6.1, "agent_spoke", WHOLE),), True),
        (((0.0, 2.3), (3.9, 6.0)), (Told(6.1, "agent_spoke", WHOLE),), False),
        (((0.0, 2.3),), (Told(2.9, "agent_spoke", CUT),), False),
        (((0.0, 2.3),), (), False),
        (((0.0, 6.0), (6.9, 8.0)), (Told(6.1, "agent_spoke", WHOLE),), False),
    ],
    ids=["talks on", "resumes", "resumes late", "gives up", "hangs", "replies to it"],
)
def test_backchannel_must_leave_the_agent_to_its_answer(
    agent: tuple[tuple[float, float], ...], told: tuple[Told, ...], is_ok: bool
) -> None:
    """The caller murmurs from 2.0 to 2.3 s."""
    assert talked_on(take(*agent, began=2.0, ended=2.3, told=told)).is_ok is is_ok


def test_false_stop_is_the_silence_that_the_caller_made() -> None:
    """Not one before it, not one much later, and only in an answer that went on to its end."""
    end = (Told(9.1, "agent_spoke", WHOLE),)
    assert false_stop(take((0.0, 2.2), (2.8, 9.0), began=2.0, ended=2.3, told=end)) == Span(2.2, 2.8)
    assert false_stop(take((0.0, 6.2), (6.8, 9.0), began=2.0, ended=2.3, told=end)) is None
    assert false_stop(take((0.0, 2.2), began=2.0, ended=2.3, told=(Told(2.6, "agent_spoke", CUT),))) is None


def test_value_counts_when_the_tool_got_it_in_one_turn() -> None:
    """The order number is in the arguments, and the caller had one turn."""
    told = (Told(3.3, "caller_spoke"), Told(3.4, "tool_called", {"arguments": '{"order_number":"1005"}'}))
    assert dictated(take((3.6, 6.0), began=0.5, ended=3.0, told=told), "1005", is_for_tool=True).is_ok is True
    assert dictated(take((3.6, 6.0), began=0.5, ended=3.0, told=told), "1006", is_for_tool=True).is_ok is False
    twice = (Told(3.1, "caller_spoke"), *told)
    assert dictated(take((3.6, 6.0), began=0.5, ended=3.0, told=twice), "1005", is_for_tool=True).is_ok is False


def test_value_counts_when_the_turns_caption_holds_it() -> None:
    """An e-mail address that no tool takes."""
    told = (Told(3.3, "caller_spoke"),)
    scene = take((3.6, 6.0), began=0.5, ended=3.0, told=told, said="My e-mail is tom at example dot org.")
    assert dictated(scene, "tom@example.org", is_for_tool=False).is_ok is True
    assert dictated(scene, "tim@example.org", is_for_tool=False).is_ok is False


def test_rate_leaves_out_what_proves_nothing() -> None:
    """One of two, and the third is not counted."""
    assert rate([Verdict(True, ""), Verdict(False, ""), Verdict(None, "")]) == (50.0, 2)
    assert rate([Verdict(None, "")]) == (None, 0)
