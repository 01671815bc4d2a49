"""What an operator gets wrong, what each entry point says to it, and nothing else: test_mistakes.py makes every one of
these mistakes, and docs/mistakes.md is this table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Entry = Literal["settings", "production", "worker", "livekit", "page", "run", "health worker", "health page", "scenario"]
SECRET = "canary" * 6  # noqa: S105  # long enough to be one, and never to be seen in a sentence
POSTGRES = "postgresql+psycopg://parley:" + SECRET


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """`shown` is the mistake in the operator's eyes. It is set up by `environment`, by the bytes of `env_file`, or by
    lines `replaced` in a file of the profile, then made at `entry`, which must say `says` and no more.

    In braces: {busy} a port that another program listens on, {other} one where another program answers 200, {livekit}
    our livekit-server's, {tls} one that speaks TLS, {nobody} a free one, {other_pid} this process, {tmp} a folder.
    """

    shown: str
    says: str
    entry: Entry = "settings"
    environment: Mapping[str, str] = field(default_factory=dict)
    env_file: bytes = b""
    file: str = ""
    replaced: tuple[str, str] = ("", "")
    content: bytes | None = None


def _set(shown: str, says: str, entry: Entry = "settings", **environment: str) -> Mistake:
    return Mistake(shown=shown, says=says, entry=entry, environment=environment)


def _env(shown: str, env_file: bytes, says: str) -> Mistake:
    return Mistake(shown=shown, env_file=env_file, says=says)


def _profile(shown: str, old: str, new: str, says: str) -> Mistake:
    return Mistake(shown=shown, entry="worker", file="profile.yaml", replaced=(old, new), says=says)


def _file(shown: str, file: str, content: bytes, says: str, entry: Entry = "worker") -> Mistake:
    return Mistake(shown=shown, entry=entry, file=file, content=content, says=says)


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

BLANK = "set, but blank; give it a value or take it away; see docs/settings.md"
QUOTES = "begins or ends with a space or a quote that is part of it; take that away"
WS = "as in ws://127.0.0.1:7880; see docs/settings.md"

MISTAKES: Mapping[str, Sequence[Mistake]] = {
    "Key and secret": [
        _set("LIVEKIT_API_KEY and LIVEKIT_API_SECRET swapped", "?", LIVEKIT_API_KEY=SECRET, LIVEKIT_API_SECRET="APIx7Hq2kLmN4"),
        _set("the development pair swapped", "?", LIVEKIT_API_KEY="secret", LIVEKIT_API_SECRET="devkey"),
        _set("a key that the server does not know", "?", "livekit", LIVEKIT_URL="ws://127.0.0.1:{livekit}", LIVEKIT_API_KEY="APIx7Hq2kLmN4"),
        _set("the secret of another key", "?", "run", LIVEKIT_URL="ws://127.0.0.1:{livekit}", LIVEKIT_API_KEY="devkey"),
        _set("a secret that is too short, in production", "?", "production", LIVEKIT_API_KEY="APIx7Hq2kLmN4", LIVEKIT_API_SECRET="hunter22"),
        _set("the development secret, in production", "?", "production", LIVEKIT_API_SECRET="secret", LIVEKIT_API_KEY="devkey"),
        _set('LIVEKIT_API_KEY="APIx7Hq2kLmN4" with its quotes (docker --env-file)', "?", LIVEKIT_API_KEY='"APIx7Hq2kLmN4"'),
        _set("a carriage return at the end of LIVEKIT_API_KEY", "?", LIVEKIT_API_KEY="APIx7Hq2kLmN4\r"),
        _set("a line end within LIVEKIT_API_SECRET", "?", LIVEKIT_API_SECRET=SECRET + "\n" + SECRET),
        _set("a space after LIVEKIT_API_SECRET", "?", LIVEKIT_API_SECRET=SECRET + " "),
        _set("LIVEKIT_API_SECRET=", "?", LIVEKIT_API_SECRET=""),
        _set("LIVEKIT_API_SECERT for LIVEKIT_API_SECRET", "?", LIVEKIT_API_SECERT=SECRET),
    ],
    "Where LiveKit is": [
        _set("LIVEKIT_URL=127.0.0.1:7880", "?", LIVEKIT_URL="127.0.0.1:7880"),
        _set("LIVEKIT_URL=localhost:7880", "?", LIVEKIT_URL="localhost:7880"),
        _set("LIVEKIT_URL=ws:/127.0.0.1:7880", "?", LIVEKIT_URL="ws:/127.0.0.1:7880"),
        _set("LIVEKIT_URL=ws://127.0.0.1:abc", "?", LIVEKIT_URL="ws://127.0.0.1:abc"),
        _set("LIVEKIT_URL=ws://127.0.0.1:78800", "?", LIVEKIT_URL="ws://127.0.0.1:78800"),
        _set("LIVEKIT_URL=ws://:7880", "?", LIVEKIT_URL="ws://:7880"),
        _set("LIVEKIT_URL with the key and secret in it", "?", LIVEKIT_URL="ws://key:" + SECRET + "@127.0.0.1:7880"),
        _set("LIVEKIT_URL with a token in it", "?", LIVEKIT_URL="wss://x.example/?access_token=" + SECRET),
        _set("wss:// to a server without TLS", "?", "livekit", LIVEKIT_URL="wss://127.0.0.1:{livekit}"),
        _set("ws:// to a server with TLS", "?", "livekit", LIVEKIT_URL="ws://127.0.0.1:{tls}"),
        _set("wss:// to a server whose certificate is nobody's", "?", "livekit", LIVEKIT_URL="wss://127.0.0.1:{tls}"),
        _set("another program at LIVEKIT_URL, which answers 200", "?", "run", LIVEKIT_URL="ws://127.0.0.1:{other}"),
        _set("nobody at LIVEKIT_URL, with `agent.py`", "?", "livekit", LIVEKIT_URL="ws://127.0.0.1:{nobody}"),
        _set("nobody at LIVEKIT_URL, with `make run`, which would start one elsewhere", "?", "run", LIVEKIT_URL="ws://127.0.0.1:{nobody}"),
        _set("nobody at a wss:// address of this machine, with `make run`", "?", "run", LIVEKIT_URL="wss://127.0.0.1:7880"),
        _set("PARLEY_PUBLIC_LIVEKIT_URL=talk.example.org", "?", PARLEY_PUBLIC_LIVEKIT_URL="talk.example.org"),
    ],
    "Other variables": [
        _set("PARLEY_PROFILE=", "?", PARLEY_PROFILE=""),
        _set("PARLEY_VAR_DIR=", "?", PARLEY_VAR_DIR=""),
        _set("PARLEY_VAR_DIR= with a blank in it", "?", PARLEY_VAR_DIR="  "),
        _set("PARLEY_PROFLE=bank", "?", PARLEY_PROFLE="bank"),
        _set("PARLY_PROFILE=bank", "?", PARLY_PROFILE="bank"),
        _set("PARLEY_COLOUR=blue", "?", PARLEY_COLOUR="blue"),
        _set("PARLEY_PROFILE=shops", "?", "worker", PARLEY_PROFILE="shops"),
        _set("PARLEY_PROFILES=bank,shops", "?", "worker", PARLEY_PROFILES="bank,shops"),
        _set("PARLEY_PROFILES_DIR=nowhere", "?", "worker", PARLEY_PROFILES_DIR="nowhere"),
        _set("PARLEY_CAPACITY=many", "?", PARLEY_CAPACITY="many"),
        _set("PARLEY_CAPACITY=0", "?", PARLEY_CAPACITY="0"),
        _set("PARLEY_LOG_LEVEL=verbose", "?", PARLEY_LOG_LEVEL="verbose"),
        _set("PARLEY_WEB_IS_OPEN=perhaps", "?", PARLEY_WEB_IS_OPEN="perhaps"),
        _set("PARLEY_WEB_ORIGINS=example.org", "?", PARLEY_WEB_ORIGINS="example.org"),
        _set("PARLEY_WEB_ORIGINS=https://example.org/page", "?", PARLEY_WEB_ORIGINS="https://example.org/page"),
        _set("PARLEY_WEB_PROXIES=proxy.local", "?", PARLEY_WEB_PROXIES="proxy.local"),
        _set("PARLEY_WEATHER_URL=api.open-meteo.com", "?", PARLEY_WEATHER_URL="api.open-meteo.com"),
        _set("PARLEY_STT_THREADS=two", "?", PARLEY_STT_THREADS="two"),
        _set("PARLEY_PIPER_VOICE=nowhere.onnx", "?", "worker", PARLEY_PIPER_VOICE="nowhere.onnx"),
    ],
    "Hosts and ports": [
        _set("PARLEY_WORKER_PORT=99999", "?", PARLEY_WORKER_PORT="99999"),
        _set("PARLEY_WEB_PORT=eighty", "?", PARLEY_WEB_PORT="eighty"),
        _set("PARLEY_WEB_HOST=http://127.0.0.1", "?", PARLEY_WEB_HOST="http://127.0.0.1"),
        _set("PARLEY_WEB_HOST=127.0.0.1:8080", "?", PARLEY_WEB_HOST="127.0.0.1:8080"),
        _set("PARLEY_WORKER_PORT of a program that runs, with `agent.py`", "?", "worker", PARLEY_WORKER_PORT="{busy}"),
        _set("PARLEY_WEB_PORT of a program that runs", "?", "page", PARLEY_WEB_PORT="{busy}"),
        _set("PARLEY_WEB_PORT of a program that runs, with `make run`", "?", "run", PARLEY_WEB_PORT="{busy}"),
        _set("one port for worker and page", "?", "run", PARLEY_WEB_PORT="{nobody}", PARLEY_WORKER_PORT="{nobody}"),
        _set("PARLEY_WORKER_HOST=203.0.113.9, which is another machine's", "?", "worker", PARLEY_WORKER_HOST="203.0.113.9"),
        _set("PARLEY_WEB_HOST=no.such.host.invalid", "?", "page", PARLEY_WEB_HOST="no.such.host.invalid", PARLEY_WEB_IS_OPEN="true", LIVEKIT_API_KEY="APIx7Hq2kLmN4"),
        _set("PARLEY_WEB_HOST=0.0.0.0 alone", "?", "page", PARLEY_WEB_HOST="0.0.0.0"),
        _set("health check of a worker port where another program answers 200", "?", "health worker", PARLEY_WORKER_PORT="{other}"),
        _set("health check of a page port where another program answers 200", "?", "health page", PARLEY_WEB_PORT="{other}"),
        _set("health check of the page where livekit-server answers", "?", "health page", PARLEY_WEB_PORT="{livekit}"),
        _set("health check where nobody is", "?", "health page", PARLEY_WEB_PORT="{nobody}"),
        _set("health check of port eighty", "?", "health page", PARLEY_WEB_PORT="eighty"),
    ],
    "Databases and folders": [
        _set("PARLEY_STORE_URL=none", "?", "worker", PARLEY_STORE_URL="none"),
        _set("PARLEY_STORE_URL=/var/lib/parley.db", "?", "worker", PARLEY_STORE_URL="/var/lib/parley.db"),
        _set("PARLEY_STORE_URL of a database that is not known here", "?", "worker", PARLEY_STORE_URL="oracle://parley:" + SECRET + "@db/x"),
        _set("PARLEY_STORE_URL with a port that is none", "?", "worker", PARLEY_STORE_URL=POSTGRES + "@127.0.0.1:abc/x"),
        _set("PARLEY_STORE_URL of a Postgres that does not run", "?", "worker", PARLEY_STORE_URL=POSTGRES + "@127.0.0.1:{nobody}/x"),
        _set("PARLEY_BACKEND_URL=mongodb://db", "?", "worker", PARLEY_BACKEND_URL="mongodb://db"),
        _set("PARLEY_STORE_URL of a file that another program holds locked", "?", "worker", PARLEY_STORE_URL="sqlite:///{tmp}/locked.db"),
        _set("PARLEY_STORE_URL of a file that is no database", "?", "worker", PARLEY_STORE_URL="sqlite:///{tmp}/text.db"),
        _set("PARLEY_STORE_URL of a folder", "?", "worker", PARLEY_STORE_URL="sqlite:///{tmp}"),
        _set("PARLEY_VAR_DIR that is a file", "?", "worker", PARLEY_VAR_DIR="{tmp}/text.db"),
        _set("PARLEY_VAR_DIR where nothing can be written", "?", "worker", PARLEY_VAR_DIR="/proc/parley"),
        _set("PARLEY_VAR_DIR on a disk that is full", "?", "worker", PARLEY_VAR_DIR="/dev/full/parley"),
    ],
    "The file .env": [
        _env("PARLEY_PROFLE=bank in line 2", b"# mine\nPARLEY_PROFLE=bank\n", "?"),
        _env("Latin-1", "# caf\u00e9\nPARLEY_PROFILE=shop\n".encode("latin-1"), "?"),
        _env("UTF-16, as old Windows editors write", "PARLEY_PROFILE=shop\n".encode("utf-16"), "?"),
        _env("UTF-16 without a mark", "PARLEY_PROFILE=shop\n".encode("utf-16-le"), "?"),
        _env("a control character", b"PARLEY_PROFILE=shop\nLIVEKIT_API_KEY=API\x1bx7Hq2\n", "?"),
        _env("one variable twice", b"PARLEY_PROFILE=shop\n\nPARLEY_PROFILE=bank\n", "?"),
        _env("a line without =", b"PARLEY_PROFILE=shop\nPARLEY_WEB_PORT\n", "?"),
        _env("a quote that is not closed", b'PARLEY_PROFILE=shop\nLIVEKIT_API_SECRET="' + SECRET.encode() + b"\n", "?"),
        _env("PARLEY_VAR_DIR= in line 1", b"PARLEY_VAR_DIR=\n", "?"),
        _env("LIVEKIT_API_KEY='\"APIx7Hq2kLmN4\"'", b"LIVEKIT_API_KEY='\"APIx7Hq2kLmN4\"'\n", "?"),
        _env("PARLEY_WEB_PORT: 8080, as in YAML", b"PARLEY_WEB_PORT: 8080\n", "?"),
        _env("a folder named .env", b"FOLDER", "?"),
        _env("a link that leads round in a circle", b"LOOP", "?"),
    ],
    "profile.yaml": [
        _profile("a key without a value", "timezone: America/New_York", "timezone:", "?"),
        _profile("a key twice", "language: en\n", "language: en\nname: shop\n", "?"),
        _profile("an unknown key", "timezone:", "time_zone:", "?"),
        _profile("a key that is missing", "title: Acme customer desk\n", "", "?"),
        _profile("a time zone that does not exist", "America/New_York", "America/Atlantis", "?"),
        _profile("a tab", "sentences:\n  greeting", "sentences:\n\tgreeting", "?"),
        _profile("a control character", "Acme customer desk", "Acme \x07 desk", "?"),
        _profile("a number for a sentence", "title: Acme customer desk", "title: 4711", "?"),
        _profile("a quote that is not closed", 'help: "orders', "help: 'orders", "?"),
        _profile("a date that does not exist", "title: Acme customer desk", "title: 2026-02-30", "?"),
        _profile("an anchor and its alias", "language: en\n", "language: &a [a]\ntimezone: *a\n", "?"),
        _profile("another profile's name", "name: shop", "name: bank", "?"),
        _profile("a tool that does not exist", "end_call,", "end_cal,", "?"),
        _profile("a persona without a file", "persona: desk", "persona: clerk", "?"),
        _profile("a wait that is longer than the next", "language: en\n", "language: en\nturns: {finished_s: 2.0}\n", "?"),
        _profile("a provider that is none", "language: en\n", "language: en\nproviders: {llm: gtp}\n", "?"),
        _profile("a list for a mapping", "memory: {is_private: false}", "memory: [is_private]", "?"),
        _file("an anchor bomb", "profile.yaml", b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (c + 1, c + 1, c, c) for c in range(97, 120)), "?"),
        _file("a thousand brackets", "profile.yaml", b"name: " + b"[" * 5000, "?"),
        _file("an empty file", "profile.yaml", b"", "?"),
        _file("a list instead of keys", "profile.yaml", b"- name\n- shop\n", "?"),
        _file("two documents in one file", "profile.yaml", b"name: shop\n---\nname: shop\n", "?"),
        _file("Latin-1", "profile.yaml", "name: shop\ntitle: Caf\u00e9\n".encode("latin-1"), "?"),
        _file("UTF-16", "profile.yaml", "name: shop\n".encode("utf-16"), "?"),
        _file("a folder instead of the file", "profile.yaml", b"FOLDER", "?"),
        _file("a file that is not there", "profile.yaml", b"GONE", "?"),
        _file("a file that cannot be read", "profile.yaml", b"LOOP", "?"),
    ],
    "Personas, knowledge, scenarios and livekit.yaml": [
        _file("tools: without a value, which would be all tools", "personas/desk.md", b"---\ntools:\n---\nYou answer.\n", "?"),
        _file("a key twice in a persona", "personas/desk.md", b"---\ntier: none\ntier: full\n---\nYou answer.\n", "?"),
        _file("front matter without its end", "personas/desk.md", b"---\ntier: none\nYou answer.\n", "?"),
        _file("a blank line above the front matter", "personas/desk.md", b"\n---\ntools: []\n---\nYou answer.\n", "?"),
        _file("a list that is none, in a persona", "personas/desk.md", b"---\ntools: lookup_order\n---\nYou answer.\n", "?"),
        _file("Latin-1 in the knowledge", "knowledge/store.md", "# Caf\u00e9\n".encode("latin-1"), "?"),
        _file("a key twice in a scenario", "scenarios/orders.yaml", b"clock: 2026-11-20T12:00:00\nclock: 2026-11-21T12:00:00\n", "?", "scenario"),
        _file("a blank value in a scenario", "scenarios/orders.yaml", b"clock: 2026-11-20T12:00:00\nscenarios:\n", "?", "scenario"),
        _file("an unknown key in a scenario", "scenarios/orders.yaml", b"clock: 2026-11-20T12:00:00\nscenes: []\n", "?", "scenario"),
        _file("livekit.yaml without a port", "../../livekit.yaml", b"keys: {devkey: secret}\n", "?", "run"),
        _file("livekit.yaml with a port that is none", "../../livekit.yaml", b"port: http\n", "?", "run"),
        _file("livekit.yaml that is no YAML", "../../livekit.yaml", b"port: 7880: 7881\n", "?", "run"),
    ],
}
