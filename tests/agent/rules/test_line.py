"""How the VAD's settings follow the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.line import Ears, Line, Loudness, Nearness, Quiet

BASE = Ears(0.5, 0.05)


def after(line: Line, frames: int, level_db: float, probability: float) -> Line:
    """The line after so many frames of the same noise."""
    for _ in range(frames):
        line = line.heard_noise(level_db, probability)
    return line


def test_a_quiet_line_keeps_the_profiles_settings() -> None:
    """Nothing to adapt to."""
    assert after(Line(), 300, -80.0, 0.02).ears(BASE) == BASE


def test_a_noisy_line_asks_for_more_certainty_within_the_first_seconds() -> None:
    """A crowd that the VAD half believes to be speech; 32 ms a frame."""
    ears = after(Line(), 60, -40.0, 0.45).ears(BASE)
    assert ears.threshold == pytest.approx(0.6, abs=0.02)


def test_noise_that_was_taken_for_speech_counts_and_is_forgiven() -> None:
    """Sounds without words raise the threshold, words lower it again."""
    line = Line().was_mistaken().was_mistaken()
    assert line.ears(BASE).threshold == pytest.approx(0.7)
    for _ in range(4):
        line = line.was_right()
    assert line.ears(BASE).threshold == BASE.threshold


def test_speech_close_to_the_noise_must_last_longer() -> None:
    """A blip in a loud room is no word."""
    line = after(Line(), 100, -32.0, 0.1)
    assert line.ears(BASE).min_speech_s == pytest.approx(0.11)
    for _ in range(500):
        line = line.heard_speech(-12.0)
    assert line.ears(BASE).min_speech_s == BASE.min_speech_s


def test_the_line_follows_a_change_later() -> None:
    """A window is opened in mid-call, and closed again."""
    quiet = after(Line(), 300, -80.0, 0.02)
    loud = after(quiet, 300, -35.0, 0.5)
    assert loud.ears(BASE).threshold > 0.6
    assert after(loud, 3000, -80.0, 0.02).ears(BASE).threshold == BASE.threshold


def heard(loudness: Loudness, frames: int, level_db: float) -> Loudness:
    """So many frames of 32 ms at that level."""
    for _ in range(frames):
        loudness = loudness.heard(level_db, 0.032)
    return loudness


def test_a_second_quieter_voice_is_the_callers_silence() -> None:
    """15 dB below the caller, as from across the room: silence after 0.4 s of it, counted from its beginning."""
    talking = heard(Loudness(), 60, -22.0)
    assert heard(talking, 10, -37.0).silence_s == 0.0
    assert heard(talking, 40, -37.0).silence_s > 0.6


def test_a_callers_own_quiet_words_are_not_silence() -> None:
    """Voices fall at the end of a sentence."""
    talking = heard(Loudness(), 60, -22.0)
    for _ in range(10):
        talking = heard(heard(talking, 5, -30.0), 4, -50.0)
    assert talking.silence_s == 0.0


def test_a_caller_who_speaks_up_again_is_heard() -> None:
    """The silence is over with the first loud frame."""
    background = heard(heard(Loudness(), 60, -22.0), 40, -40.0)
    assert heard(background, 2, -23.0).silence_s == 0.0


def test_next_to_a_known_caller_a_second_voice_is_far_sooner() -> None:
    """10 dB below the caller: their own soft words, unless it is known that somebody else talks."""
    talking = heard(Loudness(), 60, -22.0)
    assert heard(talking, 40, -32.0).silence_s == 0.0
    for _ in range(40):
        talking = talking.heard(-32.0, 0.032, near_db=-31.0)
    assert talking.silence_s > 0.6


def around(nearness: Nearness, seconds: float, level_db: float, *, is_voice: bool = True) -> Nearness:
    """So long a sound of that level outside of the caller's turns, in frames of 32 ms."""
    for _ in range(round(seconds / 0.032)):
        nearness = nearness.heard(level_db, 0.032, is_voice=is_voice)
    return nearness


def test_before_the_first_turn_everything_is_near() -> None:
    """Nobody knows yet how loud the caller is."""
    assert around(Nearness(), 0.32, -60.0).seconds == pytest.approx(0.32)


