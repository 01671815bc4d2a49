"""Call: one contact from join to leave, the session's userdata, and the only door for tools to everything of it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar, cast

from agent.call.agreement import Agreements
from agent.call.identity import Identity
from agent.call.line import Line, NoLine
from agent.call.rehearsals import Rehearsals
from agent.call.scoring import Score
from agent.call.survey import Survey
from agent.errors import Unavailable
from agent.events import (
    AgentSpoke,
    AiDisclosed,
    CallEnded,
    CallerSpoke,
    ConsentGiven,
    ConsentRefused,
    EndReason,
    Event,
    FlagRaised,
    HandedOver,
    IdentityChecked,
    Outcome,
    TaskCompleted,
    TierChanged,
    ToolReturned,
)
from agent.intent import HAND_OVER
from agent.language.pack import LanguagePack
from agent.memory.callers import Who
from agent.memory.recall import Memory
from agent.profile.languages import pack_of
from agent.profile.persona_file import PersonaFile
from agent.profile.profile import Profile
from agent.redaction.discretion import Discretion
from agent.rules.distress import find_distress
from agent.rules.identity import Decision, Said, Tier

if TYPE_CHECKING:
    from livekit.agents import RunContext

B = TypeVar("B")
NOTE_S = 0.3  # nobody waits longer for what is to be said
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock; tests pass their own."""
    return datetime.now(UTC)


def hold_on(context: "RunContext[Call]") -> None:
    """A change that has begun is carried out and told, whatever the caller says meanwhile; turns/listening keeps that
    for afterwards."""
    with suppress(RuntimeError):  # the caller stopped it just before it began: LiveKit cancels it
        context.disallow_interruptions()


class Glimpse:
    """What a tool gets of the call while it is rehearsed: what it needs to look, and nothing to act or to tell with."""

    __slots__ = ("backend", "now", "profile")

    def __init__(self, call: "Call") -> None:
        self.backend = call.backend
        self.now = call.now
        self.profile = call.profile


