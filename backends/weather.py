"""Weather: what Open-Meteo says of a place, now and for the days ahead. It needs a network and no key."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Protocol, TypeVar

import httpx2 as httpx  # what LiveKit's own plugins use
from pydantic import BaseModel, Field, ValidationError

from agent.errors import NotFound, Unavailable
from backends.seeding import utc_now

VARIABLE = "PARLEY_WEATHER_URL"
PLACES_URL, FORECAST_URL = "https://geocoding-api.open-meteo.com", "https://api.open-meteo.com"
WITHIN_S = 3.0  # each of two questions; the tool has eight seconds
DAYS = 16
UNREACHABLE = "I can't reach the weather service right now."


@dataclass(frozen=True, slots=True)
class DayWeather:
    """A day as it is expected: code of the World Meteorological Organization's table 4677, and temperatures."""

    day: date
    code: int
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Weather:
    """What is known of a place: now, and the days from its own today on."""

    place: str
    code: int
    temperature: float
    days: tuple[DayWeather, ...]


class WeatherService(Protocol):
    """Whoever knows the weather."""

    async def at(self, place: str, *, is_fahrenheit: bool) -> Weather:
        """The weather at the best known place of that name. Raises NotFound, Unavailable."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


class _Place(BaseModel):
    name: str
    latitude: float
    longitude: float


class _Places(BaseModel):
    results: list[_Place] = Field(default_factory=list)


class _Now(BaseModel):
    temperature_2m: float
    weather_code: int


class _Days(BaseModel):
    time: Annotated[list[date], Field(min_length=1)]
    weather_code: list[int]
    temperature_2m_max: list[float]
    temperature_2m_min: list[float]


class _Forecast(BaseModel):
    current: _Now
    daily: _Days


T = TypeVar("T", bound=BaseModel)


class OpenMeteo:
    """Open-Meteo over HTTPS, or whatever stands in for both of its addresses at `url`."""

    def __init__(self, url: str = "") -> None:
        self._places_url, self._forecast_url = (url, url) if url else (PLACES_URL, FORECAST_URL)
        self._opened: httpx.AsyncClient | None = None

    async def at(self, place: str, *, is_fahrenheit: bool) -> Weather:
        """The weather at the best known place of that name. Raises NotFound, Unavailable."""
        found = await self._ask(f"{self._places_url}/v1/search", _Places, {"name": place, "count": 1})
        if not found.results:
            raise NotFound("I don't know a place of that name.")
        known = found.results[0]
        wanted: dict[str, str | int | float] = {
            "latitude": known.latitude,
            "longitude": known.longitude,
            "current": "temperature_2m,weather_code",
            "daily": "weather_code,temperature_2m_max,temperature_2m_min",
            "timezone": "auto",
            "forecast_days": DAYS,
            "temperature_unit": "fahrenheit" if is_fahrenheit else "celsius",
        }
        told = await self._ask(f"{self._forecast_url}/v1/forecast", _Forecast, wanted)
        rows = zip(
            told.daily.time,
            told.daily.weather_code,
            told.daily.temperature_2m_min,
            told.daily.temperature_2m_max,
            strict=False,
        )
        days = tuple(DayWeather(*row) for row in rows)
        return Weather(known.name, told.current.weather_code, told.current.temperature_2m, days)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._opened is not None:
            await self._opened.aclose()

    async def _ask(self, url: str, kind: type[T], parameters: dict[str, str | int | float]) -> T:
        try:
            response = await self._client.get(url, params=parameters)
            response.raise_for_status()
            return kind.model_validate_json(response.content)
        except (httpx.HTTPError, ValidationError):
            raise Unavailable(UNREACHABLE) from None

    @property
    def _client(self) -> httpx.AsyncClient:
        # most calls never ask, and reading the system's certificates takes a while
        self._opened = self._opened or httpx.AsyncClient(timeout=WITHIN_S)
        return self._opened


KIND = WeatherService


def connect(url: str, clock: Callable[[], datetime]) -> WeatherService:  # noqa: ARG001  # it has no database
    """Open-Meteo, or what PARLEY_WEATHER_URL names; opens nothing yet."""
    return OpenMeteo(os.environ.get(VARIABLE, "").rstrip("/"))


def prepare(url: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Nothing has to be made ready."""
