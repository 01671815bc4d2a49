"""The wish for a person: passed on with what the call was about, or only noted where nobody keeps such wishes."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call.call import Call
from agent.call.line import Wish
from agent.intent import Intent, Slot, SlotKind, understood
from agent.profile.departments import department_of, names_another
from agent.rules.identity import Tier
from backends.follow_ups import ABOUT_LENGTH, SUMMARY_LENGTH, FollowUp, FollowUps, Kind
from tools import spoken

ASKED = "the caller asked for a person"
Reason = Annotated[str, Field(max_length=ABOUT_LENGTH, description="Why, in a few words.")]
Summary = Annotated[str, Field(max_length=SUMMARY_LENGTH, description="What the caller wants, in two sentences.")]

Department = Annotated[
    str, Field(max_length=400, description="Which department, in the caller's own words; empty if they named none.")
]

_PERSON = Intent(
    examples=(
        "I want to talk to a person",
        "can I speak to a human",
        "get me a real person please",
        "transfer me to an agent",
        "please transfer me",
        "can I speak to someone about my order",
        "I want to speak with someone",
        "let me talk to customer service",
        "can I talk to your supervisor",
        "operator",
        "representative please",
        "I don't want to talk to a machine",
        "connect me with your staff",
        "put me through to a colleague",
        "I want a human",
        "give me your manager",
        "next available agent please",
        "is there an agent available",
        "I'll hold for an agent",
    )
)

_IN_A_DEPARTMENT = replace(
    _PERSON,
    examples=(*_PERSON.examples, "put me through to the sales department"),
    slots=(Slot(name="department", kind=SlotKind.WORDS, ask="Which department?", is_optional=True),),
)


@understood(_IN_A_DEPARTMENT)
@function_tool
async def transfer_to_human(
    ctx: RunContext[Call], reason: Reason = "", summary: Summary = "", department: Department = ""
) -> str:
    """Pass the caller's wish for a person on to our people, with the reason and a summary, and say how it goes on.

    Use it when the caller asks for a person, is upset, or has asked twice for something you cannot do.
    """
    call = ctx.userdata
    call.flag("wants_human", ASKED)
    chosen = department_of(department, call.profile.departments)
    wish = FollowUp(
        kind=Kind.TRANSFER,
        call_id=call.id,
        number=call.number,
        customer=call.customer,
        about=call.discreet(reason) or ASKED,
        summary=call.for_people(summary),
        department=chosen,
    )
    keep = partial(_keep, call.backend(FollowUps), wish)  # type: ignore[type-abstract]  # a Protocol is the key
    if announced := call.line.transfer(Wish(chosen, _briefing(call, wish), keep)):
        return announced
    await call.backend(FollowUps).note(wish)  # type: ignore[type-abstract]
    return f"{_where(call, chosen, department)}{call.profile.sentences.human}"


@understood(_PERSON)
@function_tool
async def request_human(ctx: RunContext[Call]) -> str:
    """Note that the caller wants a person, and say how to reach one.

    Use it when the caller asks for a person, is upset, or has asked twice for something you cannot do.
    """
    call = ctx.userdata
    call.flag("wants_human", ASKED)
    announced = call.line.transfer(Wish("", _told(call, ""), _not_kept))
    return announced or call.profile.sentences.human


async def _keep(follow_ups: FollowUps, wish: FollowUp) -> bool:
    """Nobody took the call: it stands in the table as one that somebody calls back, where there is a number."""
    await follow_ups.note(replace(wish, kind=Kind.CALLBACK) if wish.number else wish)
    return bool(wish.number)


async def _not_kept() -> bool:
    return False


def _briefing(call: Call, wish: FollowUp) -> str:
    return _told(call, "" if wish.about == ASKED else wish.about)


def _told(call: Call, about: str) -> str:
    """What a person hears of the caller before they decide, in two sentences: how well we know who it is, and what it
    is about. Nothing by which callers are known is in it."""
    who = _KNOWN[call.tier]
    done = call.memory.notes.summary().rstrip(".")
    what = "; ".join(part for part in (about.rstrip("."), done) if part) or "they asked for a person and said no more"
    return f"{who} It is about this: {call.discreet(what)}."


_KNOWN = {
    Tier.NONE: "We do not know who is calling.",
    Tier.PARTIAL: "The caller has told us who they are, and it is not fully checked.",
    Tier.FULL: "The caller's identity is checked.",
}


def _where(call: Call, chosen: str, said: str) -> str:
    """To whom it goes, and whether somebody is there; an unknown department's callers go to everybody."""
    departments = call.profile.departments
    if chosen:
        is_open = departments[chosen].is_open(call.now())
        return f"That goes to {chosen}{'' if is_open else ', where nobody is in right now'}. "
    if departments and names_another(said):
        return f"I know no such department, only {spoken.listing(list(departments))}, so it goes to everybody. "
    return ""
