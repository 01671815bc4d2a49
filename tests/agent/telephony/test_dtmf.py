"""Keys of the telephone become a turn: by "#", or when no more come."""

import asyncio

import pytest

from agent.telephony.dtmf import MOST_KEYS, Keypad
from tests.fakes.virtual_time import run


def turns(*steps: str | float) -> list[str]:
    """What was told after these keys; a number waits so many seconds."""
    told: list[str] = []

    async def scene() -> None:
        keypad = Keypad(told.append, pause_s=2.0)
        for step in steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
                continue
            for key in step:
                keypad.press(key)
        keypad.close()

    run(scene())
    return told


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (("4571#",), ["4571"]),
        (("4571", 2.1), ["4571"]),
        (("45", 1.5, "71", 1.5), []),
        (("45", 1.5, "71", 2.1), ["4571"]),
        (("99*4571#",), ["4571"]),
        (("4571#", "4572#"), ["4571", "4572"]),
        (("#", "*", 3.0), []),
        (("4A5", 2.1), ["45"]),
        (("4571",), []),
    ],
)
def test_keys_are_a_turn_when_they_are_over(steps: tuple[str | float, ...], told: list[str]) -> None:
    """By the pound key or by a pause; the star begins anew, and what is not over at the call's end is nothing."""
    assert turns(*steps) == told


def test_no_end_of_keys_is_bounded() -> None:
    """A telephone in a pocket."""
    assert turns("1" * 500 + "#") == ["1" * MOST_KEYS]
