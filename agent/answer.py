"""Answer: the sentence of a tool, and beside it what it means, as data.

The sentence is for callers. Whoever decides what comes next reads the meaning, so that no decision hangs on how a
sentence is worded. The toolbox puts the meaning into the tool call's `extra`, where it stays in the call's history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Self

Value = str | int | bool
MEANING = "parley"  # the key of a tool call's `extra`


@dataclass(frozen=True, slots=True)
class Offered:
    """A way out: `said`, the part of the sentence that says it, and `values` by the parameters that would take it."""

    said: str
    values: Mapping[str, Value]


class Identity(StrEnum):
    """What became of the details that a caller gave of themselves."""

    UNMATCHED = "unmatched"  # all of them are asked for anew
    TOO_FEW = "too_few"  # right so far, and one more is needed


@dataclass(frozen=True, slots=True)
class Meaning:
    """`question` is what the sentence ends with where it asks back, `asks` the parameter that it asks for, `wants_yes`
    says that it reads back what would be done, and `missing` how many details of identity the tool still wants before
    it does anything."""

    offers: tuple[Offered, ...] = ()
    question: str = ""
    asks: str = ""
    wants_yes: bool = False
    missing: int = 0
    identity: Identity | None = None

    @property
    def leads_on(self) -> bool:
        """True where the caller is asked for something, or offered a way out."""
        return bool(self.question or self.asks or self.offers or self.missing or self.identity)

    def as_json(self) -> dict[str, object]:
        """As it stands in a tool call's `extra`."""
        return asdict(self)

    @classmethod
    def read(cls, written: object) -> "Meaning":
        """What `as_json` wrote; a meaning of nothing out of anything else."""
        if not isinstance(written, Mapping):
            return NOTHING
        identity = written["identity"]
        return cls(
            offers=tuple(Offered(one["said"], one["values"]) for one in written["offers"]),
            question=written.get("question", ""),  # a call of the version before has none
            asks=written["asks"],
            wants_yes=written["wants_yes"],
            missing=written["missing"],
            identity=Identity(identity) if identity else None,
        )


NOTHING = Meaning()


class Answer(str):
    """A tool's sentence that means something beyond its words; one that does not is any text."""

    __slots__ = ("meaning",)
    meaning: Meaning

    def __new__(
        cls,
        sentence: str,
        *,
        offers: Sequence[Offered] = (),
        asks: str = "",
        missing: int = 0,
        identity: Identity | None = None,
    ) -> Self:
        """The sentence, and what it means."""
        self = super().__new__(cls, sentence)
        self.meaning = Meaning(offers=tuple(offers), asks=asks, missing=missing, identity=identity)
        return self


def asking(sentence: str, question: str) -> Answer:
    """The sentence with a question behind it, "" for none; it means what it meant, and asks."""
    answer = Answer(f"{sentence} {question}".strip())
    answer.meaning = replace(meaning_of(sentence), question=question)
    return answer


def meaning_of(sentence: str) -> Meaning:
    """What a tool's sentence means beside its words."""
    return sentence.meaning if isinstance(sentence, Answer) else NOTHING
