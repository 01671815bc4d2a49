"""What the witnesses' words come to, together."""

from hypothesis import given
from hypothesis import strategies as st

from agent.rules.evidence import WORTH, Meant, Who, log_odds, turn_is_over


def test_witnesses_who_agree_are_believed_more_than_one_of_them() -> None:
    """And two who do not, less than either."""
    words, sound = {Who.WORDS: 0.95}, {Who.SMART_TURN: 0.98}
    assert turn_is_over(words | sound) > max(turn_is_over(words), turn_is_over(sound))
    assert turn_is_over({Who.WORDS: 0.02} | sound) < turn_is_over(sound)


def test_a_witness_who_is_missing_adds_nothing() -> None:
    """As one does who is undecided."""
    for who, worth in WORTH.items():
        undecided = next(p / 1000 for p in range(1, 1000) if log_odds(p / 1000) >= worth.neutral)
        assert abs(turn_is_over({who: undecided}) - turn_is_over({})) < 0.01


@given(st.sampled_from(Who), st.floats(0, 1), st.floats(0, 1), st.dictionaries(st.sampled_from(Who), st.floats(0, 1)))
def test_the_surer_any_witness_the_likelier_the_end(who: Who, one: float, other: float, rest: dict[Who, float]) -> None:
    """Whatever the others say; no probability breaks it, 0 and 1 neither."""
    less, more = (turn_is_over(rest | {who: said}) for said in sorted((one, other)))
    assert 0.0 < less <= more < 1.0


@given(st.dictionaries(st.sampled_from(Who), st.floats(0, 1)), st.sampled_from(Meant))
def test_the_understanding_never_speaks_against_the_end(said: dict[Who, float], meant: Meant) -> None:
    """What it does not know may be whole nevertheless."""
    assert turn_is_over(said, meant) >= turn_is_over(said)
