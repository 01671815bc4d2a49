"""The worker process: checks everything before it registers, owns the speech process, takes calls up to its capacity,
and gives each one a job. Everything about a single call is in session.py."""

import asyncio
import contextlib
import logging
import math
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import NoReturn

from livekit.agents import AgentServer, JobContext, JobProcess, JobRequest, telemetry

from agent import log
from agent.afterwards.confirming import keep_confirmation
from agent.afterwards.reminding import Outbox, Send, keep_sending, outboxes
from agent.afterwards.results import CallOutbox, keep_result
from agent.call.call import utc_now
from agent.config import Settings
from agent.errors import ConfigError, StoreError, VoiceAgentError
from agent.language import moments
from agent.memory.confirmations import Confirmations
from agent.memory.kept import KeptCalls
from agent.memory.results import Results
from agent.memory.retention import keep_to
from agent.observers.bus import Bus
from agent.observers.counting import counting
from agent.observers.metrics import Instruments
from agent.observers.plugged import Flags, Given, Observer, load_observers
from agent.observers.telemetry import for_job
from agent.observers.telling import belongs, traceparent
from agent.profile.profile import Profile, load_served
from agent.providers import catalog
from agent.providers.local.supervisor import SpeechProcess
from agent.redaction.door import scrubbed
from agent.rescue.taking_up import Carried, read
from agent.rescue.watch import Watch
from agent.rules.underway import Underway
from agent.sending import CallSend, confirmation_sender_of, result_sender_of, sender_of
from agent.servers import livekit_server, ports
from agent.servers.dispatch import Dispatch
from agent.servers.rooms import LiveKitRooms
from agent.session.kit import Kit, load_kit
from agent.session.session import Conversation
from agent.tooling.toolbox import connect_backends, load_toolbox, module_names
from agent.upkeep.checking import check
from agent.upkeep.keeping import rules
from agent.upkeep.vitals import watch
from agent.upkeep.warming import keep_phrases, warm_speech

logger = logging.getLogger("parley.worker")
FULL = 0.7  # livekit-server sends no call to a worker at or above this load, and does not ask again
SPEECH_WAIT_S = 100.0  # seconds on a laptop; a machine that is busy with something else takes many times that


