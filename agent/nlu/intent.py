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
    CODE or PHONE count digits (letters too with `has_letters`); turn-taking waits for them while they are dictated."""

    name: str
    kind: SlotKind
    ask: str
    choices: tuple[str, ...] = ()
    min_length: int = 1
    max_length: int = 64
    has_letters: bool = False
    is_optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What callers say when they want a tool. `confirm` ("Shall I cancel order {order_number}?") is asked first by
    tools that change something; empty for those that only look. `reads_back` is for those whose figures only the
    backend knows: the tool's first call ends in a question, and a yes calls it again with the same arguments. `noted`
    ("asked about order {order_number}", to follow "you") is what a note about the call says was done; empty for what is
    not worth one."""

    examples: tuple[str, ...]
    slots: tuple[Slot, ...] = ()
    confirm: str = ""
    reads_back: bool = False
    noted: str = ""

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
