"""One answer of a model on its way to the caller: in time, to the tenth of a second, on virtual time."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import pytest
from livekit.agents import APIConnectionError, FlushSentinel, llm

from agent.dialog.reply import LAST_CHANCE_S, LETTER_S, MAX_CALLS, PAUSE_S, REMINDER, USELESS, Chunk, Reply
from agent.events import Outcome, ProviderFailed, ToolReturned
from agent.thinking.local_llm import SILENT
from tests.fakes.calls import Recorded, recorded_call, shop
from tests.fakes.virtual_time import run

SENTENCES = shop().sentences
WITHIN_S = shop().limits.answer_within_s
WORDS = shop().limits.max_reply_words
SHIPPED = "Your order was shipped on Monday."
ORDER = '{"order_number": "4571"}'

Piece = str | float | Exception | llm.FunctionToolCall | llm.ChoiceDelta  # text, seconds of silence, a failure, a call


@dataclass
class Model:
    """Answers each request with the next list of pieces, the last one again and again."""

    replies: Sequence[Sequence[Piece]]
    asked: list[llm.ChatContext] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)

    async def answer(self, chat_ctx: llm.ChatContext) -> AsyncGenerator[Chunk, None]:
        """As its pieces say."""
        self.asked.append(chat_ctx)
        try:
            for piece in self.replies[min(len(self.asked), len(self.replies)) - 1]:
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                elif isinstance(piece, Exception):
                    raise piece
                elif isinstance(piece, str):
                    yield llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", content=piece))
                elif isinstance(piece, llm.ChoiceDelta):
                    yield llm.ChatChunk(id="1", delta=piece)
                else:
                    yield llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", tool_calls=[piece]))
        finally:
            self.closed.append(asyncio.get_running_loop().time())


@dataclass
class Came:
    """What reached the session, with its second."""

    chunks: list[tuple[float, Chunk]]
    record: Recorded

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text for _, text in self.texts)

    @property
    def texts(self) -> list[tuple[float, str]]:
        """Pieces that say something, by the hundredth of a second."""
        found = [(round(at, 2), chunk if isinstance(chunk, str) else _content(chunk)) for at, chunk in self.chunks]
        return [(at, text) for at, text in found if text.strip()]

    @property
    def calls(self) -> list[llm.FunctionToolCall]:
        """Those that are carried out."""
        chunks = [c for _, c in self.chunks if isinstance(c, llm.ChatChunk) and c.delta]
        return [call for chunk in chunks if chunk.delta for call in chunk.delta.tool_calls]

    @property
    def failures(self) -> list[str]:
        """What the call's record is told."""
        return [event.reason for event in self.record.events if isinstance(event, ProviderFailed)]


def _content(chunk: Chunk) -> str:
    return (chunk.delta.content or "") if isinstance(chunk, llm.ChatChunk) and chunk.delta else ""


def asked(*items: llm.ChatItem) -> llm.ChatContext:
    """A history that ends with the caller's question, and with these."""
    return llm.ChatContext([llm.ChatMessage(role="user", content=["Where is it?"]), *items])


def answered(number: str, sentence: str, *, name: str = "check_shipping", is_error: bool = False) -> list[llm.ChatItem]:
    """A tool's call and what it said."""
    return [
        llm.FunctionCall(call_id=number, name=name, arguments=ORDER),
        llm.FunctionCallOutput(call_id=number, name=name, output=sentence, is_error=is_error),
    ]


def call(name: str = "check_shipping", arguments: str = ORDER, number: str = "a") -> llm.FunctionToolCall:
    """As a model makes it."""
    return llm.FunctionToolCall(name=name, arguments=arguments, call_id=number)


def play(
    model: Model,
    chat_ctx: llm.ChatContext | None = None,
    *,
    told: dict[str, str] | None = None,
    silent_for: float = 0.0,
    may_call: bool = True,
    within_s: float = WITHIN_S,
    until: Callable[[Came], bool] = lambda _: False,
) -> Came:
    """One reply, from the first request to its end. `told` are the tools' sentences by the id of their call."""
    conversation, record = recorded_call()
    for number, sentence in (told or {}).items():
        returned = ToolReturned(
            tool_call=number, tool="check_shipping", outcome=Outcome.OK, duration_ms=1.0, sentence=sentence
        )
        conversation.emit(returned)
    came = Came([], record)

    async def scene() -> Came:
        loop = asyncio.get_running_loop()
        reply = Reply(
            model.answer,
            conversation,
            provider="fake",
            within_s=within_s,
            silent_since=loop.time() - silent_for,
            tools=["check_shipping", "lookup_order"],
            may_call=may_call,
        )
        async for chunk in reply.to(chat_ctx or asked()):
            came.chunks.append((loop.time(), chunk))
            if until(came):
                break
        return came

    return run(scene())