class Worker(AgentServer):
    """AgentServer that refuses to start on a wrong configuration and answers calls only when it can speak."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            ws_url=settings.livekit_url,
            api_key=settings.livekit_api_key,
            api_secret=settings.livekit_api_secret,
            host=settings.worker_host,
            port=settings.worker_port,
            num_idle_processes=settings.idle_processes,
            initialize_process_timeout=60.0,
            # With a threshold the SDK refuses by an estimate of its own, such as the third caller at once on an idle
            # worker, and the server asks once for each room. `on_request` refuses, and `_load` tells the server.
            load_threshold=math.inf,
            setup_fnc=prewarm,
            load_fnc=_load,
            preload_modules=[
                "agent.worker",
                "agent.providers.local.moonshine",
                *module_names(),
                *_packages(settings),
            ],  # once, in the process that job processes fork from
        )
        self.settings = settings
        self._speech: SpeechProcess | None = None
        self._registered = asyncio.Event()
        self._ids: list[str] = []
        self._rooms = LiveKitRooms(settings)
        self._accepted = 0
        self._underway = Underway(time.monotonic)
        self._counted: Instruments | None = None
        self.on("worker_registered", self._on_registered)

    async def run(self, *, devmode: bool = False, unregistered: bool = False) -> None:
        """Check, start the speech process, register, serve until told to stop. Exits with a sentence, not a traceback,
        when the operator has something to mend."""
        log.configure(self.settings.log_level, scrubbed)
        try:
            if not (devmode or unregistered):
                self.settings.refuse_placeholders()
            profiles = await asyncio.to_thread(check, self.settings)
            if not unregistered:
                ports.refuse_no_network()
                await livekit_server.wait_for_server(self.settings)
        except VoiceAgentError as error:
            _give_up(str(error))
        try:
            named = {profile.name: catalog.first_names(profile.providers) for profile in profiles}
            async with counting(self.settings, named, utc_now) as self._counted, self._speech_for(profiles):
                if unregistered:  # the console begins its call at once, without asking on_request
                    await self._can_speak()
                await self._serve(profiles, super().run(devmode=devmode, unregistered=unregistered))
        except VoiceAgentError as error:
            _give_up(str(error))
        except RuntimeError:  # LiveKit's client gave the server up: when that is why, there is a sentence for it
            await self._explain_loss()
            raise
        except OSError as error:  # of the port, which was free a moment ago, or of what it is not ours to guess
            _give_up(f"{error.filename or 'the system'}: {error.strerror or error}")

    async def _explain_loss(self) -> None:
        try:
            await livekit_server.refuse_wrong_server(self.settings)
        except ConfigError as error:
            _give_up(str(error))

    async def on_request(self, request: JobRequest) -> None:
        """Take the call when there is room and the models are warm; a full worker refuses: the server asks others."""
        room = request.room.name
        if room in self._underway.rooms(self._here()):  # page and watch both send: one process is enough
            await request.reject()
            return
        if await self._is_full():
            logger.warning("full, call refused", extra={"count": self.settings.capacity, "room": room})
            if self._counted is not None:
                self._counted.add("voice.calls.refused")
            await request.reject()
            return
        self._accepted += 1
        try:
            await self._can_speak()
            self._underway.accept(room)
            await request.accept(name="Parley")
        finally:
            self._accepted -= 1

    def _here(self) -> set[str]:
        """Rooms in which a job of ours runs."""
        return {job.job.room.name for job in self.active_jobs}

    def _on_registered(self, worker_id: str, *_: object) -> None:
        self._ids.append(worker_id)
        self._registered.set()

    async def _is_full(self) -> bool:
        """A caller who has left frees the place at once, though the job still has to tidy up."""
        taken = len(self.active_jobs) + self._accepted
        if taken < self.settings.capacity:
            return False
        try:
            present = await asyncio.gather(*(self._rooms.callers(job.job.room.name) for job in self.active_jobs))
        except OSError:
            return True
        return taken - sum(not people for people in present) >= self.settings.capacity

    def _watch(self) -> Watch:
        return Watch(
            KeptCalls(self.settings.store, self.settings.livekit_api_secret),
            self._rooms,
            ids=lambda: self._ids,
            rooms_here=lambda: (here := self._here()) | self._underway.rooms(here),
            now=time.monotonic,
            clock=utc_now,
        )

    async def _serve(self, profiles: Sequence[Profile], work: Coroutine[None, None, None]) -> None:
        """Serve until told to stop, or until it turns out that calls could never be answered."""
        serving, announcing = asyncio.create_task(work), asyncio.create_task(self._announce(profiles))
        retaining = asyncio.create_task(
            keep_to(rules(self.settings, profiles), utc_now, self.settings.var_dir / "retention.jsonl"),
            name="retention",
        )
        sending = [asyncio.create_task(keep_sending(*each)) for each in reminders_of(self.settings, profiles)]
        sending += [asyncio.create_task(keep_sending(*each)) for each in after_calls(self.settings, profiles)]
        watch = self._watch()
        watching = asyncio.create_task(watch.run())
        try:
            await asyncio.wait({serving, announcing}, return_when=asyncio.FIRST_EXCEPTION)
            if announcing.done():
                announcing.result()
            await serving
        finally:
            owned = (serving, announcing, retaining, watching, *sending)
            for task in owned:
                task.cancel()
            await asyncio.gather(*owned, return_exceptions=True)
            await watch.leave()
            await self._rooms.aclose()

    @contextlib.asynccontextmanager
    async def _speech_for(self, profiles: Sequence[Profile]) -> AsyncIterator[None]:
        """The speech process, for as long as the worker runs: it embeds for all, and hears and speaks for whoever
        hears or speaks locally."""
        # a Unix socket's path is short by law, a checkout's may be long
        with tempfile.TemporaryDirectory(prefix="parley-") as folder:
            phrases = (self.settings.var_dir / "cache" / "phrases").resolve()
            arguments = (*catalog.shared_arguments(profiles), "--phrases", str(phrases))
            self._speech = SpeechProcess(Path(folder) / "speech.sock", arguments=arguments)
            await self._speech.start()
            try:
                yield
            finally:
                await self._speech.aclose()

    async def _can_speak(self) -> None:
        if self._speech is not None:
            await self._speech.ready(SPEECH_WAIT_S)

    async def _announce(self, profiles: Sequence[Profile]) -> None:
        """Tell whoever started us (systemd, `make run`) by the sd_notify protocol that calls will be answered."""
        served = [(profile, load_toolbox(profile)) for profile in profiles]
        if self._speech is not None:
            await self._can_speak()
            await warm_speech(served, self._speech.socket, self.settings.var_dir)
        await self._registered.wait()
        logger.info(
            "ready for calls", extra={"profile": ", ".join(self.settings.served), "count": self.settings.capacity}
        )
        if address := os.environ.get("NOTIFY_SOCKET"):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
                notify.sendto(b"READY=1", address)
        if self._speech is not None:
            for profile, toolbox in served:
                await keep_phrases(profile, toolbox, self._speech.socket, self.settings.var_dir)


def _packages(settings: Settings) -> list[str]:
    """Those of the providers that the profiles ask; none when something is wrong with them, which `check` will say."""
    try:
        return sorted(frozenset().union(*(catalog.packages(profile.providers) for profile in load_served(settings))))
    except ConfigError:
        return []


def reminders_of(settings: Settings, profiles: Sequence[Profile]) -> list[tuple[Outbox, Send]]:
    """What must be sent by whom, of the profiles that send reminders at all. Raises ConfigError."""
    return [
        (outbox, send)
        for profile in profiles
        if (send := sender_of(profile, utc_now))
        for outbox in outboxes(connect_backends(profile, settings.backend(profile.name), utc_now))
    ]


def after_calls(settings: Settings, profiles: Sequence[Profile]) -> list[tuple[CallOutbox, CallSend]]:
    """The results that must be posted, the confirmations that must be sent, and by whom, of the profiles that want it.
    Raises ConfigError."""
    kinds = (Results(settings.store), result_sender_of), (_confirmations(settings), confirmation_sender_of)
    return [
        (CallOutbox(waiting, profile.name, utc_now), send)
        for waiting, sender in kinds
        for profile in profiles
        if (send := sender(profile, utc_now))
    ]


def _confirmations(settings: Settings) -> Confirmations:
    return Confirmations(settings.store, settings.livekit_api_secret)


def prewarm(process: JobProcess, observers_of: Callable[[Given], list[Observer]] = load_observers) -> None:
    """In each job process, before its call comes: weights, tools, connections, what reads days."""
    settings = Settings.load()
    log.configure(settings.log_level, scrubbed)
    flags = Flags()
    observers = observers_of(Given(settings, flags))
    if exported := for_job():
        telemetry.set_tracer_provider(exported.tracer_provider, allow_pii=False)
    moments.warm()
    bus = Bus(observers, flags=flags)
    process.userdata["kits"] = {name: load_kit(settings, name, bus) for name in settings.served}


async def answer(context: JobContext) -> None:
    """One job = one call."""
    kits: dict[str, Kit] = context.proc.userdata["kits"]
    wanted = Dispatch.of(context.job.metadata)
    carried = await _carried(next(iter(kits.values())), context)
    profile = carried.profile if carried else wanted.profile
    if profile and profile not in kits:
        logger.warning("a call for a profile that is not served", extra={"profile": profile})
    conversation = Conversation(context, kits.get(profile) or next(iter(kits.values())), carried)
    context.proc.userdata["conversation"] = conversation
    belongs(conversation.call.id, traceparent())
    try:
        await conversation.start(wanted)
        vitals = watch(conversation.call.emit, next(iter(kits.values())).bus)
        context.proc.userdata["vitals"] = asyncio.create_task(vitals, name="vitals")
    except Exception:
        conversation.has_crashed = True
        raise


async def _carried(kit: Kit, context: JobContext) -> Carried | None:
    """What is kept of a call in this room, if one runs there, or ran until its job died."""
    if context.is_fake_job():
        return None
    try:
        kept = await asyncio.to_thread(kit.kept.find, context.job.room.name)
    except StoreError:  # then it begins anew
        return None
    return read(kept.state) if kept else None


async def finish(context: JobContext) -> None:
    """The session is over; the room is still there."""
    if conversation := context.proc.userdata.get("conversation"):
        if vitals := context.proc.userdata.get("vitals"):
            vitals.cancel()
        await conversation.aclose()
        settings = next(iter(context.proc.userdata["kits"].values())).settings
        await keep_result(conversation.call, Results(settings.store), utc_now())
        await keep_confirmation(conversation.call, _confirmations(settings), utc_now())


def _load(worker: AgentServer) -> float:
    """Calls over capacity, scaled so that only a full worker reaches the server's limit: a busy CPU is no reason to
    leave a caller alone."""
    assert isinstance(worker, Worker)
    calls, capacity = len(worker.active_jobs), worker.settings.capacity
    return 1.0 if calls >= capacity else FULL * calls / capacity


def _give_up(sentence: str) -> NoReturn:
    """End at once: LiveKit's command line would log an exception, SystemExit too, with its traceback."""
    sys.stderr.write(f"parley: {sentence}\n")
    sys.stderr.flush()
    os._exit(2)


def run_command(command: Callable[[], None]) -> None:
    """Run the command line and end it in a sentence when a port, file or variable is wrong."""
    try:
        command()
    except VoiceAgentError as error:
        raise SystemExit(f"parley: {error}") from None
    except OSError as error:
        if "PortAudio" not in str(error):
            raise
        cure = "`apt-get install libportaudio2`, on a Mac `brew install portaudio`"
        raise SystemExit(f"parley: the console needs the system library PortAudio: {cure}") from None


def _build() -> Worker:
    try:
        settings = Settings.load()
    except ConfigError as error:
        raise SystemExit(f"parley: {error}") from None
    worker = Worker(settings)
    worker.rtc_session(answer, agent_name=settings.agent_name, on_request=worker.on_request, on_session_end=finish)
    return worker


server = _build()
