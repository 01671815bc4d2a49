"""Which scenarios are played aloud."""

from agent.config import ROOT
from agent.profile.profile import load_profile
from evals.spoken import scripts_of


def test_a_profiles_spoken_scenarios_are_played_in_their_first_wording() -> None:
    """Each once, and only those whose name holds what is asked for, in any case."""
    shop = load_profile("shop", ROOT / "profiles")
    names = [script.name for script in scripts_of(shop, "")]
    assert names and len(names) == len(set(names))
    assert all(script.scenario.spoken for script in scripts_of(shop, ""))
    assert [script.name for script in scripts_of(shop, names[0].upper())] == names[:1]
    assert scripts_of(shop, "no such scenario") == []
