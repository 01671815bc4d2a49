"""What the LiveKit server is told of the lines: once, and no more than what is new."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from livekit import api

from agent.config import Settings
from agent.errors import ConfigError
from agent.telephony.provision import main, outbound_ids, provision
from agent.telephony.trunks import InboundTrunk, Lines, OutboundTrunk
from evals.phone_servers import PhoneServers, running_phone_servers
from evals.servers import LiveKit, free_port

pytestmark = pytest.mark.needs("livekit-server", "livekit-sip", "redis-server")
Apply = Callable[..., Awaitable[list[str]]]
NUMBERS = ("+15550111100", "+15550111150")


def lines(**changes: object) -> Lines:
    """Two numbers of one carrier, and a way out."""
    inbound = InboundTrunk.model_validate({"numbers": NUMBERS, "allowed_addresses": ["198.51.100.7"], **changes})
    outbound = OutboundTrunk(address="sip.example", numbers=NUMBERS[:1], destinations=("+1555",))
    return Lines({"carrier": inbound}, {"carrier": outbound}, dict(zip(NUMBERS, ("shop", "bank"), strict=True)))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneServers]:
    """Some of their own: here every line of ours is taken away."""
    with running_phone_servers(tmp_path_factory.mktemp("lines")) as running:
        yield running


@pytest.fixture
def apply(servers: PhoneServers) -> Apply:
    """Tell the server, as an agent's name that no worker has."""
    named = {"LIVEKIT_URL": servers.livekit.url, "agent_name": "nobody", "profiles": ("bank",)}
    settings = Settings.model_validate(named)

    async def told(wanted: Lines, *, is_real: bool = True) -> list[str]:
        changes = await provision(settings, wanted, is_real=is_real)
        return [line for line in changes if "carrier" in line or line.startswith("!")]

    return told


async def test_lines_are_made_once_changed_where_they_differ_and_taken_away(
    apply: Apply, servers: PhoneServers
) -> None:
    """A second time nothing is changed, a look changes nothing, and what is not ours stays."""
    url = servers.livekit.url.replace("ws", "http", 1)
    async with api.LiveKitAPI(url, "devkey", "secret") as server:
        theirs = api.SIPInboundTrunkInfo(name="somebody else's", numbers=["+15550199999"], auth_username="x")
        theirs.auth_password = "y"
        await server.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=theirs))
        new = [
            "inbound trunk parley/carrier/shop",
            "inbound trunk parley/carrier/bank",
            "outbound trunk parley/carrier",
        ]
        rules = ["rule parley/carrier/shop", "rule parley/carrier/bank"]
        assert await apply(lines(), is_real=False) == [f"+ {one}" for one in (*new, *rules)]
        assert await apply(lines()) == [f"+ {one}" for one in (*new, *rules)]
        assert await apply(lines()) == []
        assert "carrier" in await outbound_ids(server)
        changed = await apply(lines(allowed_addresses=["198.51.100.8"]))
        assert sorted(changed) == [
            f"~ inbound trunk parley/carrier/{one}: allowed_addresses" for one in ("bank", "shop")
        ]
        assert sorted(await apply(Lines())) == sorted(f"- {one}" for one in (*new, *rules))
        left = (await server.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())).items
        assert [one.name for one in left if not one.name.startswith("parley/")] == ["somebody else's"]
        await server.sip.delete_trunk(api.DeleteSIPTrunkRequest(sip_trunk_id=left[-1].sip_trunk_id))


async def test_a_number_whose_profile_is_not_served_is_left_out_and_said(apply: Apply) -> None:
    """Nobody would answer it."""
    wanted = lines()
    wanted.numbers[NUMBERS[1]] = "dental"
    told = await apply(wanted, is_real=False)
    assert f"! {NUMBERS[1]} not answered: profile dental is not in PARLEY_PROFILES" in told


async def test_a_server_without_redis_and_one_that_is_away_are_said_so(livekit_server: LiveKit) -> None:
    """In a sentence with the cure."""
    without = Settings.model_validate({"LIVEKIT_URL": livekit_server.url})
    with pytest.raises(ConfigError, match="has no Redis"):
        await provision(without, lines())
    away = Settings.model_validate({"LIVEKIT_URL": f"ws://127.0.0.1:{free_port()}"})
    with pytest.raises(ConfigError, match="does not answer"):
        await provision(away, lines())


def test_check_tells_by_its_status(servers: PhoneServers, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 while something differs; it changes nothing, so twice."""
    monkeypatch.setenv("LIVEKIT_URL", servers.livekit.url)
    assert [main(["--check"]), main(["--check"])] == [1, 1]
