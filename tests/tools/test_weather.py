"""The weather as a caller hears it."""

from datetime import date, timedelta

import pytest

from agent.errors import NotFound, Refused, Unavailable
from backends.weather import OpenMeteo, WeatherService
from tests.fakes.calls import recorded_call, shop
from tests.fakes.contexts import context_of
from tests.fakes.weather_server import TODAY, WeatherServer, serving
from tools.weather import get_weather


async def asked(server: WeatherServer, place: str, day: date | None = None, locale: str = "en-US") -> str:
    """What the tool says with that server."""
    async with serving(server):
        service = OpenMeteo(server.url)
        profile = shop().model_copy(update={"locale": locale})
        call, _ = recorded_call(profile, backends={WeatherService: service})
        try:
            return await get_weather(context_of(call), place, day)
        finally:
            await service.aclose()


@pytest.mark.parametrize("place", ["Boston", "in Boston, please.", "uh, it's Boston"])
async def test_the_weather_now(place: str) -> None:
    """The place is that of the answer, whatever was said around it."""
    assert await asked(WeatherServer(), place) == (
        "In Boston it is partly cloudy now, 8 degrees Fahrenheit, and today it will be between -3 and 12 degrees."
    )


async def test_the_weather_of_a_day() -> None:
    """Degrees as the locale counts them."""
    said = await asked(WeatherServer(code=75, lowest=1.0), "Boston", TODAY + timedelta(days=1), "en-GB")
    assert said == ("In Boston it will be snowy on Saturday, November 21, between 1 and 12 degrees Celsius.")


@pytest.mark.parametrize(
    ("code", "sky"), [(0, "clear"), (3, "overcast"), (48, "foggy"), (55, "drizzly"), (99, "stormy")]
)
async def test_each_code_is_a_word(code: int, sky: str) -> None:
    """The group it is in."""
    assert f"will be {sky} today" in await asked(WeatherServer(code=code), "Boston", TODAY)


async def test_what_it_cannot_know_it_says() -> None:
    """A day too far away, a place that is none, a service that is not there."""
    with pytest.raises(Refused, match="today and the next 15 days"):
        await asked(WeatherServer(), "Boston", TODAY + timedelta(days=40))
    with pytest.raises(NotFound, match="I don't know a place called Atlantis"):
        await asked(WeatherServer(), "Atlantis")
    with pytest.raises(Unavailable, match="I can't reach the weather service right now"):
        await asked(WeatherServer(status=500), "Boston")
