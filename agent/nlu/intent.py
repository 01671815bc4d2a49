"""How a tool declares what callers say when they want it; lives beside the tool, read by the local understanding."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")
_ATTRIBUTE = "parley_intent"
HAND_OVER = "hand_over_to_"  # a tool so named gives the call to the persona whose name follows


class SlotKind(StrEnum):
    """What a slot holds; each kind has one parser in nlu/slots.py."""

    CODE = "code"  # digits said one by one or in groups: order and account numbers; the value is a digit string
    NUMBER = "number"  # an int
    DATE = "date"  # an ISO date
    TIME = "time"  # HH:MM, 24 hours
    EMAIL = "email"
    NAME = "name"
    PHONE = "phone"
    YES_NO = "yes_no"
    CHOICE = "choice"  # one of `choices`
    TEXT = "text"  # the caller's words as they are, in an answer
    WORDS = "words"  # the words in which the tool was asked for: the tool finds in them what only its backend knows
    MONEY = "money"  # an amount in major units as a decimal string, "500.00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One parameter of a tool: `name` is the parameter's name, `ask` the question when it is missing. The lengths of a
    CODE, PHONE or NUMBER count digits (letters too with `has_letters`); turn-taking waits for them while dictated.

    `cues` mark a NUMBER or a DATE among others ("party of {}", "from {}"): without one it is taken in answers only.
    `said_as` are pairs of other words and the choice they mean. A bare hour before `first_hour` is one after noon.
    `phrase` is how the value stands in a confirmation ("for {}"), where nothing stands for a missing one.
    `look_first` names a tool that only looks: it is called with what is known before this slot is asked for, and when
    it refuses, its way out is heard instead of the question.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What callers say when they want a tool. `confirm` ("Shall I cancel order {order_number}?") is asked first by
    tools that change something; empty for those that only look. `reads_back` is for those whose figures only the
    backend knows: the tool's first call ends in a question, and a yes calls it again with the same arguments. `noted`
    ("asked about order {order_number}", to follow "you") is what a note about the call says was done; empty for what is
    not worth one.

    Of the optional slots in `one_of` at least one must be there: `ask_one_of` is the question when none is.
    `leads_to` is the tool that a yes to this one's answer means, `undone_by` the one that takes back what this one has
    done; empty when nothing here does, so that who wants it undone is offered a person.

    `only_looks` is for a tool that looks at what any caller may hear and does nothing to the call: it may run on a
    guess of what the caller said, unheard, so that its answer is ready in time.
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

    def __post_init__(self) -> None:
        """Raises ValueError for a tool that is said to change something and to only look."""
        if self.only_looks and self.changes_something:
            raise ValueError("a tool that asks for a yes changes something: it cannot be said to only look")

    @property
    def changes_something(self) -> bool:
        """Whether the tool must not be called before the caller has agreed."""
        return bool(self.confirm) or self.reads_back


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
