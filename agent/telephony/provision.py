"""`python -m agent.telephony.provision` tells the LiveKit server of the lines in deploy/sip/*.yaml: trunks, and rules
that send the agent of a profile to whoever calls its number. A second time changes nothing; what is not ours (its name
does not begin with "parley/") is left alone."""

import argparse
import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import aiohttp
from google.protobuf.message import Message
from livekit import api

from agent.config import Settings
from agent.errors import ConfigError, VoiceAgentError
from agent.servers.dispatch import Dispatch
from agent.telephony.trunks import InboundTrunk, Lines, OutboundTrunk, load_lines

PREFIX = "parley/"
ROOMS = "call-"
API_S = 10.0
_ENCRYPTIONS = {
    "off": api.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_DISABLE,
    "allowed": api.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_ALLOW,
    "required": api.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE,
}
_TRANSPORTS = {
    "auto": api.SIPTransport.SIP_TRANSPORT_AUTO,
    "udp": api.SIPTransport.SIP_TRANSPORT_UDP,
    "tcp": api.SIPTransport.SIP_TRANSPORT_TCP,
    "tls": api.SIPTransport.SIP_TRANSPORT_TLS,
}
_OURS = frozenset({"sip_trunk_id", "sip_dispatch_rule_id", "created_at", "updated_at"})  # the server's own fields
_SECRET = "auth_password"  # noqa: S105  # the name of a field
M = TypeVar("M", api.SIPInboundTrunkInfo, api.SIPOutboundTrunkInfo, api.SIPDispatchRuleInfo)


@dataclass(slots=True)
class Changes(Generic[M]):
    """What of one kind has to be made, changed or taken away."""

    made: list[M] = field(default_factory=list)
    changed: list[tuple[M, M]] = field(default_factory=list)  # as it is, as it shall be
    gone: list[M] = field(default_factory=list)

    @classmethod
    def between(cls, found: Iterable[M], wanted: Iterable[M]) -> "Changes[M]":
        """By name; of two of the same name the second is too many."""
        changes, left = cls(), {one.name: one for one in wanted}
        for one in found:
            if not one.name.startswith(PREFIX):
                continue
            new = left.pop(one.name, None)
            if new is None:
                changes.gone.append(one)
            elif _differing(one, new):
                changes.changed.append((one, new))
        changes.made.extend(left.values())
        return changes

    def lines(self, what: str) -> list[str]:
        """One for each, without a password."""
        told = [f"+ {what} {one.name}" for one in self.made]
        told += [f"~ {what} {new.name}: {', '.join(_differing(old, new))}" for old, new in self.changed]
        return told + [f"- {what} {one.name}" for one in self.gone]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the server should have, but for the ids that it gives. `rules` are by the name of their trunk; `left_out`
    tells of numbers that nobody answers."""

    inbound: list[api.SIPInboundTrunkInfo]
    outbound: list[api.SIPOutboundTrunkInfo]
    rules: dict[str, api.SIPDispatchRuleInfo]
    left_out: list[str]


def wanted(lines: Lines, served: Iterable[str], agent_name: str) -> Wanted:
    """One inbound trunk and one rule for each profile that a trunk's numbers belong to."""
    inbound, rules, left_out, served = [], {}, [], set(served)
    for name, trunk in lines.inbound.items():
        for profile in dict.fromkeys(lines.numbers[number] for number in trunk.numbers):
            numbers = [number for number in trunk.numbers if lines.numbers[number] == profile]
            if profile not in served:
                left_out.append(f"{', '.join(numbers)} not answered: profile {profile} is not in PARLEY_PROFILES")
                continue
            info = _inbound(f"{PREFIX}{name}/{profile}", trunk, numbers)
            inbound.append(info)
            rules[info.name] = _rule(info.name, profile, agent_name)
    outbound = [_outbound(f"{PREFIX}{name}", trunk) for name, trunk in lines.outbound.items()]
    return Wanted(inbound, outbound, rules, left_out)


class Provision:
    """The lines of one LiveKit server. Raises ConfigError when it is away, knows no SIP or says no."""

    def __init__(self, server: api.LiveKitAPI) -> None:
        self._sip = server.sip

    async def apply(self, want: Wanted, *, is_real: bool = True) -> list[str]:
        """Make the server's lines what they should be; one line of text for each change. `is_real` False only tells."""
        try:
            async with asyncio.timeout(API_S):
                return await self._apply(want, is_real=is_real)
        except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ConfigError(_complaint(error)) from None

    async def _apply(self, want: Wanted, *, is_real: bool) -> list[str]:
        found_in = (await self._sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())).items
        found_out = (await self._sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())).items
        found_rules = (await self._sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())).items
        inbound = Changes.between(found_in, want.inbound)
        outbound = Changes.between(found_out, want.outbound)
        ids = {one.name: one.sip_trunk_id for one in found_in if one not in inbound.gone}
        if is_real:
            ids |= await self._change_trunks(inbound, outbound)
        rules = []
        for name, rule in want.rules.items():
            rule.trunk_ids[:] = [ids.get(name, "")]
            rules.append(rule)
        routed = Changes.between(found_rules, rules)
        if is_real:
            await self._change_rules(routed)
        return inbound.lines("inbound trunk") + outbound.lines("outbound trunk") + routed.lines("rule")

    async def _change_trunks(
        self, inbound: Changes[api.SIPInboundTrunkInfo], outbound: Changes[api.SIPOutboundTrunkInfo]
    ) -> dict[str, str]:
        """The ids of the inbound ones that are new, by name. What goes comes first: it may hold a number."""
        gone = [one.sip_trunk_id for one in inbound.gone] + [one.sip_trunk_id for one in outbound.gone]
        for trunk_id in gone:
            await self._sip.delete_trunk(api.DeleteSIPTrunkRequest(sip_trunk_id=trunk_id))
        for old, new in inbound.changed:
            await self._sip.update_inbound_trunk(old.sip_trunk_id, new)
        for before, after in outbound.changed:
            await self._sip.update_outbound_trunk(before.sip_trunk_id, after)
        for trunk in outbound.made:
            await self._sip.create_outbound_trunk(api.CreateSIPOutboundTrunkRequest(trunk=trunk))
        made = [
            await self._sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=one)) for one in inbound.made
        ]
        return {one.name: one.sip_trunk_id for one in made}

    async def _change_rules(self, rules: Changes[api.SIPDispatchRuleInfo]) -> None:
        for gone in rules.gone:
            await self._sip.delete_dispatch_rule(
                api.DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id=gone.sip_dispatch_rule_id)
            )
        for old, new in rules.changed:
            await self._sip.update_dispatch_rule(old.sip_dispatch_rule_id, new)
        for rule in rules.made:
            await self._sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=rule))


