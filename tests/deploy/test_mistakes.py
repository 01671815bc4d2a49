"""Every mistake of mistakes.yaml is made once and answered with one sentence; docs/mistakes.md is that table."""

import os
import re
import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Literal

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agent.config import ROOT, Settings
from agent.errors import VoiceAgentError
from agent.page.web import Page, listen
from agent.profile.profile import load_profile
from agent.servers.livekit_server import refuse_wrong_server
from agent.upkeep.checking import check
from deploy import health
from deploy.plan import make_plan
from evals.scenario import load_scripts
from evals.servers import LiveKit, free_port
from tests.fakes.databases import full_disk, locked

PAGE = ROOT / "docs" / "mistakes.md"
SECRET = "canary" * 6  # long enough to be one, and never to be seen in a sentence
PROFILE = """\
name: shop
title: Acme customer desk
language: en
timezone: America/New_York
persona: desk
tools: [end_call, current_date_and_time]
backends: [orders]
memory: {is_private: false}
sentences:
  greeting: "Hello."
  help: "orders and returns"
"""
Places = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One entry of mistakes.yaml, which says what each field means; `kind` is its `is`."""

    shown: str
    says: str
    at: str = "settings"
    environment: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    text: str = ""
    encoding: str = "utf-8"
    old: str = ""
    new: str = ""
    kind: Literal["", "folder", "loop", "gone", "full disk"] = ""


def read_table() -> dict[str, list[Mistake]]:
    """The mistakes by chapter."""
    table = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text(encoding="utf-8"))
    return {
        chapter: [Mistake(**{"kind" if key == "is" else key: value for key, value in row.items()}) for row in rows]
        for chapter, rows in table.items()
    }


TABLE = read_table()
ALL = [mistake for chapter in TABLE.values() for mistake in chapter]


class Friendly(BaseHTTPRequestHandler):
    """Some other program's server: it says 200 to whatever is asked."""

    def do_GET(self) -> None:
        """OK, as JSON, as livekit-server says it, as anybody does."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "ok"}' if "health" in self.path else b"OK")

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody has signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    path = tmp_path_factory.mktemp("tls") / "cert.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def others(certificate: Path) -> Iterator[Places]:
    """Ports of other programs: one that listens, one that says 200 to all, one that does so over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    plain, tls = HTTPServer(("127.0.0.1", 0), Friendly), HTTPServer(("127.0.0.1", 0), Friendly)
    tls.socket = context.wrap_socket(tls.socket, server_side=True)
    for server in (plain, tls):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield {
            "busy": str(busy.getsockname()[1]), "other": str(plain.server_port), "tls": str(tls.server_port),
            "pid": str(os.getpid()),
        }  # fmt: skip
    for server in (plain, tls):
        server.shutdown()
        server.server_close()


@pytest.fixture
def places(others: Places, livekit_server: LiveKit, tmp_path: Path) -> Iterator[Places]:
    """What stands in braces in the table."""
    (tmp_path / "text.db").write_text("a diary, and no database")
    with locked(tmp_path / "locked.db"):
        yield others | {"secret": SECRET} | {
            "livekit": livekit_server.url.rsplit(":", 1)[1], "nobody": str(free_port()), "tmp": str(tmp_path),
        }  # fmt: skip


@pytest.fixture
def environment() -> Iterator[None]:
    """The environment without anything of ours, as it was afterwards."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("PARLEY_", "LIVEKIT_"))]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.mark.needs("livekit-server")
@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("mistake", ALL, ids=lambda mistake: re.sub(r"[^\w=.]+", "-", mistake.shown))
async def test_a_mistake_gets_one_sentence_that_names_it_and_holds_no_secret(
    mistake: Mistake, places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same at every entry point that reads it."""
    set_up(mistake, places, tmp_path)
    with full_disk() if mistake.kind == "full disk" else nullcontext():
        answer = await ENTRIES[mistake.at](tmp_path)
    said = answer or capsys.readouterr().err.removeprefix("parley: ").strip()
    expected, _, _ = filled(mistake.says, places).partition("…")
    heard = said.replace(f"{tmp_path}/", "")
    assert heard.startswith(expected) if mistake.says.endswith("…") else heard == expected
    assert SECRET not in said
    assert "\n" not in said


