"""The plans that several strategies end in: a sentence, a step of a frame, the honest "I did not get that"."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace

from agent.intent import HUMANS
from agent.profile.profile import Sentences
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import Step
from agent.understanding.reading.codes import MARKERS
from agent.understanding.reading.foreign import by_script
from agent.understanding.state import Asked, Pending, Plan, Request, State

CORRECTS = re.compile(rf"^(?:(?:oh|uh|um|but|and)\b[\s,.]*)*(?:{MARKERS})\b")
_FROM_THE_RIGHT = {"R", "AL"}  # Unicode's classes of Hebrew and of Arabic letters
MUCH = 3  # values of a frame that nobody likes to say again
END, VERIFY = "end_call", "verify_identity"


def human(current: CurrentTurn) -> str:
    """The tool that a caller who wants a person gets; "" when there is none."""
    return next((name for name in HUMANS if name in current.intents), "")


def in_danger(sentences: Sentences, tools: Collection[str]) -> tuple[str, ...]:
    """What a caller in danger hears, whoever thinks: where help is, and a person where a tool brings one."""
    has_person = not set(HUMANS).isdisjoint(tools)
    return (sentences.distress, sentences.offer_person) if has_person else (sentences.distress,)


def offer_person(current: CurrentTurn, state: State, *before: str) -> Plan:
    """Say what is to be said, and ask whether a person shall take it, where there is one."""
    asked = replace(state, pending=None, failures=0, had_passage=False)
    if not human(current):
        return Plan(asked, after=before)
    offer = current.sentence(current.sentences.offer_person)
    return Plan(replace(asked, pending=Pending(Asked.HUMAN, offer)), after=(*before, offer))


def tell(current: CurrentTurn, state: State, *templates: str) -> Plan:
    """Only say something; what was asked before stays asked."""
    return Plan(
        replace(state.fresh if state.pending else state, failures=0),
        after=tuple(current.sentence(t) for t in templates),
    )


def ask_again(current: CurrentTurn, state: State, pending: Pending, *before: str) -> Plan:
    """Ask a question that was not answered, or not heard."""
    return Plan(
        replace(state.fresh, pending=pending), before=tuple(current.sentence(t) for t in before), after=(pending.text,)
    )


def act(state: State, step: Step, before: Sequence[str] = (), after: Sequence[str] = ()) -> Plan:
    """Do what a step says; its question comes last."""
    question = (step.pending.text,) if step.pending else ()
    following = replace(
        state,
        frame=step.frame,
        pending=step.pending,
        last=step.requests or state.last,
        last_age=0 if step.requests else state.last_age,
        failures=0,
        had_passage=False,
    )
    return Plan(following, step.requests, tuple(before), (*after, *question))


def call(state: State, request: Request) -> Plan:
    """Call one tool and forget what was asked."""
    return act(state, Step((request,)))


def give_up_on(current: CurrentTurn, state: State) -> Plan:
    """Not understood: say so once with what we can do; the second time offer a human, and so on in turn."""
    failures = state.failures + 1
    following = replace(state, failures=failures, pending=None, had_passage=False)
    if failures % 2 == 0 and human(current):
        offer = current.sentence(current.sentences.offer_human)
        return Plan(replace(following, pending=Pending(Asked.HUMAN, offer)), after=(offer,))
    template = current.sentences.unknown if current.is_question else current.sentences.not_understood
    if language := current.other_language:
        template = not_spoken(current.sentences, language)
    if _is_under_way(current, state) and not state.is_dead_end and state.frame and state.pending:
        waiting = replace(following, frame=replace(state.frame, age=0), pending=state.pending)
        return Plan(waiting, after=(current.sentence(template), state.pending.text))
    return Plan(following, after=(current.sentence(template),))


def answer_other_language(current: CurrentTurn, state: State) -> Plan | None:
    """A script that is not written here: whatever digits and names stand in it, nothing is done, and what was asked
    stays asked."""
    language = by_script(current.text)
    if not language or state.pending is None:
        return give_up_on(current, state) if language else None
    told = current.sentence(not_spoken(current.sentences, language))
    return Plan(replace(state, failures=state.failures + 1), after=(told, state.pending.text))


def not_spoken(sentences: Sentences, language: str) -> str:
    """That only English is spoken, in that language where the profile has a sentence for it, and in English."""
    own, english = sentences.other_languages.get(language, ""), sentences.only_english
    if own and unicodedata.bidirectional(own[0]) in _FROM_THE_RIGHT:
        english = f"\N{LEFT-TO-RIGHT ISOLATE}{english}\N{POP DIRECTIONAL ISOLATE}"  # its full stop stays at its end
    return f"{own} {english}".strip()


def _is_under_way(current: CurrentTurn, state: State) -> bool:
    """Something that changes something is being put together: one question that we cannot answer does not end it."""
    frame, pending = state.frame, state.pending
    is_asked = pending is not None and pending.asked in {Asked.SLOT, Asked.CHANGE}
    intent = current.intents.get(frame.tool) if frame and frame.values else None
    return is_asked and intent is not None and bool(intent.confirm)


def leave(current: CurrentTurn, state: State) -> Plan:
    """ "Never mind": nothing is wanted any more, and its values are not either."""
    refused = state.refused | (state.frame.values.items() if state.frame else frozenset())
    left = replace(state, frame=None, pending=None, held=(), refused=frozenset(refused))
    return tell(current, left, current.sentences.cancelled)
