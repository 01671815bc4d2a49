"""`make run` and `make phone`: starts livekit-server, the worker and the page (and Redis and livekit-sip), says when a
caller can come, and ends them together.

What to start is plan.py's, a single child is child.py's.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from agent.config import Settings
from agent.errors import VoiceAgentError
from agent.files.text_file import short
from agent.profile.profile import load_served
from agent.providers import lineup
from deploy.child import Child, Log, Running
from deploy.lifeline import Lifeline
from deploy.plan import Plan, make_plan

ROOT = Path(__file__).resolve().parent.parent
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WORD_EVERY_S = 10.0
SERVERS = ("redis", "livekit-server", "livekit-sip")


class Over(Exception):
    """The run cannot go on; the message says why."""


class Stopped(Exception):
    """The operator has had enough."""


class Run:
    """All children of one run."""

    def __init__(self, plan: Plan, log_dir: Path, var_dir: Path) -> None:
        self._plan = plan
        self._var_dir = var_dir
        self._crew = [Running(child, Log(log_dir / f"{child.name}.log"), say) for child in plan.children]
        self._began = time.monotonic()
        self._stop = asyncio.Event()
        self._stops = 0
        self._waiting = {child.name for child in plan.children}
        for number in STOPS:  # before a word is printed: who reads it may press Ctrl-C at once
            asyncio.get_running_loop().add_signal_handler(number, self._on_stop)

    async def go(self) -> int:
        """Until Ctrl-C, SIGTERM or the death of a child. The exit status."""
        with Lifeline() as lifeline:
            try:
                for running in self._crew:
                    await running.start()
                    lifeline.hold(running.pid)
                    if running.child.is_awaited:
                        await self._until_up(running)
                return await self._watch()
            finally:
                await self._end()

    async def _watch(self) -> int:
        """Raise the alarm at whatever comes first."""
        status = 0
        try:
            async with asyncio.TaskGroup() as jobs:
                jobs.create_task(self._get_ready())
                for running in self._crew:
                    jobs.create_task(_mourn(running))
                jobs.create_task(self._stopped())
        except* Stopped:
            pass
        except* Over as reasons:
            print(f"parley: {reasons.exceptions[0]}", file=sys.stderr, flush=True)
            status = 1
        return status

    async def _stopped(self) -> None:
        await self._stop.wait()
        raise Stopped

    async def _get_ready(self) -> None:
        telling = asyncio.create_task(self._tell())
        try:
            await asyncio.gather(*(self._ready(running) for running in self._crew))
        finally:
            telling.cancel()
        for line, profiles in _by_line(lineup.read(self._var_dir)).items():
            say(", ".join(profiles), line)
        try:
            told = await self._plan.then() if self._plan.then else []
        except VoiceAgentError as error:
            raise Over(str(error)) from None
        print(
            f"\nReady in {self._age_s():.1f} s. Open {self._plan.address} and talk; Ctrl-C ends everything.", flush=True
        )
        print("".join(f"  {line}\n" for line in told), flush=True)

    async def _until_up(self, running: Running) -> None:
        """The next ones need it; when it does not come up, the watch says so."""
        with suppress(TimeoutError):
            await running.ready()

    async def _ready(self, running: Running) -> None:
        child = running.child
        try:
            say(child.name, f"ready in {await running.ready():.1f} s")
        except TimeoutError:
            raise Over(f"{child.name} was not ready in {child.limit_s:.0f} s; {_last_lines(running)}") from None
        self._waiting.discard(child.name)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(WORD_EVERY_S)
            for running in self._crew:
                if running.child.name in self._waiting:
                    say(running.child.name, f"not ready yet after {self._age_s():.0f} s; see {short(running.log.path)}")

    def _age_s(self) -> float:
        return time.monotonic() - self._began

    def _on_stop(self) -> None:
        self._stops += 1
        self._stop.set()
        if self._stops == 2:
            print("parley: ending everything at once", file=sys.stderr, flush=True)
            for running in self._crew:
                running.kill()

    async def _end(self) -> None:
        """The worker and the page first: they say goodbye to livekit-server, which needs Redis to the end."""
        if self._stops == 1:
            print("\nparley: ending …", flush=True)
        servers = [running for running in self._crew if running.child.name in SERVERS]
        await asyncio.gather(*(running.end() for running in self._crew if running not in servers))
        for server in reversed(servers):
            await server.end()


async def _mourn(running: Running) -> None:
    code = await running.ended()
    how = f"with exit code {code}" if code >= 0 else f"by signal {signal.Signals(-code).name}"
    if running.log.tail and running.log.tail[-1].startswith("parley: "):
        raise Over(running.log.tail[-1].removeprefix("parley: "))  # it has said what is wrong in a sentence of ours
    raise Over(f"{running.child.name} ended {how}; {_last_lines(running)}")


def _last_lines(running: Running) -> str:
    lines = "".join(f"\n    {line[:200]}" for line in running.log.tail)
    return f"its last lines (all in {short(running.log.path)}):{lines or ' none'}"


def _by_line(lines: Mapping[str, str]) -> dict[str, list[str]]:
    """The profiles of which each line is true."""
    found: dict[str, list[str]] = {}
    for profile, line in lines.items():
        found.setdefault(line, []).append(profile)
    return found


def say(name: str, what: str) -> None:
    """One line for the operator."""
    print(f"  {name:<15} {what}", flush=True)


async def run(livekit_yaml: Path, sip_yaml: Path | None = None) -> int:
    """Raises ConfigError when something must be mended first."""
    settings = Settings.load()
    profiles = load_served(settings)
    plan = await make_plan(settings, livekit_yaml, sip_yaml)
    log_dir = settings.var_dir / "log"
    all_of_it = Run(plan, log_dir, settings.var_dir)
    print(
        f"Starting {_names(plan.children)} with {', '.join(f'{p.name} ({p.title})' for p in profiles)}; "
        f"logs in {short(log_dir)}/"
    )
    for remark in plan.remarks:
        print(f"  {remark}")
    return await all_of_it.go()


def _names(children: list[Child]) -> str:
    *others, last = (child.name for child in children)
    return f"{', '.join(others)} and {last}"


def main() -> int:
    """Exit status: 0 after Ctrl-C, 1 when something is wrong, said in a sentence."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--livekit-config", type=Path, default=ROOT / "livekit.yaml")
    parser.add_argument("--phone", action="store_true", help="telephones can call, too (`make phone`)")
    parser.add_argument("--sip-config", type=Path, default=ROOT / "livekit-sip.yaml")
    chosen = parser.parse_args()
    try:
        return asyncio.run(run(chosen.livekit_config, chosen.sip_config if chosen.phone else None))
    except VoiceAgentError as error:
        print(f"parley: {error}", file=sys.stderr)
    except OSError as error:
        print(f"parley: {error.filename or 'the system'}: {error.strerror}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
