"""Open-Meteo's answers, whole and broken, over real HTTP on loopback."""

from datetime import date

import pytest

from agent.errors import NotFound, Unavailable
from backends.weather import DAYS, VARIABLE, OpenMeteo, connect, prepare
from tests.fakes.calls import NOON
from tests.fakes.weather_server import WeatherServer, serving


async def test_a_place_is_looked_up_and_then_its_weather() -> None:
    """Two questions, in the unit asked for."""
    async with serving(WeatherServer()) as server:
        service = OpenMeteo(server.url)
        weather = await service.at("Boston", is_fahrenheit=True)
        await service.aclose()
    assert (weather.place, weather.code, weather.temperature) == ("Boston", 2, 7.8)
    assert len(weather.days) == DAYS and weather.days[1].day == date(2026, 11, 21)
    assert server.asked[0]["name"] == "Boston"
    assert server.asked[1]["temperature_unit"] == "fahrenheit"


async def test_an_unknown_place_is_not_found() -> None:
    """Open-Meteo leaves the results out then."""
    async with serving(WeatherServer()) as server:
        service = OpenMeteo(server.url)
        with pytest.raises(NotFound):
            await service.at("Atlantis", is_fahrenheit=False)
        await service.aclose()


@pytest.mark.parametrize("server", [WeatherServer(status=503), WeatherServer(broken=True)])
async def test_an_answer_that_is_none_is_unavailable(server: WeatherServer) -> None:
    """An error's status, or something that is no forecast."""
    async with serving(server):
        service = OpenMeteo(server.url)
        with pytest.raises(Unavailable, match="weather service"):
            await service.at("Boston", is_fahrenheit=False)
        await service.aclose()


async def test_nobody_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is the operator's; nothing is opened before it is asked, nor must be closed."""
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:9/")
    prepare("sqlite://", lambda: NOON)
    service = connect("sqlite://", lambda: NOON)
    await service.aclose()
    with pytest.raises(Unavailable, match="I can't reach the weather service right now"):
        await service.at("Boston", is_fahrenheit=False)
    await service.aclose()
