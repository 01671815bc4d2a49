"""Speech over the agent's voice, event by event, on virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import pytest
from livekit.agents import stt
from livekit.agents.language import LanguageCode

from agent.language.en.turn_words import ENGLISH
from agent.rules.interruption import Judgement, judge
from agent.turns.listening import Listening
from tests.fakes.virtual_time import run

Type = stt.SpeechEventType
START, END = Type.START_OF_SPEECH, Type.END_OF_SPEECH
PARTIAL, GUESS, FINAL = Type.INTERIM_TRANSCRIPT, Type.PREFLIGHT_TRANSCRIPT, Type.FINAL_TRANSCRIPT
ANSWER = "Our store is open Monday to Friday from nine in the morning to six in the evening."


@dataclass
class Agent:
    """The agent's side: talks, is held, goes on, is stopped; tells what was done to it."""

    is_taken: bool = True
    may_be_stopped: bool = True
    saying: str = ANSWER
    is_asking: bool = False
    done: list[str] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self) -> None:
        """Silence."""
        self.done.append("hold")

    def release(self) -> None:
        """Go on."""
        self.done.append("release")

    def stop(self) -> None:
        """Over."""
        self.done.append("stop")
        self.is_taken = False

    async def until_stoppable(self) -> None:
        """Until what must be told was told."""
        if not self.may_be_stopped:
            await self.told.wait()


Step = float | tuple[Type, str]


def event(kind: Type, text: str) -> stt.SpeechEvent:
    """What an STT sends; behind bars a second hearing and for how many seconds the sound lasted."""
    readings = text.split(" | ") if text else []
    ended_at = float(readings.pop()) if len(readings) > 1 else 0.0
    said = [stt.SpeechData(language=LanguageCode("en"), text=reading, end_time=ended_at) for reading in readings]
    return stt.SpeechEvent(type=kind, alternatives=said)


def listened(
    agent: Agent, *steps: Step, caller_silent_s: Callable[[], float | None] = lambda: None, doubts_short: bool = True
) -> tuple[list[tuple[Type, str]], list[str]]:
    """What comes out as turns, and why overlaps ended; a number waits so many seconds. The STT is the local one, or one
    whose words are believed."""
    reasons: list[str] = []

    async def spoken() -> AsyncGenerator[stt.SpeechEvent, None]:
        for step in steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                yield event(*step)

    async def heard() -> list[tuple[Type, str]]:
        def on_overlap(judgement: Judgement) -> None:
            reasons.append(judgement.reason)

        listening = Listening(
            agent,
            lambda o: judge(o, ENGLISH),
            wordless_s=1.2,
            on_overlap=on_overlap,
            caller_silent_s=caller_silent_s,
            doubts_short=doubts_short,
        )
        turns = listening.turns_of(spoken())
        return [(e.type, e.alternatives[0].text if e.alternatives else "") async for e in turns]

    return run(heard()), reasons


def test_a_backchannel_is_no_turn_and_the_agent_goes_on() -> None:
    """Held at the first sound, released at its words, and nothing of it reaches the conversation."""
    agent = Agent()
    turns, reasons = listened(agent, (START, ""), 0.4, (GUESS, "Mm-hmm."), 0.2, (FINAL, "Mm-hmm."), (END, ""))
    assert turns == []
    assert agent.done == ["hold", "release"]
    assert reasons == ["backchannel"]


def test_a_short_sound_is_judged_by_both_hearings() -> None:
    """ "Yep." heard as "What?", and then as "Right"."""
    agent = Agent()
    said: list[Step] = [
        (START, ""),
        0.4,
        (GUESS, "What? | Right | 0.4"),
        0.2,
        (FINAL, "What? | Right | 0.4"),
        (END, ""),
    ]
    turns, reasons = listened(agent, *said)
    assert (turns, agent.done) == ([], ["hold", "release"])
    assert reasons == ["a backchannel in another hearing"]


@pytest.mark.parametrize(
    ("heard", "doubts_short", "done"),
    [
        ("Time. | Time. | 0.38", True, ["hold", "stop"]),
        ("Eight. | Eight | 0.3", True, ["hold", "stop"]),
        ("Time. | Jane, | 0.38", True, ["hold", "release"]),
        ("That. | 0.28", True, ["hold", "release"]),
        ("That. | 0.28", False, ["hold", "stop"]),
        ("Returns. | Right. | 0.4", False, ["hold", "stop"]),
    ],
)
def test_a_short_word_is_believed_when_it_is_heard_twice_or_by_another_stt(
    heard: str, doubts_short: bool, done: list[str]
) -> None:
    """The local one makes words of murmurs, another of each hearing; its guess and its final are one hearing."""
    agent = Agent()
    listened(agent, (START, ""), 0.4, (GUESS, heard), 0.2, (FINAL, heard), (END, ""), doubts_short=doubts_short)
    assert agent.done == done


