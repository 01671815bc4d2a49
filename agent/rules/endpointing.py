"""How much silence ends a turn: by what was said, how it sounded, whether it is dictation, and this caller's pace."""

from dataclasses import dataclass, replace
from enum import StrEnum

from agent.rules.language import Language, made_of, spoken_words


class Dictated(StrEnum):
    """Whether what was said is a number, code, e-mail, spelling or date, and whether it is all of it. `OPEN`: it may be
    all, or go on, as a telephone number of unknown length."""

    NONE = "none"
    UNFINISHED = "unfinished"
    OPEN = "open"
    WHOLE = "whole"


class Meant(StrEnum):
    """What the understanding makes of the words so far. `DECLARED`: clear, and word for word what callers are
    known to say. `TOLD`: clear, but they tell what has happened, or of a code, and a wish may follow. `ASKED`: a whole
    question: its answer is known, and a time or a place may follow; or something for it is missing that the agent will
    ask for. `OPEN`: clear as far as they go, and more
    often comes after the last word, or has to, to tell which of two is meant. `LACKING`: known what is wanted, and
    something for it is missing that the caller may be about to say. `UNCLEAR`: nothing it knows, or not well enough to
    be sure."""

    CLEAR = "clear"
    DECLARED = "declared"
    TOLD = "told"
    ASKED = "asked"
    OPEN = "open"
    LACKING = "lacking"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of silence, from the profile's `turns`. Ordered: finished <= unsure <= unfinished <= dictation."""

    finished_s: float
    unsure_s: float
    unfinished_s: float
    dictation_s: float

    @property
    def likely_s(self) -> float:
        """Half way from finished to unsure: one slight reason to wait."""
        return (self.finished_s + self.unsure_s) / 2

    @property
    def doubtful_s(self) -> float:
        """Two thirds of the way from unsure to unfinished: two reasons to wait, or a value that may go on."""
        return (self.unsure_s + 2 * self.unfinished_s) / 3


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence in the caller's speech. `end_of_turn` is a model's probability that the turn is over, by its sound;
    `meant` what the local understanding makes of it. None when nobody says so."""

    text: str
    end_of_turn: float | None = None
    dictated: Dictated = Dictated.NONE
    meant: Meant | None = None


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


# Of v1-mini, on Piper and two flite voices after 0.1 s of silence: 28 of 30 whole sentences lie above it, 33 of 60 cut
# ones below. Above the second: no more than 1 in 10 of the cut ones.
SURE, VERY_SURE = 0.3, 0.6
# What is understood and known to be whole is hardly ever cut, whatever it sounds like: 1 in 10 whole ones lies below.
_SURE_IF_CLEAR = 0.2
# Of 84 cut in the middle of a noun ("what is the delivery") one lies above, and of whole ones by synthetic voices few.
_SURE_IF_OPEN = 0.75
_CLEAR = frozenset({Meant.CLEAR, Meant.DECLARED})


def wait_for(pause: Pause, patience: Patience, language: Language, pace: Pace | None = None) -> Wait:
    """How long to wait. The strongest reason to wait wins; without any, the sentence is over."""
    shortest = min(patience.unsure_s, patience.finished_s + (pace.extra_s if pace else 0.0))
    if pause.dictated is Dictated.UNFINISHED:
        return Wait(patience.dictation_s, "dictating", Grasp.PART)
    if pause.dictated is Dictated.OPEN:
        return Wait(patience.doubtful_s, "dictated so far", Grasp.PART)
    if pause.dictated is Dictated.WHOLE:
        return _valued(pause, patience, shortest, language)
    if not spoken_words(pause.text):
        return Wait(patience.unsure_s, "no words")
    if is_unfinished(pause.text.rstrip(" ,"), language):
        return Wait(patience.unfinished_s, "unfinished")
    if is_unfinished(pause.text, language):
        return _behind_a_comma(pause, patience)
    return _by_meaning(pause, patience, shortest) if pause.meant else _by_sound(pause, patience, shortest)


def _valued(pause: Pause, patience: Patience, shortest: float, language: Language) -> Wait:
    """A value is whole, and so is a yes, which a "please" may follow; a no often has more behind it, and so has a value
    that nobody asked for."""
    words = spoken_words(pause.text)
    if made_of(words, language.denials):
        return Wait(patience.unsure_s, "no, and maybe more")
    if made_of(words, language.answers):
        return Wait(max(shortest, patience.likely_s), "yes")
    if pause.meant is Meant.TOLD:
        return Wait(patience.unsure_s, "dictated, and maybe more", Grasp.WHOLE)
    return Wait(shortest, "dictated", Grasp.WHOLE)


def _behind_a_comma(pause: Pause, patience: Patience) -> Wait:
    """The STT writes them behind whole sentences too, and then the melody mostly ends."""
    if pause.meant in _CLEAR and _sound(pause) >= SURE:
        return Wait(patience.unsure_s, "clear, a comma")
    return Wait(patience.unfinished_s, "a comma", Grasp.COMMA if pause.meant else Grasp.NONE)


def _by_meaning(pause: Pause, patience: Patience, shortest: float) -> Wait:
    """Who understands what is wanted need not wait; who does not, waits for the rest, the shorter the more it sounds
    like the end."""
    sound = _sound(pause)
    match pause.meant:
        case Meant.DECLARED if sound >= _SURE_IF_CLEAR:
            return Wait(shortest, "clear", Grasp.SURE)
        case Meant.CLEAR if sound >= _SURE_IF_CLEAR:
            return Wait(shortest, "clear", Grasp.CLEAR)
        case Meant.CLEAR:
            return Wait(patience.unsure_s, "clear, sounds unfinished", Grasp.CLEAR)
        case Meant.DECLARED:
            return Wait(max(shortest, patience.likely_s), "clear, sounds unfinished", Grasp.SURE)
        case Meant.TOLD | Meant.ASKED:
            return Wait(patience.unsure_s if sound >= SURE else patience.doubtful_s, "whole, and maybe more")
        case Meant.OPEN:
            seconds = patience.unsure_s if sound >= _SURE_IF_OPEN else patience.doubtful_s
            return Wait(seconds, "clear, may go on", Grasp.DIM)
        case Meant.LACKING:
            return Wait(patience.unfinished_s, "something is missing", Grasp.DIM)
        case _:
            seconds = patience.doubtful_s if sound >= VERY_SURE else patience.unfinished_s
            return Wait(seconds, "not clear yet", Grasp.DIM)


def _sound(pause: Pause) -> float:
    """The model's opinion, or that of one who is neither for nor against."""
    return pause.end_of_turn if pause.end_of_turn is not None else SURE


