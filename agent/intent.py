"""How a tool declares what callers say when they want it; lives beside the tool, read by the local understanding."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from agent.events import Purpose

T = TypeVar("T")
_ATTRIBUTE = "parley_intent"
HAND_OVER = "hand_over_to_"  # a tool so named gives the call to the persona whose name follows
HUMANS = ("transfer_to_human", "request_human")  # the tools that bring a person, in the order asked


class SlotKind(StrEnum):
    """What a slot holds; each kind has one parser in understanding/reading/slots.py."""

    CODE = "code"  # digits said one by one or in groups: order and account numbers; the value is a digit string
    NUMBER = "number"  # an int
    DATE = "date"  # an ISO date
    TIME = "time"  # HH:MM, 24 hours
    RANGE = "range"  # the days and times that will do, where no single one was named; the value is rules/ranges'
    EMAIL = "email"
    NAME = "name"
    PHONE = "phone"
    YES_NO = "yes_no"
    CHOICE = "choice"  # one of `choices`
    TEXT = "text"  # the caller's words as they are, in an answer
    WORDS = "words"  # the words in which the tool was asked for: the tool finds in them what only its backend knows
    MONEY = (
        "money"  # an amount in major units as a decimal string, "500.00", with the currency if it was said: "5.00 USD"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One parameter of a tool: `name` is the parameter's name, `ask` the question when it is missing. The lengths of a
    CODE, PHONE or NUMBER count digits (letters too with `has_letters`); turn-taking waits for them while dictated.

    `cues` mark a NUMBER or a DATE among others ("party of {}", "from {}"): without one it is taken in answers only.
    `said_as` are pairs of other words and the choice they mean. A bare hour before `first_hour` is one after noon.
    `phrase` is how the value stands in a confirmation ("for {}"), where nothing stands for a missing one.
    `look_first` names a tool that only looks: it is called with what is known before this slot is asked for, and when
    it refuses, its way out is heard instead of the question. `is_day_first` reads 3/5 as the third of May; it is the
    profile's locale that says so.
    `is_written` is False for a value by which the tool only finds or checks something, such as a proof of whose it is:
    nothing keeps it, so that it need not be read back before the caller's yes.
    `stands_for` names a required slot that an optional one makes up for: it is not asked for when this one was said,
    and who does not have it is asked for this one.
    """

    name: str
    kind: SlotKind
    ask: str
    choices: tuple[str, ...] = ()
    min_length: int = 1
    max_length: int = 64
    has_letters: bool = False
    is_optional: bool = False
    cues: tuple[str, ...] = ()
    said_as: tuple[tuple[str, str], ...] = ()
    first_hour: int = 8
    phrase: str = "{}"
    look_first: str = ""
    is_day_first: bool = False
    is_written: bool = True
    stands_for: str = ""


def is_made_up_for(slot: Slot, slots: Sequence[Slot], known: Collection[str]) -> bool:
    """True when another slot of which the value is known stands for this one."""
    return any(other.stands_for == slot.name and other.name in known for other in slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What callers say when they want a tool. `confirm` ("Shall I cancel order {order_number}?") is asked first by
    tools that change something; empty for those that only look. Every written value is heard: one that the question
    does not name is said before it. `reads_back` is for those whose figures only the backend knows: the tool's first
    call ends in a question, and a yes calls it again with the same arguments. `noted` ("asked about order
    {order_number}", to follow "you") is what a note about the call says was done; empty for what is not worth one.

    Of the optional slots in `one_of` at least one must be there: `ask_one_of` is the question when none is.
    `leads_to` is the tool that a yes to this one's answer means, `undone_by` the one that takes back what this one has
    done; empty when nothing here does, so that who wants it undone is offered a person.

    `only_looks` is for a tool that looks at what any caller may hear and does nothing to the call: it may run on a
    guess of what the caller said, unheard, so that its answer is ready in time. `consent_to` is for what the law wants
    the caller's consent: the yes to the tool's question, or the no, is told as such.
    """

    examples: tuple[str, ...]
    slots: tuple[Slot, ...] = ()
    confirm: str = ""
    reads_back: bool = False
    noted: str = ""
    one_of: tuple[str, ...] = ()
    ask_one_of: str = ""
    leads_to: str = ""
    undone_by: str = ""
    only_looks: bool = False
    consent_to: Purpose | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a tool that is said to change something and to only look."""
        if self.only_looks and self.changes_something:
            raise ValueError("a tool that asks for a yes changes something: it cannot be said to only look")

    @property
    def changes_something(self) -> bool:
        """Whether the tool must not be called before the caller has agreed."""
        return bool(self.confirm) or self.reads_back

    def notes(self, slot: str) -> bool:
        """Whether `noted` names that slot: its value may stand in a note about the call."""
        return f"{{{slot}}}" in self.noted


def understood(intent: Intent) -> Callable[[T], T]:
    """Attach the intent to a tool: `@understood(Intent(...))` above `@function_tool`."""

    def attach(tool: T) -> T:
        setattr(tool, _ATTRIBUTE, intent)
        return tool

    return attach


def intent_of(tool: object) -> Intent | None:
    """The intent attached to a tool, or None for a tool that only an LLM can choose."""
    intent = getattr(tool, _ATTRIBUTE, None)
    return intent if isinstance(intent, Intent) else None


def localised(intent: Intent, locale: str) -> Intent:
    """The intent with days read as they are written there: only Americans say the month first."""
    is_day_first = locale != "en-US"
    slots = (replace(slot, is_day_first=is_day_first) if slot.kind is SlotKind.DATE else slot for slot in intent.slots)
    return replace(intent, slots=tuple(slots))
