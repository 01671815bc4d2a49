"""How much silence ends a turn: by how likely it is over, what nobody ends on, dictation, and this caller's pace.

Words and sound say whether a turn is over (evidence.py). That the understanding does not know a sentence adds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from agent.rules.evidence import Meant, Who, log_odds, turn_is_over
from agent.rules.language import Language, made_of, spoken_words


class Dictated(StrEnum):
    """Whether what was said is a number, code, e-mail, spelling or date, and whether it is all of it. `OPEN`: it may be
    all, or go on, as a telephone number of unknown length."""

    NONE = "none"
    UNFINISHED = "unfinished"
    OPEN = "open"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of silence, from the profile's `turns`. Ordered: finished <= unsure <= unfinished <= dictation."""

    finished_s: float
    unsure_s: float
    unfinished_s: float
    dictation_s: float

    @property
    def doubtful_s(self) -> float:
        """Two thirds of the way from unsure to unfinished: behind a value that may go on."""
        return (self.unsure_s + 2 * self.unfinished_s) / 3


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence in the caller's speech: what each witness says of it, and what the local understanding makes of the
    words, None where there is none."""

    text: str
    said: Mapping[Who, float] = field(default_factory=dict)
    dictated: Dictated = Dictated.NONE
    meant: Meant | None = None

    @property
    def known(self) -> Meant | None:
        """What is known of the words. A whole answer to what was asked is as good as a sentence known word for word."""
        is_answer = self.dictated is Dictated.WHOLE and self.meant is not Meant.UNDERSTOOD
        return Meant.DECLARED if is_answer else self.meant


class Grasp(StrEnum):
    """What was grasped of the words: a wish or a value, whole or not. `SURE`: a declared wish, word for word. `COMMA`:
    none, and the STT heard more coming. `NONE`: another hearing would change nothing."""

    NONE = "none"
    COMMA = "comma"
    DIM = "dim"
    CLEAR = "clear"
    SURE = "sure"
    PART = "part"
    WHOLE = "whole"


_SETTLED_BY = {
    Grasp.COMMA: frozenset({Grasp.SURE}),
    Grasp.DIM: frozenset({Grasp.CLEAR, Grasp.SURE, Grasp.WHOLE}),
    Grasp.PART: frozenset({Grasp.WHOLE}),
}


@dataclass(frozen=True, slots=True)
class Wait:
    """The silence that ends the turn, in seconds since the caller's last sound, and why."""

    seconds: float
    reason: str
    grasp: Grasp = Grasp.NONE

    @property
    def is_for_sense(self) -> bool:
        """True when it may be the hearing that lacks something, and not the caller who is not done."""
        return self.grasp in _SETTLED_BY

    def settles(self, first: "Wait") -> bool:
        """True when the same sound, heard again, makes the sense that the first hearing did not. Digits that make no
        whole number may be the beginning of one, and no wish settles that; where the first heard more coming, only a
        declared sentence does."""
        return self.grasp in _SETTLED_BY.get(first.grasp, ())


@dataclass(frozen=True, slots=True)
class Pace:
    """What this caller's pauses have taught: `extra_s` on top of the shortest wait. A turn that we ended too early
    adds to it, turns that went well let it fade."""

    extra_s: float = 0.0

    STEP_S = 0.12
    MOST_S = 0.4

    def cut_off(self) -> "Pace":
        """The caller went on after we had taken the turn for over."""
        return replace(self, extra_s=min(self.MOST_S, self.extra_s + self.STEP_S))

    def went_well(self) -> "Pace":
        """A turn ended and was one."""
        return replace(self, extra_s=0.0 if self.extra_s < 0.02 else self.extra_s * 0.8)


# The curve's corners. Of people's whole requests 98 in 100 lie above the middle one, of those cut at a word's edge half
# below; few reach the first without being known: who is sure by words and sound alone still leaves room for a breath.
SURE, UNSURE, HARDLY = 0.99, 0.25, 0.08
_LIKELY = 0.5
_KNOWN = frozenset({Meant.CLEAR, Meant.DECLARED})
_GRASPED = {Meant.DECLARED: Grasp.SURE, Meant.CLEAR: Grasp.CLEAR, Meant.UNCLEAR: Grasp.DIM}


def wait_for(pause: Pause, patience: Patience, language: Language, pace: Pace | None = None) -> Wait:
    """How long to wait. What is certain goes first: a value in the middle, words that nobody ends on."""
    words = spoken_words(pause.text)
    shortest = min(patience.unsure_s, patience.finished_s + (pace.extra_s if pace else 0.0))
    return _certain(pause, words, patience, language) or _by_evidence(pause, words, patience, shortest, language)


