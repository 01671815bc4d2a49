"""The learned model by itself, and by way of a real speech process."""

from pathlib import Path

import numpy as np
import pytest

from agent.observers.frustration import Frustration, likelihood_of, load, save
from agent.providers.local.speech_client import SOCKET_VARIABLE


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """Weights and bias, and a likelihood out of both."""
    save(Frustration(np.array([2.0, 0.0], np.float32), -1.0), tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz") as kept:
        model = Frustration(kept["weights"], float(kept["bias"]))
    assert model.likelihood(np.array([1.0, 0.0])) == pytest.approx(0.731, abs=0.001)
    assert load().weights.shape == (384,)


def test_a_turn_is_weighed_by_the_speech_process(speech_socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that has no loop may ask; words that are none are not weighed."""
    monkeypatch.setenv(SOCKET_VARIABLE, str(speech_socket))
    angry, calm = likelihood_of("You never listen to a word I say."), likelihood_of("A table for two, please.")
    assert angry is not None and calm is not None
    assert angry > 0.5 > 0.2 > calm
    assert likelihood_of(" ") is None


def test_a_speech_process_that_is_away_costs_the_likelihood_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule goes on."""
    monkeypatch.setattr("agent.observers.frustration.PATIENCE_S", 0.1)
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "none.sock"))
    assert likelihood_of("You never listen.") is None
    monkeypatch.delenv(SOCKET_VARIABLE)
    assert likelihood_of("You never listen.") is None
