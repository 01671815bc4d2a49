"""What moves a customer's money or stops a card: read back, agreed to, and done once; backends/bank does the sums.

The first call of such a tool changes nothing and ends in a question; agent/call/agreement.py knows whether the caller
has said yes to it.
"""

from collections.abc import Awaitable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, TypeVar

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.answer import Answer
from agent.call.agreement import Proposal
from agent.call.call import Call, hold_on
from agent.errors import NotFound, Refused
from agent.intent import Intent, Slot, SlotKind, understood
from agent.rules.identity import Tier
from agent.rules.names import is_among
from backends.bank_deposits import Quote
from backends.bank_records import Account, Card, Payee, Payment
from tools import spoken
from tools.accounts import OF_KIND, AccountKind, account_name, bank_of, mentioned, of_kind, running_deposits

T = TypeVar("T")
NO_AMOUNT = "I need an amount of money for that, such as five hundred."
WHO = "Who shall be paid?"
WHICH_DEPOSIT = "Which deposit shall it be?"
WHICH_CARD = "Which card shall it be?"
AGAIN = "I have paid that once already in this call. "
HOW_MUCH = "How much shall I pay?"
Amount = Annotated[
    str,
    Field(
        pattern=r"^\d{1,9}(\.\d{1,2})?( [A-Z]{3})?$",
        description="As the caller said it, in whole units: 500 or 12.50, with the currency if they named one: 50 USD.",
    ),
]
Four = Annotated[str | None, Field(pattern=r"^[0-9]{4}$", description="Four digits, if the caller said them.")]


Reason = Annotated[Literal["lost", "stolen", "damaged"] | None, Field(description="If the caller said it.")]


@understood(
    Intent(
        examples=(
            "I want to make a payment",
            "pay five hundred rupees to Ravi",
            "send money to my sister",
            "transfer two hundred dollars to Tom",
            "pay my electricity bill",
            "pay my phone bill",
            "can you pay the power company",
            "I need to pay somebody",
            "make a transfer please",
            "send twenty dollars to Ellen",
            "I'd like to transfer some money",
            "pay one lakh to my landlord",
            "please pay Kite Mobile sixty dollars",
            "pay Lumen Power fifty dollars",
            "pay fifty dollars to Lumen Power",
        ),
        slots=(
            Slot(name="payee", kind=SlotKind.WORDS, ask=WHO),
            Slot(name="amount", kind=SlotKind.MONEY, ask=HOW_MUCH),
            OF_KIND,
        ),
        reads_back=True,
        noted="asked for a payment",
    )
)
@function_tool
async def make_payment(
    ctx: RunContext[Call],
    payee: Annotated[str, Field(max_length=200, description="Who is paid, as the caller said it.")],
    amount: Amount,
    kind: AccountKind = None,
) -> str:
    """Pay one of the caller's own payees. The first call pays nothing: it reads back payee, amount and account, and
    asks. Say that question; when the caller has said yes, call it again with the same arguments, and it is paid once.

    Needs three details of identity. Never say that something was paid unless this tool has said so.
    """
    call = ctx.userdata
    customer = await call.require(Tier.FULL)
    bank = bank_of(call)
    payees = await bank.payees(customer)
    chosen = _payee(payees, payee)
    if chosen is None:
        return Answer(f"I can't find that payee. {_can_pay(payees)} {WHO}", asks="payee")
    account = _account(of_kind(await bank.accounts(customer), kind), chosen)
    figure, _, currency = amount.partition(" ")
    if currency and currency != account.currency:
        other = f"That account is in {spoken.currency(account.currency)}, and I pay nothing in another currency."
        return Answer(f"{other} {HOW_MUCH}", asks="amount")
    return await _pay(ctx, customer, account, chosen, _minor(figure))


