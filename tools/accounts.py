"""Questions about a customer's own money: balances, transactions, spending, deposits. Nothing here changes anything."""

from collections.abc import Sequence
from typing import Annotated, Literal

from livekit.agents import RunContext, function_tool
from pydantic import Field
from rapidfuzz import fuzz

from agent.call.call import Call
from agent.errors import NotFound
from agent.intent import Intent, Slot, SlotKind, understood
from agent.rules.identity import Tier
from backends.bank import Bank
from backends.bank_deposits import Deposit
from backends.bank_records import Account, Posting
from tools import spoken

Kind = Literal["savings", "checking", "current account"]  # "my current balance" names no account
NO_ACCOUNT = "I can't find such an account of yours."
NO_DEPOSIT = "You have no fixed deposit that is running."
MOST = 5  # more than that nobody can keep in mind

OF_KIND = Slot(
    name="kind",
    kind=SlotKind.CHOICE,
    ask="Which account: savings, checking or current account?",
    choices=("savings", "checking", "current account"),
    is_optional=True,
)
AccountKind = Annotated[Kind | None, Field(description="The kind of account, if the caller named one.")]


@understood(
    Intent(
        examples=(
            "what's my balance",
            "how much money do I have",
            "tell me my account balance",
            "what is the balance of my savings account",
            "how much is in my checking account",
            "how much is left in my account",
            "what's left in the account",
            "do I have enough money in my account",
            "check my balance please",
            "how much is in my account",
            "am I out of money",
            "can you look up what I have in the bank",
            "I'd like to know the balance",
            "balance enquiry",
            "what have I got in my current account",
        ),
        slots=(OF_KIND,),
        noted="asked for a balance",
    )
)
@function_tool
async def check_balance(ctx: RunContext[Call], kind: AccountKind = None) -> str:
    """Tell the balance of the verified caller's own accounts, or of one kind. When it says that it needs to know who
    the caller is, verify the caller first and call it again."""
    call = ctx.userdata
    customer = await call.require(Tier.PARTIAL)
    found = of_kind(await bank_of(call).accounts(customer), kind)
    return sentence(spoken.listing([_balance(account) for account in found]))


@understood(
    Intent(
        examples=(
            "what are my recent transactions",
            "what were my last transactions",
            "read me my last five transactions",
            "what did I spend money on lately",
            "what went out of my account",
            "did my pay come in",
            "did my payment go through",
            "has my transfer gone out",
            "did the payment to my landlord go out",
            "has my salary arrived",
            "show me the latest bookings on my account",
            "what was the last thing I paid for",
            "I want to hear my statement",
            "what happened in my account recently",
        ),
        slots=(
            Slot(name="count", kind=SlotKind.NUMBER, ask="How many?", is_optional=True),
            OF_KIND,
        ),
        noted="asked for the latest transactions",
    )
)
@function_tool
async def recent_transactions(
    ctx: RunContext[Call],
    count: Annotated[int, Field(description="How many, from one to five.")] = 3,
    kind: AccountKind = None,
) -> str:
    """Tell the newest transactions of the verified caller, the latest first. Use it too when the caller asks whether a
    payment went through or pay came in. Needs to know who the caller is."""
    call = ctx.userdata
    customer = await call.require(Tier.PARTIAL)
    wanted = min(max(count, 1), MOST) if count < 100 else 3  # "my account 4412" is no count
    bank = bank_of(call)
    account = of_kind(await bank.accounts(customer), kind)[0].number if kind else None
    found = await bank.recent(customer, wanted, account)
    if not found:
        return "There are no transactions."
    lead = "Your last transaction" if len(found) == 1 else f"Your last {spoken.number(len(found))} transactions"
    return f"{lead}: {spoken.listing([told_of(call, posting) for posting in found])}."


@understood(
    Intent(
        examples=(
            "do I have a fixed deposit",
            "tell me about my fixed deposit",
            "when does my deposit mature",
            "how much is in my fixed deposit",
            "what deposits do I have",
            "what interest do I get on my deposit",
            "how are my deposits doing",
            "how many deposits do I have",
            "which deposits are mine",
            "how is my fixed deposit",
            "what rate does my fixed deposit earn",
            "how much is my fixed deposit",
            "when is my deposit over",
            "what's the rate of my deposit",
            "which term deposits are running",
            "what's my FD worth",
            "list my deposits",
        ),
        noted="asked about fixed deposits",
    )
)
@function_tool
async def check_deposits(ctx: RunContext[Call]) -> str:
    """Tell the verified caller's running fixed deposits: number, amount, rate and when they mature. For what breaking
    one would cost use break_deposit, which reads the figures out before it does anything."""
    call = ctx.userdata
    customer = await call.require(Tier.PARTIAL)
    running = running_deposits(await bank_of(call).deposits(customer))
    return sentence(spoken.listing([_deposit(call, deposit) for deposit in running]))


def bank_of(call: Call) -> Bank:
    """The system of record."""
    return call.backend(Bank)  # type: ignore[type-abstract]  # a Protocol is the key


def of_kind(accounts: Sequence[Account], kind: str | None) -> Sequence[Account]:
    """The accounts of one kind, or all. Raises NotFound when there is none, with those that there are."""
    found = [account for account in accounts if kind is None or account.kind == kind.removesuffix(" account")]
    if not found:
        there = spoken.listing([f"your {account_name(account)}" for account in accounts])
        raise NotFound(f"{NO_ACCOUNT} There is {there}." if accounts else NO_ACCOUNT)
    return found


def running_deposits(deposits: Sequence[Deposit]) -> list[Deposit]:
    """Those that are not closed. Raises NotFound when there is none."""
    running = [deposit for deposit in deposits if deposit.closed_on is None]
    if not running:
        raise NotFound(NO_DEPOSIT)
    return running


def account_name(account: Account) -> str:
    """Savings account ending in four four one two."""
    return f"{spoken.name(account.kind)} account ending in {spoken.digits(account.number[-4:])}"


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def mentioned(names: Sequence[str], text: str) -> list[str]:
    """Which of the names were said in a text, in its order; an ear may have got a letter wrong."""
    words = "".join(c if c.isalnum() else " " for c in text.lower().replace("'", "")).split()
    found: dict[str, int] = {}
    for name in names:
        wanted = "".join(c if c.isalnum() else " " for c in name.lower().replace("'", "")).split()
        size = len(wanted)
        windows = [" ".join(words[i : i + size]) for i in range(len(words) - size + 1)]
        likeness = [fuzz.ratio(" ".join(wanted), window) for window in windows]
        if likeness and max(likeness) >= 85:
            found[name] = likeness.index(max(likeness))
    return sorted(found, key=lambda name: found[name])


def _balance(account: Account) -> str:
    return f"your {account_name(account)} has {spoken.money(account.balance_minor, account.currency)}"


def told_of(call: Call, posting: Posting) -> str:
    """A transaction as it is said: how much, to whom or from whom, on which day."""
    amount = spoken.money(abs(posting.amount_minor), posting.currency)
    on = spoken.on(posting.booked_on, today=call.now().date())
    return f"{amount} {'to' if posting.amount_minor < 0 else 'from'} {spoken.name(posting.merchant)} {on}"


def _deposit(call: Call, deposit: Deposit) -> str:
    amount = spoken.money(deposit.principal_minor, deposit.currency)
    rate = spoken.percent(deposit.rate_bps)
    matures = spoken.on(deposit.matures_on, today=call.now().date())
    verb = "matured" if deposit.matures_on <= call.now().date() else "matures"
    return f"deposit {spoken.digits(deposit.number)} holds {amount} at {rate} and {verb} {matures}"