def test_a_reply_passes_as_it_comes() -> None:
    """Word by word, without waiting for its end."""
    came = play(Model([["Your order ", 0.2, "was shipped. ", 0.3, "Anything else?"]]))
    assert [at for at, _ in came.texts] == [0.0, 0.2, 0.5]
    assert came.text == "Your order was shipped. Anything else?" and not came.failures


@pytest.mark.parametrize("delays", [[20.0], [1.6, SHIPPED], ["", 30.0], [" ", 1.4, " ", 9.0]])
def test_a_model_that_keeps_silent_is_apologised_for_in_time(delays: list[Piece]) -> None:
    """Whatever it sends that says nothing; what comes later is never asked for."""
    model = Model([delays])
    came = play(model)
    assert came.texts == [(WITHIN_S, SENTENCES.apology)]
    assert came.failures == ["TimeoutError"] and model.closed == [WITHIN_S]


def test_a_model_that_cannot_hang_is_waited_for() -> None:
    """The local understanding on a busy machine."""
    came = play(Model([[60.0, SHIPPED]]), within_s=inf)
    assert came.text == SHIPPED and not came.failures


def test_silence_that_is_meant_is_kept() -> None:
    """The understanding says nothing to a line's announcement, and nothing is wrong."""
    model = Model([[llm.ChoiceDelta(role="assistant", extra={SILENT: True})]])
    came = play(model)
    assert not came.text and len(model.asked) == 1 and not came.failures


def test_a_model_that_fails_is_apologised_for_at_once() -> None:
    """LiveKit has tried again and told of it: neither is repeated here."""
    model = Model([[APIConnectionError()]])
    came = play(model)
    assert came.texts == [(0.0, SENTENCES.apology)] and len(model.asked) == 1 and not came.failures


def test_any_other_error_is_apologised_for_and_told() -> None:
    """By its kind; its message may quote the caller."""
    came = play(Model([[ValueError("4571")]]))
    assert (came.text, came.failures) == (SENTENCES.apology, ["ValueError"])


def test_what_was_said_before_a_stall_is_spoken_and_kept() -> None:
    """The voice is told to begin it, and has just ended it when the apology comes."""
    begun = "Your order was shipped on Monday, and it should be "
    came = play(Model([[begun, 60.0, "late"]]))
    assert [type(chunk) for _, chunk in came.chunks][1] is FlushSentinel
    assert came.chunks[1][0] == pytest.approx(PAUSE_S)
    (_, said), (at, apology) = came.texts
    assert (said, apology) == (begun, SENTENCES.apology)
    assert at == pytest.approx(WITHIN_S + len(begun) * LETTER_S, abs=0.01)


def test_a_pause_while_the_voice_is_busy_is_no_failure() -> None:
    """A model that goes on before its sentences are said was never late."""
    long = "This is the first of several sentences that take their time. " * 3
    came = play(Model([[long, 8.0, "And this is the last."]]))
    assert came.text.endswith("And this is the last.") and not came.failures


def test_words_that_dribble_are_not_waited_for() -> None:
    """Each is in time, all of them together are not."""
    came = play(Model([["It ", 1.2, "was ", 1.2, "shipped ", 1.2, "on ", 1.2, "Monday."]]))
    at, apology = came.texts[-1]
    assert (at, apology) == (WITHIN_S, SENTENCES.apology)


@pytest.mark.parametrize("useless", ["", "  \n", '<tool_call>{"a": 1}</tool_call>', "lookup_order()", "\U0001f642"])
def test_a_useless_reply_is_asked_for_once_more(useless: str) -> None:
    """With a word on what was wrong; then the answer is the second one, or the apology."""
    model = Model([[useless], [SHIPPED]])
    assert play(model).text == SHIPPED
    assert len(model.asked) == 2 and REMINDER in str(model.asked[1].items[-1])
    came = play(Model([[useless]]))
    assert (came.text, came.failures) == (SENTENCES.apology, [USELESS])


def test_both_requests_share_the_time() -> None:
    """Two slow replies that hold nothing are not twice as long a silence."""
    came = play(Model([[1.0, ""], [1.0, SHIPPED]]))
    assert came.texts == [(WITHIN_S, SENTENCES.apology)]


