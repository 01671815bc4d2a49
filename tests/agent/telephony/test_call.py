"""The command that calls people, as far as it gets without a telephone: what it refuses, decides and keeps."""

from pathlib import Path

import pytest

from agent.memory.dialled import Dialled
from agent.telephony.call import main

CALL = ("--profile", "dental", "--purpose", "reminder", "--with", "about=on Tuesday", "--dry-run")
NUMBER = "+15185550142"


@pytest.fixture(autouse=True)
def _of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases and lines of the test's own."""
    monkeypatch.setenv("PARLEY_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("PARLEY_SIP_DIR", str(tmp_path / "sip"))
    (tmp_path / "sip").mkdir()
    (tmp_path / "sip" / "lines.yaml").write_text(
        'outbound: {carrier: {address: 127.0.0.1:9, numbers: ["+15185550100"], destinations: ["+1518"]}}'
    )


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ((), "give either a number to call or a --list"),
        ((NUMBER, "--list", "monday.csv"), "give either a number to call or a --list"),
        (("5185550142", *CALL), "write the number with its country, as in +15185550142"),
        ((NUMBER, "--profile", "ghost"), "no folder ghost"),
        ((NUMBER, "--profile", "shop", "--purpose", "reminder"), "the profile shop makes no calls"),
        ((NUMBER, "--profile", "dental", "--purpose", "ads"), "its purposes are: reminder"),
        ((NUMBER, "--profile", "dental", "--purpose", "reminder", "--dry-run"), "about is empty"),
        ((NUMBER, *CALL, "--per-minute", "0"), "--per-minute must be above 0"),
        (("--list", "/nowhere/monday.csv", *CALL), "monday.csv"),
    ],
)
def test_what_cannot_be_called_is_said_in_a_sentence(
    words: tuple[str, ...], wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to mend, and nothing was kept or rung."""
    assert main(list(words)) == 2
    said = capsys.readouterr()
    assert wrong in said.err and said.err.startswith("parley: ") and said.err.count("\n") == 1
    assert not said.out


def test_consent_and_wishes_decide_before_anything_rings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each decision is written down with its reason; another number of the same country is no business of our trunk."""
    assert main([NUMBER, *CALL]) == 0
    assert "not called: no consent" in capsys.readouterr().out
    assert main([NUMBER, *CALL[:4], "--record-consent", "form of 3 November"]) == 0
    assert main([NUMBER, *CALL]) == 0
    assert "would be called" in (said := capsys.readouterr().out) or "out of hours" in said
    assert main(["+13125550142", *CALL]) == 0
    assert "destination not allowed" in capsys.readouterr().out
    assert main([NUMBER, *CALL[:2], "--opt-out", "letter of 4 November"]) == 0
    assert main([NUMBER, *CALL]) == 0
    assert "not called: opted out" in capsys.readouterr().out
    dialled = Dialled(f"sqlite:///{tmp_path / 'parley.db'}")
    assert dialled.has_opted_out(NUMBER)
    dialled.close()
