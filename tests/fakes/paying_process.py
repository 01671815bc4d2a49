"""A process that pays one order after the other, in the database at argv[1], and says when it begins and ends."""

import asyncio
import sys

from backends import bank
from backends.bank_records import Payment
from tests.fakes.banks import at_nine


async def pay_on(url: str, count: int) -> None:
    """Pay `count` times 1.00, each under a key of its own, and never tell anybody."""
    mine = bank.connect(url, at_nine)
    print("paying", flush=True)  # noqa: T201  the test waits for it
    for number in range(count):
        await mine.pay("C1001", order(number))
    print("done", flush=True)  # noqa: T201  likewise
    await asyncio.sleep(60)


def order(number: int) -> Payment:
    """The payment of that number."""
    return Payment(
        key=f"k{number}", account_number="500100774412", payee_id="P1001", amount_minor=10_000, currency="INR"
    )


if __name__ == "__main__":
    asyncio.run(pay_on(sys.argv[1], int(sys.argv[2])))
