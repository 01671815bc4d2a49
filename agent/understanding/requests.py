"""Strategies for a turn that wants something: a correction, "and 4572?", one request or several in a sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.answer import Value
from agent.intent import HAND_OVER, HUMANS, Intent, Slot, SlotKind, is_made_up_for
from agent.language.en.relative_days import is_told_by_another
from agent.language.en.yes_no import find_yes_no, is_bare
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import Step, dated, start
from agent.understanding.matching.intents import SURE, Question, Talk, Tool, Wish
from agent.understanding.reading.codes import digits_only, has_code
from agent.understanding.reading.person_names import find_name
from agent.understanding.reading.requests_in_one import clauses
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.slots import Heard, codes, fill
from agent.understanding.reading.small_talk import Small
from agent.understanding.reading.wanting import asks_to_know
from agent.understanding.reading.words import content_words, is_noise, plain, with_digits, words
from agent.understanding.replies import (
    CORRECTS,
    END,
    MUCH,
    VERIFY,
    act,
    ask_again,
    call,
    give_up_on,
    leave,
    offer_person,
    tell,
)
from agent.understanding.state import Asked, Frame, Pending, Plan, Request, State

SPLIT_MIN = 0.5
_HOUR = 4  # digits; no time of day has more
HANG_UP_MIN = 0.66  # hanging up on someone by mistake is worse than one question more
_OPEN = frozenset({SlotKind.TEXT, SlotKind.WORDS, SlotKind.YES_NO, SlotKind.NAME})
_DISOWNS = re.compile(
    r"\b(?:wrong|not (?:my|the|that|the right)) (?:order|number|one|account|booking)\b|^that's not (?:it|mine)\b"
)
_FOLLOWS = re.compile(r"^(?:(?:and|or|then|what about|how about)\b[\s,]*)+")


def say_again_on_noise(current: CurrentTurn, state: State) -> Plan | None:
    """ "", "uh": repeat what was cut off or asked, or a short prompt; never an apology."""
    if not is_noise(current.text) or find_yes_no(current.text) is not None:
        return None
    if state.pending:
        return Plan(state.fresh, after=(state.pending.text,))
    if current.prompt and not current.prompt.is_whole and state.said:
        return Plan(state, after=(state.said,))
    return Plan(state, after=(current.sentence(current.sentences.say_again),))


def correct_or_follow(current: CurrentTurn, state: State) -> Plan | None:
    """ "No, I meant 4572", "and 4572?": the last tool again with another value."""
    if not state.last or state.last[-1].tool not in current.intents:
        return None
    said = plain(current.text)
    if _DISOWNS.search(said) and state.last_age <= 1 and (asked := _ask_anew(current, state)):
        return asked
    is_correction = bool(CORRECTS.match(said))
    is_relative = is_told_by_another(said)  # "the following day" is one of that call
    if not (is_correction or is_relative or _FOLLOWS.match(said) or digits_only(said) or len(words(said)) <= 4):
        return None
    wish = current.wish(_FOLLOWS.sub("", said))
    if isinstance(wish, Tool | Question) and wish.score >= SURE and _target(wish) != state.last[-1].tool:
        return None
    requests = _again(current, state.last[-1])
    if not requests:
        return None
    if is_correction:
        return act(state, Step(requests), before=(current.sentence(current.sentences.corrected),))
    return act(state, Step(requests))


def _ask_anew(current: CurrentTurn, state: State) -> Plan | None:
    """ "That's the wrong order": sorry, and the question that it came from, unless the right value was said too."""
    last = state.last[-1]
    slots = [slot for slot in current.intents[last.tool].slots if slot.kind is SlotKind.CODE]
    if not slots or fill(Heard(slots[0], current.text, current.now)):
        return None
    known = {name: value for name, value in last.arguments.items() if name != slots[0].name}
    step = Step(frame=Frame(last.tool, known), pending=Pending(Asked.SLOT, slots[0].ask, slots[0].name))
    return act(state, step, before=(current.sentence(current.sentences.corrected),))


def _again(current: CurrentTurn, last: Request) -> tuple[Request, ...]:
    """The last call with each other value the turn names; tools that confirm go the long way."""
    intent = current.intents[last.tool]
    if intent.changes_something:
        return ()
    code = _code_of(current, intent, last)
    if code and (values := _other_codes(current, code, last.arguments.get(code.name, ""))):
        return tuple(Request(last.tool, _replaced(intent, last, {code.name: value})) for value in values)
    is_long = digits_only(current.text) and sum(c.isdigit() for c in with_digits(current.text)) > _HOUR
    apart = {*_OPEN, SlotKind.CODE, *((SlotKind.TIME, SlotKind.DATE, SlotKind.NUMBER) if is_long else ())}
    slots = [s for s in intent.slots if s.kind not in apart]
    text = dated(current.text, slots, last.arguments)
    said = {name: values[-1] for name, values in read(slots, text, current.now).items()}
    others = {name: value for name, value in said.items() if value != last.arguments.get(name)}
    return (Request(last.tool, _replaced(intent, last, others)),) if others else ()


def _code_of(current: CurrentTurn, intent: Intent, last: Request) -> Slot | None:
    """The code that the last call was about; none where the turn's digits may be those of an address."""
    if any(slot.kind is SlotKind.EMAIL and fill(Heard(slot, current.text, current.now)) for slot in intent.slots):
        return None
    there = (s for s in intent.slots if s.name in last.arguments or is_made_up_for(s, intent.slots, last.arguments))
    return next((slot for slot in there if slot.kind is SlotKind.CODE), None)


