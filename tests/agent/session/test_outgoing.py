"""A call of ours from the moment at which somebody picks up, against far ends of every kind, on virtual time."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

import numpy as np
import pytest

from agent.profile.campaign import Outbound
from agent.rules.answering import Who
from agent.rules.dialling import Outcome
from agent.session.outgoing import Does, Outgoing
from tests.fakes.virtual_time import run

RATE, FRAME_S, LATE_S = 16_000, 0.02, 0.6  # words come so long after they were said
OUTBOUND = Outbound.model_validate(
    {
        "company": "Acme Dental",
        "destinations": ["US"],
        "menus": 2,
        "purposes": {
            "reminder": {"says": "You have an appointment {about}.", "message": "Please call us back about {about}."},
            "silent": {"says": "This is about {about}."},
        },
    }
)
OPENING = (
    "Hello, this is an automated assistant, an A I and not a person, calling for Acme Dental. "
    "You have an appointment on Tuesday."
)
INTRODUCTION = "This is an automated assistant, calling for Acme Dental. You have an appointment on Tuesday."
MESSAGE = (
    "Hello, this is an automated assistant, an A I and not a person, calling for Acme Dental. "
    "Please call us back about on Tuesday."
)


@dataclass
class FarEnd:
    """Whoever picked up. Does what is written: ("says", words), ("pause", seconds), ("beep", hertz). `when` holds what
    it does once it has heard us say or press that."""

    script: list[tuple[str, object]]
    when: dict[str, list[tuple[str, object]]] = field(default_factory=dict)
    purpose: str = "reminder"
    late_s: float = 0.0  # the agent can speak so long after they have picked up
    model_says: tuple[float, Who | None] | None = None  # a large model's opinion, and after how long
    was_asked: list[str] = field(default_factory=list)
    said: list[tuple[float, str]] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)
    told: list[Outcome] = field(default_factory=list)
    left_to_the_agent: list[str] = field(default_factory=list)
    is_hung_up: bool = False
    sounding: list[str] = field(default_factory=list)  # what it was doing when each of our sentences began

    async def call(self) -> None:
        """The whole call, until the line is hung up or everything has been said."""
        does = Does(say=self._hear, stop=self._stop, press=self._press, hang_up=self._hang_up, tell=self.told.append)
        purpose = OUTBOUND.purposes[self.purpose]
        second = self._model if self.model_says else None
        self._outgoing = Outgoing(OUTBOUND, purpose, {"about": "on Tuesday"}, does, RATE, second=second)
        self._now = "nothing"
        self._acts = asyncio.Queue[tuple[str, object]]()
        for act in self.script:
            self._acts.put_nowait(act)
        playing = asyncio.create_task(self._play())
        await asyncio.sleep(self.late_s)
        await self._outgoing.run()
        await asyncio.sleep(3)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)

    @property
    def heard(self) -> list[str]:
        """Our sentences."""
        return [text for _, text in self.said]

    async def _play(self) -> None:
        words: set[asyncio.Task[None]] = set()
        while True:
            what, how = ("pause", FRAME_S) if self._acts.empty() else self._acts.get_nowait()
            self._now = what
            if what == "says":
                await self._sound(len(str(how)) * 0.06, 3000.0, 0.0)
                words.add(asyncio.create_task(self._transcribed(str(how))))
                await self._sound(0.02, 0.0, 0.0)
            elif what == "beep":
                await self._sound(0.5, 0.0, float(str(how)))
            else:
                await self._sound(float(str(how)), 0.0, 0.0)

    async def _sound(self, seconds: float, noise: float, hertz: float) -> None:
        generator = np.random.default_rng(7)
        for _ in range(max(1, round(seconds / FRAME_S))):
            at = np.arange(int(RATE * FRAME_S)) / RATE
            sound = generator.normal(0, noise, len(at)) if noise else 6000 * np.sin(2 * np.pi * hertz * at)
            self._outgoing.frame(sound.astype(np.int16))
            await asyncio.sleep(FRAME_S)

    async def _transcribed(self, words: str) -> None:
        await asyncio.sleep(LATE_S)
        if not self._outgoing.takes(words):
            self.left_to_the_agent.append(words)

    async def _hear(self, sentence: str, may_be_stopped: bool) -> None:
        self.said.append((asyncio.get_running_loop().time(), sentence))
        self.sounding.append(self._now)
        for act in self.when.get(sentence, []):
            self._acts.put_nowait(act)
        await asyncio.sleep(len(sentence) * 0.06)

    async def _press(self, keys: str) -> None:
        self.pressed.append(keys)
        for act in self.when.get(keys, []):
            self._acts.put_nowait(act)

    async def _model(self) -> Who | None:
        assert self.model_says is not None
        after_s, who = self.model_says
        try:
            await asyncio.sleep(after_s)
            self.was_asked.append("answered")
        except asyncio.CancelledError:
            self.was_asked.append("let go")
            raise
        return who

    async def _stop(self) -> None:
        self.sounding.append("stopped")

    def _hang_up(self) -> None:
        self.is_hung_up = True


def called(*script: tuple[str, object], purpose: str = "reminder", **when: list[tuple[str, object]]) -> FarEnd:
    """A call to whoever does that."""
    names = {"introduced": INTRODUCTION, "opened": OPENING}
    end = FarEnd(
        list(script), {names.get(name, name.removeprefix("key")): acts for name, acts in when.items()}, purpose
    )
    work: Coroutine[None, None, None] = end.call()
    run(work)
    return end


def test_a_person_hears_who_is_calling_and_why_and_is_answered_from_then_on() -> None:
    """Their hello is not answered by itself; what they say next is for the agent."""
    end = called(("pause", 0.5), ("says", "Hello?"), opened=[("pause", 9.0), ("says", "Yes, that's right.")])
    assert end.heard == [OPENING]
    assert end.told == [Outcome.PERSON]
    assert end.left_to_the_agent == ["Yes, that's right."]
    assert not end.is_hung_up
    assert end.said[0][0] < 0.5 + 0.36 + 1.5  # nobody waits for us for long


def test_a_hello_that_came_before_we_could_speak_is_a_hello() -> None:
    """A busy machine is late; nobody is left in silence until they say it again."""
    end = FarEnd([("pause", 0.2), ("says", "Hello?"), ("pause", 30.0)], late_s=3.0)
    run(end.call())
    assert (end.told, end.heard) == ([Outcome.PERSON], [OPENING])
    assert end.said[0][0] < 3.5


def test_who_says_nothing_is_spoken_to_after_a_while() -> None:
    """People pick up and wait."""
    end = called(("pause", 30.0))
    assert end.heard == [OPENING]
    assert 3.5 < end.said[0][0] < 5.0
    assert end.told == [Outcome.ANSWERED]


GREETING = "Hi, you've reached John, I can't come to the phone right now, please leave a message after the tone."


def test_a_voicemail_gets_its_message_after_the_beep() -> None:
    """Not into its greeting, and the line is closed when all was said."""
    end = called(("pause", 0.5), ("says", GREETING), ("pause", 1.0), ("beep", 1000.0), ("pause", 60.0))
    assert end.heard == [MESSAGE]
    assert end.sounding == ["pause"]
    assert end.told == [Outcome.MESSAGE_LEFT]
    assert end.is_hung_up
    assert end.said[0][0] > 0.5 + len(GREETING) * 0.06 + 1.5


def test_a_voicemail_without_a_beep_is_spoken_to_after_its_greeting() -> None:
    """Some have none, or one that no telephone carries."""
    end = called(("says", GREETING), ("pause", 60.0))
    assert end.heard == [MESSAGE]


def test_a_profile_that_leaves_no_message_hangs_up_on_a_voicemail() -> None:
    """At once, and without a word."""
    end = called(("says", GREETING), ("pause", 60.0), purpose="silent")
    assert (end.heard, end.told, end.is_hung_up) == ([], [Outcome.VOICEMAIL], True)


def test_a_voicemail_that_began_like_a_person_is_told_late_but_in_time() -> None:
    """ "Hello ... you've reached": what was begun is stopped, and the message comes after the beep."""
    end = called(
        ("says", "Hello."), ("pause", 1.2), ("says", GREETING), ("pause", 1.0), ("beep", 850.0), ("pause", 60.0)
    )
    assert end.heard == [OPENING, MESSAGE]
    assert end.told == [Outcome.PERSON, Outcome.MESSAGE_LEFT]
    assert end.left_to_the_agent == []


SCREEN = "Hi, if you record your name and reason for calling, I'll see if this person is available."


def test_a_screener_is_answered_in_one_sentence_and_waited_for() -> None:
    """Then the person comes, and hears everything."""
    end = called(
        ("says", SCREEN),
        ("pause", 0.1),
        introduced=[("pause", 6.0), ("says", "Thanks. Please hold."), ("pause", 12.0), ("says", "Hello, who is it?")],
    )
    assert end.heard == [INTRODUCTION, OPENING]
    assert end.told == [Outcome.SCREENED, Outcome.PERSON]


def test_a_screener_that_lets_nobody_through_is_not_waited_for_for_ever() -> None:
    """The line is closed after a while; one that says no ends as a voicemail."""
    end = called(("says", SCREEN), ("pause", 300.0))
    assert (end.heard, end.is_hung_up, end.told[-1]) == ([INTRODUCTION], True, Outcome.SCREENED)
    end = called(("says", SCREEN), introduced=[("pause", 6.0), ("says", GREETING), ("beep", 900.0), ("pause", 60.0)])
    assert (end.heard, end.told[-1]) == ([INTRODUCTION, MESSAGE], Outcome.MESSAGE_LEFT)


MENU = "Thank you for calling. For sales, press 1. To speak to the front desk, press 2."


def test_a_menu_gets_the_key_that_leads_to_a_human() -> None:
    """Who then picks up hears everything."""
    end = called(("says", MENU), key2=[("pause", 3.0), ("says", "Front desk, Kim speaking.")])
    assert (end.pressed, end.heard) == (["2"], [OPENING])
    assert end.told == [Outcome.MENU, Outcome.PERSON]


def test_a_menu_that_goes_round_in_circles_is_left() -> None:
    """After as many as the profile allows."""
    end = called(("says", MENU), key2=[("pause", 2.0), ("says", MENU)])
    assert (end.pressed, end.heard, end.is_hung_up) == (["2", "2"], [], True)
    assert end.told[-1] is Outcome.MENU


@pytest.mark.parametrize("hertz", [1100.0, 2100.0])
def test_a_fax_is_hung_up_on(hertz: float) -> None:
    """Without a word."""
    end = called(("pause", 0.6), ("beep", hertz), ("beep", hertz), ("beep", hertz), ("pause", 20.0))
    assert (end.heard, end.told, end.is_hung_up) == ([], [Outcome.FAX], True)


def test_who_fetches_somebody_is_waited_for() -> None:
    """ "One moment please" is no conversation yet."""
    end = called(("says", "Front desk, one moment please."), ("pause", 15.0), ("says", "Hello, this is Kim."))
    assert end.heard == [OPENING]
    assert end.said[0][0] > 16.0


ODD = "Howdy, you got the Kims, we're out chasing tornados, so tell it to the machine."


@pytest.mark.parametrize(
    ("greeting", "model_says", "heard", "told"),
    [
        (ODD, (0.9, Who.VOICEMAIL), [MESSAGE], Outcome.MESSAGE_LEFT),
        (ODD, (60.0, Who.VOICEMAIL), [OPENING], Outcome.PERSON),
        (ODD, (0.9, None), [OPENING], Outcome.PERSON),
        ("Hello?", (0.2, Who.PERSON), [OPENING], Outcome.PERSON),
        (GREETING, (60.0, Who.PERSON), [MESSAGE], Outcome.MESSAGE_LEFT),
        (GREETING, (0.1, Who.PERSON), [MESSAGE], Outcome.MESSAGE_LEFT),
    ],
    ids=["a machine", "too late", "not sure", "a person", "not waited for", "overruled"],
)
def test_a_large_model_is_asked_where_words_alone_say_person(
    greeting: str, model_says: tuple[float, Who | None], heard: list[str], told: Outcome
) -> None:
    """It may find a machine in strange words, within the time that a person waits; a machine that is known by its
    words is one. Before anything is said it is let go of: while it listens the agent cannot speak."""
    end = FarEnd([("pause", 0.3), ("says", greeting), ("pause", 60.0)], model_says=model_says)
    run(end.call())
    assert (end.heard, end.told[-1]) == (heard, told)
    assert len(end.was_asked) == 1
