"""Campaign: what a profile says of the calls that it makes: for whom, to where, when, how often, and what is said.

Who may be called at all is decided by rules/dialling.py with these limits; a profile that names no company makes none.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated

import phonenumbers
from pydantic import Field, field_validator, model_validator

from agent.errors import ConfigError
from agent.files.yaml_file import Section
from agent.rules import hours
from agent.rules.dialling import Policy

_FIELD = re.compile(r"\{(\w+)\}")
COMPANY = "company"


class Purpose(Section):
    """Why somebody is called. `says` follows the disclosure; `message` is left on a voicemail, nothing when empty.
    Both may hold `{company}` and fields of the call's list, such as `{about}`."""

    says: Annotated[str, Field(min_length=1, max_length=600)]
    message: Annotated[str, Field(max_length=600)] = ""
    needs_consent: bool = True

    @property
    def fields(self) -> frozenset[str]:
        """What each call must bring."""
        return frozenset(_FIELD.findall(self.says + self.message)) - {COMPANY}


class Outbound(Section):
    """The limits of all calls that are made, and their purposes by name."""

    company: Annotated[str, Field(max_length=80)] = ""
    destinations: tuple[str, ...] = ()
    hours: tuple[str, ...] = ("mon-fri 09:00-20:00", "sat 10:00-18:00")
    attempts_a_day: Annotated[int, Field(ge=1, le=5)] = 2
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    rings_s: Annotated[float, Field(ge=5, le=80)] = 30.0
    disclosure: str = "Hello, this is an automated assistant, an A I and not a person, calling for {company}."
    who_is_calling: str = "This is an automated assistant, calling for {company}. {says}"
    menus: Annotated[int, Field(ge=0, le=10)] = 3
    purposes: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")], Purpose] = Field(default={})

    @field_validator("hours")
    @classmethod
    def _readable(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        hours.refuse_unreadable(lines)
        return lines

    @field_validator("destinations")
    @classmethod
    def _known(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        for region in regions:
            if region not in phonenumbers.SUPPORTED_REGIONS:
                raise ValueError(f"{region!r} is no region such as US or GB")
        return regions

    @field_validator("disclosure")
    @classmethod
    def _says_what_and_for_whom(cls, sentence: str) -> str:
        if "{company}" not in sentence or not re.search(r"\b(?:A ?\.?I\b|automated|artificial|robot)", sentence):
            raise ValueError("must say that a machine is calling, and hold {company}")
        return sentence

    @model_validator(mode="after")
    def _whole(self) -> "Outbound":
        if self.purposes and not (self.company and self.destinations):
            raise ValueError("purposes need a company, for whom is called, and destinations, where calls may go")
        return self

    def policy(self, purpose: Purpose, may_dial: Callable[[str], bool]) -> Policy:
        """As the rule wants it. `may_dial` is whether a trunk of ours may dial a number."""
        return Policy(
            may_dial=may_dial,
            destinations=frozenset(self.destinations),
            hours=self.hours,
            attempts_a_day=self.attempts_a_day,
            needs_consent=purpose.needs_consent,
        )

    def filled(self, sentence: str, fields: Mapping[str, str]) -> str:
        """The sentence with what stands for its fields; what a field holds is never read for fields again."""
        known = {**fields, COMPANY: self.company}
        return _FIELD.sub(lambda found: known.get(found[1], ""), sentence)

    def opening(self, purpose: Purpose, fields: Mapping[str, str]) -> str:
        """What is said first to a person: who is calling, for whom, and why."""
        return f"{self.filled(self.disclosure, fields)} {self.filled(purpose.says, fields)}"

    def introduction(self, purpose: Purpose, fields: Mapping[str, str]) -> str:
        """The one sentence for whoever screens calls."""
        said = {**fields, "says": self.filled(purpose.says, fields)}
        return self.filled(self.who_is_calling, said)

    def message(self, purpose: Purpose, fields: Mapping[str, str]) -> str:
        """What is left on a voicemail, with the disclosure; empty when nothing is."""
        if not purpose.message:
            return ""
        return f"{self.filled(self.disclosure, fields)} {self.filled(purpose.message, fields)}"


def purpose_of(outbound: Outbound, profile: str, name: str) -> Purpose:
    """Raises ConfigError, which names the profile, for a purpose that it has not."""
    if not outbound.purposes:
        raise ConfigError(
            f"the profile {profile} makes no calls: give it `outbound` with a company, destinations and purposes "
            "(docs/phone/outbound.md)"
        )
    if name not in outbound.purposes:
        known = ", ".join(outbound.purposes)
        raise ConfigError(f"the profile {profile} calls nobody for {name!r}; its purposes are: {known}")
    return outbound.purposes[name]