def _replaced(intent: Intent, last: Request, said: Mapping[str, Value]) -> dict[str, Value]:
    """The last call's arguments with those said now, each in place of what it stands for, or what stood for it."""
    gone = {slot.stands_for for slot in intent.slots if slot.name in said}
    gone |= {slot.name for slot in intent.slots if slot.stands_for in said}
    return {**{name: value for name, value in last.arguments.items() if name not in gone}, **said}


def _other_codes(current: CurrentTurn, slot: Slot, old: Value) -> list[Value]:
    heard = Heard(slot, current.text, current.now, is_answer=digits_only(current.text))
    values = [value for value in fill(heard) if value != old]
    if values:
        return values
    tail = codes(heard).partial
    is_tail = 1 < len(tail) < len(str(old)) and CORRECTS.match(plain(current.text))
    return [str(old)[: -len(tail)] + tail] if is_tail else []


def take_requests(current: CurrentTurn, state: State) -> Plan | None:
    """Whatever the turn wants, all of it: tools first, then passages, one question at the end."""
    if bare := _bare(current, state):
        return bare
    wanted = [(wish, part) for wish, part in _wanted(current) if not _gives_up_lightly(wish, current, state)]
    wishes = [w for w, _ in wanted]
    if not wishes:
        is_introduced = state.pending is None and find_name(current.text) is not None
        return tell(current, state, current.sentences.hello) if is_introduced else None
    if all(isinstance(wish, Talk) for wish in wishes):
        talk = [w for w in wishes if isinstance(w, Talk) and w.kind is not Small.ANNOUNCEMENT]
        return _talk(current, state, talk) if talk else None  # too short for what a line says by itself
    return _do(current, state, [(w, c) for w, c in wanted if not isinstance(w, Talk)])


def _wanted(current: CurrentTurn) -> list[tuple[Wish, str]]:
    """Each wish with the words it was said in, in order, without doubles."""
    whole = _whole(current)
    parts = [(wish, part) for part in clauses(current.text) if (wish := _wish(current, part))]
    strong = [(w, p) for w, p in parts if not isinstance(w, Talk) and w.score >= _least(w, p, current)]
    surest = max((w.score for w, _ in strong if not _hands_over(w)), default=0.0)
    strong = [(w, p) for w, p in strong if w.score >= surest or w.score >= SURE or not _hands_over(w)]
    targets = list(dict.fromkeys(_target(w) for w, _ in strong))
    if len(targets) >= 2:
        first = {target: next(p for w, p in strong if _target(w) == target) for target in targets}
        return [(w, p) for w, p in strong if p is first[_target(w)] or (isinstance(w, Tool) and has_code(p))]
    if whole and not isinstance(whole, Talk) and strong:
        return [(max(whole, strong[0][0], key=lambda w: w.score), current.text)]
    if whole and not isinstance(whole, Talk):
        return [(whole, current.text)]
    if strong:
        return [(strong[0][0], current.text)]
    return [(whole, current.text)] if whole else parts


