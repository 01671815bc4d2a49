"""The operator's pages on a real server with a month of calls: who gets in, who sees what, and that it is there."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from agent.config import Settings
from agent.errors import ConfigError
from agent.operators.__main__ import main, refuse_unsafe
from agent.operators.accounts import Accounts, Role
from agent.operators.pages import COOKIE, Pages
from agent.operators.sessions import IDLE_S, TRIES
from tests.fakes.filled_store import NOW, fill
from tests.fakes.loopback import listening

PASSWORD = "correct horse battery"


class Clock:
    """A steady clock that is set forward by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """As it was set."""
        return self.seconds


@dataclass
class Desk:
    """The server, and a browser that keeps its cookies."""

    url: str
    browser: aiohttp.ClientSession
    clock: Clock
    accounts: Accounts

    async def login(self, name: str, password: str = PASSWORD, origin: str = "") -> aiohttp.ClientResponse:
        """Send the form of the login page."""
        form = {"name": name, "password": password}
        headers = {"Origin": origin or self.url}
        return await self.browser.post(f"{self.url}/login", data=form, headers=headers, allow_redirects=False)

    async def see(self, path: str) -> tuple[int, str]:
        """The status and text of a page."""
        answer = await self.browser.get(f"{self.url}{path}", allow_redirects=False)
        return answer.status, await answer.text()


