"""The server of the operator's pages: a login, four pages and two exports. What is shown is others'; who may see it is
decided here."""

import asyncio
import csv
import io
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.call.call import utc_now
from agent.config import Settings
from agent.errors import StoreError
from agent.events import DROPPED
from agent.memory.looking import Looking, Wanted
from agent.memory.store import Store
from agent.operators.accounts import Accounts, Operator, Role
from agent.operators.asked import choices, query_of, wanted_in
from agent.operators.days import FIGURES, days_of
from agent.operators.record import Records
from agent.operators.sessions import Session, Sessions, is_ours
from agent.operators.shown import LISTENS, STAGES, STATES, bars, figure, since
from agent.page.web import peer_address
from agent.servers.admission import Door, is_loopback

HERE = Path(__file__).parent
COOKIE = "parley_operator"
BY_PAGE = 50
REFRESH_S = 3
DAYS = 30  # that the KPIs show unasked
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

logger = logging.getLogger("parley.operators")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OPERATOR, SESSION = web.RequestKey("operator", Operator), web.RequestKey("session", Session)


class Pages:
    """Shows what the store of these settings holds, days by `zone`."""

    def __init__(
        self,
        settings: Settings,
        zone: ZoneInfo,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings, self._zone, self._now = settings, zone, now
        self._accounts, self._looking = Accounts(settings.store), Looking(settings.store)
        self._records = Records(Store(settings.store), settings.store, now)
        self._sessions = Sessions(clock)
        self._door = Door.of(settings.operators_host, ())
        self._is_local = is_loopback(settings.operators_host)
        templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
        templates.globals.update(figure=figure, local=self._local, length=_length, operator=None, refresh_s=0)
        self._templates = templates

    def app(self) -> web.Application:
        """The aiohttp application, ready for a runner."""
        app = web.Application(middlewares=[self._guard], client_max_size=16 * 1024)
        app.on_response_prepare.append(_dress)
        app.router.add_get("/style.css", self._style)
        app.router.add_get("/login", self._login_page)
        app.router.add_post("/login", self._login)
        for path, needed, page in (
            ("/", Role.VIEWER, self._live),
            ("/calls", Role.VIEWER, self._calls),
            ("/calls.csv", Role.ADMIN, self._calls_csv),
            ("/calls/{call}", Role.VIEWER, self._call),
            ("/kpis", Role.VIEWER, self._kpis),
            ("/kpis.csv", Role.ADMIN, self._kpis_csv),
        ):
            app.router.add_get(path, self._for(needed, page))
        app.router.add_post("/logout", self._for(Role.VIEWER, self._logout))
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Foreign host names and forms of other pages are refused; failures are pages and say nothing of the inside."""
        if not self._door.knows_host(request.host):
            return self._problem(421, "Unknown host", "This server does not answer under that name.")
        if request.method == "POST" and not self._door.admits(request.headers.get("Origin"), request.host):
            return self._problem(403, "Refused", "That form was not of this server.")
        try:
            return await handler(request)
        except web.HTTPRedirection:
            raise
        except web.HTTPException as error:
            return self._problem(error.status, error.reason, "There is nothing here that you may see.")
        except StoreError as error:
            logger.warning("operator's page failed", extra={"path": request.path, "reason": str(error)})
            return self._problem(503, "The store does not answer", "Its state is in this server's log.")

    def _for(self, needed: Role, page: Handler) -> Handler:
        """The page for those whose role includes that one; others are asked to log in, or refused."""

        async def shown(request: web.Request) -> web.StreamResponse:
            session = self._sessions.find(request.cookies.get(COOKIE, ""))
            operator = await asyncio.to_thread(self._accounts.find, session.name) if session else None
            if session is None or operator is None:
                raise web.HTTPSeeOther("/login")
            if not operator.role.may(needed):
                raise web.HTTPForbidden
            request[OPERATOR], request[SESSION] = operator, session
            return await page(request)

        return shown

    async def _style(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(HERE / "style.css", headers={"Content-Type": "text/css; charset=utf-8"})

    async def _login_page(self, _: web.Request) -> web.Response:
        return self._page("login.html", wrong="")

    async def _login(self, request: web.Request) -> web.Response:
        form = await request.post()
        name, password = str(form.get("name", "")), str(form.get("password", ""))
        address = peer_address(request, self._settings.web_proxies)
        if wait_s := self._sessions.wait_s(address, name):
            response = self._page("login.html", status=429, wrong=f"Too many tries. Wait {wait_s:.0f} seconds.")
            response.headers["Retry-After"] = str(int(wait_s) + 1)
            return response
        operator = await asyncio.to_thread(self._accounts.check, name, password[:200])
        if operator is None:
            logger.warning("login refused")
            return self._page("login.html", status=401, wrong="Name or password is wrong.")
        logger.info("login")
        response = web.Response(status=303, headers={"Location": "/"})
        secure = not self._is_local
        response.set_cookie(
            COOKIE, self._sessions.open(operator.name), httponly=True, samesite="Strict", secure=secure, path="/"
        )
        return response

    async def _logout(self, request: web.Request) -> web.Response:
        form = await request.post()
        if not is_ours(request[SESSION], str(form.get("csrf", ""))):
            raise web.HTTPForbidden
        self._sessions.close(request.cookies.get(COOKIE, ""))
        response = web.Response(status=303, headers={"Location": "/login"})
        response.del_cookie(COOKIE, path="/")
        return response

    async def _live(self, request: web.Request) -> web.Response:
        found = await asyncio.to_thread(self._looking.live)
        words = request[OPERATOR].role.may(Role.REVIEWER)
        now = self._now()
        calls = [
            {
                "row": row,
                "since": since(row.started_at, now),
                "state": STATES.get(kind, LISTENS),
                "state_since": since(at, now),
                "lines": (await asyncio.to_thread(self._records.lines, row.id, row.started_at))[-4:] if words else [],
            }
            for row, kind, at in found
        ]
        return self._page("live.html", request=request, calls=calls, refresh_s=REFRESH_S)

    async def _calls(self, request: web.Request) -> web.Response:
        wanted = wanted_in(request.query, self._zone)
        page = max(1, int(request.query["page"])) if request.query.get("page", "").isdecimal() else 1
        found = await asyncio.to_thread(self._looking.calls, wanted, BY_PAGE + 1, (page - 1) * BY_PAGE)
        return self._page(
            "calls.html",
            request=request,
            calls=found[:BY_PAGE],
            page=page,
            has_more=len(found) > BY_PAGE,
            bad_ends=DROPPED,
            values=self._filters(request, wanted),
        )

    async def _call(self, request: web.Request) -> web.Response:
        record = await asyncio.to_thread(self._records.find, request.match_info["call"])
        if record is None:
            raise web.HTTPNotFound
        may_read = request[OPERATOR].role.may(Role.REVIEWER)
        why = "Nothing was said, or nothing of it is kept." if may_read else "Your role may not read what was said."
        shown = record.shown(self._local, words=may_read)
        return self._page("call.html", request=request, values=shown, stages=STAGES, why_no_lines=why)

    async def _kpis(self, request: web.Request) -> web.Response:
        wanted = self._of_days(request)
        scored = await asyncio.to_thread(self._looking.scored, wanted)
        days = days_of(scored, self._zone)
        charts = [{"figure": one, "whole": one.reckon(scored), "bars": bars(days, one)} for one in FIGURES]
        return self._page(
            "kpis.html",
            request=request,
            charts=charts,
            days=days,
            figures=FIGURES,
            values=self._filters(request, wanted),
        )

    async def _calls_csv(self, request: web.Request) -> web.Response:
        found = await asyncio.to_thread(self._looking.calls, wanted_in(request.query, self._zone), 10_000)
        names = ("id", "profile", "channel", "started_at", "ended_at", "end_reason", "turns", "interruptions",
                 "tool_calls", "tool_failures", "provider_failures", "flags", "e2e_p50_ms", "e2e_p95_ms")  # fmt: skip
        return _csv("calls.csv", names, [[getattr(call, name) for name in names] for call in found])

    async def _kpis_csv(self, request: web.Request) -> web.Response:
        days = days_of(await asyncio.to_thread(self._looking.scored, self._of_days(request)), self._zone)
        names = [one.name for one in FIGURES]
        return _csv("kpis.csv", ("day", *names), [[day.day, *(day.figures[name] for name in names)] for day in days])

    def _of_days(self, request: web.Request) -> Wanted:
        wanted = wanted_in(request.query, self._zone)
        if wanted.since or wanted.until:
            return wanted
        today = self._now().astimezone(self._zone).date()
        return wanted_in({**request.query, "since": str(today - timedelta(days=DAYS - 1))}, self._zone)

    def _filters(self, request: web.Request, wanted: Wanted) -> dict[str, object]:
        may_export = request[OPERATOR].role.may(Role.ADMIN)
        return {
            "wanted": wanted,
            "query": urlencode(query_of(wanted)),
            "choices": choices(self._settings.served),
            "may_export": may_export,
        }

    def _page(
        self,
        name: str,
        *,
        request: web.Request | None = None,
        status: int = 200,
        values: Mapping[str, object] | None = None,
        **more: object,
    ) -> web.Response:
        if request is not None:
            more |= {"operator": request[OPERATOR], "csrf": request[SESSION].csrf, "here": request.path}
        text = self._templates.get_template(name).render({**(values or {}), **more})
        return web.Response(status=status, text=text, content_type="text/html")

    def _problem(self, status: int, title: str, sentence: str) -> web.Response:
        return self._page("problem.html", status=status, title=title, sentence=sentence)

    def _local(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"


def _length(call: object) -> str:
    ended, began = getattr(call, "ended_at", None), getattr(call, "started_at", None)
    return since(began, ended) if ended and began else "-"


async def _dress(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def _csv(name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> web.Response:
    """A spreadsheet runs a cell that begins like a formula: such cells get an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=text.getvalue(), content_type="text/csv", headers=headers)


def _cell(value: object) -> str:
    plain = " ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
    return f"'{plain}" if plain[:1] in {"=", "+", "-", "@", "\t", "\r"} else plain
