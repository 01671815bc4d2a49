"""The tools that any deployment may list, in calls by text without a large model."""

from pathlib import Path

import pytest

from agent.config import ROOT
from agent.profile.profile import Profile
from backends.weather import VARIABLE
from evals.embedding import RealEmbedder
from evals.rehearsal import Rehearsal, rehearse
from tests.fakes.calls import shop
from tests.fakes.weather_server import WeatherServer, serving

SCENARIOS = """\
clock: 2026-11-20T12:00:00
scenarios:
  - name: asks for the weather of a day
    turns:
      - {say: [will it rain tomorrow, what will the weather be like on Saturday], said: [For which city], calls: []}
      - {say: [in Boston please, Boston], calls: [get_weather], said: [In Boston it will be rainy on Saturday]}
  - name: asks for the weather now
    turns:
      - {say: [is it going to rain, how cold is it outside], calls: []}
      - {say: Boston, calls: [get_weather], said: [partly cloudy now]}
  - name: has a reminder noted
    turns:
      - {say: [can you remind me tomorrow, I need a reminder for tomorrow], said: [What shall I remind you of]}
      - {say: to water the plants, said: [At what time]}
      - {say: at nine in the morning, said: [Which number]}
      - {say: five five five zero one zero zero two zero zero, calls: [], said: [to water the plants]}
      - {say: yes, calls: [set_reminder], said: [nine A M]}
    database:
      - {table: follow_ups, values: {kind: reminder, about: to water the plants, due_at: 2026-11-21T09:00}}
  - name: leaves the reminder
    turns:
      - {say: set a reminder for Friday}
      - {say: forget it, said: [sentences.cancelled]}
"""
CUT_OFF = """\
clock: 2026-11-20T12:00:00
scenarios:
  - name: asks for weather that cannot be had
    turns:
      - {say: what's the weather like today}
      - {say: Boston, calls: [get_weather], said: [I can't reach the weather service right now]}
"""


@pytest.fixture
def anywhere(tmp_path: Path) -> Profile:
    """The shop with these tools beside its own, and scenarios of the test's."""
    (tmp_path / "scenarios").mkdir()
    for part in ("knowledge", "personas"):
        (tmp_path / part).symlink_to(ROOT / "profiles" / "shop" / part)
    tools, backends = (*shop().tools, "get_weather"), (*shop().backends, "weather")
    return shop().model_copy(update={"folder": tmp_path, "tools": tools, "backends": backends})


@pytest.mark.parametrize(("scenarios", "is_there"), [(SCENARIOS, True), (CUT_OFF, False)])
async def test_they_are_understood_and_do_what_they_say(
    anywhere: Profile, real_embedder: RealEmbedder, monkeypatch: pytest.MonkeyPatch, scenarios: str, is_there: bool
) -> None:
    """Weather that is known or cannot be reached, a reminder that is confirmed or left."""
    (anywhere.folder / "scenarios" / "any.yaml").write_text(scenarios, encoding="utf-8")
    async with serving(WeatherServer()) as server:
        monkeypatch.setenv(VARIABLE, server.url if is_there else "http://127.0.0.1:9")
        results = await rehearse([Rehearsal(anywhere, real_embedder, anywhere.folder)])
    assert [failure for result in results for failure in result.failures] == []
