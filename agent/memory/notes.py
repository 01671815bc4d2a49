"""What was done in this call, from its events: which tools, for what, how it ended. No word of the caller is in it but
the arguments of tools, and a summary takes of those what the tool's author named."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.answer import Value
from agent.events import Event, FlagRaised, Outcome, ToolCalled, ToolReturned
from agent.intent import Intent, SlotKind
from agent.rules.identity import Tier
from agent.understanding.frames import worded
from agent.understanding.history import arguments_of

_FAILED = frozenset({Outcome.REFUSED, Outcome.FAILED, Outcome.TIMED_OUT})
WANTS_HUMAN = "wants_human"


@dataclass(frozen=True, slots=True)
class Fact:
    """One tool call that came back."""

    tool: str
    arguments: Mapping[str, Value]
    outcome: Outcome


@dataclass(slots=True)
class Notes:
    """One per call. `intents` says how tools are noted."""

    intents: Mapping[str, Intent] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    wants_human: bool = False
    _asked: dict[str, str] = field(default_factory=dict)
    _references: dict[str, str] = field(default_factory=dict)  # by number: "booking"

    def on_event(self, event: Event) -> None:
        """Note what a tool did."""
        match event:
            case ToolCalled():
                self._asked[event.tool_call] = event.arguments
            case ToolReturned():
                asked = arguments_of(self._asked.pop(event.tool_call, ""))
                arguments = {name: value for name, value in asked.items() if value != ""}  # a default: nobody said it
                if event.outcome is not Outcome.ASKED:  # nothing was done
                    self.facts.append(Fact(event.tool, arguments, event.outcome))
            case FlagRaised(flag="wants_human"):
                self.wants_human = True

    def summary(self) -> str:
        """What was done, to follow "you" or "the caller": "asked about order 4571 and ..."."""
        done = [text for fact in self.facts if fact.outcome is Outcome.OK and (text := self._noted(fact))]
        done = list(dict.fromkeys(done))
        return " and ".join((", ".join(done[:-1]), done[-1])) if len(done) > 1 else "".join(done)

    def refer_to(self, what: str, reference: str) -> None:
        """The call is about this: "booking", "483920"."""
        self._references[reference] = what

    @property
    def references(self) -> Mapping[str, str]:
        """By which colleagues find what the call is about: what each is of, by its number. They are what tools have
        given, and the codes that a tool took and its author named in `noted`."""
        done = [fact for fact in self.facts if fact.outcome is Outcome.OK and self._is_noted(fact.tool)]
        codes = [
            (slot.name.replace("_", " "), str(fact.arguments[slot.name]))
            for fact in done
            for slot in self.intents[fact.tool].slots
            if slot.kind is SlotKind.CODE and slot.name in fact.arguments and self.intents[fact.tool].notes(slot.name)
        ]
        return {**{number: what for what, number in codes}, **self._references}

    def for_people(self, tier: Tier) -> str:
        """What a colleague reads before taking the call over: how well the caller is known, what was done, which tools
        worked or did not, and the references. No value that the caller was identified by is in it, and no figure of a
        tool's answer."""
        last = {fact.tool: fact.outcome for fact in self.facts}
        tools = [tool if outcome is Outcome.OK else f"{tool} ({outcome.value})" for tool, outcome in last.items()]
        of = [f"{what} {number}" for number, what in self.references.items()]
        known = tier.name.lower()
        said = {"Identity": known, "Done": self.summary(), "Tools": ", ".join(tools), "About": ", ".join(of)}
        return " ".join(f"{key}: {value}." for key, value in said.items() if value)

    def open_matters(self, before: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The tools that did not come to their end, those of earlier calls included; done since is done."""
        last = {fact.tool: fact.outcome for fact in self.facts if self._is_noted(fact.tool)}
        still = [tool for tool in before if last.get(tool) is not Outcome.OK]
        still += [tool for tool, outcome in last.items() if outcome in _FAILED]
        return tuple(dict.fromkeys([*still, *([WANTS_HUMAN] if self.wants_human else [])]))

    def _is_noted(self, tool: str) -> bool:
        intent = self.intents.get(tool)
        # what reads back comes back twice, and the first time nothing was done
        return intent is not None and bool(intent.noted) and not intent.reads_back

    def _noted(self, fact: Fact) -> str:
        if not self._is_noted(fact.tool):
            return ""
        intent = self.intents[fact.tool]
        try:
            return worded(intent.noted, intent, fact.arguments)
        except (ValueError, KeyError):  # an LLM gave an argument that is no date or number
            return in_words(fact.tool)


def in_words(tool: str) -> str:
    """A tool's name as one says it: "check_shipping" is "check shipping"."""
    return "talk to a person" if tool == WANTS_HUMAN else tool.replace("_", " ")