@pytest.fixture(scope="module")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A month of calls, and an account of each role."""
    folder = tmp_path_factory.mktemp("store")
    url = f"sqlite:///{folder / 'parley.db'}"
    fill(url, folder / "audit")
    accounts = Accounts(url)
    for role in Role:
        accounts.put(role.value, role, PASSWORD)
    return url


@pytest.fixture
async def desk(store_url: str) -> AsyncIterator[Desk]:
    """The pages of that store, at a time just after its last call."""
    clock = Clock()
    settings = Settings.model_validate({"store_url": store_url})
    pages = Pages(settings, ZoneInfo("America/New_York"), clock, lambda: NOW)
    jar = aiohttp.CookieJar(unsafe=True)  # an address is no name
    async with listening(pages.app()) as address, aiohttp.ClientSession(cookie_jar=jar) as browser:
        yield Desk(f"http://{address}", browser, clock, Accounts(store_url))


@pytest.mark.parametrize("path", ["/", "/calls", "/calls.csv", "/calls/AJ_0001", "/kpis", "/kpis.csv"])
async def test_whoever_has_not_logged_in_sees_the_login_only(desk: Desk, path: str) -> None:
    """Whatever they ask for."""
    status, text = await desk.see(path)
    assert status == 303 and "AJ_" not in text


async def test_a_login_opens_the_pages_and_a_logout_closes_them(desk: Desk) -> None:
    """With a cookie that scripts and other sites do not get."""
    answer = await desk.login("viewer")
    assert answer.status == 303
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Strict"
    _, text = await desk.see("/")
    csrf = text.partition('name="csrf" value="')[2].partition('"')[0]
    origin = {"Origin": desk.url}
    forged = await desk.browser.post(f"{desk.url}/logout", data={"csrf": "guessed"}, headers=origin)
    assert forged.status == 403 and (await desk.see("/"))[0] == 200
    await desk.browser.post(f"{desk.url}/logout", data={"csrf": csrf}, headers=origin)
    assert (await desk.see("/"))[0] == 303


@pytest.mark.parametrize(("name", "password"), [("viewer", "wrong"), ("nobody", PASSWORD), ("", "")])
async def test_a_wrong_name_and_a_wrong_password_are_told_alike(desk: Desk, name: str, password: str) -> None:
    """So that nobody finds out who has an account."""
    answer = await desk.login(name, password)
    assert answer.status == 401 and "Name or password is wrong." in await answer.text()


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_form_of_another_site_is_refused(desk: Desk, origin: str) -> None:
    """Even with the right password."""
    assert (await desk.login("admin", origin=origin)).status == 403


async def test_a_foreign_host_name_is_refused(desk: Desk) -> None:
    """A name that was made to point here is no way in."""
    answer = await desk.browser.get(f"{desk.url}/login", headers={"Host": "evil.example"})
    assert answer.status == 421


async def test_who_guesses_passwords_has_to_wait(desk: Desk) -> None:
    """After some tries, the right one too; and then may try again."""
    for _ in range(TRIES):
        assert (await desk.login("admin", "wrong")).status == 401
    assert (await desk.login("admin")).status == 429
    desk.clock.seconds += 60
    assert (await desk.login("admin")).status == 303


async def test_a_session_that_nobody_uses_ends(desk: Desk) -> None:
    """As does that of an account that is removed."""
    await desk.login("viewer")
    desk.clock.seconds += IDLE_S - 1
    assert (await desk.see("/"))[0] == 200
    desk.clock.seconds += IDLE_S + 1
    assert (await desk.see("/"))[0] == 303
    desk.accounts.put("leaving", Role.VIEWER, PASSWORD)
    await desk.login("leaving")
    assert (await desk.see("/"))[0] == 200
    desk.accounts.remove("leaving")
    assert (await desk.see("/"))[0] == 303


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("reviewer", 403), ("admin", 200)])
async def test_only_an_admin_takes_data_out(desk: Desk, role: str, status: int) -> None:
    """The link is shown to nobody else either."""
    await desk.login(role)
    assert (await desk.see("/calls.csv"))[0] == (await desk.see("/kpis.csv"))[0] == status
    assert ("Export as CSV" in (await desk.see("/calls"))[1]) == (status == 200)


@pytest.mark.parametrize(("role", "reads"), [("viewer", False), ("reviewer", True)])
async def test_results_and_words_are_for_reviewers(desk: Desk, role: str, reads: bool) -> None:
    """A viewer sees figures."""
    await desk.login(role)
    _, text = await desk.see("/calls/AJ_0005")
    assert ("asked where order 4505 is" in text) == ("where is my order &lt;ACCOUNT_1&gt;" in text) == reads
    assert ("Your role may not read what was said." in text) != reads


async def test_live_calls_are_shown_with_their_state(desk: Desk) -> None:
    """And no call that is over."""
    await desk.login("viewer")
    _, text = await desk.see("/")
    assert "1 live call" in text and "AJ_0120" in text and "AJ_0119" not in text
    assert "It was shipped" not in text, "a viewer reads no words"
    assert "listens" in text and "speaks_fast" in text and "1:30" in text


async def test_reviewers_read_along(desk: Desk) -> None:
    """The last words of both sides, with placeholders for what is private."""
    await desk.login("reviewer")
    _, text = await desk.see("/")
    assert "It was shipped on Friday &amp; comes today." in text and "&lt;ACCOUNT_" in text


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("", ["AJ_0120", "AJ_0119"], ["AJ_0001"]),
        ("?page=3", ["AJ_0001"], ["AJ_0119"]),
        ("?search=AJ_0007", ["AJ_0007"], ["AJ_0008"]),
        ("?search=4533", ["AJ_0033"], ["AJ_0034"]),
        ("?search=%25", [], ["AJ_0001", "AJ_0119"]),
        ("?reason=crashed", ["AJ_0092"], ["AJ_0119"]),
        ("?flag=wants_human", ["AJ_0119"], ["AJ_0118"]),
        ("?channel=browser", ["AJ_0117"], ["AJ_0118"]),
        ("?profile=bank", [], ["AJ_0119"]),
        ("?since=2026-11-29", ["AJ_0119"], ["AJ_0115"]),
        ("?since=2026-11-28&until=2026-11-28", ["AJ_0115"], ["AJ_0116"]),
        ("?since=nonsense&page=-1", ["AJ_0119"], []),
    ],
)
async def test_calls_are_found_by_what_is_asked(desk: Desk, query: str, there: list[str], not_there: list[str]) -> None:
    """What is no sense does not choose."""
    await desk.login("viewer")
    status, text = await desk.see(f"/calls{query}")
    assert status == 200
    assert all(call in text for call in there) and not any(f">{call}<" in text for call in not_there)


async def test_a_call_shows_its_turns_tools_and_events(desk: Desk) -> None:
    """The waterfall of every turn, what tools did, how well the caller was known; and nothing for one that is not."""
    await desk.login("reviewer")
    _, text = await desk.see("/calls/AJ_0022")
    expected = {"endpointing", "stt", "llm", "tts", "start_return", "failed", "partial, 0 failed", "Interrupted"}
    assert not [word for word in expected if word not in text]
    assert (await desk.see("/calls/AJ_9999"))[0] == 404


async def test_kpis_are_added_up_by_day(desk: Desk) -> None:
    """Thirty days, every figure, and the same in the export."""
    await desk.login("admin")
    _, text = await desk.see("/kpis")
    assert text.count("2026-11-29:") == 13 and "Tasks completed" in text and "First-call resolution" in text
    _, table = await desk.see("/kpis.csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == 30 and rows[0]["day"] == "2026-10-31"
    assert {row["calls"] for row in rows} == {"4.0"}


async def test_nothing_on_a_page_is_run_and_nothing_is_kept(desk: Desk) -> None:
    """No script, no frame, no cache."""
    answer = await desk.browser.get(f"{desk.url}/login")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Frame-Options"] == "DENY"
    assert "<script" not in await answer.text()


async def test_what_stands_in_the_store_is_no_markup(desk: Desk) -> None:
    """A search and a name are shown as they are written."""
    await desk.login("viewer")
    _, text = await desk.see("/calls?search=%22%3E%3Cscript%3E")
    assert "<script" not in text and "&lt;script&gt;" in text


def test_beyond_loopback_the_pages_need_to_be_opened() -> None:
    """The variable that opens them is named."""
    closed = Settings.model_validate({"operators_host": "10.0.0.7"})
    with pytest.raises(ConfigError, match="PARLEY_OPERATORS_IS_OPEN"):
        refuse_unsafe(closed)
    refuse_unsafe(Settings.model_validate({"operators_host": "10.0.0.7", "operators_is_open": True}))


async def test_beyond_loopback_cookies_need_tls(store_url: str) -> None:
    """They travel over nothing else."""
    settings = Settings.model_validate({"store_url": store_url, "operators_host": "0.0.0.0"})  # noqa: S104  # not bound
    pages = Pages(settings, ZoneInfo("UTC"))
    async with listening(pages.app()) as address, aiohttp.ClientSession() as browser:
        form, headers = {"name": "viewer", "password": PASSWORD}, {"Origin": f"http://{address}"}
        answer = await browser.post(f"http://{address}/login", data=form, headers=headers, allow_redirects=False)
    assert answer.cookies[COOKIE]["secure"]


def test_accounts_are_seen_to_by_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The password comes from the environment or the terminal, never from the command line."""
    monkeypatch.setenv("PARLEY_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("PARLEY_OPERATOR_PASSWORD", "short")
    with pytest.raises(ConfigError, match="12 characters"):
        main(["add", "anna", "admin"])
    monkeypatch.setenv("PARLEY_OPERATOR_PASSWORD", PASSWORD)
    main(["add", "anna", "admin"])
    main(["list"])
    main(["remove", "anna"])
    main(["list"])
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "anna may log in as admin", "anna: admin", "anna is removed", "there are no accounts",
    ]  # fmt: skip
    assert PASSWORD.encode() not in (tmp_path / "parley.db").read_bytes()
