"""What the agent's last words ask for: a code of so many digits, an e-mail address, a date ... whatever LLM worded it.

A tool's slots say how long a code is ("order_number" has four digits); the prompt's own words do too ("the last four").
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from agent.intent import Slot, SlotKind
from agent.understanding.reading.words import plain, with_digits, word_set, words

LONGEST = 64
_SHORTEST_CODE = 4  # of a code that nobody said the length of
_DICTATED = frozenset(SlotKind) - {SlotKind.TEXT, SlotKind.CHOICE, SlotKind.WORDS, SlotKind.MONEY, SlotKind.RANGE}


@dataclass(frozen=True, slots=True)
class Expected:
    """A value that is to be dictated. Lengths count digits (with `has_letters`, letters too). `is_birth` is a date that
    needs its year, `is_spelled` a name to be spelled."""

    kind: SlotKind
    min_length: int = 1
    max_length: int = LONGEST
    has_letters: bool = False
    is_birth: bool = False
    is_spelled: bool = False


_THINGS = (
    r"order|account|booking|reservation|reference|confirmation|tracking|customer|member(?:ship)?|policy|claim|case|ticket|"
    r"invoice|serial|security|verification|access|card|passport|licen[cs]e|flight|routing|sort|social security|loyalty"
)
_PHONE = (
    r"\b(?:tele)?phone\b|\b(?:mobile|cell|contact|call-?back)(?: phone)? number\b|\b(?:area|country) code\b|"
    r"\bnumber (?:can|could|should|do|may|shall) (?:we|i) (?:reach|call|use)|"
    r"\b(?:reach|call) you (?:on|at|back on|back at)\b"
)
_DATE = (
    r"\b(?:what|which|for what|for which) (?:day|date)\b|\bwhat is the date\b|\b(?:the|a|your|preferred) date\b|"
    r"\bwhen (?:would|do|did|will|was|is|shall|should) (?:you|it|we|that)\b"
)
_TIME = r"\b(?:what|which) (?:time|hour)\b|\bwhat's the time\b|\bhow (?:late|early)\b"
_CODE = r"\b(?:number|pin|passcode|digits|reference|code|id)\b(?! of (?:people|guests|items))"
_NAME = r"\b(?:your|full|first|last|sur|the) ?name\b|\bwho am i (?:speaking|talking)\b"
# Tried in this order: "date of birth" before "date", "zip code" before "code".
_KINDS: tuple[tuple[str, Expected], ...] = (
    (r"\bspell", Expected(SlotKind.NAME, is_spelled=True)),
    (r"\be-?\s?mail\b(?! (?:me|you|us)\b)", Expected(SlotKind.EMAIL)),
    (r"\bdate of birth\b|\bbirth ?da(?:te|y)\b|\bborn\b", Expected(SlotKind.DATE, is_birth=True)),
    (r"\b(?:zip|postal) ?code\b", Expected(SlotKind.CODE, 5, 5)),
    (r"\bpost ?code\b", Expected(SlotKind.CODE, 5, 7, has_letters=True)),
    (r"\bsocial security\b", Expected(SlotKind.CODE, 9, 9)),
    (r"\b(?:credit|debit|bank|payment) card number\b", Expected(SlotKind.CODE, 15, 16)),
    (_PHONE, Expected(SlotKind.PHONE, 7, 15)),
    (rf"\b(?:{_THINGS}) (?:number|code|id|no)\b", Expected(SlotKind.CODE, _SHORTEST_CODE)),
    (_TIME, Expected(SlotKind.TIME)),
    (_DATE, Expected(SlotKind.DATE)),
    (r"\bhow many\b|\bwhat quantity\b|\bhow (?:old|much)\b", Expected(SlotKind.NUMBER)),
    (_CODE, Expected(SlotKind.CODE, _SHORTEST_CODE)),
    (_NAME, Expected(SlotKind.NAME)),
)
_PATTERNS = tuple((re.compile(pattern), expected) for pattern, expected in _KINDS)
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_ASKS = re.compile(
    r"\?\s*$|\bplease\b|\b(?:tell|give|read|spell|say|repeat|enter|provide|confirm|type|need|let me have|start with)\b"
)
_YES_NO = re.compile(
    r"^(?:(?:and|so|okay|ok|well|great|thanks|thank you|sorry|alright|just to confirm|now)\b[\s,]*)*"
    r"(?:is|are|was|were|did|does|do|shall|should|has|have|would|will|am|isn't|aren't|didn't|don't)\b"
)
_REQUEST = re.compile(
    r"\b(?:tell|give|read|spell|say|repeat|enter|provide|know|have (?:your|the|an?|that)|"
    r"you have|mind|let me have|type)\b"
)
_CORRECT = re.compile(r"\b(?:correct|right)\s*\?\s*$")
_LENGTH = re.compile(
    r"\b(?P<low>\d+)(?:(?:\s*(?:-|to|or|and)\s*)(?P<high>\d+))?[\s-]*(?:digits?|numbers|figures|characters?|letters)"
    r"\b|\blast (?P<last>\d+)\b"
)
_LETTERS = re.compile(r"\b(?:letters?|characters?|alphanumeric)\b")
_SLOT_WORDS = word_set("number code id no address the of a date time name")


@lru_cache(maxsize=256)
def expected(prompt: str, slots: tuple[Slot, ...] = ()) -> Expected | None:
    """What the prompt's last question asks for, or None when it asks for nothing that is dictated."""
    sentences = [plain(sentence) for sentence in _SENTENCE.findall(prompt) if words(sentence)]
    asking = next((i for i in reversed(range(len(sentences))) if _ASKS.search(sentences[i])), None)
    if asking is None:
        return None
    question = sentences[asking]
    if slot := _declared(question, slots):
        return of_slot(slot)
    found = None if _is_yes_no(question) else named(question)
    if found is not None:
        return _with_length(found, " ".join(sentences[max(0, asking - 1) :]))
    return Expected(SlotKind.YES_NO) if _is_yes_no(question) or _CORRECT.search(question) else None