async def outbound_ids(server: api.LiveKitAPI) -> dict[str, str]:
    """Our outbound trunks that the server has: their ids, by their names in deploy/sip. Raises TwirpError."""
    found = await server.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
    ours = [one for one in found.items if one.name.startswith(PREFIX)]
    return {one.name.removeprefix(PREFIX): one.sip_trunk_id for one in ours}


async def provision(settings: Settings, lines: Lines, *, is_real: bool = True) -> list[str]:
    """All of it, for the server of the settings: what was changed, and what was left out. Raises ConfigError."""
    want = wanted(lines, settings.served, settings.agent_name)
    url = settings.livekit_url.replace("ws", "http", 1)
    async with api.LiveKitAPI(url, settings.livekit_api_key, settings.livekit_api_secret) as server:
        return [*await Provision(server).apply(want, is_real=is_real), *(f"! {line}" for line in want.left_out)]


def _inbound(name: str, trunk: InboundTrunk, numbers: list[str]) -> api.SIPInboundTrunkInfo:
    return api.SIPInboundTrunkInfo(
        name=name,
        numbers=numbers,
        allowed_addresses=trunk.allowed_addresses,
        allowed_numbers=trunk.allowed_numbers,
        auth_username=trunk.username,
        auth_password=trunk.password,
        media_encryption=_ENCRYPTIONS[trunk.encryption],
        headers_to_attributes={"X-Language": "sip.h.x-language"},  # what spoken_language.py reads
    )


def _outbound(name: str, trunk: OutboundTrunk) -> api.SIPOutboundTrunkInfo:
    return api.SIPOutboundTrunkInfo(
        name=name,
        address=trunk.address,
        transport=_TRANSPORTS[trunk.transport],
        numbers=trunk.numbers,
        auth_username=trunk.username,
        auth_password=trunk.password,
        media_encryption=_ENCRYPTIONS[trunk.encryption],
    )


def _rule(name: str, profile: str, agent_name: str) -> api.SIPDispatchRuleInfo:
    """A room of its own for each call; its name has our number in it, and not the caller's."""
    dispatch = api.RoomAgentDispatch(agent_name=agent_name, metadata=Dispatch(profile).metadata)
    rooms = api.SIPDispatchRuleCallee(room_prefix=ROOMS, randomize=True)
    return api.SIPDispatchRuleInfo(
        name=name,
        rule=api.SIPDispatchRule(dispatch_rule_callee=rooms),
        room_config=api.RoomConfiguration(agents=[dispatch]),
    )


def _differing(old: Message, new: Message) -> list[str]:
    """The names of the fields that differ, but for those that the server fills in."""
    names = [each.name for each in new.DESCRIPTOR.fields if each.name not in _OURS]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def _complaint(error: Exception) -> str:
    if isinstance(error, api.TwirpError):
        if error.code in {"unimplemented", "unavailable"} or "redis" in error.message.lower():
            return "this LiveKit server has no Redis, which SIP needs: `make phone` starts one that has it"
        return f"the LiveKit server refused a line ({error.code}): {error.message}; see docs/phone/README.md"
    return "the LiveKit server does not answer; start it, or set LIVEKIT_URL to where it is"


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 all is as it should be, 1 `--check` or `--diff` found a difference, 2 something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m agent.telephony.provision", description=__doc__)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="change nothing; the exit status tells whether all is so")
    only.add_argument("--diff", action="store_true", help="change nothing; print what would be changed")
    chosen = parser.parse_args(arguments)
    is_real = not (chosen.check or chosen.diff)
    try:
        settings = Settings.load()
        lines = load_lines(settings.sip_dir, needs_passwords=True)
        told = asyncio.run(provision(settings, lines, is_real=is_real))
    except VoiceAgentError as error:
        sys.stderr.write(f"parley: {error}\n")
        return 2
    changes = [line for line in told if not line.startswith("!")]
    if not chosen.check:
        sys.stdout.write("".join(f"{line}\n" for line in told or ["nothing to change"]))
    return 0 if is_real or not changes else 1


if __name__ == "__main__":
    sys.exit(main())
