"""How the speech process and its clients write on their socket: two lengths, a small JSON header, a binary payload.

Who asks what, and when it is asked again, is left to speech_client.py and speech_server.py.
"""

import asyncio
import struct
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError

_LENGTHS = struct.Struct("!II")
MAX_HEADER = 4096
MAX_PAYLOAD = 32 * 1024 * 1024  # ten minutes of speech at 16 kHz are 19 MB


class FrameError(ValueError):
    """The other end does not speak this protocol; the connection cannot go on."""


class Kind(StrEnum):
    """What a message is. The client sends embed to cancel; the process sends the rest."""

    READY = "ready"  # first on every connection: the voice and its sample_rate
    EMBED = "embed"  # payload: a JSON list of texts; done: float32 rows
    TRANSCRIBE = "transcribe"  # payload: PCM16 mono 16 kHz; done: UTF-8 text
    IS_OVER = "is_over"  # payload: a turn's PCM16 mono 16 kHz; done: the probability that it is over, one float32
    SYNTHESIZE = "synthesize"  # payload: one clause as UTF-8; done: PCM16 mono
    KEEP = "keep"  # payload: one clause as UTF-8, to be held ready for every call; done: nothing
    PING = "ping"  # done: nothing, once every model has a thread that works
    CANCEL = "cancel"  # nobody waits for `request` any more
    DONE = "done"
    FAILED = "failed"  # reason says why; it never holds the caller's words


class Header(BaseModel):
    """What stands before a payload."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    request: int = 0
    is_urgent: bool = True
    reason: str = ""
    sample_rate: int = 0
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One header with its payload."""

    header: Header
    payload: bytes = b""


def encode(header: Header, payload: bytes = b"") -> bytes:
    """The bytes of one message."""
    head = header.model_dump_json(exclude_defaults=True).encode()
    return _LENGTHS.pack(len(head), len(payload)) + head + payload


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """The next message, or None when the other end closed. Raises FrameError for anything else than a message."""
    try:
        head_length, payload_length = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
        if not 0 < head_length <= MAX_HEADER or payload_length > MAX_PAYLOAD:
            raise FrameError("lengths out of range")
        header = Header.model_validate_json(await reader.readexactly(head_length))
        return Message(header, await reader.readexactly(payload_length))
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise FrameError("closed in the middle of a message") from None
        return None
    except ValidationError:
        raise FrameError("not a header of this protocol") from None
    except ConnectionError:
        return None
