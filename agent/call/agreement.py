"""Agreement: what was read back to the caller before it is done, and whether they said yes to exactly that.

Whoever thinks may ask for anything; what changes something happens once, after a yes that the caller really spoke.
"""

import asyncio
from dataclasses import dataclass, field

from agent.errors import Asked, Refused
from agent.language.packs import ENGLISH, pack
from agent.understanding.consent import agrees
from agent.understanding.history import HARDLY_HEARD, was_last_said
from agent.understanding.reading.words import words

ONE_AT_A_TIME = "One thing at a time, please: let me finish the first one before the next."
_ANNOUNCED = 20  # guesses of one turn are far fewer


@dataclass(slots=True)
class Proposal:
    """Something to be done by the tool `what`: `figures` are all that it depends on, `question` reads them back, `key`
    does it once in a system of record.

    `turn` is the caller's turn in which it was read back, or done; `sentence` tells it once it is done.
    """

    what: str
    figures: tuple[object, ...]
    question: str
    key: str
    turn: int
    is_agreed: bool = False
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class CarriedAgreements:
    """What another job needs of them. The figures of proposals are numbers and texts."""

    turn: int
    heard: str
    answered: str
    said: str | None
    count: int
    open: Proposal | None
    done: tuple[Proposal, ...]


@dataclass(slots=True)
class Agreements:
    """Those of one call. `turn` counts what the caller said, `heard` is the last of it, and `answered` what the agent
    had said right before, if it was heard to its end. `lock` lets one tool at a time do what was agreed to."""

    call: str
    turn: int = 0
    heard: str = ""
    answered: str = ""
    language: str = ENGLISH  # in which the caller says yes or no
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _said: str | None = None  # since the caller's turn
    _doubted: set[str] = field(default_factory=set)
    _announced: dict[tuple[str, tuple[object, ...]], str] = field(default_factory=dict)
    _open: Proposal | None = None
    _done: list[Proposal] = field(default_factory=list)
    _count: int = 0

    def hear(self, text: str) -> None:
        """The caller's turn; with the one before it when the agent has said nothing between them."""
        self.turn += 1
        self._doubted.clear()
        if self._said is None:
            self.heard = f"{self.heard} {text}".strip()
        else:
            self.heard, self.answered, self._said = text, self._said, None
        if self._open is not None and pack(self.language).find_yes_no(text) is False:
            self._open.is_agreed = False

    def spoke(self, text: str, *, is_whole: bool) -> None:
        """The agent's turn. What the caller cut after a word or two is as good as unsaid, and of anything else that
        they spoke into it counts that it was not heard."""
        if is_whole or len(words(text)) > HARDLY_HEARD:
            self._said = text if is_whole else ""

    def announce(self, what: str, figures: tuple[object, ...], question: str) -> None:
        """A mind of ours is about to ask this, or would: nothing comes of it unless it is really said."""
        self._announced.pop((what, figures), None)
        self._announced[what, figures] = question
        while len(self._announced) > _ANNOUNCED:
            del self._announced[next(iter(self._announced))]

    def doubt(self, what: str) -> None:
        """The caller's words name another value than what this is about: they are no yes to it."""
        self._doubted.add(what)

    def agreed(self, what: str, figures: tuple[object, ...], question: str) -> Proposal:
        """The proposal with its key, when the caller said yes to it; one that was done in this very turn is given
        again, with its sentence. Raises Asked when `question` must be said (again) now, and Refused when another one
        was read back in this turn: a single yes would mean both."""
        if done := self._find_done(what, figures):
            return done
        waiting = self._waiting(what, figures, question)
        is_yes = (
            agrees(self.heard, self.language)
            and waiting.turn < self.turn
            and was_last_said(waiting.question, self.answered)
        )
        waiting.is_agreed = (waiting.is_agreed or is_yes) and what not in self._doubted
        if waiting.is_agreed:
            return waiting
        waiting.turn, waiting.question = self.turn, question
        raise Asked(question)

    @property
    def unsaid(self) -> str:
        """The question that was read back in this turn and is still to be said; empty when there is none."""
        waiting = self._open
        if waiting is None or waiting.turn != self.turn or waiting.is_agreed:
            return ""
        return "" if was_last_said(waiting.question, self._said or "") else waiting.question

    @property
    def refused(self) -> str:
        """The tool whose question the caller's last turn said no to; empty when it said no to none."""
        if pack(self.language).find_yes_no(self.heard) is not False:
            return ""
        asked = [(what, question) for (what, _), question in self._announced.items()]
        asked += [(self._open.what, self._open.question)] if self._open is not None else []
        return next((what for what, question in reversed(asked) if was_last_said(question, self.answered)), "")

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
        return CarriedAgreements(
            self.turn, self.heard, self.answered, self._said, self._count, self._open, tuple(self._done)
        )

    def take_up(self, before: CarriedAgreements) -> None:
        """Go on where the job before was."""
        self.turn, self.heard, self._count = before.turn, before.heard, before.count
        self.answered, self._said = before.answered, before.said
        self._open, self._done = before.open, list(before.done)

    def _begun(self) -> list[Proposal]:
        is_open = self._open is not None and self._open.is_agreed and self._open.what not in self._doubted
        waiting = [self._open] if self._open is not None and is_open else []
        return [*waiting, *(one for one in self._done if one.turn == self.turn)]

    def _find_done(self, what: str, figures: tuple[object, ...]) -> Proposal | None:
        same = (one for one in self._done if (one.what, one.figures, one.turn) == (what, figures, self.turn))
        return next(same, None)

    def _waiting(self, what: str, figures: tuple[object, ...], question: str) -> Proposal:
        """The open proposal if it is this one; else a new one, asked before only if that was announced. Raises
        Refused."""
        if self._open is not None and (self._open.what, self._open.figures) == (what, figures):
            return self._open
        if self._open is not None and self._open.turn == self.turn:
            raise Refused(ONE_AT_A_TIME)
        was_announced = self._announced.get((what, figures)) == question
        self._count += 1
        key = f"{self.call}:{self._count}"
        self._open = Proposal(what, figures, question, key, self.turn - 1 if was_announced else self.turn)
        return self._open
