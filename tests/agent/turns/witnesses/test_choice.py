"""Which witnesses a call has, and what is said of those that are missing."""

import pytest

from agent.profile.profile import Turns
from agent.rules.evidence import Who
from agent.turns.witnesses import choice


async def listen(pcm: bytes) -> float:
    """What the speech process would say."""
    return 0.5 if pcm else 0.0


def chosen(turns: Turns, language: str = "en", *, has_wheel: bool = True) -> list[Who]:
    """Their names."""
    choice.tell_once.cache_clear()
    return [witness.who for witness in choice.witnesses(turns, language, listen if has_wheel else None)]


async def test_words_and_sound_are_witnesses_by_default(caplog: pytest.LogCaptureFixture) -> None:
    """In a language that has its words' model, with every wheel; nothing is to be told."""
    assert chosen(Turns()) == [Who.WORDS, Who.SMART_TURN]
    assert chosen(Turns(detector="words")) == [Who.WORDS]
    assert chosen(Turns(detector="v1-mini")) == [Who.WORDS, Who.V1_MINI]
    assert not caplog.records


async def test_a_missing_wheel_and_a_language_without_a_model_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The others decide; nothing ends the call."""
    assert chosen(Turns(), "de") == [Who.SMART_TURN]
    assert chosen(Turns(), has_wheel=False) == [Who.WORDS, Who.V1_MINI]
    told = [str(record.__dict__["reason"]) for record in caplog.records]
    assert len(told) == 2 and "language de" in told[0] and "pipecat-ai" in told[1]
    choice.witnesses(Turns(), "en", None)
    assert len(caplog.records) == 2


async def test_the_multilingual_model_without_its_weights_is_v1_mini(caplog: pytest.LogCaptureFixture) -> None:
    """They come from a model hub, which tests do not ask."""
    assert chosen(Turns(detector="multilingual")) == [Who.WORDS, Who.V1_MINI]
    assert "download-files" in str(caplog.records[-1].__dict__["reason"])


def test_weights_that_are_missing_are_told_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """Not in the first call; and only by who asks for them."""
    choice.tell_once.cache_clear()
    choice.check(Turns())
    assert not caplog.records
    choice.check(Turns(detector="multilingual"))
    assert "download-files" in str(caplog.records[-1].__dict__["reason"])
