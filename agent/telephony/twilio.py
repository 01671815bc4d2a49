"""Twilio's two languages: webhooks (signed forms, answered in TwiML) and the messages of a Media Stream's WebSocket.

What is done with them is stream_line.py's and media_streams.py's.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Literal
from xml.sax.saxutils import quoteattr

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

TICKET_LIFE_S = 60.0
TICKET = "ticket"  # the name of the stream's parameter
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})  # statuses after which there is no call
MAX_PAYLOAD = 16 * 1024  # base64 of two seconds; Twilio sends 20 ms at a time
_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response>{}</Response>'

Short = Annotated[str, Field(max_length=256)]
Form = Mapping[str, Sequence[str]]


def signature(token: str, url: str, form: Form) -> str:
    """X-Twilio-Signature of a form that was posted to `url`: HMAC-SHA1 over the address and its sorted fields."""
    fields = (name + value for name in sorted(form) for value in sorted(set(form[name])))
    digest = hmac.new(token.encode(), (url + "".join(fields)).encode(), hashlib.sha1)
    return base64.b64encode(digest.digest()).decode()


def is_signed(token: str, url: str, form: Form, shown: str) -> bool:
    """Whether whoever knows the token has signed this form for this address."""
    return hmac.compare_digest(signature(token, url, form).encode(), shown.encode())


@dataclass(frozen=True, slots=True)
class Expected:
    """A call that Twilio has announced and whose stream is awaited. Numbers as Twilio writes them."""

    call: str
    caller: str
    called: str
    profile: str
    until: float  # seconds since the epoch

    def signed(self, secret: str) -> str:
        """As a ticket: nobody else can make one, or change it."""
        said = base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()
        return f"{said}.{_proof(secret, said)}"

    @classmethod
    def of(cls, ticket: str, secret: str, now: float) -> "Expected | None":
        """What a ticket says; None when it is none of ours, or too old."""
        said, _, proof = ticket.partition(".")
        if not hmac.compare_digest(_proof(secret, said).encode(), proof.encode()):
            return None
        known = cls(**json.loads(base64.urlsafe_b64decode(said)))
        return known if now <= known.until else None


def _proof(secret: str, said: str) -> str:
    return hmac.new(secret.encode(), f"parley stream {said}".encode(), hashlib.sha256).hexdigest()


def connect(stream_url: str, ticket: str, again_url: str) -> str:
    """TwiML: talk over that stream; when it ends, ask at `again_url` how the call goes on."""
    parameter = f"<Parameter name={quoteattr(TICKET)} value={quoteattr(ticket)}/>"
    stream = f"<Stream url={quoteattr(stream_url)}>{parameter}</Stream>"
    again = again_url.replace("&", "&amp;")
    return _TWIML.format(f'<Connect>{stream}</Connect><Redirect method="POST">{again}</Redirect>')


def busy() -> str:
    """TwiML: the line is busy; the call is not answered, and costs nothing."""
    return _TWIML.format('<Reject reason="busy"/>')


def hang_up(sentence: str = "") -> str:
    """TwiML: end the call, after a sentence in Twilio's own voice if there is one."""
    return _TWIML.format(f"<Say>{sentence}</Say><Hangup/>" if sentence else "<Hangup/>")


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Connected(_Message):
    """The socket is open."""

    event: Literal["connected"]


class MediaFormat(_Message):
    """How sound is written."""

    encoding: Literal["audio/x-mulaw"]
    sampleRate: Literal[8000]  # noqa: N815  # Twilio's spelling
    channels: Literal[1]


class StartBody(_Message):
    """Which stream of which call."""

    streamSid: Short  # noqa: N815
    callSid: Short  # noqa: N815
    customParameters: dict[Short, Annotated[str, Field(max_length=2048)]] = Field(default={}, max_length=16)  # noqa: N815
    mediaFormat: MediaFormat  # noqa: N815


class Start(_Message):
    """The stream begins."""

    event: Literal["start"]
    start: StartBody


class MediaBody(_Message):
    """A piece of one direction's sound; `chunk` counts them from 1."""

    track: Short
    chunk: int
    payload: Annotated[str, Field(max_length=MAX_PAYLOAD)]


class Media(_Message):
    """Sound."""

    event: Literal["media"]
    media: MediaBody

    @property
    def sound(self) -> bytes:
        """Mu-law; empty when it is no base64, or not the caller's."""
        try:
            return base64.b64decode(self.media.payload, validate=True) if self.media.track == "inbound" else b""
        except binascii.Error:
            return b""


class DtmfBody(_Message):
    """One key."""

    digit: Annotated[str, Field(pattern=r"^[0-9*#A-Da-d]$")]


class Dtmf(_Message):
    """A key was pressed."""

    event: Literal["dtmf"]
    dtmf: DtmfBody


class MarkBody(_Message):
    """A mark by the name that we gave it."""

    name: Short


class Mark(_Message):
    """All that was sent before the mark has been played, or was cleared."""

    event: Literal["mark"]
    mark: MarkBody


class Stop(_Message):
    """The stream, or the call, is over."""

    event: Literal["stop"]


Message = Connected | Start | Media | Dtmf | Mark | Stop
_READ: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="event")])


def read(text: str) -> Message | None:
    """A message of Twilio's; None for what is none that we know, whatever is wrong with it."""
    try:
        return _READ.validate_json(text)
    except ValidationError:
        return None


def media(stream: str, sound: bytes) -> str:
    """Sound to be queued and played: mu-law."""
    payload = base64.b64encode(sound).decode()
    return json.dumps({"event": "media", "streamSid": stream, "media": {"payload": payload}})


def mark(stream: str, name: str) -> str:
    """Ask to be told when all that was sent so far has been played."""
    return json.dumps({"event": "mark", "streamSid": stream, "mark": {"name": name}})


def clear(stream: str) -> str:
    """Throw away what is queued."""
    return json.dumps({"event": "clear", "streamSid": stream})
