"""Who is calling: what the caller says of themselves, held against the backend `bank`; agent/rules/identity decides."""

from datetime import date
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.answer import Answer, Identity
from agent.call.call import Call
from agent.errors import Refused
from agent.intent import Intent, Slot, SlotKind, understood
from agent.rules.identity import NO_MORE, Decision, Outcome, Said, Tier, decide
from agent.rules.names import parts
from backends.bank import Bank
from backends.bank_records import Attempt

KNOWN = "Thank you, that matches."
KNOWN_ALREADY = "I know who you are already."
_MEANS = {Outcome.TOO_FEW: Identity.TOO_FEW, Outcome.FAILED: Identity.UNMATCHED}
NOBODY_TO_FIND = "For that I need your full name, or the last four digits of your account."
BAD_DATE = "I need your date of birth with the day, the month and the year."
BAD_DIGITS = "I need exactly four digits, the last four."

LastFour = Annotated[str | None, Field(pattern=r"^[0-9]{4}$", description="Four digits.")]


def _code(name: str, ask: str) -> Slot:
    return Slot(name=name, kind=SlotKind.CODE, ask=ask, min_length=4, max_length=4, is_optional=True)


@understood(
    Intent(
        examples=(
            "I want to verify my identity",
            "can you verify me",
            "let me tell you who I am",
            "I'd like to identify myself",
            "please check my details",
            "what do you need to verify me",
            "verify me first",
            "I can prove who I am",
            "let's do the security questions",
        ),
        slots=(
            Slot(name="name", kind=SlotKind.NAME, ask="What is your full name?", is_optional=True),
            Slot(name="date_of_birth", kind=SlotKind.DATE, ask="What is your date of birth?", is_optional=True),
            _code("account_last_four", "What are the last four digits of your account number?"),
            _code("card_last_four", "What are the last four digits of your debit card?"),
            Slot(name="city", kind=SlotKind.NAME, ask="Which city do you live in?", is_optional=True),
        ),
    )
)
@function_tool
async def verify_identity(
    ctx: RunContext[Call],
    name: Annotated[str | None, Field(max_length=80, description="Given and family name, as said.")] = None,
    date_of_birth: Annotated[str | None, Field(description="An ISO date, such as 1985-03-05.")] = None,
    account_last_four: LastFour = None,
    card_last_four: LastFour = None,
    city: Annotated[str | None, Field(max_length=40, description="Where the caller lives.")] = None,
) -> str:
    """Compare what the caller said of themselves with the bank's records. Two right details allow questions, three
    allow actions, once for the whole call.

    Use it when another tool says that it needs to know who the caller is, after asking the caller, one question at a
    time: first the full name, then the date of birth, then the last four digits of the account; those of the debit card
    and the city where they live serve too. Pass only what the caller said in this call, all of it at once, never guess.
    When it does not match, nobody may learn which detail was wrong, or whether there is such a customer: say its
    sentence as it is. Afterwards call the tool that needed it again. Do not use it when the caller would rather not.
    """
    call = ctx.userdata
    async with call.identity.lock:
        said = Said(
            name=_text(name),
            date_of_birth=_day(date_of_birth),
            account_last_four=_digits(account_last_four),
            card_last_four=_digits(card_last_four),
            city=_text(city),
        )
        return await _verify(call, said)


async def _verify(call: Call, new: Said) -> str:
    identity, bank = call.identity, call.backend(Bank)  # type: ignore[type-abstract]  # a Protocol is the key
    if identity.is_locked:
        raise Refused(NO_MORE)
    if identity.tier is Tier.FULL:
        return KNOWN_ALREADY
    said = identity.said.joined(new)
    last_four = said.account_last_four or said.card_last_four
    if not (call.number or said.name or last_four):
        raise Refused(NOBODY_TO_FIND)
    records = await bank.candidates(call.number or None, " ".join(parts(said.name or "")), last_four)
    if identity.customer:  # verified once, a call stays with that customer
        records = tuple(record for record in records if record.customer == identity.customer)
    decision = decide(said, records, identity.wanted, identity.failed, call.clock())
    return await _settle(call, bank, said, decision)


async def _settle(call: Call, bank: Bank, said: Said, decision: Decision) -> str:
    """A failure counts even when it cannot be written down; nobody is verified unless it can."""
    is_right = decision.outcome is Outcome.VERIFIED
    if not is_right:
        call.identified(said, decision)
    attempt = Attempt(
        call=call.id,
        outcome=decision.outcome.value,
        customers=(decision.customer,) if decision.customer else decision.charged,
        locks_until=decision.locks_until,
        locked=decision.locked,
    )
    await bank.note(attempt)
    if not is_right:
        raise Refused(Answer(decision.sentence, identity=None if decision.locks_call else _MEANS.get(decision.outcome)))
    call.identified(said, decision)
    return KNOWN


def _text(value: str | None) -> str | None:
    return " ".join((value or "").split())[:80] or None


def _digits(value: str | None) -> str | None:
    if not value:
        return None
    if len(value) != 4 or not (value.isascii() and value.isdigit()):
        raise Refused(BAD_DIGITS)
    return value


def _day(value: str | None) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Refused(BAD_DATE) from None