def set_up(mistake: Mistake, places: Places, folder: Path) -> None:
    """A profile, an environment and files that are right, but for the mistake."""
    profile = folder / "profiles" / "shop"
    for name in ("personas", "knowledge", "scenarios"):
        (profile / name).mkdir(parents=True)
    (profile / "profile.yaml").write_text(PROFILE)
    (profile / "personas" / "desk.md").write_text("You answer.\n")
    shutil.copy(ROOT / "livekit.yaml", folder)
    right = {"LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": SECRET, "PARLEY_WORKER_PORT": "0"}
    own = {"PARLEY_VAR_DIR": str(folder / "var"), "PARLEY_PROFILES_DIR": str(folder / "profiles")}
    given = {name: filled(text, places) for name, text in mistake.environment.items()}
    if mistake.file != ".env":  # the environment would win over it
        os.environ.update(right | own | given)
    if mistake.file:
        put(mistake, folder / mistake.file, filled(mistake.text, places))


def put(mistake: Mistake, path: Path, text: str) -> None:
    """The file, as the mistake has it."""
    if mistake.old:
        assert path.read_text().count(mistake.old) == 1
        text = path.read_text().replace(mistake.old, mistake.new)
    path.unlink(missing_ok=True)
    if mistake.kind == "folder":
        path.mkdir()
    elif mistake.kind == "loop":
        path.symlink_to(path)
    elif mistake.kind != "gone":
        path.write_bytes(text.encode(mistake.encoding))


def filled(text: str, places: Places) -> str:
    """With what stands in braces."""
    return re.sub(r"\{(\w+)\}", lambda found: places[found[1]], text)


async def _settings(folder: Path) -> str:
    return sentence(lambda: Settings.load(folder / ".env"))


async def _production(folder: Path) -> str:
    return sentence(lambda: Settings.load(folder / ".env").refuse_placeholders())


async def _worker(folder: Path) -> str:
    return sentence(lambda: check(Settings.load(folder / ".env")))


async def _scenario(folder: Path) -> str:
    return sentence(lambda: load_scripts(load_profile("shop", folder / "profiles"), {}))


async def _livekit(folder: Path) -> str:
    try:
        await refuse_wrong_server(Settings.load(folder / ".env"))
    except VoiceAgentError as error:
        return str(error)
    return "nothing"


async def _run(folder: Path) -> str:
    try:
        await make_plan(Settings.load(folder / ".env"), folder / "livekit.yaml")
    except VoiceAgentError as error:
        return str(error)
    return "nothing"


async def _page(folder: Path) -> str:
    try:
        settings = Settings.load(folder / ".env")
        await (await listen(Page(settings, load_profile("shop", folder / "profiles")), settings)).cleanup()
    except VoiceAgentError as error:
        return str(error)
    return "nothing"


async def _health_worker(_: Path) -> str:
    assert health.main(["worker"]) != 0
    return ""


async def _health_page(_: Path) -> str:
    assert health.main(["page"]) != 0
    return ""


def sentence(act: Callable[[], object]) -> str:
    """What the error says; any other exception is a traceback to an operator."""
    try:
        act()
    except VoiceAgentError as error:
        return str(error)
    return "nothing"


ENTRIES = {
    "settings": _settings, "production": _production, "worker": _worker, "livekit": _livekit, "page": _page,
    "run": _run, "health worker": _health_worker, "health page": _health_page, "scenario": _scenario,
}  # fmt: skip


def test_the_page_of_mistakes_is_this_table() -> None:
    """docs/mistakes.md has every mistake with its sentence, in this order, and no other."""
    rows = [
        f"| {_cell(mistake.shown)} | {_cell(filled(mistake.says, AS_SHOWN))} |"
        for chapter in TABLE.values()
        for mistake in chapter
    ]
    text = PAGE.read_text(encoding="utf-8")
    heads = ("| mistake", "| ---")
    assert [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(heads)] == rows
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(TABLE)
    assert len(ALL) >= 40


AS_SHOWN = {
    "busy": "8080", "other": "8080", "livekit": "7880", "tls": "7443", "nobody": "7999", "pid": "4711", "tmp": "/srv",
    "secret": "…",
}  # fmt: skip


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
