"""What scanners, broken telephones and liars send to a SIP port: nothing answers that should not, nothing dies, and the
next caller is served."""

import asyncio
import socket
import uuid
from collections.abc import Callable

import pytest

from agent.telephony.trunks import InboundTrunk
from evals.telephone import calling
from tests.agent.telephony.conftest import PASSWORD, SHOP, USERNAME, Office
from tests.agent.telephony.test_calls import all_gone, rooms

pytestmark = [
    pytest.mark.needs("livekit-server", "livekit-sip", "redis-server", "sipp"),
    pytest.mark.timeout(120),
]
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
)
DIGEST = (
    'Proxy-Authorization: Digest username="pbx", realm="{realm}", nonce="{nonce}", uri="sip:{to}@127.0.0.1", '
    'response="{response}", algorithm=MD5\r\n'
)
Change = Callable[[str], str]


def invite(to: str, call_id: str, more: str = "", body: str = SDP) -> str:
    """A whole INVITE as a telephone sends it, without a digest."""
    return (
        f"INVITE sip:{to}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:PORT;branch=z9hG4bK{uuid.uuid4().hex}\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:+15550100199@127.0.0.1>;tag=a{call_id[:8]}\r\nTo: <sip:{to}@127.0.0.1>\r\n"
        f"Call-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.1:PORT>\r\n{more}"
        f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def without(header: str) -> Change:
    """The same, that header left out."""
    return lambda text: "\r\n".join(line for line in text.split("\r\n") if not line.startswith(header))


def swapped(old: str, new: str) -> Change:
    """The same, one thing for another."""
    return lambda text: text.replace(old, new)


MALFORMED: dict[str, Change] = {
    **{f"no {name}": without(name) for name in ("Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards")},
    "no body": lambda text: text.partition("v=0")[0],
    "half a body": lambda text: text[: text.index("c=IN")],
    "body is no SDP": swapped(SDP, "hello\r\n"),
    "port 0": swapped("m=audio 40000", "m=audio 0"),
    "port of nobody": swapped("m=audio 40000", "m=audio 99999"),
    "video alone": swapped("m=audio", "m=video"),
    "unknown codec": swapped("RTP/AVP 0", "RTP/AVP 77"),
    "negative length": swapped("Content-Length: ", "Content-Length: -"),
    "length that lies": swapped("Content-Length: ", "Content-Length: 9"),
    "length in words": swapped("Content-Length: ", "Content-Length: many"),
    "CSeq of another": swapped("CSeq: 1 INVITE", "CSeq: 1 BYE"),
    "CSeq beyond 32 bits": swapped("CSeq: 1 ", "CSeq: 99999999999 "),
    "CSeq negative": swapped("CSeq: 1 ", "CSeq: -1 "),
    "old version": swapped("127.0.0.1 SIP/2.0", "127.0.0.1 SIP/1.0"),
    "no version": swapped("127.0.0.1 SIP/2.0", "127.0.0.1"),
    "HTTP": swapped("INVITE sip:", "GET http://"),
    "broken URI": swapped("INVITE sip:+", "INVITE sip:::[[+"),
    "empty user": swapped(f"sip:{SHOP}@", "sip:@"),
    "user of 5000 letters": swapped(f"sip:{SHOP}@", f"sip:{'9' * 5000}@"),
    "path in the user": swapped(f"sip:{SHOP}@", "sip:../../etc/passwd@"),
    "SQL in the user": swapped("sip:+15550100199@", "sip:'; drop table calls; --@"),
    "format in the user": swapped("sip:+15550100199@", "sip:%n%n%s%x@"),
    "zero byte": swapped("Max-Forwards", "X\0Y: 1\r\nMax-Forwards"),
    "bytes of no alphabet": swapped("Max-Forwards", "X: \xff\xfe\r\nMax-Forwards"),
    "header without a colon": swapped("Max-Forwards", "NoColonHere\r\nMax-Forwards"),
    "header of 20000 letters": swapped("Max-Forwards", f"X: {'A' * 20_000}\r\nMax-Forwards"),
    "500 headers": swapped("Max-Forwards", "X: 1\r\n" * 500 + "Max-Forwards"),
    "line ends of Unix": swapped("\r\n", "\n"),
    "folded for ever": swapped("Max-Forwards", "X: 1\r\n" + " \t\r\n" * 200 + "Max-Forwards"),
    "no more hops": swapped("Max-Forwards: 70", "Max-Forwards: 0"),
    "two Call-IDs": swapped("CSeq:", "Call-ID: another\r\nCSeq:"),
    "tag in To": swapped(f"To: <sip:{SHOP}@127.0.0.1>", f"To: <sip:{SHOP}@127.0.0.1>;tag=guessed"),
    "nothing but line ends": lambda _: "\r\n" * 50,
    "noise": lambda _: "\x00\x01\x02" * 300,
    "one letter": lambda _: "I",
}
LIES: dict[str, str] = {
    "a digest of nobody": DIGEST.format(realm="x", nonce="y", to=SHOP, response="0" * 32),
    "an empty digest": "Proxy-Authorization: Digest\r\n",
    "basic": "Proxy-Authorization: Basic cGJ4OnBieA==\r\n",
    "a digest for the wrong header": DIGEST.replace("Proxy-", "").format(realm="", nonce="", to=SHOP, response=""),
    "asserted identity": "P-Asserted-Identity: <sip:admin@127.0.0.1>\r\nRemote-Party-ID: <sip:admin@127.0.0.1>\r\n",
    "a redirect": "Route: <sip:198.51.100.7;lr>\r\nRecord-Route: <sip:198.51.100.7;lr>\r\n",
    "a LiveKit header": "X-LK-CallID: SCL_forged\r\nX-LK-Room: call-of-another\r\n",
}


async def send(office: Office, *texts: str) -> list[str]:
    """Send them from one port; the first lines of what came back within a second."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.bind(("127.0.0.1", 0))
        out.setblocking(False)
        for text in texts:
            data = text.replace("PORT", str(out.getsockname()[1])).encode("latin-1")
            out.sendto(data[:60_000], office.servers.sip)
            await asyncio.sleep(0.01)
        await asyncio.sleep(1.0)
        came = []
        while True:
            try:
                came.append(out.recv(65_536).decode("latin-1").split("\r\n")[0])
            except BlockingIOError:
                return came


async def is_served(office: Office) -> bool:
    """An honest caller gets through."""
    async with calling(office.servers, SHOP, username=USERNAME, password=PASSWORD) as phone:
        await phone.up(20)
    await all_gone(office)
    return True


async def test_nothing_malformed_is_answered_with_a_call(office: Office) -> None:
    """Whatever comes back, it is no 200, and no room opens."""
    assert len(MALFORMED) + len(LIES) >= 40
    came = await send(office, *(change(invite(SHOP, str(uuid.uuid4()))) for change in MALFORMED.values()))
    assert not [line for line in came if " 200 " in line], came
    assert not await rooms(office)
    assert await is_served(office)


async def test_no_lie_about_who_is_calling_is_believed(office: Office) -> None:
    """Neither a header nor a number is a password; each refusal stands in the log once."""
    ids = {name: str(uuid.uuid4()) for name in LIES}
    came = await send(office, *(invite(SHOP, ids[name], more) for name, more in LIES.items()))
    assert not [line for line in came if " 200 " in line], came
    assert not await rooms(office)
    assert await is_served(office)


async def test_a_flood_of_strangers_leaves_room_for_a_caller(office: Office) -> None:
    """A scanner dials 300 numbers in three seconds; none is ours, and none is answered."""
    came = await send(office, *(invite(f"+1900{number:07}", str(uuid.uuid4())) for number in range(300)))
    assert not [line for line in came if " 200 " in line]
    assert not await rooms(office)
    assert await is_served(office)


def test_an_open_trunk_cannot_be_written() -> None:
    """What this file attacks has a lock in every file of deploy/sip."""
    with pytest.raises(ValueError, match="anybody could call in"):
        InboundTrunk(numbers=(SHOP,))
