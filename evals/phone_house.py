"""A house that telephones of this machine can call: workers of ours behind real livekit-sip, Redis and livekit-server,
and what it keeps of its calls, to be read while they run and afterwards."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from livekit import api

from agent.config import Settings
from agent.memory.kept import KeptCalls
from agent.memory.store import Store, StoredCall, StoredEvent
from agent.providers.local.speech_client import SpeechClient
from agent.rescue.taking_up import Carried, read
from agent.telephony.provision import provision
from agent.telephony.trunks import InboundTrunk, Lines
from evals import voices
from evals.caller import RATE, Samples
from evals.phone_servers import PhoneServers, running_phone_servers
from evals.rtp import RATE as PHONE_RATE
from evals.servers import NotStarted, RunningWorker, end, running_speech, start_worker
from evals.telephone import Telephone, calling

AGENT = "phoned"
EARS_RATE = 16_000
ENDED_WITHIN_S = 15.0


@dataclass(slots=True)
class House:
    """`numbers` are those that may be dialled, each with the profile that answers it."""

    servers: PhoneServers
    folder: Path
    client: SpeechClient
    settings: Settings
    numbers: Mapping[str, str]
    workers: list[RunningWorker] = field(default_factory=list)
    hired: int = 0

    def hire(self) -> RunningWorker:
        """One more worker, with the same memory as the others. Blocking. Raises NotStarted."""
        self.hired += 1
        own = self.folder / f"worker-{self.hired}"
        own.mkdir()
        ours = self.settings
        worker = start_worker(
            self.servers.livekit,
            own,
            agent_name=AGENT,
            PARLEY_VAR_DIR=str(ours.var_dir),
            PARLEY_PROFILE=ours.profile,
            PARLEY_PROFILES=",".join(ours.profiles),
            PARLEY_PROFILES_DIR=str(ours.profiles_dir),
            PARLEY_CAPACITY=str(ours.capacity),
        )
        self.workers.append(worker)
        return worker

    def fire(self) -> None:
        """End all that live. Blocking."""
        for worker in self.workers:
            if worker.process.poll() is None:
                end(worker.process)

    async def open_lines(self) -> None:
        """Tell the servers of the numbers. Raises ConfigError."""
        here = InboundTrunk(numbers=tuple(self.numbers), allowed_addresses=("127.0.0.1",))
        await provision(self.settings, Lines(inbound={"here": here}, numbers=dict(self.numbers)))

    def call(self, number: str, caller: str = "+15550100199") -> AbstractAsyncContextManager[Telephone]:
        """A telephone that dials; it hangs up at the end of the block."""
        return calling(self.servers, number, shows=f"<sip:{caller}@127.0.0.1>")

    async def understood(self, samples: Samples) -> str:
        """What a person at the telephone would have understood of that, int16 at 8 kHz."""
        return await self.client.transcribe(voices.resampled(samples, PHONE_RATE, EARS_RATE).tobytes())

    async def rooms(self) -> list[str]:
        """The rooms that are open."""
        one = self.servers.livekit
        async with api.LiveKitAPI(one.url.replace("ws", "http", 1), one.key, one.secret) as server:
            return [room.name for room in (await server.room.list_rooms(api.ListRoomsRequest())).rooms]

    def kept(self, room: str) -> Carried | None:
        """What the call in that room is now; None when it is over, or has not begun. Blocking."""
        calls = KeptCalls(self.settings.store, self.settings.livekit_api_secret)
        try:
            found = calls.find(room)
            return read(found.state) if found else None
        finally:
            calls.close()

    def stored(self) -> list[StoredCall]:
        """All calls on record, the newest first. Blocking."""
        store = Store(self.settings.store)
        try:
            return store.recent(1000)
        finally:
            store.close()

    def events(self, call_id: str) -> list[StoredEvent]:
        """What is on record of a call, without words. Blocking."""
        store = Store(self.settings.store)
        try:
            return store.events(call_id)
        finally:
            store.close()

    async def ended(self, call_id: str, within_s: float = ENDED_WITHIN_S) -> StoredCall:
        """The record of a call, once it is closed. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while True:
                for one in await asyncio.to_thread(self.stored):
                    if one.id == call_id and one.ended_at is not None:
                        return one
                await asyncio.sleep(0.2)


def narrow(samples: Samples) -> Samples:
    """Sound of a voice as a telephone sends it: 48 kHz to 8."""
    return voices.resampled(samples, RATE, PHONE_RATE)


def wide(samples: Samples) -> Samples:
    """What a telephone heard, for detectors that were made for 48 kHz."""
    return voices.resampled(samples, PHONE_RATE, RATE)


@contextlib.asynccontextmanager
async def running_house(
    folder: Path, numbers: Mapping[str, str], *, profiles_dir: Path | None = None, workers: int = 1, capacity: int = 4
) -> AsyncIterator[House]:
    """All of it for as long as the block runs; `profiles_dir` instead of our own. Raises NotStarted and ConfigError."""
    if shutil.which("sipp") is None:
        raise NotStarted("sipp is not installed: `apt install sip-tester`")
    served = tuple(dict.fromkeys(numbers.values()))
    with running_phone_servers(folder) as servers:
        async with running_speech(folder) as client:
            fields = {"profile": served[0], "profiles": served[1:], "capacity": capacity, "var_dir": folder / "var"}
            if profiles_dir is not None:
                fields["profiles_dir"] = profiles_dir
            url = {"LIVEKIT_URL": servers.livekit.url, "agent_name": AGENT}
            house = House(servers, folder, client, Settings.model_validate(url | fields), numbers)
            try:
                for _ in range(workers):
                    await asyncio.to_thread(house.hire)
                await house.open_lines()
                yield house
            finally:
                await asyncio.to_thread(house.fire)