@pytest.mark.parametrize("broken", [[20.0], [APIConnectionError()], [""], ['{"text": "x"}'], ["Let me see ", 60.0]])
def test_what_tools_have_found_out_is_said_where_the_model_does_not(broken: list[Piece]) -> None:
    """Their sentences are fit to be spoken; no apology is needed."""
    model = Model([broken])
    came = play(model, asked(*answered("a", "x")), told={"a": SHIPPED})
    assert came.texts[-1][1] == SHIPPED and SENTENCES.apology not in came.text and len(model.asked) == 1


def test_livekits_own_errors_are_never_said() -> None:
    """ "Unknown function: x - available tools: ..." is for models."""
    came = play(Model([[""]]), asked(*answered("a", "Unknown function: x", is_error=True)))
    assert came.text == SENTENCES.apology
    earlier = [*answered("a", "x"), *answered("b", "Error parsing arguments", name="lookup_order", is_error=True)]
    assert play(Model([[""]]), asked(*earlier), told={"a": SHIPPED}).text == SHIPPED


def test_a_turn_has_one_patience_for_all_its_steps() -> None:
    """Where steps before have used it up, the model gets a last chance, and then the tools speak for themselves."""
    came = play(Model([[0.3, "Soon."]]), asked(*answered("a", "x")), told={"a": SHIPPED}, silent_for=5.0)
    assert came.text == "Soon."
    came = play(Model([[1.0, "Late."]]), asked(*answered("a", "x")), told={"a": SHIPPED}, silent_for=5.0)
    assert came.texts == [(LAST_CHANCE_S, SHIPPED)]


def test_what_was_just_answered_is_not_asked_again() -> None:
    """However its arguments are written: its answer is said instead. After an error it may be tried again."""
    again = Model([[call(arguments='{ "order_number":"4571" }', number="b")]])
    came = play(again, asked(*answered("a", "x")), told={"a": SHIPPED})
    assert not came.calls and came.text == SHIPPED
    assert play(again, asked(*answered("a", "x", is_error=True)), told={"a": SHIPPED}).calls
    assert play(again).calls


def test_the_last_step_has_no_calls() -> None:
    """LiveKit forbids them there; what was found out is said."""
    came = play(Model([[call("lookup_order", number="b")]]), asked(*answered("a", "x")), told={"a": SHIPPED},
                may_call=False)  # fmt: skip
    assert not came.calls and came.text == SHIPPED


def test_calls_are_few_and_differ() -> None:
    """No call twice, no id twice, and no more than a turn can need."""
    many = [call(arguments=json.dumps({"order_number": str(number)})) for number in range(30)]
    came = play(Model([[call(), call(), *many, call(number="")]]), told={"a": "earlier"})
    assert len(came.calls) == MAX_CALLS == len({one.call_id for one in came.calls})
    assert not {"", "a"} & {one.call_id for one in came.calls}


def test_a_stream_that_breaks_behind_a_call_needs_no_apology() -> None:
    """The next step tells what the call has found."""
    came = play(Model([["Let me see. ", call(), APIConnectionError()]]))
    assert came.calls and came.text.strip() == "Let me see."


@pytest.mark.parametrize(("text", "words"), [("one two three. ", WORDS), ("one two three ", 2 * WORDS)])
@pytest.mark.parametrize("size", [7, 100_000])
def test_a_reply_ends_where_the_limit_says(text: str, words: int, size: int) -> None:
    """At the end of its sentence, or without one at twice the limit; in small pieces and in a single one."""
    whole = text * 2000
    pieces: list[Piece] = [whole[start : start + size] for start in range(0, len(whole), size)]
    model = Model([pieces])
    said = len(play(model).text.split())
    assert words <= said <= words + 2 and len(model.closed) == 1


def test_after_two_apologies_comes_the_goodbye() -> None:
    """An idle prompt between them changes nothing; an answer does."""
    apology = llm.ChatMessage(role="assistant", content=[SENTENCES.apology])
    idle = llm.ChatMessage(role="assistant", content=[SENTENCES.idle_prompt])
    answer = llm.ChatMessage(role="assistant", content=[SHIPPED])
    question = llm.ChatMessage(role="user", content=["Hello?"])
    broken = Model([[APIConnectionError()]])
    assert play(broken, asked(apology, question)).text == SENTENCES.apology
    assert play(broken, asked(apology, idle, question, apology, question)).text == SENTENCES.limit_goodbye
    assert play(broken, asked(apology, question, answer, question, apology, question)).text == SENTENCES.apology


def test_who_speaks_into_it_ends_the_request() -> None:
    """LiveKit closes the reply: nothing of the model goes on behind it."""
    model = Model([["One. ", 1.0, "Two."]])
    play(model, until=lambda came: bool(came.texts))
    assert len(model.closed) == 1
