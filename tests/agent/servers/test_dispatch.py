"""What a dispatch says in its metadata, which anybody with the key can write."""

import pytest

from agent.servers.dispatch import Dispatch


@pytest.mark.parametrize(
    "one", [Dispatch(), Dispatch("shop"), Dispatch("shop", "caller-1"), Dispatch("", "caller-1", "agent-1")]
)
def test_what_was_written_is_read(one: Dispatch) -> None:
    """Also when half of it is empty."""
    assert Dispatch.of(one.metadata) == one


@pytest.mark.parametrize("metadata", ["", "shop", "[]", '"shop"', "{", "null", "1", '{"profile": null}'])
def test_what_cannot_be_read_asks_for_nothing_in_particular(metadata: str) -> None:
    """Then the worker's first profile answers whoever comes."""
    assert Dispatch.of(metadata) == Dispatch()
