"""A telephone of our own: sipp for the signalling, a socket of ours for the sound. It hears what a person's would.

Use `calling` for who dials, `dialled` for who waits for a call.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import numpy as np
from numpy.typing import NDArray

from evals import sipp
from evals.caller import Samples
from evals.phone_servers import PhoneServers
from evals.rtp import RATE, Line
from evals.sipp import HANG_UP, HOLD, KEY, OBEYS, PICKS_UP, RESUME, Answer, Dialog, Refer

LOUD_DB = -45.0
PIECE_S = 0.02


class Telephone:
    """One telephone in one call."""

    def __init__(self, line: Line, dialog: Dialog) -> None:
        self.line = line
        self.dialog = dialog

    @property
    def now(self) -> float:
        """The clock of everything it heard."""
        return self.line.now

    def epoch(self, at: float) -> float:
        """A moment of its clock in seconds since 1970, as other processes of this machine count them."""
        return self.line.epoch(at)

    @property
    def port(self) -> int:
        """Where it may be dialled."""
        return self.dialog.port

    @property
    def is_over(self) -> bool:
        """True when the line is closed."""
        return self.dialog.is_over

    async def up(self, timeout_s: float = 30.0) -> None:
        """Wait until the line is open. Raises TimeoutError."""
        await self.until(lambda: self.dialog.remote is not None, timeout_s, "an open line")
        self.line.remote = self.dialog.remote

    async def say(self, samples: Samples) -> float:
        """Speak int16 mono at 8 kHz; the moment at which the last of it left."""
        return await self.line.say(samples)

    async def press(self, keys: str) -> None:
        """Press keys: events of RFC 4733 in the sound."""
        await self.line.press(keys)

    async def press_by_info(self, keys: str) -> None:
        """The same as SIP INFO requests."""
        for key in keys:
            self.dialog.cue(KEY, key)
            await asyncio.sleep(0.3)

    def hang_up(self) -> None:
        """Say BYE."""
        self.dialog.cue(HANG_UP)

    def hold(self) -> None:
        """Put the other end on hold: a re-INVITE that wants no sound, and none is sent."""
        self.dialog.cue(HOLD)
        self.line.is_muted = True

    def resume(self) -> None:
        """Take it back."""
        self.dialog.cue(RESUME)
        self.line.is_muted = False

    def heard_since(self, since_s: float) -> Samples:
        """All that came from that moment on, int16 mono at 8 kHz."""
        return self.line.rendered(since_s)

    def loud_s(self, since_s: float, until_s: float | None = None) -> float:
        """For how many seconds there was sound in what came between two moments."""
        return PIECE_S * sum(_levels(self.line.rendered(since_s, until_s)) > LOUD_DB)

    def last_sound_at(self) -> float | None:
        """When the last sound was heard; None when there was none."""
        loud = np.flatnonzero(_levels(self.line.rendered()) > LOUD_DB)
        return None if not len(loud) else float((loud[-1] + 1) * PIECE_S)

    def tone_s(self, hertz: float, since_s: float, until_s: float | None = None) -> float:
        """For how many seconds of what came a tone of that pitch was most of it."""
        return PIECE_S * sum(_shares(self.line.rendered(since_s, until_s), hertz) > 0.5)

    async def until(self, condition: Callable[[], object], timeout_s: float, what: str) -> None:
        """Wait until it holds. Raises TimeoutError that says what was waited for, and what SIP said."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():  # noqa: ASYNC110  # any condition over what was received
                    await asyncio.sleep(0.05)
        except TimeoutError:
            said = [f"{what} {text.splitlines()[0]}" for what, text in self.dialog.messages if text]
            raise TimeoutError(f"{what} did not happen in {timeout_s:g} s; SIP: {said}") from None

    async def quiet(self, silence_s: float = 1.0, timeout_s: float = 30.0, since_s: float = 0.0) -> None:
        """Wait until something was heard after that moment, and it has been silent for so long then."""

        def is_quiet() -> bool:
            last = self.last_sound_at()
            return last is not None and last > since_s + PIECE_S and self.now - last > silence_s

        await self.until(is_quiet, timeout_s, "silence after sound")


@contextlib.asynccontextmanager
async def calling(
    servers: PhoneServers,
    to: str,
    *,
    shows: str = "<sip:+15550100199@127.0.0.1>",
    username: str = "",
    password: str = "",
    marks: str = "-",
    refer: Refer = OBEYS,
) -> AsyncIterator[Telephone]:
    """A telephone that dials `to`; the line need not be open yet. It hangs up at the end of the block."""
    async with _telephone(refer) as phone:
        await phone.dialog.dial(to, servers.sip, shows=shows, username=username, password=password, marks=marks)
        yield phone


@contextlib.asynccontextmanager
async def dialled(answer: Answer = PICKS_UP, refer: Refer = OBEYS, port: int = 0) -> AsyncIterator[Telephone]:
    """A telephone that waits to be dialled at its `port`, a free one if none is given, and does as the answer says."""
    async with _telephone(refer, port) as phone:
        await phone.dialog.answer(answer)
        yield phone


@contextlib.asynccontextmanager
async def _telephone(refer: Refer, port: int = 0) -> AsyncIterator[Telephone]:
    line = await Line.open()
    phone = Telephone(line, sipp.Dialog(line.port, refer, port))
    try:
        yield phone
    finally:
        if not phone.is_over and phone.dialog.messages:
            phone.hang_up()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(phone.dialog.ended(), 3)
        await phone.dialog.aclose()
        await line.aclose()


def tone(hertz: float, seconds: float, level: float = 0.3) -> Samples:
    """A tone at 8 kHz, which stays apart from speech and other tones."""
    at = np.arange(int(seconds * RATE)) / RATE
    return (level * 32_767 * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def _pieces(samples: Samples) -> NDArray[np.float64]:
    size = int(PIECE_S * RATE)
    whole = samples[: len(samples) // size * size]
    return whole.reshape(-1, size).astype(np.float64) / 32_768


def _levels(samples: Samples) -> NDArray[np.float64]:
    """dB of full scale of each piece."""
    power: NDArray[np.float64] = np.mean(_pieces(samples) ** 2, axis=1)
    return 10 * np.log10(power + 1e-9)


def _shares(samples: Samples, hertz: float) -> NDArray[np.float64]:
    """How much of each piece's power is at that pitch, 0 to 1; 0 in silence."""
    pieces = _pieces(samples)
    at = np.arange(pieces.shape[1]) / RATE
    found = np.abs(pieces @ np.exp(-2j * np.pi * hertz * at)) ** 2
    power = np.sum(pieces**2, axis=1) * pieces.shape[1] / 2
    return np.where(_levels(samples) > LOUD_DB, found / (power + 1e-9), 0.0)
