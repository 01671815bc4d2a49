"""When an STT is suspected to be deaf."""

from math import inf

from agent.rules.deafness import LATE_S, STALLED_S, Unanswered

TELLS = {"has_interim": True, "ends_turns": False}
WAITS = {"has_interim": False, "ends_turns": False}
ENDS = {"has_interim": True, "ends_turns": True}


def test_nothing_is_owed_before_anybody_speaks() -> None:
    """Silence needs no words."""
    assert Unanswered().late_at(**TELLS) == inf


def test_speech_without_a_word_is_suspicious_after_a_second_and_a_half() -> None:
    """Counted from the last word, as long as words come."""
    speaking = Unanswered().spoke(10.0)
    assert speaking.late_at(**TELLS) == 10.0 + STALLED_S
    assert speaking.understood(11.0, is_final=False).late_at(**TELLS) == 11.0 + STALLED_S


def test_who_tells_nothing_before_the_end_is_not_suspected_before_it() -> None:
    """Whole utterances are sent away when they are over."""
    speaking = Unanswered().spoke(10.0)
    assert speaking.late_at(**WAITS) == inf
    assert speaking.paused(20.0, 10.0).late_at(**WAITS) == 20.0 + LATE_S


def test_a_final_is_owed_for_all_speech_that_has_ended() -> None:
    """Interim words put it off, and do not replace it."""
    paused = Unanswered().spoke(10.0).understood(10.8, is_final=False).paused(11.0, 1.0)
    assert paused.late_at(**TELLS) == 11.0 + LATE_S
    assert paused.understood(11.2, is_final=True).late_at(**TELLS) == inf


def test_who_ends_turns_by_itself_may_wait_with_its_final() -> None:
    """A pause in a dictation is a long one; that it hears, its interim words show."""
    paused = Unanswered().spoke(10.0).paused(11.0, 1.0)
    assert paused.late_at(**ENDS) == 11.0 + LATE_S
    assert paused.understood(11.1, is_final=False).late_at(**ENDS) == inf


def test_a_final_in_mid_speech_leaves_what_follows_owed() -> None:
    """The caller goes on; the next words are waited for from then."""
    speaking = Unanswered().spoke(10.0).understood(12.0, is_final=True)
    assert speaking.late_at(**TELLS) == 12.0 + STALLED_S


def test_the_final_of_an_utterance_may_come_before_its_silence_is_noticed() -> None:
    """A VAD waits for half a second of silence; the words are no less the utterance's. What follows is owed again."""
    final = Unanswered().spoke(10.0).understood(11.3, is_final=True)
    assert final.paused(11.0, 1.0).late_at(**TELLS) == inf
    assert final.paused(13.0, 3.0).late_at(**TELLS) == 13.0 + LATE_S
    assert Unanswered().spoke(10.0).paused(10.2, 0.2).late_at(**TELLS) == 10.2 + LATE_S
