"""Agreement: what was read back to the caller before it is done, and whether they said yes to exactly that.

A large model may ask for anything; what changes something happens once, after a yes that the caller really spoke.
"""

from dataclasses import dataclass, field

from agent.errors import Refused
from agent.nlu.yes_no import find_yes_no

ONE_AT_A_TIME = "One thing at a time, please: let me finish the first one before the next."


@dataclass(slots=True)
class Proposal:
    """Something to be done: `figures` are all that the caller heard of it, `key` does it once in a system of record.

    `turn` is the caller's turn in which it was read back, or done; `is_heard` means that the agent then spoke to its
    end; `sentence` tells it once it is done.
    """

    what: str
    figures: tuple[object, ...]
    key: str
    turn: int
    is_heard: bool = False
    is_agreed: bool = False
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class CarriedAgreements:
    """What another job needs of them. The figures of proposals are numbers and texts."""

    turn: int
    heard: str
    count: int
    open: Proposal | None
    done: tuple[Proposal, ...]


@dataclass(slots=True)
class Agreements:
    """Those of one call. `turn` counts what the caller said, `heard` is the last of it."""

    call: str
    turn: int = 0
    heard: str = ""
    _open: Proposal | None = None
    _done: list[Proposal] = field(default_factory=list)
    _count: int = 0

    def hear(self, text: str) -> None:
        """The caller's turn."""
        self.turn += 1
        self.heard = text

    def spoke(self, *, is_whole: bool) -> None:
        """The agent's turn: what it read back was heard, unless the caller spoke into it."""
        if self._open is not None and self._open.turn == self.turn:
            self._open.is_heard = is_whole

    def agreed(self, what: str, figures: tuple[object, ...]) -> Proposal | None:
        """The proposal with its key when the caller said yes to it; None when it must be read back (again) now.

        One that was done in this very turn is given again, with its sentence. Raises Refused when another one was read
        back in this turn: a single yes would mean both.
        """
        if done := self._find_done(what, figures):
            return done
        waiting = self._open
        if waiting is None or (waiting.what, waiting.figures) != (what, figures):
            self._propose(what, figures)
            return None
        is_asked = waiting.is_heard and waiting.turn < self.turn
        waiting.is_agreed = waiting.is_agreed or (is_asked and find_yes_no(self.heard) is True)
        if waiting.is_agreed:
            return waiting
        waiting.turn, waiting.is_heard = self.turn, False
        return None

    def again(self, what: str, first: object) -> Proposal | None:
        """What was agreed to and not finished, or finished in this very turn, by the first of its figures: when the
        others can no longer be worked out, because it was done."""
        return next((one for one in self._begun() if one.what == what and one.figures[0] == first), None)

    def finish(self, proposal: Proposal, sentence: str) -> str:
        """It is done; the sentence that tells it."""
        proposal.sentence, proposal.turn = sentence, self.turn
        self._done.append(proposal)
        self._open = None if self._open is proposal else self._open
        return sentence

    def drop(self) -> None:
        """What was read back is off: it was refused."""
        self._open = None

    def was_done(self, what: str, figures: tuple[object, ...]) -> bool:
        """True when the same was done before in this call, so that the caller can be told before it is done again."""
        return any((done.what, done.figures) == (what, figures) for done in self._done)

    def carried(self) -> CarriedAgreements:
        """For a job that takes the call up."""
        return CarriedAgreements(self.turn, self.heard, self._count, self._open, tuple(self._done))

    def take_up(self, before: CarriedAgreements) -> None:
        """Go on where the job before was."""
        self.turn, self.heard, self._count = before.turn, before.heard, before.count
        self._open, self._done = before.open, list(before.done)

    def _begun(self) -> list[Proposal]:
        waiting = [self._open] if self._open is not None and self._open.is_agreed else []
        return [*waiting, *(one for one in self._done if one.turn == self.turn)]

    def _find_done(self, what: str, figures: tuple[object, ...]) -> Proposal | None:
        same = (one for one in self._done if (one.what, one.figures, one.turn) == (what, figures, self.turn))
        return next(same, None)

    def _propose(self, what: str, figures: tuple[object, ...]) -> None:
        if self._open is not None and self._open.turn == self.turn:
            raise Refused(ONE_AT_A_TIME)
        self._count += 1
        self._open = Proposal(what, figures, f"{self.call}:{self._count}", self.turn)
