"""What an operator says of the telephone lines in deploy/sip/*.yaml: trunks in and out, and which number is answered
by which profile. provision.py tells it to the LiveKit server."""

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from agent.errors import ConfigError
from agent.files.text_file import short
from agent.files.yaml_file import Keys, Section

PAGE = "docs/phone/README.md"


def _number(value: str) -> str:
    if not re.fullmatch(r"\+[1-9]\d{5,14}", value):
        raise ValueError(f'{value!r} is no number as in "+15550100100": a plus, the country, and no spaces')
    return value


def _network(value: str) -> str:
    """An address or a network. Everybody's is no list of addresses at all."""
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        raise ValueError(f"{value!r} is no address or network, as in 198.51.100.7 or 198.51.100.0/24") from None
    if network.prefixlen < (8 if network.version == 4 else 32):
        raise ValueError(f"{value} lets half the world in; name your carrier's addresses")
    return value


Number = Annotated[str, AfterValidator(_number)]
Network = Annotated[str, AfterValidator(_network)]
Prefix = Annotated[str, Field(pattern=r"^\+[1-9]\d{0,14}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Encryption = Literal["off", "allowed", "required"]


class Trunk(Section):
    """What a trunk in and one out have in common. `password_variable` names the variable that holds the password."""

    numbers: Annotated[tuple[Number, ...], Field(min_length=1)]
    username: str = ""
    password_variable: Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]*)?$")] = ""
    encryption: Encryption = "off"

    @model_validator(mode="after")
    def _whole(self) -> "Trunk":
        if bool(self.username) != bool(self.password_variable):
            raise ValueError("username and password_variable are given together")
        return self

    @property
    def password(self) -> str:
        """Empty where there is none, or the variable is not set."""
        return os.environ.get(self.password_variable, "") if self.password_variable else ""


class InboundTrunk(Trunk):
    """Who may call us, on which of our numbers. `allowed_numbers` are the only callers, where there are any."""

    allowed_addresses: tuple[Network, ...] = ()
    allowed_numbers: tuple[Number, ...] = ()

    @model_validator(mode="after")
    def _is_guarded(self) -> "InboundTrunk":
        if not self.username and not self.allowed_addresses:
            raise ValueError(
                "anybody could call in: give allowed_addresses, or username and password_variable (digest), or both"
            )
        return self


class OutboundTrunk(Trunk):
    """By whom we call. `destinations` are the beginnings of all numbers that may be dialled: whoever talks the agent
    into another one, it stays undialled."""

    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9.\-]+(:\d{1,5})?$")]
    transport: Literal["auto", "udp", "tcp", "tls"] = "auto"
    destinations: Annotated[tuple[Prefix, ...], Field(min_length=1)]

    def may_dial(self, number: str) -> bool:
        """Whether a number may be dialled by this trunk."""
        return any(number.startswith(prefix) for prefix in self.destinations)


class SipFile(Section):
    """One file of deploy/sip/. `numbers` says which profile answers a number of an inbound trunk."""

    inbound: dict[Name, InboundTrunk] = Field(default={})
    outbound: dict[Name, OutboundTrunk] = Field(default={})
    numbers: dict[Number, str] = Field(default={})

    @field_validator("numbers", mode="before")
    @classmethod
    def _quoted(cls, value: object) -> object:
        if isinstance(value, dict) and any(not isinstance(number, str) for number in value):
            raise ValueError('put numbers into quotes, as in "+15550100100"')
        return value


@dataclass(frozen=True, slots=True)
class Lines:
    """All files together."""

    inbound: dict[str, InboundTrunk] = field(default_factory=dict)
    outbound: dict[str, OutboundTrunk] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    def trunk_for(self, number: str) -> str:
        """The name of the first outbound trunk that may dial it; empty when none may."""
        return next((name for name, trunk in self.outbound.items() if trunk.may_dial(number)), "")


def load_lines(folder: Path, *, needs_passwords: bool = False) -> Lines:
    """Read every file of the folder, in the order of names. Raises ConfigError: file, line and key. Whoever tells the
    server of them needs the passwords; whoever calls does not."""
    lines = Lines()
    for path in sorted(folder.glob("*.yaml")):
        keys = Keys.of(path, what="telephone lines", page=PAGE)
        read = keys.read(SipFile)
        for kind in ("inbound", "outbound", "numbers"):
            known, new = getattr(lines, kind), getattr(read, kind)
            if doubled := next((name for name in new if name in known), None):
                raise ConfigError(f"{keys.place(kind, doubled)}: another file of {short(folder)}/ has it already")
            known.update(new)
        if needs_passwords:
            _refuse_missing_passwords(keys, read)
    _refuse_unanswered(lines, folder)
    return lines


def _refuse_missing_passwords(keys: Keys, read: SipFile) -> None:
    for kind, trunks in (("inbound", read.inbound), ("outbound", read.outbound)):
        for name, trunk in trunks.items():
            if trunk.password_variable and not trunk.password:
                where = keys.place(kind, name, "password_variable")
                raise ConfigError(f"{where}: {trunk.password_variable} is not set; put the trunk's password into it")


def _refuse_unanswered(lines: Lines, folder: Path) -> None:
    ours = {number: name for name, trunk in lines.inbound.items() for number in trunk.numbers}
    for number, name in ours.items():
        if number not in lines.numbers:
            raise ConfigError(f"{short(folder)}/: {number} of inbound trunk {name} has no profile in `numbers`")
    for number in lines.numbers:
        if number not in ours:
            raise ConfigError(f"{short(folder)}/: numbers names {number}, which no inbound trunk has")