def _by_sound(pause: Pause, patience: Patience, shortest: float) -> Wait:
    """An LLM cannot be asked at every pause: melody decides alone."""
    if pause.end_of_turn is None or pause.end_of_turn >= VERY_SURE:
        return Wait(shortest, "finished")
    is_open = pause.end_of_turn < SURE
    return Wait(patience.doubtful_s if is_open else patience.unsure_s, "sounds unfinished" if is_open else "unsure")


def is_unfinished(text: str, language: Language) -> bool:
    """True when nobody ends a sentence like this: on a comma, a dash, an article, a preposition, an "um"."""
    words = spoken_words(text)
    if not words:
        return False
    if _trails_off(text):
        return True
    if made_of(words[-1:], language.hesitations):
        return len(words) > 1 or words[0] not in language.backchannels
    last, pair = words[-1], " ".join(words[-2:])
    if last in language.closing and language.openers.intersection(words[:-2]):
        return False  # "tell me where my order is"
    if last in language.hanging or pair in language.hanging:
        return not _ends_a_question(text, words, language)
    return False


def _trails_off(text: str) -> bool:
    return text.rstrip(" \"'").endswith((",", "-", "\u2013", "\u2014", "...", "\u2026"))


def _ends_a_question(text: str, words: list[str], language: Language) -> bool:
    """A question mark is the STT's ear for the melody; there are words that it cannot make a question of."""
    last = words[-1]
    if last in language.stranded and not language.openers.intersection(words[:-1]):
        return False
    return text.rstrip().endswith("?") and (last not in language.binding or len(words) == 1)
