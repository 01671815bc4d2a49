"""What is queued at the far end, as its marks tell."""

from agent.telephony.playout import Playout


def sent(playout: Playout, frames: int) -> list[str]:
    """So many frames of 20 ms, and the marks that were due."""
    return [name for _ in range(frames) if (name := playout.sent(20.0))]


def test_a_mark_is_due_every_hundred_milliseconds() -> None:
    """And once more at the end, for what has none yet."""
    playout = Playout()
    assert len(sent(playout, 12)) == 2
    assert playout.mark()
    assert not playout.mark()


def test_what_was_played_is_queued_no_more() -> None:
    """A mark that comes back speaks for all sound before it, also where an earlier one got lost."""
    playout = Playout()
    first, second = sent(playout, 10)
    assert playout.queued_ms == 200.0
    playout.played(second)
    assert playout.queued_ms == 0.0
    playout.played(first)
    assert playout.queued_ms == 0.0


def test_marks_of_cleared_sound_say_nothing_about_what_came_later() -> None:
    """They come back at once after a clear, while new sound is already on its way."""
    playout = Playout()
    old = sent(playout, 50)
    playout.cleared()
    assert playout.queued_ms == 0.0
    sent(playout, 4)
    for name in old:
        playout.played(name)
    assert playout.queued_ms == 80.0


def test_a_strangers_mark_changes_nothing() -> None:
    """Nobody gave it that name."""
    playout = Playout()
    sent(playout, 5)
    playout.played("played-99")
    assert playout.queued_ms == 100.0