@pytest.mark.parametrize(
    ("before", "text", "done"),
    [
        ("Oh, okay. | 0.55", "Of Ok, | 0.7", ["hold", "release"]),
        ("Oh, okay. | 0.3", "Of Ok, | 0.7", ["hold", "stop"]),
        ("Okay. | 0.55", "Okay, no. | 0.7", ["hold", "stop"]),
    ],
)
def test_what_the_same_sound_was_heard_as_just_before_counts_too(before: str, text: str, done: list[str]) -> None:
    """A murmur in the partial is one, unless there was time for more or there are more words."""
    agent = Agent()
    listened(agent, (START, ""), 0.5, (PARTIAL, before), 0.3, (GUESS, text), 0.2, (FINAL, text), (END, ""))
    assert agent.done == done


def test_a_question_stops_the_agent_at_its_first_words() -> None:
    """The partial is enough; the turn arrives whole and in order."""
    agent = Agent()
    said: list[Step] = [(START, ""), 0.6, (PARTIAL, "What about"), 0.4, (FINAL, "What about Sunday?"), (END, "")]
    turns, _ = listened(agent, *said)
    assert agent.done == ["hold", "stop"]
    assert [kind for kind, _ in turns] == [START, PARTIAL, FINAL, END]


def test_a_backchannel_that_becomes_a_question_is_one() -> None:
    """ "Yeah … but what about Sunday": released, then stopped."""
    agent = Agent()
    turns, _ = listened(agent, (START, ""), (GUESS, "Yeah."), 0.3, (GUESS, "Yeah, but what about Sunday?"), (END, ""))
    assert agent.done == ["hold", "release", "stop"]
    assert turns[-1][0] is END


def test_the_agent_does_not_go_on_while_the_caller_makes_a_sound() -> None:
    """ "Um … do you ship to Canada": the words behind the murmur are not known yet, and it is heard that there are."""
    agent = Agent()
    said: list[Step] = [
        (START, ""),
        (GUESS, "Um,"),
        0.7,
        (PARTIAL, "Um, do you ship"),
        0.3,
        (FINAL, "Um, do you ship?"),
    ]
    listened(agent, *said, (END, ""), caller_silent_s=lambda: 0.0)
    assert agent.done == ["hold", "stop"]


def test_sound_without_words_behind_a_murmur_does_not_hold_the_agent_for_ever() -> None:
    """A caller's radio goes on."""
    agent = Agent()
    before: list[str] = []
    said: list[Step] = [(START, ""), (GUESS, "Um,"), 1.4, (PARTIAL, "Um,")]

    def sounds() -> float:
        before.append(agent.done[-1])
        return 0.0

    listened(agent, *said, caller_silent_s=sounds)
    assert set(before) == {"hold"}  # whenever it was looked
    assert agent.done == ["hold", "release"]


def test_a_murmur_with_a_question_right_behind_it_does_not_let_the_agent_go_on() -> None:
    """ "Okay, and when do you open": in the short pause behind "okay" nothing is said over the caller."""
    agent = Agent()
    said: list[Step] = [
        (START, ""),
        0.3,
        (GUESS, "Okay."),
        0.15,
        (PARTIAL, "Okay, and"),
        0.5,
        (GUESS, "Okay, and when?"),
    ]
    turns, _ = listened(agent, *said, (FINAL, "Okay, and when do you open?"), (END, ""))
    assert agent.done == ["hold", "stop"]
    assert turns[-1][0] is END


def test_a_second_murmur_is_not_waited_behind_again() -> None:
    """ "Oh … okay": when the second is known, the agent goes on."""
    agent = Agent()
    done: list[str] = []
    said: list[Step] = [(START, ""), (GUESS, "Oh,"), 0.2, (PARTIAL, "Oh, okay"), 0.1, (GUESS, "Oh, okay."), 0.01]

    def silent_s() -> float:
        done.append(agent.done[-1])
        return 0.0

    turns, _ = listened(agent, *said, (PARTIAL, "Oh, okay."), 0.01, (END, ""), caller_silent_s=silent_s)
    assert agent.done == ["hold", "release"] and turns == []
    assert done == ["hold"]  # it was asked once, behind the first


