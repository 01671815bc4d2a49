"""A correction that names what is wrong and not what is right: "no, the name is wrong" asks for the name anew."""

import re
from collections.abc import Mapping
from dataclasses import replace

from agent.answer import Value
from agent.intent import Slot, SlotKind
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import Step, proceed
from agent.understanding.reading.slots import Heard, fill, is_birth
from agent.understanding.reading.words import content_words, plain, words
from agent.understanding.replies import VERIFY, act
from agent.understanding.state import Asked, Frame, Pending, Plan, State

_DENIES = re.compile(
    r"\b(?:wrong|incorrect|misspelled|misspelt|misheard|misunderstood|mistake|different|another|"
    r"not (?:\w+ )?(?:right|correct|my|mine|that|the)|isn't (?:right|correct|my)|(?:change|correct|fix) (?:the|my))\b"
)
_PARTS = re.compile(r"[,.;:!?]+|\b(?=(?:it's|it is|it should be|should be|make it)\b)")
_RIGHT = re.compile(r"^(?:it's|it is|it should be|should be|make it)\b\s*")
_LONGEST = 9  # words; more is a story, or holds the right value
_KIND_WORDS: Mapping[SlotKind, str] = {
    SlotKind.DATE: "day date",
    SlotKind.TIME: "time hour",
    SlotKind.NAME: "name",
    SlotKind.PHONE: "phone telephone number",
    SlotKind.CODE: "number code digits",
    SlotKind.MONEY: "amount sum",
    SlotKind.EMAIL: "email mail address",
}
_BIRTH_WORDS = frozenset(content_words("birth born birthday birthdate"))


def reopen(current: CurrentTurn, state: State) -> Plan | None:
    """ "The date is wrong", "it's a different name": the slot that it names is asked for again, unless the right value
    is there too."""
    frame = state.frame
    if frame is None or state.pending is None or frame.tool not in current.intents or frame.tool == VERIFY:
        return None
    slot, rest = _named(current, state.pending, frame), _rest(current.text)
    if slot is None:
        return None
    known = {name: value for name, value in frame.values.items() if name != slot.name}
    before = (current.sentence(current.sentences.corrected),)
    if values := _right(slot, rest, current):
        return act(state, proceed(replace(frame, values={**known, slot.name: values[-1]}), current), before)
    asked = Pending(Asked.SLOT, slot.ask, slot.name)
    return act(state, Step(frame=replace(frame, values=known, partial="", age=0), pending=asked), before)


def _named(current: CurrentTurn, pending: Pending, frame: Frame) -> Slot | None:
    """The slot that the words are about, among those that have a value or are being asked for; the last one of several
    that fit as well."""
    said = plain(current.text)
    told = set(content_words(re.sub(r"\bnumber of\b", " ", said)))
    is_asked = pending.asked is Asked.CHANGE and len(told) == 1  # "the name", where what is to change was asked
    if not (is_asked or _DENIES.search(said)) or len(words(said)) > _LONGEST:
        return None
    slots = current.intents[frame.tool].slots
    open_to = [s for s in slots if s.name in frame.values or s.name == pending.slot]
    ranked = [(len(told & _vocabulary(slot)), place) for place, slot in enumerate(open_to)]
    best, place = max(ranked, default=(0, 0))
    return open_to[place] if best else None


def _vocabulary(slot: Slot) -> set[str]:
    if is_birth(slot):
        return set(_BIRTH_WORDS)
    kind = "" if slot.kind in {SlotKind.TEXT, SlotKind.WORDS} else slot.ask
    said = f"{slot.name.replace('_', ' ')} {kind} {_KIND_WORDS.get(slot.kind, '')}"
    return {*content_words(said)} - {*content_words("patient first last suit example wrong right")}


def _rest(text: str) -> list[str]:
    """The parts that say what is right."""
    return [part.strip() for part in _PARTS.split(text) if part.strip() and not _DENIES.search(plain(part))]


def _right(slot: Slot, rest: list[str], current: CurrentTurn) -> tuple[Value, ...]:
    for part in reversed(rest):
        is_told = bool(_RIGHT.match(plain(part)))
        said = _RIGHT.sub("", part) if is_told else part
        if values := fill(Heard(slot, said, current.now, is_answer=is_told)):
            return values
    return ()
