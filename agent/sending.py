"""Sending out of the house: a reminder to the profile's webhook, signed, or by mail; a call's result to its own; a
confirmation to its caller. When, reminding says."""

import asyncio
import hashlib
import hmac
import json
import os
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp

from agent.errors import ConfigError, VoiceAgentError
from agent.profile.departments import BROWSER
from agent.profile.profile import Profile, place

TIMEOUT_S = 10.0


class Unsent(VoiceAgentError):
    """It did not arrive, as far as we know."""


class Due(Protocol):
    """The result of a call, or its confirmation, as the store keeps it."""

    @property
    def key(self) -> str:
        """The call's id."""
        ...

    @property
    def body(self) -> str:
        """JSON, the same at every try."""
        ...


class Reminder(Protocol):
    """One that is due, as its system of record keeps it."""

    @property
    def key(self) -> str:
        """The same at every try."""
        ...

    @property
    def number(self) -> str:
        """Whom it is for, E.164."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """Since when."""
        ...

    @property
    def about(self) -> str:
        """In the caller's words."""
        ...


def sender_of(profile: Profile, clock: Callable[[], datetime]) -> Callable[[Reminder], Awaitable[None]] | None:
    """How this profile's reminders are sent, raising Unsent; None when they are told at the next call only. Raises
    ConfigError for a variable that is not set."""
    chosen = profile.reminders
    if chosen.webhook:
        secret = _secret(profile, "reminders", "secret_variable")
        return ReminderHook(profile.name, Webhook(chosen.webhook, secret, clock))
    if chosen.smtp:
        return Mail(MailServer(chosen.smtp, _login(profile, "reminders")), chosen.mail_from, chosen.mail_to)
    return None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in Parley-Signature: HMAC-SHA256 of the time, a dot and the body."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Webhook:
    """POSTs JSON, signed. Only a status of 2xx counts; redirects are not followed."""

    def __init__(self, url: str, secret: str, clock: Callable[[], datetime]) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock

    async def post(self, key: str, body: bytes) -> None:
        """`key` is the same at every try. Raises Unsent."""
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "Parley-Timestamp": timestamp,
            "Parley-Signature": signature(self._secret, timestamp, body),
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session,
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                if not 200 <= response.status < 300:
                    raise Unsent(f"the webhook answered {response.status}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unsent(f"the webhook cannot be reached: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class ReminderHook:
    """Posts each reminder of a profile."""

    profile: str
    webhook: Webhook

    async def __call__(self, due: Reminder) -> None:
        """Raises Unsent."""
        await self.webhook.post(due.key, json.dumps(_told(self.profile, due)).encode())


@dataclass(frozen=True, slots=True)
class ResultHook:
    """Posts each result."""

    webhook: Webhook

    async def __call__(self, due: Due) -> None:
        """Raises Unsent."""
        await self.webhook.post(due.key, due.body.encode())


def result_sender_of(profile: Profile, clock: Callable[[], datetime]) -> ResultHook | None:
    """How the results of this profile's calls are posted; None when they are only kept. Raises ConfigError likewise."""
    chosen = profile.results
    if not chosen.webhook:
        return None
    return ResultHook(Webhook(chosen.webhook, _secret(profile, "results", "secret_variable"), clock))


def invitation_hook_of(profile: Profile, clock: Callable[[], datetime]) -> Webhook | None:
    """Where links for people with a browser are posted; None when nobody is invited. Raises ConfigError likewise."""
    chosen = profile.transfers
    if chosen.webhook:
        return Webhook(chosen.webhook, _secret(profile, "transfers", "secret_variable"), clock)
    for name, department in profile.departments.items():
        if BROWSER in department.to:
            where = place(profile, "departments", name, "to")
            raise ConfigError(f"{where}: {BROWSER} needs transfers.webhook, to which the link is sent")
    return None


class MailServer:
    """`smtps://host:465` is TLS from the start; `smtp://host:587` begins TLS where the server offers it, and without it
    gives away no password."""

    def __init__(self, url: str, login: tuple[str, str]) -> None:
        self._url = urlsplit(url)
        self._login = login

    async def send(self, message: EmailMessage) -> None:
        """Hand it over, on a thread of its own. Raises Unsent."""
        try:
            await asyncio.to_thread(self._deliver, message)
        except (smtplib.SMTPException, OSError) as error:
            raise Unsent(f"the mail server did not take it: {type(error).__name__}") from None

    def _deliver(self, message: EmailMessage) -> None:
        with self._connected() as server:
            if self._login[0]:
                if not isinstance(server.sock, ssl.SSLSocket):
                    raise smtplib.SMTPException("no TLS, so no password")
                server.login(*self._login)
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        host, port, context = self._url.hostname or "", self._url.port or 0, ssl.create_default_context()
        if self._url.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        return server


class Mail:
    """Mails each reminder to one address."""

    def __init__(self, server: MailServer, sender: str, receiver: str) -> None:
        self._server = server
        self._sender = sender
        self._receiver = receiver

    async def __call__(self, due: Reminder) -> None:
        """Raises Unsent."""
        when = f"{due.due_at:%Y-%m-%d %H:%M %Z}" if due.due_at else ""
        text = f"For {due.number}, due {when}:\n\n{due.about}\n"
        await self._server.send(_message(due.key, "Reminder", self._sender, self._receiver, text))


@dataclass(frozen=True, slots=True)
class ConfirmationSender:
    """Sends each confirmation the way that its address asks for: by `mail`, from `mail_from`, or by `gateway`."""

    title: str
    mail: MailServer | None
    mail_from: str
    gateway: Webhook | None

    async def __call__(self, due: Due) -> None:
        """Raises Unsent, also for what the profile has no way for any more."""
        told = json.loads(due.body)
        if "@" not in told["to"] and self.gateway is not None:
            await self.gateway.post(due.key, due.body.encode())
        elif "@" in told["to"] and self.mail is not None:
            await self.mail.send(_message(due.key, self.title, self.mail_from, told["to"], f"{told['text']}\n"))
        else:
            raise Unsent("the profile no longer says how such a confirmation is sent")


CallSend = Callable[[Due], Awaitable[None]]


def confirmation_sender_of(profile: Profile, clock: Callable[[], datetime]) -> ConfirmationSender | None:
    """How this profile's callers get their confirmations; None when they get none. Raises ConfigError likewise."""
    chosen = profile.confirmations
    if not (chosen.gateway or chosen.smtp):
        return None
    gateway = (
        Webhook(chosen.gateway, _secret(profile, "confirmations", "secret_variable"), clock) if chosen.gateway else None
    )
    mail = MailServer(chosen.smtp, _login(profile, "confirmations")) if chosen.smtp else None
    return ConfirmationSender(profile.title, mail, chosen.mail_from, gateway)


def _message(key: str, subject: str, sender: str, receiver: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, sender, receiver
    message["Message-ID"] = f"<{key}@parley.invalid>"  # the same at every try
    message.set_content(text)
    return message


def _told(profile: str, due: Reminder) -> dict[str, str]:
    at = due.due_at.isoformat() if due.due_at else ""
    return {"id": due.key, "profile": profile, "number": due.number, "due_at": at, "about": due.about}


def _login(profile: Profile, section: str) -> tuple[str, str]:
    """Name and password at its mail server; empty where the section names no variables."""
    keys = "user_variable", "password_variable"
    user, password = (_secret(profile, section, key) if getattr(getattr(profile, section), key) else "" for key in keys)
    return user, password


def _secret(profile: Profile, section: str, key: str) -> str:
    variable = str(getattr(getattr(profile, section), key))
    if not os.environ.get(variable):
        raise ConfigError(f"{place(profile, section, key)}: the environment has no {variable}")
    return os.environ[variable]
