"""The Lifecycle decides when the agent speaks unasked and when the call ends, on virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from agent.dialog.lifecycle import Lifecycle
from agent.events import (
    AgentSpoke,
    CallEnded,
    CallerSpoke,
    CallScored,
    ConnectionFound,
    ConnectionLost,
    EndReason,
    ProviderFailed,
    TurnEnded,
)
from agent.profile.after_call import SurveyChoice
from agent.profile.profile import Limits
from agent.rules.hold import Hold
from tests.fakes.calls import Recorded, recorded_call, shop
from tests.fakes.virtual_time import run

LIMITS = Limits(max_turns=2, max_call_s=100, idle_prompt_s=10, idle_prompts=2, reconnect_s=20)
FAILED = ProviderFailed(role="tts", provider="hibari", reason="APIError", is_recoverable=False)
TURN = TurnEnded(
    turn=1, endpointing_ms=1, stt_ms=1, llm_ttft_ms=1, tts_ttfb_ms=1, e2e_ms=1, had_tools=False
)  # fmt: skip


@dataclass
class Line:
    """What the caller hears and when, in virtual seconds."""

    said: list[tuple[float, str]] = field(default_factory=list)
    closed: list[tuple[float, EndReason]] = field(default_factory=list)

    async def speak(self, sentence: str, may_be_stopped: bool) -> None:
        """Each sentence lasts two seconds."""
        self.said.append((asyncio.get_running_loop().time(), sentence))
        await asyncio.sleep(2)

    async def until_silent(self) -> None:
        """The agent needs one second to end what it says."""
        await asyncio.sleep(1)

    async def close(self, reason: EndReason) -> None:
        """Note the end."""
        self.closed.append((asyncio.get_running_loop().time(), reason))


def play(
    script: Callable[[Lifecycle], Awaitable[None]], note: Callable[[], Awaitable[bool]] | None = None
) -> tuple[Line, Recorded]:
    """Run a script against a Lifecycle and let 300 virtual seconds pass."""
    line = Line()
    call, record = recorded_call(shop().model_copy(update={"limits": LIMITS}), note_for_people=note)

    async def scene() -> None:
        lifecycle = Lifecycle(call, speak=line.speak, until_silent=line.until_silent, close=line.close)
        lifecycle.start()
        await script(lifecycle)
        await asyncio.sleep(300)
        await lifecycle.aclose()

    run(scene())
    return line, record


def spoke(turn: int, text: str = "hello") -> CallerSpoke:
    """The caller's nth turn."""
    return CallerSpoke(turn=turn, words=1, text=text)


def test_silence_is_prompted_twice_then_ended() -> None:
    """Ten seconds of silence bring a prompt, and after two prompts a goodbye."""

    async def nothing(_: Lifecycle) -> None: ...

    line, _ = play(nothing)
    sentences = shop().sentences
    assert line.said == [(10, sentences.idle_prompt), (22, sentences.idle_prompt), (34, sentences.idle_goodbye)]
    assert line.closed == [(37, EndReason.CALLER_SILENT)]


def test_who_speaks_is_not_idle() -> None:
    """While somebody speaks no silence is counted, and a turn of the caller starts the prompts over."""

    async def talk(lifecycle: Lifecycle) -> None:
        await asyncio.sleep(9)
        lifecycle.on_busy(True)
        await asyncio.sleep(30)
        lifecycle.on_busy(False)
        lifecycle.on_event(spoke(1))
        await asyncio.sleep(9.5)

    line, _ = play(talk)
    assert line.said[0] == (49, shop().sentences.idle_prompt)


def test_call_ends_at_its_time_limit() -> None:
    """A call that never falls silent ends at max_call_s with a goodbye."""

    async def endless(lifecycle: Lifecycle) -> None:
        lifecycle.on_busy(True)

    line, _ = play(endless)
    assert line.said == [(100, shop().sentences.limit_goodbye)]
    assert line.closed == [(103, EndReason.TIME_LIMIT)]


def test_call_ends_after_its_last_turn() -> None:
    """The turn after max_turns is answered with a goodbye."""

    async def chatter(lifecycle: Lifecycle) -> None:
        for turn in (1, 2, 3):
            lifecycle.on_event(spoke(turn))

    line, _ = play(chatter)
    assert line.closed == [(3, EndReason.TURN_LIMIT)]


