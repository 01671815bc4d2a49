"""What moves the bank's money, each in one transaction: a payment, the breaking of a deposit.

Every change of a balance has its posting, so an account's postings always add up to its balance.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from agent.errors import NotFound, Refused
from backends.bank_deposits import Deposit, Quote, quote
from backends.bank_records import Payment, Receipt
from backends.bank_tables import accounts, customers, deposits, payees, payments, postings

NOT_ENOUGH = "There isn't enough money in that account for that."
OVER_LIMIT = "That would be more than can be paid from that account in one day."
OTHER_CURRENCY = "That account and that payee are not in the same currency, so I can't pay that by phone."
NO_AMOUNT = "That is not an amount that can be paid."
DIFFERENT = "Something else was already paid under that request. Please start the payment again."
CLOSED = "That deposit is already closed."
CHANGED = "The figures have changed since I read them to you, so I have done nothing. Please ask me for them again."


def pay(connection: Connection, customer: str, payment: Payment, now: datetime) -> Receipt:
    """Pay, or tell what the same key paid before. Raises NotFound or Refused."""
    _lock(connection, customer)
    same_key = select(payments).where(payments.c.customer_id == customer, payments.c.key == payment.key)
    if done := connection.execute(same_key).one_or_none():
        return _receipt(done, payment)
    account = _own(connection, accounts, accounts.c.number == payment.account_number, customer, "account")
    payee = _own(connection, payees, payees.c.id == payment.payee_id, customer, "payee")
    _check(connection, account, payee, payment, now)
    _post(connection, account, -payment.amount_minor, now, payee.name, "transfer")
    left = account.balance_minor - payment.amount_minor
    made = {"customer_id": customer, "made_at": now, "made_on": now.date(), "balance_minor": left}
    connection.execute(insert(payments).values(asdict(payment) | made))
    return Receipt(payment=payment, made_at=now, balance_minor=left)


def break_deposit(
    connection: Connection, customer: str, number: str, payout_minor: int, key: str, now: datetime
) -> Quote:
    """Close a deposit for the payout that the caller agreed to, or tell what the same key did before.

    Raises NotFound, or Refused when it is closed already or pays something else by now.
    """
    _lock(connection, customer)
    row = _own(connection, deposits, deposits.c.number == number, customer, "deposit")
    deposit = as_deposit(row)
    if deposit.closed_on is not None:
        if row.closing_key != key:
            raise Refused(CLOSED)
        return quote(deposit, deposit.closed_on)
    quoted = quote(deposit, now.date())
    if quoted.payout_minor != payout_minor:
        raise Refused(CHANGED)
    closed = {"closed_on": now.date(), "payout_minor": payout_minor, "closing_key": key}
    connection.execute(update(deposits).where(deposits.c.number == number).values(closed))
    account = _own(connection, accounts, accounts.c.number == deposit.account_number, customer, "account")
    _post(connection, account, payout_minor, now, f"Deposit {number}", "deposit")
    return quoted


def running(deposit: Deposit) -> Deposit:
    """The deposit, if it can still be broken. Raises Refused."""
    if deposit.closed_on is not None:
        raise Refused(CLOSED)
    return deposit


def as_deposit(row: Row[Any]) -> Deposit:
    """A row of the deposits as a record."""
    values = row._asdict()
    return Deposit(**{name: values[name] for name in Deposit.__slots__})


def _lock(connection: Connection, customer: str) -> None:
    # one customer's money moves one after the other; SQLite's BEGIN IMMEDIATE has done it already and ignores this
    found = connection.execute(select(customers.c.id).where(customers.c.id == customer).with_for_update())
    if found.one_or_none() is None:
        raise NotFound("I can't find that customer.")


def _own(connection: Connection, table: Table, condition: Any, customer: str, what: str) -> Row[Any]:
    row = connection.execute(select(table).where(condition, table.c.customer_id == customer)).one_or_none()
    if row is None:
        raise NotFound(f"I can't find that {what}.")
    return row


def _check(connection: Connection, account: Row[Any], payee: Row[Any], payment: Payment, now: datetime) -> None:
    if payment.amount_minor <= 0:
        raise Refused(NO_AMOUNT)
    if not payment.currency == account.currency == payee.currency:
        raise Refused(OTHER_CURRENCY)
    if payment.amount_minor > account.balance_minor:
        raise Refused(NOT_ENOUGH)
    today = select(func.coalesce(func.sum(payments.c.amount_minor), 0)).where(
        payments.c.account_number == account.number, payments.c.made_on == now.date()
    )
    if connection.execute(today).scalar_one() + payment.amount_minor > account.daily_limit_minor:
        raise Refused(OVER_LIMIT)


def _post(
    connection: Connection, account: Row[Any], amount_minor: int, now: datetime, merchant: str, category: str
) -> None:
    """Move the balance and write the posting."""
    balance = {"balance_minor": accounts.c.balance_minor + amount_minor}
    connection.execute(update(accounts).where(accounts.c.number == account.number).values(balance))
    connection.execute(
        insert(postings).values(
            customer_id=account.customer_id,
            account_number=account.number,
            booked_on=now.date(),
            amount_minor=amount_minor,
            currency=account.currency,
            merchant=merchant,
            category=category,
        )
    )


def _receipt(row: Row[Any], payment: Payment) -> Receipt:
    values = row._asdict()
    if Payment(**{name: values[name] for name in Payment.__slots__}) != payment:
        raise Refused(DIFFERENT)
    return Receipt(payment=payment, made_at=row.made_at, balance_minor=row.balance_minor)
