"""Door: through which words leave a call. What passes has a placeholder in place of everything private."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Literal

from agent.events import AgentSpoke, CallerSpoke, Event, ToolCalled, ToolReturned, ValueSealed
from agent.redaction.cues import NUMBERS, Kind, asked_for, cue_before
from agent.redaction.discretion import Discretion
from agent.redaction.figures import digits_of, is_sum, runs, tokens_of
from agent.redaction.finding import Found, find, is_bare, is_piece
from agent.redaction.placeholders import Placeholders
from agent.secrets.derived_key import box
from agent.understanding.reading.words import FILLERS, words

ASIDE = 2  # words between two pieces of a number, such as "hang on"
LONGEST = 120  # characters of a number, with all that people say between its digits
Level = Literal["drop", "mask", "keep"]
# an argument that its tool names so is private as a whole, whatever is in it
_WHOLE = frozenset({Kind.NAME, Kind.EMAIL, Kind.PLACE, Kind.ADDRESS, Kind.BORN})


class Sealer:
    """Seals values with a key that lies in no database."""

    def __init__(self, key: str) -> None:
        self._box = box(key, "privacy")

    def seal(self, value: str) -> str:
        """The value, sealed."""
        return self._box.encrypt(value.encode()).decode()

    def open(self, sealed: str) -> str:
        """The value. Raises InvalidToken when another key sealed it."""
        return self._box.decrypt(sealed.encode()).decode()


class Door:
    """One per call, for one thread: it knows what was asked last and what is being dictated, so events must come in
    their order. `discretion` tells the names that the call has heard. Level `drop` lets no word out, `mask` those
    around the placeholders, `keep` has what they stand for sealed beside them. `longest_code` has as many digits as any
    number that the call's tools ask for and that is nobody's, such as an order's; None where that is not known."""

    def __init__(
        self,
        discretion: Discretion | None = None,
        level: Level = "mask",
        sealer: Sealer | None = None,
        longest_code: int | None = None,
    ) -> None:
        self._discretion = discretion
        self._level = level
        self._sealer = sealer if level == "keep" else None
        self._longest_code = longest_code
        self._placeholders = Placeholders(self._on_new)
        self._new: list[tuple[str, str]] = []
        self._question = ""
        self._going_on: Kind | None = None

    def told(self, event: Event) -> list[Event]:
        """The event as others may have it, with what was sealed for it in front."""
        private = [one.name for one in fields(event) if one.metadata.get("pii")]
        if not private:
            return [event]
        if self._level == "drop":
            return [wordless(event)]
        told = self._masked_event(event)
        sealed = [
            ValueSealed(placeholder=placeholder, sealed=self._sealer.seal(said))
            for placeholder, said in self._new
            if self._sealer
        ]
        self._new.clear()
        return [*sealed, told]

    def masked(self, text: str, question: str = "", going_on: Kind | None = None) -> str:
        """A text with its private values replaced."""
        return self._replaced(text, self._found(text, question, going_on), goes_on=going_on is not None)

    def _masked_event(self, event: Event) -> Event:
        match event:
            case CallerSpoke():
                return replace(event, text=self._caller_said(event.text))
            case AgentSpoke():
                self._question = event.text
                return replace(event, text=self.masked(event.text))
            case ToolCalled():
                return replace(event, arguments=self._arguments(event.arguments))
            case ToolReturned():
                return replace(event, sentence=self.masked(event.sentence))
        private = {one.name: self.masked(getattr(event, one.name)) for one in fields(event) if one.metadata.get("pii")}
        return replace(event, **private)

    def _caller_said(self, text: str) -> str:
        going_on = self._going_on if is_piece(text) else None
        found = self._found(text, self._question, going_on)
        said = self._replaced(text, found, goes_on=going_on is not None)
        kind, _ = asked_for(self._question)
        begun = found[-1].kind if found and found[-1].kind in NUMBERS and _ends(text, found[-1]) else None
        self._going_on = begun or (kind if kind in NUMBERS and is_bare(text) else None)
        return said

    def _found(self, text: str, question: str, going_on: Kind | None) -> list[Found]:
        found = find(text, question, going_on)
        tokens = tokens_of(text)
        heard = self._discretion.of_somebody(tokens) if self._discretion else ()
        more = [Found(start, end, Kind.NAME) for start, end in heard]
        longest = self._longest_answer(question)
        if longest is not None:  # the question vouches for nothing that is too long to answer it
            others = (one for one in find(text) if len(digits_of(text[one.start : one.end])) > longest)
            more += [Found(one.start, one.end, Kind.NUMBER) for one in others]
        for run in runs(tokens):
            span = run[0].start, run[-1].end
            if self._discretion and self._discretion.is_of_customer and is_sum(text, *span):
                more.append(Found(*span, Kind.SUM))
            elif self._is_private(text, span, longest):
                more.append(Found(*span, Kind.NUMBER))
        for one in more:
            if all(one.end <= other.start or one.start >= other.end for other in found):
                found.append(one)
        return _joined(text, sorted(found, key=lambda one: one.start))

    def _is_private(self, text: str, span: tuple[int, int], longest: int | None) -> bool:
        """Whether these figures were private once, whoever repeats them, or were all that was said and are more than
        the longest answer to what was asked."""
        start, end = span
        digits = digits_of(text[start:end])
        if end - start <= LONGEST and self._placeholders.known(digits):
            return True
        is_too_long = longest is not None and len(digits) > longest
        return is_too_long and is_bare(text) and not is_sum(text, start, end)

    def _longest_answer(self, question: str) -> int | None:
        """How many digits answer what is asked for, where that is nobody's ("What is your order number?"): what has
        more is something else, and a caller was misunderstood. None where that is not known."""
        kind, is_asked = asked_for(question) if question else (None, False)
        return self._longest_code if is_asked and kind is None else None

    def _replaced(self, text: str, found: list[Found], *, goes_on: bool) -> str:
        said = {
            one: self._placeholders.of(
                text[one.start : one.end], one.kind, goes_on=goes_on or _goes_on(text, found[:index], one)
            )
            for index, one in enumerate(found)
        }
        for one in reversed(found):
            text = f"{text[: one.start]}{said[one]}{text[one.end :]}"
        return text

    def _arguments(self, arguments: str) -> str:
        try:
            given = json.loads(arguments or "{}")
        except ValueError:  # a large model may have written anything
            return self.masked(arguments)
        return json.dumps(self._argument("", given), ensure_ascii=False)

    def _argument(self, key: str, value: object) -> object:
        match value:
            case bool() | float() | None:
                return value
            case dict():
                return {str(name): self._argument(str(name), one) for name, one in value.items()}
            case list():
                return [self._argument(key, one) for one in value]
        text, question = str(value), f"What is the {key.replace('_', ' ')}?"
        kind, _ = asked_for(question)
        if text and kind in _WHOLE:
            return self._placeholders.of(text, kind)
        told = self.masked(text, question)
        return value if told == text else told

    def _on_new(self, placeholder: str, said: str) -> None:
        self._new.append((placeholder, said))