def test_failure_is_apologised_for_once() -> None:
    """Three parts failing over one fault make one apology; a recoverable failure makes none."""

    async def fault(lifecycle: Lifecycle) -> None:
        recoverable = ProviderFailed(role="stt", provider="x", reason="y", is_recoverable=True)
        for event in (recoverable, FAILED, FAILED, FAILED):
            lifecycle.on_event(event)
        await asyncio.sleep(3)

    line, _ = play(fault)
    assert [said for said in line.said if said[1] == shop().sentences.apology] == [(0, shop().sentences.apology)]


def said(sentence: str) -> AgentSpoke:
    """The agent's words, as LiveKit's history has them."""
    return AgentSpoke(turn=1, words=len(sentence.split()), is_whole=True, text=sentence)


def test_each_turn_of_the_caller_that_fails_is_apologised_for() -> None:
    """However soon the caller says it again; and a turn that ended with an apology forgives nothing."""

    async def faults(lifecycle: Lifecycle) -> None:
        for _ in range(3):
            lifecycle.on_event(spoke(1))
            lifecycle.on_event(FAILED)
            lifecycle.on_event(said(shop().sentences.apology))
            lifecycle.on_event(TURN)
            await asyncio.sleep(2.5)

    line, _ = play(faults)
    sentences = shop().sentences
    assert line.said == [(0, sentences.apology), (2.5, sentences.apology), (5, sentences.limit_goodbye)]
    assert line.closed[0][1] is EndReason.PROVIDER_FAILED


def test_failures_of_the_llm_are_apologised_for_by_the_reply_alone() -> None:
    """The answer to the turn is the apology: another one beside it would be one too many, also when the voice fails."""

    async def fault(lifecycle: Lifecycle) -> None:
        lifecycle.on_event(spoke(1))
        lifecycle.on_event(ProviderFailed(role="llm", provider="x", reason="y", is_recoverable=False))
        lifecycle.on_event(said(shop().sentences.apology))
        lifecycle.on_event(FAILED)
        await asyncio.sleep(3)

    line, _ = play(fault)
    assert shop().sentences.apology not in [sentence for _, sentence in line.said]


def test_a_reply_that_says_goodbye_ends_the_call() -> None:
    """A model that failed too often is spoken for by the limit's goodbye: it is not spoken twice."""

    async def goodbye(lifecycle: Lifecycle) -> None:
        lifecycle.on_event(said(shop().sentences.limit_goodbye))

    line, _ = play(goodbye)
    assert line.said == [] and line.closed == [(1, EndReason.PROVIDER_FAILED)]


def test_third_failure_in_a_row_ends_the_call_aloud() -> None:
    """After two apologies the agent says goodbye instead of apologising for ever."""

    async def faults(lifecycle: Lifecycle) -> None:
        for _ in range(3):
            lifecycle.on_event(FAILED)
            await asyncio.sleep(5)

    line, _ = play(faults)
    sentences = shop().sentences
    assert [sentence for _, sentence in line.said] == [sentences.apology, sentences.apology, sentences.limit_goodbye]
    assert line.closed[0][1] is EndReason.PROVIDER_FAILED


@pytest.mark.parametrize("is_noted", [True, False])
@pytest.mark.parametrize("reason", [EndReason.PROVIDER_FAILED, EndReason.COST_LIMIT])
def test_a_call_that_cannot_go_on_says_whether_a_person_knows_of_it(reason: EndReason, is_noted: bool) -> None:
    """A note is promised when it was made."""

    async def note() -> bool:
        return is_noted

    async def scene(lifecycle: Lifecycle) -> None:
        lifecycle.give_up(reason)

    line, _ = play(scene, note)
    sentences = shop().sentences
    assert line.said == [(0, sentences.out_of_order if is_noted else sentences.limit_goodbye)]
    assert line.closed == [(3, reason)]


def test_answered_turn_forgives_earlier_failures() -> None:
    """Failures count in a row: a turn that works starts the count over."""

    async def faults(lifecycle: Lifecycle) -> None:
        for _ in range(4):
            lifecycle.on_event(FAILED)
            await asyncio.sleep(5)
            lifecycle.on_event(TURN)

    line, _ = play(faults)
    assert EndReason.PROVIDER_FAILED not in [reason for _, reason in line.closed]


