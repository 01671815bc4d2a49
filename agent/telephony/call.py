"""`python -m agent.telephony.call`: calls that we make: one number, or a list of them (docs/phone/outbound.md)."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import phonenumbers

from agent.config import Settings
from agent.errors import ConfigError, StoreError
from agent.memory.dialled import WAITING, Dial, Dialled
from agent.memory.store import Store
from agent.profile.campaign import Purpose, purpose_of
from agent.profile.profile import Profile, load_profile
from agent.servers import livekit_server
from agent.servers.serving import log_to_stderr, say, stop_asked
from agent.telephony.call_list import CallList, Pace, checked, read_rows, report, told, wanted, write_report
from agent.telephony.dialler import Dialler
from agent.telephony.trunks import load_lines


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m agent.telephony.call", description=__doc__)
    parser.add_argument("number", nargs="?", help="whom to call, as in +15185550142")
    parser.add_argument("--list", type=Path, metavar="FILE.csv", help="whom to call: a column `number`, and the fields")
    parser.add_argument("--profile", default="", help="for whom; the one that is served first when left out")
    parser.add_argument("--purpose", default="", help="one of the profile's outbound.purposes")
    parser.add_argument("--with", action="append", default=[], dest="fields", metavar="NAME=VALUE", help="a field")
    parser.add_argument("--per-minute", type=float, default=6.0, help="how many calls begin in a minute (6)")
    parser.add_argument("--at-once", type=int, default=1, help="how many run at once (1)")
    parser.add_argument("--wait", type=float, default=30.0, metavar="MINUTES", help="for how long retries are awaited")
    parser.add_argument("--report", type=Path, metavar="FILE.csv", help="write what came of each call there")
    parser.add_argument("--dry-run", action="store_true", help="decide and say why; call nobody")
    parser.add_argument("--record-consent", metavar="SOURCE", help="the number agreed to this; where that can be shown")
    parser.add_argument("--opt-out", metavar="SOURCE", help="the number wants no more calls; how we know")
    return parser.parse_args(words)


def _now() -> datetime:
    return datetime.now(UTC)


def _number(text: str | None) -> str:
    """E.164. Raises ConfigError."""
    try:
        parsed = phonenumbers.parse(text or "")
    except phonenumbers.NumberParseException:
        raise ConfigError(f"{text or 'no number'}: write the number with its country, as in +15185550142") from None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _dials(given: argparse.Namespace, profile: Profile, purpose: Purpose) -> list[Dial]:
    if given.list is not None:
        rows, name = read_rows(given.list, purpose), given.list.name
    else:
        fields = dict(part.partition("=")[::2] for part in given.fields)
        rows, name = [checked(_number(given.number), fields, "--with", purpose)], f"by hand {uuid4().hex[:8]}"
    return wanted(profile.name, given.purpose, name, rows, _now())


async def _call(given: argparse.Namespace, settings: Settings, profile: Profile, dialled: Dialled) -> None:
    outbound = profile.outbound
    purpose = purpose_of(outbound, profile.name, given.purpose)
    dials = await asyncio.to_thread(dialled.want, _dials(given, profile, purpose))
    pace = Pace(per_minute=given.per_minute, at_once=given.at_once, wait=timedelta(minutes=given.wait))
    if not dials:
        raise ConfigError(f"{given.list}: it has no rows")
    name = dials[0].list
    calls = CallList(name, dialled, outbound, purpose, pace=pace, clock=_now, say=say)
    dialler = Dialler(settings, profile, dialled, load_lines(settings.sip_dir))
    if given.dry_run:
        for dial in dials:
            decision = await calls.decide(dial, dialler.may_dial) if dial.state == WAITING else None
            say(f"{dial.number}: {told(decision) if decision and decision.verdict != 'call' else 'would be called'}")
        return
    await livekit_server.wait_for_server(settings)
    stop_asked(calls.stop)
    async with dialler:
        await calls.run(dialler)
    made = await asyncio.to_thread(dialled.of, name)
    say(report(made))
    if given.report is not None:
        write_report(given.report, made)


def _run(given: argparse.Namespace) -> None:
    settings = Settings.load()
    log_to_stderr(settings.log_level)
    if given.per_minute <= 0 or given.at_once < 1:
        raise ConfigError("--per-minute must be above 0 and --at-once at least 1")
    if bool(given.number) == bool(given.list):
        raise ConfigError("give either a number to call or a --list of them")
    profile = load_profile(given.profile or settings.profile, settings.profiles_dir, "--profile")
    Store(settings.store).prepare()
    dialled = Dialled(settings.store)
    if given.opt_out:
        dialled.opt_out(_number(given.number), given.opt_out, _now())
    elif given.record_consent:
        purpose_of(profile.outbound, profile.name, given.purpose)
        dialled.consent(_number(given.number), profile.name, given.purpose, given.record_consent, _now())
    else:
        asyncio.run(_call(given, settings, profile, dialled))


def main(words: list[str] | None = None) -> int:
    """The process: 0 when all was done, 2 when something must be mended first."""
    try:
        _run(_arguments(words))
    except (ConfigError, StoreError) as error:
        sys.stderr.write(f"parley: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
