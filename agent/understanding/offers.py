"""Ways out that a tool has offered ("I have half past five, or nine, or seven on Sunday"), and which of them the caller
takes: "the second one", "the later one", "then nine". Knows no business.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.answer import Offered, Value
from agent.intent import Slot, SlotKind
from agent.language.en.calendar_words import MONTHS
from agent.language.en.yes_no import find_yes_no
from agent.understanding.history import AgentSaid, Turn
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.slots import is_for_new
from agent.understanding.reading.words import plain, with_digits, words

Offer = Mapping[str, Value]

_KINDS = frozenset({SlotKind.DATE, SlotKind.TIME, SlotKind.CHOICE})
_NTH = ("first|1st|former", "second|2nd|latter", "third|3rd", "fourth|4th", "fifth|5th")
_THING = "one|option|time|slot|offer|choice|appointment|table"
_EARLY, _LATE = (
    re.compile(
        r"\b(?:the|is|your) (?:earlier|earliest|sooner|soonest)\b|\b(?:next|first) (?:available|possible|free)\b|"
        r"\b(?:as (?:soon|early) as (?:possible|you can|i can|you have)|asap|whatever is (?:soonest|earliest|first))\b"
    ),
    re.compile(r"\b(?:the|is) (?:later|latest)\b"),
)
_LAST = re.compile(rf"\bthe last(?: (?:{_THING}))?\b")
_MIDDLE = re.compile(r"\b(?:the middle one|the one in the middle|in between)\b")
_CHOOSING = re.compile(
    r"\b(?:the )?(?:(?:earlier|earliest|sooner|soonest|later|latest)(?: one)?|(?:first|second|last) one)\b"
)
_ANY = re.compile(
    r"\b(?:either|whichever|whatever|any of (?:them|those)|any ?(?:time|day)|don't mind|doesn't matter|all the same|"
    r"up to you|you (?:choose|pick|decide))\b(?! (?:but|except|after|before|between|next|this|in|on)\b)"
)
_LONGEST = 14  # words; who says more has more in mind than one of these


def open_offers(history: Sequence[Turn], number: int) -> tuple[Offer, ...]:
    """The ways out that the caller has just heard, by the parameters that would take them: those of the tools' latest
    answer that had any, if it was given in the turn before, however a model has worded it, or is said again now. Who
    spoke into them knows those that were said."""
    at, found = _latest(history[:number])
    prompt = history[number].prompt
    if prompt is None:
        return ()
    said = tuple(one.values for one in found if _is_said(one, prompt))
    is_reworded = at == number - 1 and prompt.is_whole and not said
    return tuple(one.values for one in found) if is_reworded else said


def _latest(history: Sequence[Turn]) -> tuple[int, tuple[Offered, ...]]:
    """The last offers of any tool, and the number of their turn."""
    for at, turn in reversed(list(enumerate(history))):
        for answer in reversed(turn.answers):
            if answer.meaning.offers:
                return at, answer.meaning.offers
    return -1, ()


def _is_said(one: Offered, prompt: AgentSaid) -> bool:
    return f" {' '.join(words(one.said))} " in f" {' '.join(words(prompt.text))} "


def for_slots(offers: Sequence[Offer], slots: Sequence[Slot]) -> tuple[Offer, ...]:
    """Of each what these slots take."""
    names = {slot.name for slot in slots if slot.kind in _KINDS and is_for_new(slot)}
    found = ({name: value for name, value in offer.items() if name in names} for offer in offers)
    return tuple(offer for offer in found if offer)


def chosen(text: str, offers: Sequence[Offer], slots: Sequence[Slot], known: Offer, now: datetime) -> Offer | None:
    """What the caller takes of them, with what else was said; `known` is what the offers leave as it was."""
    if not offers or len(words(text)) > _LONGEST:
        return None
    at = next((slot.name for slot in slots if slot.kind is SlotKind.TIME), "")
    said = {name: values[-1] for name, values in read(slots, text, now, asked=at).items()}
    told = {slot.name for slot in slots if slot.kind in _KINDS} & said.keys()
    other = {name: value for name, value in said.items() if name not in told}
    if (nth := _nth(text, offers, known)) is not None:
        return {**other, **nth}
    fits = [offer for offer in offers if all(offer.get(name, known.get(name)) == said[name] for name in told)]
    if told and len(fits) == 1:
        return {**other, **fits[0]}
    is_taken = not told and len(offers) == 1 and find_yes_no(text) is True
    return {**other, **offers[0]} if is_taken else None


def told(text: str, slots: Sequence[Slot], now: datetime, asked: str = "") -> tuple[Offer, ...]:
    """The days or times that the caller leaves to choose: "8 or 8:30, whatever you have"; none, or two and more. The
    slot that was `asked` for needs no cue."""
    wanted = {s.name for s in slots if s.kind in {SlotKind.DATE, SlotKind.TIME} and is_for_new(s)}
    parts = re.split(r",? or ", _CHOOSING.sub(" ", plain(text)))
    first = read(slots, parts[0], now, asked if asked in wanted else "") if len(parts) > 1 else {}
    for name in wanted & first.keys():
        others = [read(slots, part, now, name).get(name, ()) for part in parts[1:]]
        if all(others):
            rest = {other: values[-1] for other, values in first.items() if other in wanted - {name}}
            return tuple({**rest, name: values[-1]} for values in (first[name], *others))
    return ()


def preferred(text: str, offers: Sequence[Offer], known: Offer) -> Offer | None:
    """The one of the caller's own alternatives that the words take: "the later one"; None when they say nothing."""
    return _nth(text, offers, known) if offers else None


def _nth(text: str, offers: Sequence[Offer], known: Offer) -> Offer | None:
    """The one that is meant by its place in the list."""
    said = re.sub(rf"\b\w+ of (?:{MONTHS})\b", " ", plain(text))
    for index, nth in enumerate(_NTH[: len(offers)]):
        is_named = re.search(rf"\bthe (?:{nth})\b|\b(?:{nth}) (?:{_THING})\b", said)
        if is_named or re.search(rf"\b(?:number|option) {index + 1}\b", with_digits(said)):
            return offers[index]
    in_time = sorted(offers, key=lambda offer: [str(value) for value in {**known, **offer}.values()])
    if _EARLY.search(said) or _LATE.search(said):
        return in_time[0 if _EARLY.search(said) else -1]
    if _LAST.search(said) or _MIDDLE.search(said):
        return offers[-1 if _LAST.search(said) else len(offers) // 2]
    return offers[0] if _ANY.search(said) else None
