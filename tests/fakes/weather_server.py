"""Open-Meteo on loopback: both of its addresses, one place, and weather known before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from aiohttp import web

from tests.fakes.loopback import listening

TODAY = date(2026, 11, 20)


@dataclass(slots=True)
class WeatherServer:
    """Where it listens (`url`), what it answers with, and what it was asked."""

    status: int = 200
    broken: bool = False
    code: int = 61
    lowest: float = -3.4
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    async def places(self, request: web.Request) -> web.Response:
        """Boston, whoever asks for it; nothing else is known."""
        self.asked.append(dict(request.query))
        known = {"name": "Boston", "latitude": 42.36, "longitude": -71.06, "country": "United States"}
        is_known = "boston" in request.query["name"].lower()
        return web.json_response({"results": [known]} if is_known else {"generationtime_ms": 0.5}, status=self.status)

    async def forecast(self, request: web.Request) -> web.Response:
        """Eight degrees and partly cloudy now, the same rain on each of the sixteen days."""
        self.asked.append(dict(request.query))
        if self.broken:
            return web.Response(text="<html>maintenance</html>")
        days = [(TODAY + timedelta(days=n)).isoformat() for n in range(16)]
        daily = {
            "time": days,
            "weather_code": [self.code] * 16,
            "temperature_2m_max": [11.6] * 16,
            "temperature_2m_min": [self.lowest] * 16,
        }
        return web.json_response({"current": {"temperature_2m": 7.8, "weather_code": 2}, "daily": daily})


@asynccontextmanager
async def serving(server: WeatherServer) -> AsyncIterator[WeatherServer]:
    """Listen on a free port of loopback while the block runs."""
    app = web.Application()
    app.router.add_get("/v1/search", server.places)
    app.router.add_get("/v1/forecast", server.forecast)
    async with listening(app) as address:
        server.url = f"http://{address}"
        yield server
