"""What the weather is, from the backend `weather`."""

import re
from datetime import date
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call.call import Call
from agent.errors import NotFound, Refused
from agent.intent import Intent, Slot, SlotKind, understood
from backends.weather import DAYS, DayWeather, Weather, WeatherService
from tools import spoken

Place = Annotated[str, Field(min_length=2, max_length=80, description="A city, as in Boston or Paris, France.")]
Day = Annotated[date | None, Field(description="An ISO date; leave it out for the weather now.")]

# table 4677 as Open-Meteo uses it: the first code of each group
_SKIES = (
    (95, "stormy"),
    (85, "snowy"),
    (80, "showery"),
    (71, "snowy"),
    (61, "rainy"),
    (51, "drizzly"),
    (45, "foggy"),
    (3, "overcast"),
    (1, "partly cloudy"),
    (0, "clear"),
)
_POLITE = re.compile(
    r"^(?:(?:uh|um|well|it's|in|at|for|near|the city of)\s+)+|[\s,]*(?:please|thanks|thank you)?[.!?\s]*$",
    re.IGNORECASE,
)


@understood(
    Intent(
        examples=(
            "what's the weather like today",
            "is it going to rain",
            "what's the weather like",
            "how is the weather tomorrow",
            "will it rain on Saturday",
            "what's the forecast for the weekend",
            "is it cold outside",
            "how warm will it be tomorrow",
            "what's the temperature right now",
            "do I need an umbrella today",
            "will there be snow",
            "is it sunny over there",
        ),
        slots=(
            Slot(name="place", kind=SlotKind.TEXT, ask="For which city?", min_length=2),
            Slot(name="day", kind=SlotKind.DATE, ask="For which day?", is_optional=True),
        ),
    )
)
@function_tool
async def get_weather(ctx: RunContext[Call], place: Place, day: Day = None) -> str:
    """Tell the weather in a city, now or on one of the next sixteen days.

    Use it for any question about weather, temperature, rain or snow. Ask for the city if the caller has not said one.
    """
    call = ctx.userdata
    is_fahrenheit = call.profile.locale == "en-US"
    service = call.backend(WeatherService)  # type: ignore[type-abstract]  # a Protocol is the key
    name = _POLITE.sub("", place).strip()
    try:
        weather = await service.at(name, is_fahrenheit=is_fahrenheit)
    except NotFound:
        raise NotFound(f"I don't know a place called {spoken.name(name)}.") from None
    unit = "Fahrenheit" if is_fahrenheit else "Celsius"
    return _expected(weather, _of(weather, day), unit, call.now().date()) if day else _present(weather, unit)


def _of(weather: Weather, day: date) -> DayWeather:
    found = next((known for known in weather.days if known.day == day), None)
    if found is None:
        raise Refused(f"I only know the weather of today and the next {spoken.number(DAYS - 1)} days.")
    return found


def _present(weather: Weather, unit: str) -> str:
    today = weather.days[0]
    return (
        f"In {spoken.name(weather.place)} it is {_sky(weather.code)} now, {_degrees(weather.temperature)} {unit}, "
        f"and today it will be between {_number(today.lowest)} and {_degrees(today.highest)}."
    )


def _expected(weather: Weather, day: DayWeather, unit: str, today: date) -> str:
    when = spoken.on(day.day, today=today)
    return (
        f"In {spoken.name(weather.place)} it will be {_sky(day.code)} {when}, "
        f"between {_number(day.lowest)} and {_degrees(day.highest)} {unit}."
    )


def _sky(code: int) -> str:
    return next((word for first, word in _SKIES if code >= first), "unsettled")


def _degrees(value: float) -> str:
    return f"{_number(value)} {'degree' if abs(round(value)) == 1 else 'degrees'}"


def _number(value: float) -> str:
    return str(round(value))