def of_slot(slot: Slot) -> Expected | None:
    """A slot's own declaration; None for words and choices, which nobody dictates."""
    if slot.kind not in _DICTATED:
        return None
    is_birth = slot.kind is SlotKind.DATE and bool({"birth", "born", "birthday"} & set(slot.name.split("_")))
    low, high = (7, 15) if slot.kind is SlotKind.PHONE and slot.min_length < 6 else (slot.min_length, slot.max_length)
    return Expected(slot.kind, low, high, slot.has_letters, is_birth)


def named(text: str, slots: tuple[Slot, ...] = ()) -> Expected | None:
    """What a text names: a slot by its own words ("order number"), else what such words usually mean."""
    said = plain(text)
    for slot in slots:
        if slot.kind in _DICTATED and _slot_name(slot) in said:
            return of_slot(slot)
    return next((expected for pattern, expected in _PATTERNS if pattern.search(said)), None)


def _slot_name(slot: Slot) -> str:
    """ "order_number" is heard as "order number"; a bare "number" or "name" would be heard everywhere."""
    name = slot.name.replace("_", " ")
    return name if set(name.split()) - _SLOT_WORDS else "\0"


def _declared(question: str, slots: tuple[Slot, ...]) -> Slot | None:
    """The slot whose question this is, or whose name it holds unless it is a question of yes and no."""
    loose = " ".join(words(question))
    for slot in slots:
        asked = " ".join(words(_SENTENCE.findall(slot.ask)[0])) if words(slot.ask) else "\0"
        if asked in loose and slot.kind is not SlotKind.CHOICE:
            return slot
    if _is_yes_no(question):
        return None
    return next((slot for slot in slots if slot.kind in _DICTATED and _slot_name(slot) in loose), None)


def _is_yes_no(question: str) -> bool:
    return bool(_YES_NO.match(question)) and not _REQUEST.search(question)


def _with_length(found: Expected, prompt: str) -> Expected:
    """ "It has six digits", "the last four", "a six-character code"."""
    if found.kind is not SlotKind.CODE:
        return found
    length = _LENGTH.search(with_digits(prompt))
    if length is None:
        return found
    low = int(length["low"] or length["last"])
    has_letters = found.has_letters or bool(_LETTERS.search(prompt))
    return replace(found, min_length=low, max_length=max(low, int(length["high"] or low)), has_letters=has_letters)