def test_lost_connection_is_waited_for() -> None:
    """A caller who comes back in time goes on; the time away is told."""

    async def drop(lifecycle: Lifecycle) -> None:
        lifecycle.on_connection(False)
        await asyncio.sleep(19)
        lifecycle.on_connection(True)
        lifecycle.on_busy(True)

    line, record = play(drop)
    assert record.of(ConnectionLost) and record.of(ConnectionFound) == [ConnectionFound(away_s=19)]
    assert line.closed[0] == (103, EndReason.TIME_LIMIT)


def test_lost_connection_ends_the_call_after_its_time() -> None:
    """Nobody is prompted while nobody is there, and after reconnect_s the call ends without a word."""

    async def drop(lifecycle: Lifecycle) -> None:
        lifecycle.on_connection(False)

    line, _ = play(drop)
    assert line.said == []
    assert line.closed == [(21, EndReason.CONNECTION_LOST)]


def test_hang_up_waits_for_the_last_words() -> None:
    """hang_up, as end_call uses it, lets the agent finish and ends once."""

    async def bye(lifecycle: Lifecycle) -> None:
        lifecycle.hang_up(EndReason.CALLER_GOODBYE)
        lifecycle.hang_up(EndReason.CALLER_GOODBYE)

    line, _ = play(bye)
    assert line.closed == [(1, EndReason.CALLER_GOODBYE)]


def test_caller_who_speaks_into_the_goodbye_keeps_the_line() -> None:
    """ "Bye!" - "oh, one more thing" takes the hang-up back."""

    async def bye(lifecycle: Lifecycle) -> None:
        lifecycle.hang_up(EndReason.CALLER_GOODBYE)
        await asyncio.sleep(0.5)
        lifecycle.on_event(spoke(1))
        await asyncio.sleep(3)
        assert lifecycle.reason is None

    line, _ = play(bye)
    assert line.closed[0][1] is EndReason.CALLER_SILENT


@pytest.mark.parametrize("words", ["hello?", "oh, I was muted", "wait, where is my order"])
def test_silent_caller_who_answers_the_goodbye_is_not_hung_up_on(words: str) -> None:
    """ "I can't hear you any more …" - "yes, I'm here!": then the call goes on."""

    async def late(lifecycle: Lifecycle) -> None:
        await asyncio.sleep(35)
        lifecycle.on_event(spoke(1, words))
        await asyncio.sleep(8)
        assert lifecycle.reason is None

    line, _ = play(late)
    assert line.closed[0] == (72, EndReason.CALLER_SILENT)


@pytest.mark.parametrize("words", ["okay, bye", "Goodbye.", "thanks, that's all"])
@pytest.mark.parametrize("reason", [EndReason.CALLER_SILENT, EndReason.CALLER_GOODBYE, EndReason.TURN_LIMIT])
def test_goodbye_that_the_caller_returns_takes_nothing_back(words: str, reason: EndReason) -> None:
    """Who says goodbye into a goodbye means it."""

    async def end(lifecycle: Lifecycle) -> None:
        lifecycle.hang_up(reason)
        await asyncio.sleep(0.5)
        lifecycle.on_event(spoke(1, words))

    line, _ = play(end)
    assert line.closed == [(1, reason)]


@pytest.mark.parametrize("late_s", [0.5, 1.9])
def test_who_speaks_into_the_limits_goodbye_is_answered_once_and_then_told_it_whole(late_s: float) -> None:
    """The limit holds, but nobody is hung up on in the middle of an answer; the last goodbye is not spoken into."""

    async def chatter(lifecycle: Lifecycle) -> None:
        for turn in (1, 2, 3):
            lifecycle.on_event(spoke(turn))
        await asyncio.sleep(late_s)
        lifecycle.on_event(spoke(4, "and my refund?"))
        await asyncio.sleep(2)
        assert lifecycle.is_last
        lifecycle.on_event(spoke(5, "but"))

    line, _ = play(chatter)
    assert [sentence for _, sentence in line.said] == [shop().sentences.limit_goodbye] * 2
    assert line.closed == [(late_s + 4, EndReason.TURN_LIMIT)]