@understood(
    Intent(
        examples=(
            "I want to break my fixed deposit",
            "break my deposit",
            "close my fixed deposit early",
            "what would it cost to break my deposit",
            "I need the money from my deposit now",
            "withdraw my fixed deposit before it matures",
            "break deposit number one two three four",
            "what's the penalty if I close my deposit now",
            "can I get my FD paid out early",
            "take my money out of the deposit",
            "I want to break a deposit",
            "withdraw my deposit early",
            "what's the penalty if I take my deposit out now",
            "end my fixed deposit",
            "pay out my deposit",
            "I want to get out of my deposit",
            "break my FD",
            "liquidate my term deposit",
        ),
        slots=(
            Slot(
                name="deposit_number",
                kind=SlotKind.CODE,
                ask=WHICH_DEPOSIT,
                min_length=4,
                max_length=4,
                is_optional=True,
            ),
        ),
        reads_back=True,
        noted="asked to break a deposit",
    )
)
@function_tool
async def break_deposit(ctx: RunContext[Call], deposit_number: Four = None) -> str:
    """Break one of the caller's fixed deposits before it matures. The first call does nothing: it reads out what would
    be paid and what the break costs, and asks. Say it as it is; when the caller has said yes, call it again with the
    same number, and it is done once. Needs three details of identity. Never work out a penalty or payout yourself."""
    call = ctx.userdata
    customer = await call.require(Tier.FULL)
    bank = bank_of(call)
    if deposit_number and (begun := call.agreements.again("break_deposit", deposit_number)):
        return await _break(ctx, customer, begun)
    running = running_deposits(await bank.deposits(customer))
    number = deposit_number or (running[0].number if len(running) == 1 else None)
    if number is None:
        held = [
            f"deposit {spoken.digits(d.number)} with {spoken.money(d.principal_minor, d.currency)}" for d in running
        ]
        return Answer(
            f"You have {spoken.count(len(held), 'deposit')}: {spoken.listing(held)}. {WHICH_DEPOSIT}",
            asks="deposit_number",
        )
    quote = await bank.quote_break(customer, number)
    question = f"{_figures(quote)} Shall I break it?"
    agreed = call.agreements.agreed("break_deposit", (number, quote.payout_minor), question)
    return await _break(ctx, customer, agreed)


@understood(
    Intent(
        examples=(
            "I lost my card",
            "block my card",
            "my card was stolen",
            "please block my debit card",
            "someone has my card",
            "freeze my card right now",
            "I can't find my debit card, stop it",
            "deactivate my card",
            "my wallet is gone with my card in it",
            "my card is gone",
            "I can't find my card",
            "cancel my debit card",
            "block the card ending one two three four",
        ),
        slots=(
            Slot(
                name="card_last_four", kind=SlotKind.CODE, ask=WHICH_CARD, min_length=4, max_length=4, is_optional=True
            ),
            Slot(
                name="reason",
                kind=SlotKind.CHOICE,
                ask="Was it lost, stolen or damaged?",
                choices=("lost", "stolen", "damaged"),
                is_optional=True,
            ),
        ),
        reads_back=True,
        noted="asked to block a card",
    )
)
@function_tool
async def block_card(
    ctx: RunContext[Call],
    card_last_four: Four = None,
    reason: Reason = None,
) -> str:
    """Block a debit card for good. The first call blocks nothing: it names the card and asks. When the caller has said
    yes, call it again with the same arguments. Needs three details of identity; what is blocked stays blocked."""
    call = ctx.userdata
    customer = await call.require(Tier.FULL)
    cards = await bank_of(call).cards(customer)
    working = [card for card in cards if card.blocked_at is None]
    card = _card(cards, working, card_last_four)
    if card is None:
        endings = [f"the one ending in {spoken.digits(one.last_four)}" for one in working]
        return Answer(
            f"You have {spoken.count(len(working), 'card')}: {spoken.listing(endings)}. {WHICH_CARD}",
            asks="card_last_four",
        )
    name = f"your debit card ending in {spoken.digits(card.last_four)}"
    if card.blocked_at is not None:
        return f"{name.capitalize()} is blocked."
    question = f"Once it is blocked, it stays blocked, and we send you a new one. Shall I block {name}?"
    agreed = call.agreements.agreed("block_card", (card.id,), question)
    if agreed.sentence:
        return agreed.sentence
    hold_on(ctx)
    await bank_of(call).block_card(customer, card.last_four, reason or "other")
    return call.agreements.finish(agreed, f"{name.capitalize()} is blocked.")