@dataclass(slots=True)
class Call:
    """Everything of one call. `publish` hands an event on; `hang_up` ends the call once the agent has spoken; `number`
    is the caller's, E.164, where the line tells it: a place to call back, no proof of who is calling. `line` lets a
    person take the call over, where it can."""

    id: str
    profile: Profile
    publish: Callable[[str, datetime, Event], None]
    hang_up: Callable[[EndReason], None]
    backends: dict[type, object] = field(default_factory=dict)
    clock: Clock = utc_now
    number: str = ""
    identity: Identity = field(default_factory=Identity)
    flags: set[str] = field(default_factory=set)
    memory: Memory = field(default_factory=Memory)
    line: Line = field(default_factory=NoLine)
    has_disclosed: bool = False  # that an AI speaks, heard by the caller
    persona: str = ""  # who speaks after a hand-over; the profile's first until then
    agreements: Agreements = field(init=False)
    discretion: Discretion = field(init=False)
    rehearsals: Rehearsals = field(default_factory=Rehearsals)
    note_for_people: Callable[[], Awaitable[bool]] | None = None  # true when a person knows of the call now
    score: Score = field(init=False)
    survey: Survey = field(init=False)
    confirm_to: str = ""  # where the caller wants a confirmation: an e-mail address, or a number as E.164
    has_offered_person: bool = False  # since the caller was found frustrated, and heard
    _noting: asyncio.Future[bool] | None = None  # owned, so that it is not lost while it is made
    _completed: set[tuple[str, int]] = field(default_factory=set)  # tools, by the caller's turn
    answered: dict[str, str] = field(default_factory=dict)  # what tools said, fit to be spoken, by the id of their call

    def __post_init__(self) -> None:
        """Keys of what is agreed to begin with the call's id, so that no two calls share one."""
        self.agreements = Agreements(self.id, language=self.profile.language)
        self.discretion = Discretion(self.memory.notes.intents, self.now)
        self.score = Score(self.memory.notes.intents)
        self.survey = Survey(self.profile.survey)

    @property
    def tier(self) -> Tier:
        """How well the caller is known."""
        return self.identity.tier

    @property
    def customer(self) -> str:
        """The id of whom a check has verified; empty before."""
        return self.identity.customer

    @property
    def language(self) -> LanguagePack:
        """The one that is spoken now; the profile is in it."""
        return pack_of(self.profile)

    def speak(self, profile: Profile) -> None:
        """Go on in the language that this version of the profile is in; that an AI speaks is to be said in it again."""
        self.profile, self.agreements.language = profile, profile.language
        self.has_disclosed = False

    def emit(self, event: Event) -> None:
        """Say that something happened. Never blocks, never raises."""
        if isinstance(event, CallerSpoke):
            self.agreements.hear(event.text)
        elif isinstance(event, AgentSpoke):
            self.agreements.spoke(event.text, is_whole=event.is_whole)
            is_offer = self.profile.sentences.offer_person in event.text
            self.has_offered_person |= is_offer and "frustrated" in self.flags
        elif isinstance(event, ToolReturned):
            self.answered[event.tool_call] = event.sentence
        elif isinstance(event, CallEnded):
            self.publish(self.id, self.clock(), self.score.told(event, self.memory.open_before, self.survey.score))
        self.survey.on_event(event)
        self.score.on_event(event)
        self.memory.notes.on_event(event)
        self.discretion.on_event(event)
        self.publish(self.id, self.clock(), event)
        self._tell_what_follows(event)
        if isinstance(event, CallerSpoke) and (danger := find_distress(event.text)):
            self.flag("distress", f"the caller's words tell of danger: {danger.value}")

    def _tell_what_follows(self, event: Event) -> None:
        """A yes that was carried out, and a no, mean more for the record than the tool that was asked."""
        intents, turn = self.memory.notes.intents, self.agreements.turn
        match event:
            case AgentSpoke() if not self.has_disclosed and self.language.discloses_ai(event.text):
                self.has_disclosed = True
                self.emit(AiDisclosed(turn=event.turn, language=self.profile.language))
            case CallerSpoke() if (asked := intents.get(self.agreements.refused)) and asked.consent_to:
                self.emit(ConsentRefused(purpose=asked.consent_to, how="said_no"))
            case ToolReturned(tool=tool, outcome=Outcome.OK) if tool in intents and intents[tool].changes_something:
                if (tool, turn) not in self._completed:  # what was done in this turn is only told again
                    self._completed.add((tool, turn))
                    self.emit(TaskCompleted(task=tool, turn=turn))
                    if purpose := intents[tool].consent_to:
                        self.emit(ConsentGiven(purpose=purpose, how="said_yes"))

    def flag(self, name: str, reason: str) -> None:
        """Mark the call for the persona or a human; a second time is no news."""
        if name not in self.flags:
            self.flags.add(name)
            self.emit(FlagRaised(flag=name, reason=reason))

    async def require(self, tier: Tier) -> str:
        """The id of the verified customer, the only way to private rows. Raises Unverified, which carries how much is
        missing, or Refused when the call is locked."""
        self.identity.require(tier)
        return self.identity.customer

    def identified(self, said: Said, decision: Decision) -> None:
        """Keep what a check of identity came to, and tell it."""
        before = self.identity.tier
        self.identity.settle(said, decision)
        codes = (said.account_last_four, said.card_last_four)
        self.discretion.learn(names=(said.name,), places=(said.city,), codes=codes)
        known = self.identity
        self.discretion.is_of_customer = known.tier > Tier.NONE
        self.emit(
            IdentityChecked(
                outcome=decision.outcome.value,
                tier=known.tier.name.lower(),
                failed=known.failed,
                is_locked=known.is_locked,
            )
        )
        if known.tier is not before:
            names = before.name.lower(), known.tier.name.lower()
            self.emit(TierChanged(before=names[0], after=names[1], why=decision.outcome.value))

    async def last_words(self) -> str:
        """What the caller hears when the call cannot go on for want of a provider: that a person knows of it, where
        somebody could be told in time; a note that takes longer is made all the same, behind the goodbye."""
        said = self.profile.sentences
        if self.note_for_people is None:
            return said.limit_goodbye
        self._noting = asyncio.ensure_future(self.note_for_people())
        await asyncio.wait({self._noting}, timeout=NOTE_S)
        is_noted = self._noting.done() and self._noting.exception() is None and self._noting.result()
        return said.out_of_order if is_noted else said.limit_goodbye

    def discreet(self, words: str) -> str:
        """An LLM's or the caller's words as they may be kept for people: without figures, addresses and names, but
        for the references of what the call is about."""
        return self.discretion.masked(words, self.memory.notes.references.keys())

    def for_people(self, words: str = "") -> str:
        """A note about the call for whoever takes it over, from what was done, with an LLM's words if there are any."""
        note = self.discretion.checked(self.memory.notes.for_people(self.tier))
        return f"{note} “{said}”" if (said := self.discreet(words)) else note

    @property
    def who(self) -> Who:
        """By what this caller is found again in another call."""
        return Who(profile=self.profile.name, number=self.number, customer=self.customer)

    @property
    def speaker(self) -> PersonaFile:
        """The persona that speaks now."""
        return self.profile.personas[self.persona or self.profile.persona]

    def may_use(self, tool: str) -> bool:
        """Whether the persona that speaks may use the tool."""
        says = self.speaker.says
        if tool.startswith(HAND_OVER):
            return tool.removeprefix(HAND_OVER) in says.hand_over_to
        if says.tools is None or tool in says.tools:
            return True
        return any(tool.startswith(f"{server}_") for server in self.profile.mcp if server in says.tools)

    def hand_over(self, to: str) -> None:
        """Let another persona speak from now on; all that was said and learned stays with the call."""
        self.emit(HandedOver(by=self.speaker.name, to=to))
        self.persona = to

    def backend(self, kind: type[B]) -> B:
        """The system of record that implements the Protocol `kind`. Raises Unavailable when the profile has none."""
        try:
            return cast(B, self.backends[kind])
        except KeyError:
            raise Unavailable("I can't reach the system for that right now.") from None

    def now(self) -> datetime:
        """Now, in the profile's time zone."""
        return self.clock().astimezone(self.profile.zone)