def _hands_over(wish: Wish) -> bool:
    return isinstance(wish, Tool) and wish.name.startswith(HAND_OVER)


def _gives_up_lightly(wish: Wish, current: CurrentTurn, state: State) -> bool:
    """True for a wish that would end what is being put together, on words that are only somewhat near to it."""
    is_leaving = isinstance(wish, Talk) and wish.kind in {Small.NEVER_MIND, Small.UNDO} and current.is_question
    is_under_way = bool(state.frame and state.frame.values and state.pending)
    if state.pending is not None and current.is_stray(wish):
        return True
    is_end = _target(wish) in {END, Small.GOODBYE.value} and not current.says_goodbye
    return is_under_way and wish.score < SURE and (is_leaving or is_end or _hands_over(wish))


def _wish(current: CurrentTurn, clause: str) -> Wish | None:
    """What a clause wants. Nobody is given to a person, which is noted at once, for being near to that without a word
    of it: "can I get the contact number"."""
    wish = current.wish(clause)
    is_person = isinstance(wish, Tool) and wish.name in HUMANS and wish.score < SURE
    if not is_person or not isinstance(wish, Tool):
        return wish
    declared = {word for example in current.intents[wish.name].examples for word in content_words(example)}
    return None if declared.isdisjoint(content_words(clause)) else wish


def _least(wish: Wish, part: str, current: CurrentTurn) -> float:
    """How sure a part must be: "where's my", broken off, has no word of its own and is near to much, and a part of a
    question, "and phone number", has nothing done."""
    is_done = isinstance(wish, Tool) and (wish.name in HUMANS or current.intents[wish.name].changes_something)
    if is_done and asks_to_know(current.text):
        return SURE
    return SPLIT_MIN if content_words(part) or has_code(part) else SURE


def _whole(current: CurrentTurn) -> Wish | None:
    """The turn as one wish; a follow-up counts as what it means after the turn before it."""
    whole = _wish(current, current.text)
    is_short = len(words(_FOLLOWS.sub("", plain(current.text)))) <= 3  # "on sunday", not "how long does it take"
    joined = current.wish(current.joined) if current.joined and (whole is None or is_short) else None
    if (
        joined
        and not isinstance(joined, Talk)
        and (whole is None or (whole.score < SURE and joined.score > whole.score))
    ):
        return joined
    return whole


def _do(current: CurrentTurn, state: State, wanted: Sequence[tuple[Wish, str]]) -> Plan:
    tools = [(wish, part) for wish, part in wanted if isinstance(wish, Tool)]
    passages = [wish.found.answer for wish, _ in wanted if isinstance(wish, Question)]
    if len(wanted) > 1:
        tools = [(wish, part) for wish, part in tools if wish.name != END]
    elif tools and tools[0][0].name == END and not current.says_goodbye:
        if current.tells_number:
            return give_up_on(current, state)  # "no thanks, for four" goes on
        if tools[0][0].score < HANG_UP_MIN:
            return tell(current, state, current.sentences.anything_else)
    steps = [start(_meant(wish.name, current), part, current, state) for wish, part in tools]
    asking = next((step for step in steps if step.pending), None)
    requests = _distinct(steps)
    if not tools and (waiting := _goes_on(current, state)):
        asking = waiting
    frame = asking.frame if asking else (None if tools or state.is_dead_end else state.frame)
    pending = asking.pending if asking else None
    if asking is None and (open_one := _still_open(current, state, requests)):
        frame, pending = open_one, state.pending
    plan = act(state, Step(requests, frame, pending), after=passages)
    return replace(plan, state=replace(plan.state, had_passage=bool(passages)))


def _goes_on(current: CurrentTurn, state: State) -> Step | None:
    """A question aside while the caller is asked who they are, or about what was read back: that is asked again."""
    frame, pending = state.frame, state.pending
    intent = current.intents.get(frame.tool) if frame else None
    if not frame or not pending or intent is None or not (frame.tool == VERIFY or intent.reads_back):
        return None
    return Step(frame=replace(frame, age=0), pending=pending)


def _meant(tool: str, current: CurrentTurn) -> str:
    """ "A table for two on Tuesday", told rather than asked, is more than a look at what is free."""
    leads_to = current.intents[tool].leads_to
    return tool if current.is_question or leads_to not in current.intents else leads_to