def wordless(event: Event) -> Event:
    """The event without any word of anybody."""
    return replace(event, **{one.name: "" for one in fields(event) if one.metadata.get("pii")})


def scrubbed(text: str) -> str:
    """A text of which no call is known, such as another library's log line, without what has the shape of a private
    value."""
    for one in reversed(find(text)):
        text = f"{text[: one.start]}<{one.kind}>{text[one.end :]}"
    return text


def _ends(text: str, found: Found) -> bool:
    """Whether nothing is said behind it."""
    return not any(c.isalnum() for c in text[found.end :])


def _goes_on(text: str, before: Sequence[Found], one: Found) -> bool:
    """Whether it is another piece of the number before it, "4539 1488, hang on, 0343", and not "…, my pin is 0343"."""
    if not before or before[-1].kind is not one.kind or one.kind not in NUMBERS - {Kind.BORN}:
        return False
    between = text[before[-1].end : one.start]
    return not cue_before(between)[1] and len([word for word in words(between) if word not in FILLERS]) <= ASIDE


def _joined(text: str, found: list[Found]) -> list[Found]:
    """Names that only a space parts are one: given and family name."""
    joined: list[Found] = []
    for one in found:
        last = joined[-1] if joined else None
        if last and last.kind is one.kind is Kind.NAME and not text[last.end : one.start].strip(" .'\u2019-"):
            joined[-1] = Found(last.start, one.end, Kind.NAME)
        else:
            joined.append(one)
    return joined
