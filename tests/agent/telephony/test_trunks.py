"""deploy/sip/*.yaml as an operator writes it: who may call, who may be called, and what is refused in a sentence."""

from pathlib import Path

import pytest

from agent.config import ROOT
from agent.errors import ConfigError
from agent.telephony.trunks import OutboundTrunk, load_lines


def load(folder: Path, text: str, **more: str) -> object:
    """The lines of a folder with that text in a file, and others beside it."""
    for name, content in {"a": text, **more}.items():
        (folder / f"{name}.yaml").write_text(content)
    return load_lines(folder, needs_passwords=True)


IN = """inbound:
  carrier:
    numbers: ["+15550100100"]
    {guard}
numbers: {{"+15550100100": shop}}
"""


def test_our_own_files_can_be_read_and_name_every_profile() -> None:
    """What `make phone` starts with."""
    lines = load_lines(ROOT / "deploy" / "sip")
    assert set(lines.numbers.values()) == {"shop", "bank", "restaurant", "dental"}
    assert lines.inbound["local"].allowed_addresses == ("127.0.0.1",)


@pytest.mark.parametrize(
    "guard", ["allowed_addresses: [198.51.100.0/24]", "username: parley\n    password_variable: TRUNK"]
)
def test_a_guarded_trunk_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guard: str) -> None:
    """An address list or a digest: either is enough."""
    monkeypatch.setenv("TRUNK", "secret-of-the-carrier")
    load(tmp_path, IN.format(guard=guard))


@pytest.mark.parametrize(
    ("guard", "says"),
    [
        ('allowed_numbers: ["+15550100199"]', "anybody could call in"),
        ("encryption: required", "anybody could call in"),
        ("allowed_addresses: [0.0.0.0/0]", "lets half the world in"),
        ("allowed_addresses: ['::/0']", "lets half the world in"),
        ("allowed_addresses: [carrier.example]", "is no address or network"),
        ("username: parley", "given together"),
        ("username: parley\n    password_variable: UNSET_HERE", "UNSET_HERE is not set"),
        ("password: hunter2", "unknown key"),
    ],
)
def test_an_open_trunk_is_refused_in_a_sentence(tmp_path: Path, guard: str, says: str) -> None:
    """Neither a caller's number nor encryption says who somebody is; everybody's network is no list."""
    with pytest.raises(ConfigError, match=says) as refused:
        load(tmp_path, IN.format(guard=guard))
    assert "a.yaml, line" in str(refused.value) and "hunter2" not in str(refused.value)


@pytest.mark.parametrize("number", ["5550100100", "+1 555 010 0100", "+0555010010", "+1555"])
def test_a_number_is_written_one_way(tmp_path: Path, number: str) -> None:
    """E.164, so that what the carrier shows is compared with what stands here."""
    with pytest.raises(ConfigError, match="is no number"):
        load(tmp_path, IN.replace("+15550100100", number).format(guard="allowed_addresses: [127.0.0.1]"))


def test_a_number_without_a_profile_and_a_trunk_that_stands_twice_are_refused(tmp_path: Path) -> None:
    """Neither may be a matter of luck."""
    guarded = IN.format(guard="allowed_addresses: [127.0.0.1]")
    with pytest.raises(ConfigError, match="has no profile"):
        load(tmp_path, guarded.partition("numbers: {")[0])
    with pytest.raises(ConfigError, match="another file"):
        load(tmp_path, guarded, b=guarded)


@pytest.mark.parametrize(
    ("number", "may"), [("+15550100101", True), ("+4930123456", False), ("+1900555", False), ("+155", False)]
)
def test_only_the_listed_destinations_are_dialled(number: str, may: bool) -> None:
    """Toll fraud: what is not listed is not called."""
    trunk = OutboundTrunk(address="sip.example", numbers=("+15550100100",), destinations=("+1555",))
    assert trunk.may_dial(number) is may
