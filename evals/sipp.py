"""One SIP dialog by sipp, as a telephone has it: who dials, or who is dialled. sipp speaks SIP and nothing else here:
the sound goes to rtp.py's socket, whose port stands in the SDP.

sipp plays a script (sipp_scripts/) that is fixed when it starts. What a person decides in mid-call comes as a cue: a
SIP request that we send to sipp's own port, in the dialog's Call-ID, and that no real end would send.
"""

import asyncio
import contextlib
import re
import shutil
import socket
import tempfile
import uuid
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass
from pathlib import Path

from evals.servers import NotStarted, free_port

HANG_UP, KEY, HOLD, RESUME = "MESSAGE", "PUBLISH", "SUBSCRIBE", "OPTIONS"
SCRIPTS = Path(__file__).with_name("sipp_scripts")
LIMIT_S = 900  # no dialog of ours takes longer
_SDP = """v=0
o=phone 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio [sound_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a={direction}"""
_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70"
_CONTACT = "Contact: <sip:phone@[local_ip]:[local_port]>"
_CALLER_ENDS = "From: [shows];tag=[pid]x[call_number]\nTo: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]"
_CALLEE_ENDS = "From: [$22];tag=[pid]y[call_number]\nTo: [$21]"
_REPLY = "[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n" + _CONTACT
_LOGGED = re.compile(
    r"^-{20,} .*?\n\w+ message (?P<what>received|sent).*?\n\n(?P<text>.*?)(?=^-{20,} |\Z)", re.DOTALL | re.MULTILINE
)
_MEDIA = re.compile(r"^c=IN IP4 (\S+).*?^m=audio (\d+)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a telephone that is dialled does: rings so long, then sends this status; 200 picks up, 0 lets it ring."""

    status: int = 200
    rings_s: float = 0.3


@dataclass(frozen=True, slots=True)
class Refer:
    """What becomes of a transfer that this end is asked for: the status of the call that it makes, after so long; 0
    tells nothing. `is_accepted` is False where the REFER itself is refused."""

    status: int = 200
    after_s: float = 0.5
    is_accepted: bool = True


PICKS_UP, OBEYS = Answer(), Refer()


class Dialog:
    """A sipp of our own for one call. Start it by `dial` or `answer`; whoever starts it ends it by `aclose`."""

    def __init__(self, media_port: int, refer: Refer = OBEYS, port: int = 0) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="parley-sipp-")
        self._media_port = media_port
        self._refer = refer
        self._process: Process | None = None
        self._cues = 0
        self.port = port or free_port(socket.SOCK_DGRAM)

    async def dial(
        self, to: str, server: tuple[str, int], *, shows: str, username: str = "", password: str = "", marks: str = "-"
    ) -> None:
        """Call `to` at a SIP server; `shows` is the From of the INVITE, such as "<sip:+15550100199@127.0.0.1>", and
        `marks` its header X-Phone."""
        script = self._script("caller", _CALLER_ENDS)
        keys = ["-key", "shows", shows, "-key", "marks", marks, "-s", to]
        digest = ["-au", username, "-ap", password] if username else []
        await self._start(script, f"{server[0]}:{server[1]}", *keys, *digest)

    async def answer(self, answer: Answer = PICKS_UP) -> None:
        """Wait to be dialled at `port`, once."""
        if answer.status == 200:
            then = _read("picks_up")
        else:
            then = _read("refuses").replace("{{status}}", str(answer.status)) if answer.status else _RINGS_ON
        script = self._script("callee", _CALLEE_ENDS, then).replace("{{rings_ms}}", str(int(answer.rings_s * 1000)))
        await self._start(script)

    @property
    def messages(self) -> list[tuple[str, str]]:
        """All of SIP so far: "received" or "sent", and the text."""
        with contextlib.suppress(FileNotFoundError):
            text = self._path("messages").read_text(errors="replace").replace("\r", "")
            return [(found["what"], found["text"]) for found in _LOGGED.finditer(text)]
        return []

    def received(self, first: str) -> list[str]:
        """The messages that came and begin so: "BYE", "SIP/2.0 200"."""
        return [text for what, text in self.messages if what == "received" and text.startswith(first)]

    @property
    def remote(self) -> tuple[str, int] | None:
        """Where the other end wants its sound; None before it has said so."""
        for what, text in reversed(self.messages):
            if what == "received" and (found := _MEDIA.search(text)):
                return found[1], int(found[2])
        return None

    @property
    def is_over(self) -> bool:
        """True when the dialog has ended, or never was."""
        return self._process is not None and self._process.returncode is not None

    async def ended(self) -> int:
        """Wait for its end; sipp's exit status, 0 when all went as scripted."""
        assert self._process is not None
        return await self._process.wait()

    def cue(self, what: str, body: str = "") -> None:
        """Let the script go on: HANG_UP, KEY (a SIP INFO with the key that `body` is), HOLD or RESUME."""
        self._cues += 1
        body = f"Signal={body}" if body else ""
        call_id = re.search(r"^Call-ID: *(\S+)", self.messages[0][1], re.MULTILINE | re.IGNORECASE)
        assert call_id is not None, "there is no dialog yet"
        lines = (
            f"{what} sip:cue@127.0.0.1:{self.port} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{uuid.uuid4().hex}",
            "From: <sip:cue@127.0.0.1>;tag=cue",
            "To: <sip:cue@127.0.0.1>;tag=end",
            f"Call-ID: {call_id[1]}",
            f"CSeq: {9000 + self._cues} {what}",
            f"Content-Length: {len(body)}",
            "",
            body,
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto("\r\n".join(lines).encode(), ("127.0.0.1", self.port))

    async def aclose(self) -> None:
        """End sipp, whatever it is doing."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._folder.cleanup()

    async def _start(self, script: str, *more: str) -> None:
        program = shutil.which("sipp")
        if program is None:
            raise NotStarted("sipp is not installed: `apt install sip-tester`")
        self._path("script.xml").write_text(script)
        arguments = [
            *("-sf", str(self._path("script.xml")), "-i", "127.0.0.1", "-p", str(self.port), "-m", "1", "-nostdin"),
            *("-key", "sound_port", str(self._media_port), "-trace_msg", "-message_file", str(self._path("messages"))),
            *("-default_behaviors", "none", "-timeout", str(LIMIT_S), "-trace_err"),
        ]
        self._process = await asyncio.create_subprocess_exec(
            program, *more, *arguments, stdout=DEVNULL, stderr=DEVNULL, cwd=self._folder.name, env={"TERM": "dumb"}
        )

    def _script(self, name: str, ends: str, answer: str = "") -> str:
        """The whole XML for one end; `ends` are From and To of what it sends."""
        body = (_read(name) + _read("talk")).replace("{{answer}}", answer).replace("{{refer}}", self._on_refer())
        request = f"{_VIA}\n{_CONTACT}\n{ends}\nCall-ID: [call_id]"
        for direction in ("sendrecv", "sendonly"):
            sdp = _SDP.format(direction=direction)
            typed = f"CSeq: [cseq] INVITE\nContent-Type: application/sdp\nContent-Length: [len]\n\n{sdp}"
            body = body.replace(f"{{{{sdp {direction}}}}}", sdp)
            invite = f"INVITE [next_url] SIP/2.0\n{request}\n{typed}\n"
            body = body.replace(f"{{{{reinvite {direction}}}}}", _quoted(invite))
        ack = f"ACK [next_url] SIP/2.0\n{request}\nCSeq: [cseq] ACK\nContent-Length: 0\n"
        body = body.replace("{{ack}}", _quoted(ack)).replace("{{ends}}", ends)
        for status in ("200 OK", "202 Accepted", "603 Decline"):
            reply = _quoted(f"SIP/2.0 {status}\n{_REPLY}\nContent-Length: 0\n")
            body = body.replace(f"{{{{reply {status}}}}}", reply)
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        return f'{head}\n<scenario name="{name}">\n{body}\n<label id="9"/>\n<nop/>\n</scenario>\n'

    def _on_refer(self) -> str:
        if not self._refer.is_accepted:
            return "<send>{{reply 603 Decline}}</send>"
        if not self._refer.status:
            return "<send>{{reply 202 Accepted}}</send>"
        after_ms, status = str(int(self._refer.after_s * 1000)), str(self._refer.status)
        return _read("refer").replace("{{after_ms}}", after_ms).replace("{{status}}", status)

    def _path(self, name: str) -> Path:
        return Path(self._folder.name) / name


_RINGS_ON = '<recv request="CANCEL" next="7"/>'


def _read(name: str) -> str:
    return (SCRIPTS / f"{name}.xml").read_text()


def _quoted(text: str) -> str:
    return f"<![CDATA[\n{text}\n]]>"
