"""Keys of the telephone become an entry, by "#" or when no more come; single keys have meanings of their own."""

import asyncio

import pytest

from agent.telephony.dtmf import MOST_KEYS, SAME_PRESS_S, Keypad, Wishes
from tests.fakes.virtual_time import run

PRESS_S = 0.2


def told(*steps: str | float) -> list[str]:
    """What these keys came to; a number waits so many seconds, a key takes its time."""
    heard: list[str] = []
    wishes = Wishes(
        on_key=lambda: None,
        on_entry=heard.append,
        on_operator=lambda: heard.append("operator"),
        on_repeat=lambda: heard.append("repeat"),
        on_doubled=lambda: heard.append("doubled"),
    )

    async def scene() -> None:
        keypad = Keypad(wishes, pause_s=2.0)
        for step in steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
                continue
            for key in step:
                keypad.press(key)
                await asyncio.sleep(PRESS_S)
        keypad.close()

    run(scene())
    return heard


@pytest.mark.parametrize(
    ("steps", "comes_to"),
    [
        (("4571#",), ["4571"]),
        (("4571", 2.1), ["4571"]),
        (("45", 1.3, "71", 1.3), []),
        (("45", 1.3, "71", 2.1), ["4571"]),
        (("99*4571#",), ["4571"]),
        (("4571#", "4572#"), ["4571", "4572"]),
        (("#", 3.0), []),
        (("4A5", 2.1), ["45"]),
        (("4571",), []),
    ],
)
def test_keys_are_an_entry_when_they_are_over(steps: tuple[str | float, ...], comes_to: list[str]) -> None:
    """By the pound key or by a pause; the star begins anew, and what is not over at the call's end is nothing."""
    assert told(*steps) == comes_to


@pytest.mark.parametrize(
    ("steps", "comes_to"),
    [
        (("0", 2.1), ["operator"]),
        (("0#",), ["operator"]),
        (("00", 2.1), ["operator"]),
        (("0455#",), ["0455"]),
        (("*",), ["repeat"]),
        (("*4571#*",), ["repeat", "4571", "repeat"]),
    ],
)
def test_a_zero_alone_wants_a_person_and_a_star_alone_the_last_words(
    steps: tuple[str | float, ...], comes_to: list[str]
) -> None:
    """A number may begin with a zero, and a star in an entry clears it."""
    assert told(*steps) == comes_to


@pytest.mark.parametrize("entry", ["44557711", "112233", "0099", "66"])
def test_digits_that_all_came_twice_are_asked_for_again_once(entry: str) -> None:
    """Nothing is done with them; who keys the same once more means it. Two digits are too few to tell."""
    is_doubted = len(entry) > 2
    assert told(f"{entry}#") == (["doubled"] if is_doubted else [entry])
    assert told(f"{entry}#", f"{entry}#") == (["doubled", entry] if is_doubted else [entry, entry])
    assert told(f"{entry}#", f"{entry[::2]}7#") == (["doubled" if is_doubted else entry, f"{entry[::2]}7"])


@pytest.mark.parametrize("entry", ["4571", "4557", "44571", "1221"])
def test_a_digit_that_is_doubled_by_chance_is_no_reason_to_ask(entry: str) -> None:
    """Only when every one of them is."""
    assert told(f"{entry}#") == [entry]


def test_a_key_that_a_gateway_tells_twice_is_one_press() -> None:
    """Out of band and from its tone, a few hundredths of a second apart; a person is slower."""
    heard: list[str] = []
    wishes = Wishes(
        on_key=lambda: None,
        on_entry=heard.append,
        on_operator=lambda: None,
        on_repeat=lambda: None,
        on_doubled=lambda: heard.append("doubled"),
    )

    async def scene() -> None:
        keypad = Keypad(wishes, pause_s=2.0)
        for key in "45771#":
            for _ in range(2):
                keypad.press(key)
                await asyncio.sleep(SAME_PRESS_S / 3)
            await asyncio.sleep(PRESS_S)

    run(scene())
    assert heard == ["45771"]


def test_every_key_is_noticed_at_once() -> None:
    """The agent stops talking at the first, not at the entry's end."""
    count = 0

    def notice() -> None:
        nonlocal count
        count += 1

    async def scene() -> None:
        nothing = Wishes(
            on_key=notice,
            on_entry=lambda _: None,
            on_operator=lambda: None,
            on_repeat=lambda: None,
            on_doubled=lambda: None,
        )
        keypad = Keypad(nothing, pause_s=2.0)
        for key in "45*#A":
            keypad.press(key)
        keypad.close()

    run(scene())
    assert count == 4


def test_no_end_of_keys_is_bounded() -> None:
    """A telephone in a pocket."""
    assert told("12" * 250 + "#") == [("12" * 250)[:MOST_KEYS]]