@pytest.mark.parametrize("apart_s", [0.1, 0.9])
def test_who_speaks_on_and_on_into_the_limits_goodbye_is_over_soon(apart_s: float) -> None:
    """One answer is owed, and not one to each of the words that come before it is given."""

    async def chatter(lifecycle: Lifecycle) -> None:
        for turn in range(1, 40):
            if lifecycle.is_last:
                return
            lifecycle.on_event(spoke(turn, "and another thing"))
            await asyncio.sleep(apart_s)
        pytest.fail("nothing ends it")

    line, _ = play(chatter)
    assert line.closed[0][1] is EndReason.TURN_LIMIT
    assert line.closed[0][0] < LIMITS.max_turns * apart_s + 10


def test_failure_ends_the_call_whatever_is_said() -> None:
    """Where nothing works any more, nobody is kept in hope."""

    async def end(lifecycle: Lifecycle) -> None:
        lifecycle.hang_up(EndReason.PROVIDER_FAILED)
        await asyncio.sleep(0.5)
        lifecycle.on_event(spoke(1))

    line, _ = play(end)
    assert line.closed == [(1, EndReason.PROVIDER_FAILED)]


def survey_of(answer: str | None) -> tuple[Line, Recorded]:
    """The caller says goodbye to an agent that asks how it was, and answers so, or not at all."""
    line = Line()
    asked = SurveyChoice(question="How was it?", wait_s=5)
    call, record = recorded_call(shop().model_copy(update={"limits": LIMITS, "survey": asked}))

    async def scene() -> None:
        lifecycle = Lifecycle(call, speak=line.speak, until_silent=line.until_silent, close=line.close)
        lifecycle.start()
        lifecycle.hang_up(EndReason.CALLER_GOODBYE)
        await asyncio.sleep(4)
        if answer is not None:
            call.emit(spoke(1, answer))
            lifecycle.on_event(spoke(1, answer))
        await asyncio.sleep(7)
        await lifecycle.aclose()

    run(scene())
    call.emit(CallEnded(reason=EndReason.CALLER_GOODBYE, duration_s=9.0, turns=1))
    return line, record


@pytest.mark.parametrize(("answer", "score", "ends_at"), [("four", 4, 5), (None, None, 9)])
def test_who_says_goodbye_is_asked_how_it_was_where_the_profile_asks(
    answer: str | None, score: int | None, ends_at: float
) -> None:
    """The answer ends the call and stands in its score; so does silence, without one."""
    line, record = survey_of(answer)
    assert line.said == [(1, "How was it?")]
    assert line.closed == [(ends_at, EndReason.CALLER_GOODBYE)]
    (scored,) = record.of(CallScored)
    assert isinstance(scored, CallScored) and scored.csat == score


def test_who_answers_with_a_wish_keeps_the_line() -> None:
    """As whoever speaks into a goodbye does."""
    line, _ = survey_of("where is my order")
    assert line.closed == []


@pytest.mark.parametrize(
    ("hold", "reason"), [(Hold.DEAD, EndReason.CONNECTION_LOST), (Hold.PLAYING, EndReason.CALLER_SILENT)]
)
def test_a_line_on_hold_is_waited_for_and_not_spoken_to(hold: Hold, reason: EndReason) -> None:
    """No prompt, as long as the limit says; then the goodbye."""
    line = Line()
    limits = LIMITS.model_copy(update={"hold_s": 60.0, "max_call_s": 1000.0})
    call, _ = recorded_call(shop().model_copy(update={"limits": limits}))

    async def scene() -> None:
        lifecycle = Lifecycle(
            call, speak=line.speak, until_silent=line.until_silent, close=line.close, hold=lambda: hold
        )
        lifecycle.start()
        await asyncio.sleep(100)
        await lifecycle.aclose()

    run(scene())
    assert [sentence for _, sentence in line.said] == [call.profile.sentences.idle_goodbye]
    assert line.closed == [(63.0, reason)]


def test_a_resting_conversation_has_no_idle_prompts_and_wakes_with_all_of_them() -> None:
    """While a person is brought, silence is nobody's."""

    async def script(lifecycle: Lifecycle) -> None:
        lifecycle.rest()
        await asyncio.sleep(60)
        lifecycle.wake()

    line, _ = play(script)
    assert [at for at, _ in line.said][:2] == [70.0, 82.0]
