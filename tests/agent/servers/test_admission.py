"""Who may ask for a token: addresses, origins and buckets, without a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.servers.admission import MAX_ADDRESSES, Door, Rates, explain_body, is_loopback


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("LocalHost", True),
        ("", False),
        ("0.0.0.0", False),  # noqa: S104  # that is the test
        ("localhost.evil.example", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback_is_this_machine_only(host: str, is_ours: bool) -> None:
    """An empty host means every address, and a name that merely begins with localhost is foreign."""
    assert is_loopback(host) is is_ours


@pytest.mark.parametrize(
    ("origin", "authority", "may"),
    [
        ("http://localhost:8080", "localhost:8080", True),
        ("https://localhost:8080", "localhost:8080", True),
        ("HTTPS://Shop.Example", "127.0.0.1:8080", True),
        ("http://localhost:8081", "localhost:8080", False),
        ("http://localhost:8080.evil.example", "localhost:8080", False),
        ("", "localhost:8080", False),
        ("null", "localhost:8080", False),
    ],
)
def test_a_page_is_ours_or_configured(origin: str, authority: str, may: bool) -> None:
    """Same host and port as the request's, behind TLS or not, or one of the list."""
    assert Door.of("127.0.0.1", ["https://shop.example/"]).admits(origin, authority) is may


@pytest.mark.parametrize(
    ("web_host", "authority", "knows"),
    [
        ("127.0.0.1", "127.0.0.1:8080", True),
        ("127.0.0.1", "[::1]:8080", True),
        ("127.0.0.1", "shop.example", True),
        ("127.0.0.1", "evil.example:8080", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[::bad", False),
        ("192.0.2.1", "anything.example", True),
    ],
)
def test_a_local_server_answers_to_local_names(web_host: str, authority: str, knows: bool) -> None:
    """Names of a reverse proxy's page count too; an open server has no names to defend."""
    assert Door.of(web_host, ["https://shop.example"]).knows_host(authority) is knows


def test_one_ipv6_network_is_one_peer() -> None:
    """A /64 is one subscriber: its addresses share a bucket, the next network has its own."""
    rates = Rates(lambda: 0.0, burst=1)
    assert rates.wait_s("2001:db8::1") == 0
    assert rates.wait_s("2001:db8::2") > 0
    assert rates.wait_s("2001:db8:0:1::1") == 0


def test_a_flood_of_addresses_does_not_fill_the_memory() -> None:
    """The peer not seen for longest is forgotten."""
    rates = Rates(lambda: 0.0)
    for n in range(MAX_ADDRESSES + 50):
        rates.wait_s(f"peer-{n}")
    assert len(rates) == MAX_ADDRESSES


@given(st.lists(st.floats(0, 30), max_size=60))
def test_nobody_gets_more_than_burst_and_refill(pauses: list[float]) -> None:
    """In any stretch of asking, at most the burst plus one for each refill is given."""
    now = [0.0]
    rates = Rates(lambda: now[0], burst=3, refill_s=10.0)
    given_out = 0
    for pause in pauses:
        now[0] += pause
        given_out += rates.wait_s("peer") == 0
    assert given_out <= 3 + now[0] / 10 + 1e-6


@given(st.binary(max_size=200))
def test_any_body_is_judged_without_an_exception(body: bytes) -> None:
    """Whatever is sent, the answer is a sentence or nothing."""
    assert isinstance(explain_body(body), str)
