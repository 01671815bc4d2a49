"""Messages on the speech process's socket."""

import asyncio
import struct

import pytest

from agent.providers.local.framing import MAX_PAYLOAD, FrameError, Header, Kind, encode, read_message


def reader_of(data: bytes) -> asyncio.StreamReader:
    """A connection on which the other end wrote `data` and closed."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


async def test_a_message_arrives_as_it_was_sent() -> None:
    """Header and payload survive the wire, whatever bytes the payload holds."""
    header = Header(kind=Kind.TRANSCRIBE, request=7, is_urgent=False)
    message = await read_message(reader_of(encode(header, b"\x00\xff" * 50)))
    assert message is not None
    assert (message.header, message.payload) == (header, b"\x00\xff" * 50)


async def test_a_closed_connection_is_no_message() -> None:
    """The end between two messages is the end, not an error."""
    assert await read_message(reader_of(b"")) is None


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("!II", 0, 0),
        struct.pack("!II", 20, MAX_PAYLOAD + 1),
        struct.pack("!II", 4, 0) + b"null",
        struct.pack("!II", 16, 0) + b'{"kind":"shout"}',
        encode(Header(kind=Kind.EMBED), b"half of this")[:-5],
    ],
)
async def test_anything_else_is_a_frame_error(data: bytes) -> None:
    """Foreign protocols, absurd lengths, unknown kinds and half messages are told apart from an end."""
    with pytest.raises(FrameError):
        await read_message(reader_of(data))