async def _pay(ctx: RunContext[Call], customer: str, account: Account, payee: Payee, minor: int) -> str:
    agreements, name = ctx.userdata.agreements, account_name(account)
    figures = (payee.id, account.number, minor)
    said = f"{spoken.money(minor, account.currency)} to {spoken.name(payee.name)}"
    again = AGAIN if agreements.was_done("make_payment", figures) else ""
    agreed = agreements.agreed("make_payment", figures, f"{again}That is {said}, from your {name}. Shall I pay it?")
    if agreed.sentence:
        return agreed.sentence
    order = Payment(
        key=agreed.key, account_number=account.number, payee_id=payee.id, amount_minor=minor, currency=account.currency
    )
    receipt = await _once(ctx, bank_of(ctx.userdata).pay(customer, order))
    left = spoken.money(receipt.balance_minor, account.currency)
    return agreements.finish(agreed, f"I have paid {said}. Your {name} now has {left}.")


async def _break(ctx: RunContext[Call], customer: str, agreed: Proposal) -> str:
    """For the payout that was read out, which is the second of the figures."""
    if agreed.sentence:
        return agreed.sentence
    number, payout_minor = str(agreed.figures[0]), int(str(agreed.figures[1]))
    done = await _once(ctx, bank_of(ctx.userdata).break_deposit(customer, number, payout_minor, agreed.key))
    paid = spoken.money(done.payout_minor, done.currency)
    told = f"Deposit {spoken.digits(number)} is broken, and {paid} went to your account."
    return ctx.userdata.agreements.finish(agreed, told)


async def _once(ctx: RunContext[Call], work: Awaitable[T]) -> T:
    """A no of the bank ends what was agreed to; an answer that did not come leaves it open, to be asked for again under
    the same key."""
    hold_on(ctx)
    try:
        return await work
    except (Refused, NotFound):
        ctx.userdata.agreements.drop()
        raise


def _payee(payees: Sequence[Payee], said: str) -> Payee | None:
    """The one who was named: whole, by a first or last name that only one of them has, or by a sound that only one of
    them has. Whoever it is, the name is read back before anything is paid."""
    if whole := mentioned([payee.name for payee in payees], said):
        return next(payee for payee in payees if payee.name == whole[-1])
    parts = [(part, payee) for payee in payees for part in payee.name.split() if len(part) > 2]
    named = mentioned(sorted({part for part, _ in parts}), said)
    found = {payee.id: payee for part, payee in parts if part in named}
    alike = found or {payee.id: payee for payee in payees if is_among(said, payee.name)}
    return next(iter(alike.values())) if len(alike) == 1 else None


def _can_pay(payees: Sequence[Payee]) -> str:
    if not payees:
        return "New payees are set up in the app, not by phone."
    return f"You can pay {spoken.listing([spoken.name(payee.name) for payee in payees])}."


def _account(accounts: Sequence[Account], payee: Payee) -> Account:
    """The fullest in the payee's currency, if there is any: the bank refuses the others and says why."""
    return max(accounts, key=lambda account: (account.currency == payee.currency, account.balance_minor))


def _minor(amount: str) -> int:
    try:
        minor = Decimal(amount) * 100
    except InvalidOperation:
        raise Refused(NO_AMOUNT) from None
    if not minor.is_finite() or not 0 < minor < 10**11 or minor != int(minor):
        raise Refused(NO_AMOUNT)
    return int(minor)


def _figures(quote: Quote) -> str:
    payout = spoken.money(quote.payout_minor, quote.currency)
    lead = f"Deposit {spoken.digits(quote.number)} would pay out {payout} today"
    if not quote.penalty_minor:
        return f"{lead}, without any penalty."
    return f"{lead}; breaking it costs you {spoken.money(quote.penalty_minor, quote.currency)} of interest."


def _card(cards: Sequence[Card], working: Sequence[Card], last_four: str | None) -> Card | None:
    """The card that is meant; None when it must be asked. Raises NotFound for one that is not the caller's."""
    if last_four:
        if found := next((card for card in cards if card.last_four == last_four), None):
            return found
        raise NotFound("I can't find a card of yours with those digits.")
    if not cards:
        raise NotFound("You have no debit card with us.")
    return working[0] if len(working) == 1 else (None if working else cards[0])