def test_who_is_much_softer_than_the_caller_is_somebody_else() -> None:
    """12 dB below, for more than a second; the caller's own words end that."""
    talk = around(Nearness().spoke(-20.0), 1.8, -32.0)
    assert talk.seconds == 0.0 and talk.has_company
    assert around(talk, 0.1, -22.0).seconds > 0.0


def test_one_soft_word_is_no_company() -> None:
    """A "yes" that was hardly said."""
    assert not around(Nearness().spoke(-20.0), 0.5, -32.0).has_company


def test_the_callers_own_soft_syllables_are_no_company() -> None:
    """A minute of talk, half of it 12 dB below the stressed syllables."""
    nearness = Nearness().spoke(-20.0)
    for _ in range(60):
        nearness = around(around(nearness, 0.5, -22.0), 0.5, -32.0)
    assert not nearness.has_company and nearness.loud_db > -20.5


def test_an_echo_makes_no_company() -> None:
    """While the agent speaks, what is far is its own voice."""
    assert not around(Nearness().spoke(-20.0), 5.0, -40.0, is_voice=False).has_company


def test_company_is_forgotten() -> None:
    """The door was closed a minute ago."""
    assert not around(around(Nearness().spoke(-20.0), 3.0, -35.0), 60.0, -80.0, is_voice=False).has_company


def test_a_caller_who_has_moved_away_is_near_again() -> None:
    """12 dB softer from now on: after some seconds of asking in vain, or after one turn that was let through."""
    assert around(Nearness().spoke(-20.0), 15.0, -32.0).seconds > 0.0
    assert around(Nearness().spoke(-20.0).spoke(-32.0), 0.1, -32.0).seconds > 0.0


def listened(quiet: Quiet, pieces: int, level_db: float, noise_db: float = -80.0) -> Quiet:
    """So many pieces of 10 ms at that level, on a line with that noise."""
    for _ in range(pieces):
        quiet = quiet.heard(level_db, 0.01, noise_db)
    return quiet


def test_a_quiet_line_shows_at_once_that_nobody_speaks() -> None:
    """Silence counts from its first piece, and the first word ends it."""
    talking = listened(Quiet(), 50, -18.0)
    assert talking.seconds == 0.0
    assert listened(talking, 5, -75.0).seconds == pytest.approx(0.05)
    assert listened(listened(talking, 5, -75.0), 1, -30.0).seconds == 0.0


def test_a_weak_consonant_is_not_quiet() -> None:
    """35 dB below the vowel before it, on a line as quiet as a studio."""
    assert listened(listened(Quiet(), 50, -18.0), 10, -53.0).seconds == 0.0


def test_a_rooms_hum_is_quiet_when_nobody_speaks_over_it() -> None:
    """30 dB below the voice and no louder than the noise between words."""
    assert listened(listened(Quiet(), 50, -18.0, -50.0), 5, -49.0, -50.0).seconds == pytest.approx(0.05)


def test_a_loud_room_is_never_quiet() -> None:
    """Noise 15 dB below the voice hides its consonants: the VAD must say when it is over."""
    assert listened(listened(Quiet(), 50, -18.0, -33.0), 50, -33.0, -33.0).seconds == 0.0


def test_a_caller_who_turns_away_is_heard_again() -> None:
    """What was loud fades within seconds, so that a voice that has become soft is not taken for silence."""
    soft = listened(listened(Quiet(), 50, -10.0), 300, -45.0)
    assert listened(soft, 20, -45.0).seconds == 0.0


@given(st.lists(st.tuples(st.floats(-100, 0), st.floats(0, 1)), max_size=80), st.floats(0.05, 0.95), st.integers(0, 9))
def test_the_vad_is_never_easier_to_convince_and_never_deaf(
    frames: list[tuple[float, float]], threshold: float, mistakes: int
) -> None:
    """Between the profile's threshold and the highest that still hears people."""
    line = Line()
    for level_db, probability in frames:
        line = line.heard_noise(level_db, probability)
    for _ in range(mistakes):
        line = line.was_mistaken()
    assert round(threshold, 2) <= line.ears(Ears(threshold, 0.05)).threshold <= max(0.85, round(threshold, 2))
