"""What is found out on a guess counts once, while it is fresh, and not after another guess."""

import asyncio

from agent.call.rehearsals import FRESH_S, Found, Rehearsals, Work, rehearsal_key
from tests.fakes.virtual_time import run

ORDER = rehearsal_key("check_shipping", {"order_number": "4571"})
OTHER = rehearsal_key("check_shipping", {"order_number": "4572"})


class Probe:
    """A rehearsal's work, which counts how often it is begun and given up."""

    def __init__(self, says: str | None, takes_s: float = 0.1) -> None:
        self.begun = self.given_up = 0
        self._says = says
        self._takes_s = takes_s

    async def __call__(self) -> Found | None:
        """Take a while."""
        self.begun += 1
        try:
            await asyncio.sleep(self._takes_s)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return Found(self._says, self._takes_s) if self._says else None


def on_its_loop() -> Rehearsals:
    """Rehearsals on the virtual clock."""
    return Rehearsals(asyncio.get_running_loop().time)


async def told(rehearsals: Rehearsals, name: str) -> str | None:
    """What there is to say, to whoever calls the tool now."""
    found = await rehearsals.outcome(name)
    return found.sentence if found else None


def test_what_was_found_out_is_told_once() -> None:
    """The first who asks waits for the rest of the work and gets it; a second one looks for themselves."""

    async def rehearsed() -> list[str | None]:
        rehearsals = on_its_loop()
        rehearsals.begin({ORDER: Probe("Shipped.")})
        return [await told(rehearsals, name) for name in (OTHER, ORDER, ORDER)]

    assert run(rehearsed()) == [None, "Shipped.", None]


def test_the_same_guess_again_is_not_worked_at_twice() -> None:
    """Each silence tells the same words again; only what is too old is looked up anew."""

    async def rehearsed() -> tuple[int, int]:
        rehearsals, probe = on_its_loop(), Probe("Shipped.")
        rehearsals.begin({ORDER: probe})
        await asyncio.sleep(1.0)
        rehearsals.begin({ORDER: probe})
        first = probe.begun
        await asyncio.sleep(FRESH_S)
        rehearsals.begin({ORDER: probe})
        await asyncio.sleep(0.01)
        return first, probe.begun

    assert run(rehearsed()) == (1, 2)


def test_another_guess_gives_up_the_one_before() -> None:
    """Who says "4571" after "45 7" wants the one only."""

    async def rehearsed() -> tuple[int, str | None, str | None]:
        rehearsals, older = on_its_loop(), Probe("No.")
        rehearsals.begin({OTHER: older})
        await asyncio.sleep(0.01)
        rehearsals.begin({ORDER: Probe("Shipped.")})
        return older.begun, await told(rehearsals, OTHER), await told(rehearsals, ORDER)

    assert run(rehearsed()) == (1, None, "Shipped.")


def test_given_up_work_ends() -> None:
    """At the end of a call nothing goes on."""

    async def rehearsed() -> int:
        rehearsals, probe = on_its_loop(), Probe("Shipped.", takes_s=10.0)
        rehearsals.begin({ORDER: probe})
        await asyncio.sleep(0.01)
        rehearsals.begin({})
        await asyncio.sleep(0.01)
        return probe.given_up

    assert run(rehearsed()) == 1


def test_what_is_old_or_came_to_nothing_is_asked_again() -> None:
    """Both are None to whoever asks: then the tool runs in earnest."""

    async def rehearsed(work: Work, later_s: float) -> str | None:
        rehearsals = on_its_loop()
        rehearsals.begin({ORDER: work})
        await asyncio.sleep(later_s)
        return await told(rehearsals, ORDER)

    assert run(rehearsed(Probe(None), 0.0)) is None
    assert run(rehearsed(Probe("Shipped."), FRESH_S)) is None
    assert run(rehearsed(Probe("Shipped."), FRESH_S - 0.1)) == "Shipped."


def test_arguments_make_the_key_whatever_their_order() -> None:
    """A model may name them in any order."""
    assert (
        rehearsal_key("t", {"a": 1, "b": None})
        == rehearsal_key("t", {"b": None, "a": 1})
        != rehearsal_key("t", {"a": 2, "b": None})
    )