def test_the_silence_behind_a_murmur_is_counted_from_its_sound() -> None:
    """The words may come late; when they do, most of it is over."""
    agent = Agent()
    done: list[str] = []
    said: list[Step] = [(START, ""), 0.5, (GUESS, "I see."), 0.06]

    def silent_s() -> float:
        done.append(agent.done[-1])
        return 0.3 if len(done) == 1 else 0.36

    listened(agent, *said, (PARTIAL, "I see."), caller_silent_s=silent_s)
    assert agent.done == ["hold", "release"] and done == ["hold", "hold"]


def test_a_long_murmur_is_waited_behind_less() -> None:
    """ "Oh, okay", in one go: the agent is back within a second of its cut."""
    agent = Agent()
    said: list[Step] = [(START, ""), 0.6, (GUESS, "Oh, okay."), 0.16]
    listened(agent, *said, (PARTIAL, "Oh, okay, and"), 0.3, (END, ""), caller_silent_s=lambda: 0.1)
    assert agent.done == ["hold", "stop"]
    agent = Agent()
    said = [(START, ""), 0.6, (GUESS, "Oh, okay."), 0.2]
    listened(agent, *said, (GUESS, "Oh, okay."), caller_silent_s=lambda: 0.1)
    assert agent.done == ["hold", "release"]


def test_a_murmur_that_ends_lets_the_agent_go_on_at_once() -> None:
    """The STT is sure that nothing follows."""
    agent = Agent()
    _, reasons = listened(agent, (START, ""), (GUESS, "Okay."), 0.1, (FINAL, "Okay."), 0.01, (END, ""))
    assert agent.done == ["hold", "release"] and reasons == ["backchannel"]


def test_sound_without_words_holds_the_agent_no_longer_than_it_may() -> None:
    """A drill next door: silence for 1.2 s, then the agent goes on while it drills."""
    agent = Agent()
    turns, reasons = listened(agent, (START, ""), 5.0, (END, ""))
    assert agent.done == ["hold", "release"]
    assert turns == [] and reasons == ["no words"]


def test_a_turn_while_the_agent_is_silent_passes_untouched() -> None:
    """Nobody is held who does not speak."""
    agent = Agent(is_taken=False)
    turns, _ = listened(agent, (START, ""), (PARTIAL, "Okay"), (FINAL, "Okay."), (END, ""))
    assert [kind for kind, _ in turns] == [START, PARTIAL, FINAL, END]
    assert agent.done == []


def test_what_must_be_told_is_not_held_and_the_callers_turn_waits_for_it() -> None:
    """While a tool changes something: the words are kept, and are a turn when its result was told."""
    agent = Agent(may_be_stopped=False)

    async def scene() -> list[Type]:
        async def spoken() -> AsyncGenerator[stt.SpeechEvent, None]:
            yield event(START, "")
            yield event(FINAL, "Where is my order?")
            yield event(END, "")

        listening = Listening(agent, lambda o: judge(o, ENGLISH), wordless_s=1.2, on_overlap=lambda _: None)
        came: list[Type] = []

        async def collect() -> None:
            came.extend([e.type async for e in listening.turns_of(spoken())])

        collecting = asyncio.create_task(collect())
        await asyncio.sleep(3)
        assert not collecting.done() and agent.done == []
        agent.told.set()
        await collecting
        return came

    assert run(scene()) == [START, FINAL, END]


@pytest.mark.parametrize("words", ["Monday to Friday from nine in the", "open Monday to Friday"])
def test_the_agents_echo_is_no_turn(words: str) -> None:
    """Its own words in the microphone."""
    agent = Agent()
    turns, reasons = listened(agent, (START, ""), (PARTIAL, words), 0.5, (FINAL, words), (END, ""))
    assert turns == [] and reasons == ["echo"]
    assert agent.done[-1] == "release"


def test_the_end_of_an_answer_comes_back_when_the_voice_is_over() -> None:
    """The echo's last words are made out when the agent says nothing any more."""
    agent = Agent(saying="On Christmas Eve we close at two in the afternoon.")
    turns: list[Type] = []

    async def spoken() -> AsyncGenerator[stt.SpeechEvent, None]:
        yield event(START, "")
        await asyncio.sleep(0.5)
        agent.is_taken, agent.saying = False, ""
        yield event(FINAL, "Eve, we close at two in the afternoon,")
        yield event(END, "")

    async def heard() -> None:
        listening = Listening(agent, lambda o: judge(o, ENGLISH), wordless_s=1.2, on_overlap=lambda _: None)
        turns.extend([e.type async for e in listening.turns_of(spoken())])

    run(heard())
    assert turns == []


def test_an_stt_that_dies_in_an_overlap_leaves_nobody_held() -> None:
    """The stream ends: the agent goes on."""
    agent = Agent()
    listened(agent, (START, ""), 0.2)
    assert agent.done == ["hold", "release"]