def _certain(pause: Pause, words: list[str], patience: Patience, language: Language) -> Wait | None:
    if pause.dictated is Dictated.UNFINISHED:
        return Wait(patience.dictation_s, "dictating", Grasp.PART)
    if pause.dictated is Dictated.OPEN:
        return Wait(patience.doubtful_s, "dictated so far", Grasp.PART)
    if pause.dictated is Dictated.WHOLE and made_of(words, language.denials):
        return Wait(patience.unsure_s, "no, and maybe more")
    if not words:
        return Wait(patience.unsure_s, "no words")
    if pause.dictated is not Dictated.WHOLE:
        if is_unfinished(pause.text.rstrip(" ,"), language):
            return Wait(patience.unfinished_s, "unfinished")
        if pause.meant is Meant.BEGUN:
            return Wait(patience.unfinished_s, "a sentence that is known goes on", Grasp.DIM)
        if _trails_off(pause.text):
            return _behind_a_comma(pause, patience)
    return None


def _by_evidence(pause: Pause, words: list[str], patience: Patience, shortest: float, language: Language) -> Wait:
    said = _of_sound(pause.said) if _hangs(words, language) else pause.said
    seconds = by_likelihood(turn_is_over(said), patience, shortest)
    quicker = by_likelihood(turn_is_over(said, pause.known), patience, shortest)
    if pause.known is Meant.UNDERSTOOD:  # and more may come
        quicker = max(quicker, patience.unsure_s)
    reason = "by words and sound" if seconds <= quicker else "and it is known"
    return Wait(min(seconds, quicker), reason, _grasp(pause, words, language))


def by_likelihood(is_over: float, patience: Patience, shortest: float) -> float:
    """The one curve, seconds by the probability that the turn is over: `unfinished_s` for what is hardly over,
    `unsure_s` in the middle, `shortest` for what is sure, in straight lines over the log-odds between them."""
    corners = ((HARDLY, patience.unfinished_s), (UNSURE, patience.unsure_s), (SURE, shortest))
    for (low, longer), (high, shorter) in pairwise(corners):
        if is_over < high:
            part = (log_odds(is_over) - log_odds(low)) / (log_odds(high) - log_odds(low))
            return longer + (shorter - longer) * max(0.0, part)
    return shortest


def _behind_a_comma(pause: Pause, patience: Patience) -> Wait:
    """The STT writes them behind whole sentences too, and then the melody mostly ends."""
    if pause.meant in _KNOWN and turn_is_over(pause.said) >= _LIKELY:
        return Wait(patience.unsure_s, "clear, a comma")
    return Wait(patience.unfinished_s, "a comma", Grasp.COMMA if pause.meant else Grasp.NONE)


def _grasp(pause: Pause, words: list[str], language: Language) -> Grasp:
    if pause.dictated is Dictated.WHOLE:
        return Grasp.NONE if made_of(words, language.answers) else Grasp.WHOLE
    return _GRASPED.get(pause.meant, Grasp.NONE) if pause.meant else Grasp.NONE


def is_unfinished(text: str, language: Language) -> bool:
    """True when nobody ends a sentence like this: on a comma, a dash, an article, a preposition, an "um"."""
    words = spoken_words(text)
    if not words:
        return False
    if _trails_off(text):
        return True
    if made_of(words[-1:], language.hesitations):
        return len(words) > 1 or words[0] not in language.backchannels
    if " ".join(words) in language.halves:
        return True
    last = words[-1]
    if last in language.closing and language.openers.intersection(words[:-2]):
        return False  # "tell me where my order is"
    if _hangs(words, language):
        return not _ends_a_question(text, words, language)
    return False


def _hangs(words: list[str], language: Language) -> bool:
    """True when the last word mostly binds another. Where it may end a sentence all the same ("what is it for?"), those
    who judge by the last words are wrong about it."""
    return words[-1] in language.hanging or " ".join(words[-2:]) in language.hanging


def _of_sound(said: Mapping[Who, float]) -> Mapping[Who, float]:
    return {who: probability for who, probability in said.items() if who is not Who.WORDS}


def _trails_off(text: str) -> bool:
    return text.rstrip(" \"'").endswith((",", "-", "\u2013", "\u2014", "...", "\u2026"))


def _ends_a_question(text: str, words: list[str], language: Language) -> bool:
    """A question mark is the STT's ear for the melody; there are words that it cannot make a question of."""
    last = words[-1]
    if last in language.stranded and not language.openers.intersection(words[:-1]):
        return False
    return text.rstrip().endswith("?") and (last not in language.binding or len(words) == 1)
