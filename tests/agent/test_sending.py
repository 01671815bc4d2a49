"""Sending a reminder: a signed webhook on a real HTTP server, mail on a real SMTP server, both on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any  # aiosmtpd, a package of the tests, has no types

import pytest
from aiohttp import web

from agent.errors import ConfigError
from agent.profile.choices import ReminderChoice
from agent.sending import Mail, MailServer, ReminderHook, Unsent, Webhook, sender_of, signature
from backends.follow_ups import FollowUp, Kind
from tests.fakes.calls import shop
from tests.fakes.loopback import listening

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
DUE = FollowUp(kind=Kind.REMINDER, call_id="x", number="+15550100200", due_at=NOON, about="the lamp\nBcc: all@x.org")


@dataclass
class Hook:
    """What came in, and what is answered."""

    status: int = 204
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Kept as it came."""
        self.seen.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})

    def app(self) -> web.Application:
        """POSTs to /hook, and to where redirects lead."""
        app = web.Application()
        app.router.add_post("/hook", self.take)
        app.router.add_route("*", "/elsewhere", self.take)
        return app


def hooked(url: str) -> ReminderHook:
    """The shop's webhook."""
    return ReminderHook("shop", Webhook(url, "s3cret", lambda: NOON))


async def test_a_webhook_gets_a_signed_and_dated_reminder() -> None:
    """Whoever knows the secret can tell that it is ours, unchanged, and of now; its id is the same at every try."""
    hook = Hook()
    async with listening(hook.app()) as address:
        send = hooked(f"http://{address}/hook")
        await send(DUE)
        await send(DUE)
    (headers, body), (again, _) = hook.seen
    assert json.loads(body) == {
        "id": DUE.key,
        "profile": "shop",
        "number": "+15550100200",
        "due_at": NOON.isoformat(),
        "about": DUE.about,
    }
    assert headers["Parley-Timestamp"] == str(int(NOON.timestamp()))
    assert headers["Parley-Signature"] == signature("s3cret", headers["Parley-Timestamp"], body)
    assert headers["Parley-Signature"] != signature("another", headers["Parley-Timestamp"], body)
    assert headers["Idempotency-Key"] == again["Idempotency-Key"] == DUE.key


@pytest.mark.parametrize("status", [302, 307, 400, 500, 503])
async def test_what_is_not_taken_is_unsent(status: int) -> None:
    """A redirect is not followed: the secret's holder is at the address that was given."""
    hook = Hook(status)
    async with listening(hook.app()) as address:
        with pytest.raises(Unsent, match=f"answered {status}"):
            await hooked(f"http://{address}/hook")(DUE)
    assert len(hook.seen) == 1


async def test_a_webhook_that_is_not_there_is_unsent() -> None:
    """In a sentence without the address, which may hold a token."""
    with pytest.raises(Unsent, match=r"^the webhook cannot be reached: \w+$"):
        await hooked("http://127.0.0.1:9/hook?token=abc")(DUE)


class Inbox:
    """What an SMTP server was given."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.accepted = 0
        self.answer = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Kept, unless it is refused."""
        self.messages.append(envelope.content)
        self.accepted += self.answer.startswith("250")
        return self.answer


@pytest.fixture
async def inbox() -> AsyncIterator[tuple[Inbox, str]]:
    """A real SMTP server on loopback, and its address."""
    smtp = pytest.importorskip("aiosmtpd.smtp")
    box, loop = Inbox(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: smtp.SMTP(box, loop=loop), "127.0.0.1", 0)
    try:
        yield box, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_mail_says_for_whom_and_what(inbox: tuple[Inbox, str]) -> None:
    """Nothing a caller said becomes a header; its id is the same at every try."""
    box, url = inbox
    send = Mail(MailServer(url, ("", "")), "parley@example.com", "desk@example.com")
    await asyncio.gather(send(DUE), send(DUE))
    first, second = (message_from_bytes(raw) for raw in box.messages)
    assert (first["To"], first["From"], first["Subject"]) == ("desk@example.com", "parley@example.com", "Reminder")
    assert first["Message-ID"] == second["Message-ID"] == f"<{DUE.key}@parley.invalid>"
    assert "Bcc" not in first
    body = str(first.get_payload())
    assert "For +15550100200" in body and "the lamp" in body


async def test_mail_that_is_refused_or_nowhere_to_go_is_unsent(inbox: tuple[Inbox, str]) -> None:
    """And no password goes over a line without TLS."""
    box, url = inbox
    box.answer = "451 later"
    with pytest.raises(Unsent, match="SMTPDataError"):
        await Mail(MailServer(url, ("", "")), "parley@example.com", "desk@example.com")(DUE)
    with pytest.raises(Unsent, match="did not take it"):
        await Mail(MailServer(url, ("me", "pass")), "parley@example.com", "desk@example.com")(DUE)
    with pytest.raises(Unsent, match="ConnectionRefusedError"):
        await Mail(MailServer("smtp://127.0.0.1:9", ("", "")), "parley@example.com", "desk@example.com")(DUE)
    assert len(box.messages) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook": "https://x.example/hook"},
        {"webhook": "ftp://x.example", "secret_variable": "S"},
        {"smtp": "smtp://x.example:25"},
        {"smtp": "x.example", "mail_from": "a@x.example", "mail_to": "b@x.example"},
        {"webhook": "https://x.example", "secret_variable": "S", "smtp": "smtp://x.example:25"},
    ],
)
def test_half_a_choice_is_refused(wrong: dict[str, str]) -> None:
    """When the profile is read."""
    with pytest.raises(ValueError, match=r"reminder|webhook|smtp|pattern"):
        ReminderChoice(**wrong)


def test_a_secret_that_is_not_set_is_said_before_any_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable's name, never its value."""
    choice = ReminderChoice(webhook="https://x.example/hook", secret_variable="PARLEYS_REMINDER_SECRET")
    profile = shop().model_copy(update={"reminders": choice})
    monkeypatch.delenv("PARLEYS_REMINDER_SECRET", raising=False)
    with pytest.raises(ConfigError, match="the environment has no PARLEYS_REMINDER_SECRET"):
        sender_of(profile, lambda: NOON)
    monkeypatch.setenv("PARLEYS_REMINDER_SECRET", "x")
    assert isinstance(sender_of(profile, lambda: NOON), ReminderHook)
    assert sender_of(shop(), lambda: NOON) is None
    mail = ReminderChoice(smtp="smtp://127.0.0.1:25", mail_from="a@x.example", mail_to="b@x.example")
    assert isinstance(sender_of(shop().model_copy(update={"reminders": mail}), lambda: NOON), Mail)