def _still_open(current: CurrentTurn, state: State, requests: Sequence[Request]) -> Frame | None:
    """What the caller was telling us of when a question came between: it is answered, and then we go on. A wish of
    which no detail was told yet grows old by that."""
    frame = state.frame
    if frame is None or frame.tool not in current.intents or not state.pending:
        return None
    if state.is_dead_end:
        return None
    if state.pending.asked is Asked.CONFIRM and len(frame.values) < MUCH:
        return None  # a question instead of a yes: little is lost when it has to be wanted again
    is_aside = not any(request.tool in {END, *HUMANS} or current.intents[request.tool].confirm for request in requests)
    kept = replace(frame, age=0) if frame.values else frame
    return kept if current.intents[frame.tool].confirm and is_aside else None


def _distinct(steps: Sequence[Step]) -> tuple[Request, ...]:
    found: list[Request] = []
    for request in (r for step in steps for r in step.requests):
        if request not in found:
            found.append(request)
    return tuple(found)


def _talk(current: CurrentTurn, state: State, talk: Sequence[Talk]) -> Plan:
    """Small talk only: the weightiest of it is answered."""
    kinds = {t.kind for t in talk}
    sentences = current.sentences
    if Small.GOODBYE in kinds:
        return call(state, Request(END)) if END in current.intents else tell(current, state, sentences.goodbye)
    if Small.GRIEVANCE in kinds:
        return offer_person(current, state, current.sentence(sentences.corrected))
    if Small.LANGUAGE in kinds:
        return tell(current, state, sentences.only_english)
    if Small.ABILITIES in kinds and state.pending:
        return ask_again(current, state, state.pending)  # "what do you need from me": this
    if Small.COMPLAINT in kinds or Small.NOT_HAD in kinds:
        return give_up_on(current, state)
    if not kinds.isdisjoint({Small.NEVER_MIND, Small.UNDO}):
        return leave(current, state)
    if Small.REPEAT in kinds:
        return Plan(state.fresh, after=(state.said or current.sentence(sentences.hello),))
    answers = {
        Small.ROBOT: sentences.ai,
        Small.ABILITIES: sentences.abilities,
        Small.HOLD_ON: sentences.take_time,
        Small.HELLO: sentences.hello,
        Small.THANKS: sentences.welcome,
    }
    return tell(current, state, next(answer for kind, answer in answers.items() if kind in kinds))


def _bare(current: CurrentTurn, state: State) -> Plan | None:
    """Only a number, only a yes or no, and no question of ours before it."""
    if digits_only(current.text) and (numbered := _number_alone(current, state)):
        return numbered
    is_thanks = current.wish(current.text) is not None  # "okay, thanks" is no yes
    said = find_yes_no(current.text) if is_bare(current.text) and not is_thanks else None
    if said is None:
        return None
    if said:
        return tell(current, state, current.sentences.abilities)
    asked_else = current.prompt and current.sentences.anything_else in current.prompt.text
    if asked_else and END in current.intents:
        return call(state, Request(END))
    return tell(current, state, current.sentences.anything_else)


def _number_alone(current: CurrentTurn, state: State) -> Plan | None:
    """The first tool that needs nothing but a code gets it; too many or too few digits are asked for again."""
    for tool, intent in current.intents.items():
        required = [slot for slot in intent.slots if not slot.is_optional]
        if intent.changes_something or len(required) != 1 or required[0].kind is not SlotKind.CODE:
            continue
        slot, heard = required[0], Heard(required[0], current.text, current.now, is_answer=True)
        if fill(heard):
            return act(state, start(tool, current.text, current, state))
        pending = Pending(Asked.SLOT, slot.ask, slot.name)
        partial = codes(heard).partial
        waiting = replace(state, frame=Frame(tool, partial=partial), pending=pending)
        if partial:
            return Plan(waiting, after=(current.sentence(current.sentences.go_on),))
        return ask_again(current, waiting, pending, current.sentences.say_again)
    return None


def _target(wish: Wish) -> str:
    match wish:
        case Tool(name=name):
            return name
        case Question(found=found):
            return found.passage.source
        case Talk(kind=kind):
            return kind.value
