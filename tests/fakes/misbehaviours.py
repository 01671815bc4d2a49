"""How large models misbehave: each way with what a caller must hear of it, and must not.

Those of issue 15 come first in their kind, others that were thought of beside them. A new one is one more line.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.misbehaving_server import Answering, Behaviour

ORDER = '{"order_number":"4571"}'
LOOK = ("check_shipping", ORDER)
SHIPPED = "Your order was shipped on Monday."
MOMENT = "One moment, I will look."
APOLOGY, GOODBYE, FAREWELL = "Sorry, that went wrong.", "I have to end this call.", "Thank you for calling"
TOLD = "Order 457"  # of the order, as the tool itself has it written
STRANGE = ("start_return", '{"order_number":"1001","postal_code":"97201"}')  # not where it went
RETURN = ("start_return", '{"order_number":"1149","postal_code":"98101"}')
NEW = '"name":"Eve","street":"1 Elm Street","city":"Salem","state":"OR","new_postal_code":"97301"'
ADDRESS = ("change_address", f'{{"order_number":"1014","postal_code":"78701",{NEW}}}')


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """What is heard in each of the caller's turns, one after the other, and what is `never` said or remembered."""

    name: str
    behaviour: Behaviour
    hears: tuple[str, ...]
    never: tuple[str, ...] = ()
    ends: bool = False  # the agent ends the call with the last turn


def says(text: str, size: int = 4, finish: str = "stop") -> Behaviour:
    """The same text at each request."""

    async def behave(to: Answering) -> None:
        await to.text(text, size)
        await to.end(finish)

    return behave


def calls(*wished: tuple[str, str], beside: str = "", ids: tuple[str | None, ...] = (), then: str = "") -> Behaviour:
    """Calls with text beside them at the first request of a turn, and at all others too where `then` says nothing."""

    async def behave(to: Answering) -> None:
        if to.number and then:
            await says(then)(to)
            return
        await to.text(beside)
        await to.calls(*wished, ids=ids)
        await to.end("tool_calls")

    return behave


def fails(status: int, **headers: str) -> Behaviour:
    """An error at each request."""

    async def behave(to: Answering) -> None:
        to.refused(status, **headers)

    return behave


def sends(*pieces: bytes) -> Behaviour:
    """Bytes instead of events, and the end."""

    async def behave(to: Answering) -> None:
        for piece in pieces:
            await to.raw(piece)

    return behave


def after(first: Behaviour, then: Behaviour) -> Behaviour:
    """One way at the first request of a turn, another at all others."""

    async def behave(to: Answering) -> None:
        await (then if to.number else first)(to)

    return behave


async def hangs(to: Answering) -> None:
    """The connection is taken and nothing comes."""
    await to.hang()


async def hangs_in_headers(to: Answering) -> None:
    """A stream is promised and nothing comes."""
    await to.raw(b": hello\n\n")
    await to.hang()


async def late(to: Answering) -> None:
    """The answer comes when nobody waits for it any more."""
    await to.hang(3.0)
    await says("Here is the late answer.")(to)


async def stalls(to: Answering) -> None:
    """In mid-sentence, and goes on long after."""
    await to.text("Your order was shipped on Monday, and it should be")
    await to.hang(5.0)
    await says(" with the late neighbours.")(to)


async def dribbles(to: Answering) -> None:
    """A word now and then."""
    for word in ("Your ", "order ", "was ", "shipped ", "on ", "Monday."):
        await to.text(word)
        await to.hang(1.2)
    await to.end()


async def breaks_off(to: Answering) -> None:
    """The connection is cut in mid-sentence."""
    await to.text("Your order was shipped on Monday, and it")
    await to.broken_off()


async def pings(to: Answering) -> None:
    """Signs of life, and nothing else."""
    for _ in range(40):
        await to.raw(b": ping\n\n")
        await to.hang(0.25)


async def empty_chunks(to: Answering) -> None:
    """Chunks that hold nothing."""
    for _ in range(40):
        await to.delta(content="")
        await to.hang(0.25)


async def thinks_aloud(to: Answering) -> None:
    """In its own field and in the text, for ever."""
    for _ in range(40):
        await to.delta(reasoning_content="hmm ", content="<think>hmm")
        await to.hang(0.25)


async def refuses(to: Answering) -> None:
    """In the field that is there for it."""
    await to.delta(refusal="I cannot help with that.")
    await to.end()


async def redirects(to: Answering) -> None:
    """To itself."""
    to.refused(307, Location=str(to.request.url))


async def wanders(to: Answering) -> None:
    """Another order each time."""
    await to.calls(("check_shipping", f'{{"order_number":"{4571 + to.number}"}}'))
    await to.end("tool_calls")


async def takes_turns(to: Answering) -> None:
    """Two calls, one after the other, over and over."""
    await to.calls(LOOK if to.number % 2 else ("lookup_order", ORDER))
    await to.end("tool_calls")


async def slow_steps(to: Answering) -> None:
    """Each step in time, all of them together not."""
    await to.hang(0.85)
    await (says(SHIPPED) if to.number else calls(LOOK))(to)


async def no_choices(to: Answering) -> None:
    """Nothing to choose from."""
    await to.event({"choices": []})
    await to.end()


async def content_list(to: Answering) -> None:
    """Parts instead of text."""
    await to.delta(content=[{"type": "text", "text": SHIPPED}])
    await to.end()


def many(count: int) -> Behaviour:
    """So many different calls at once, then a sentence."""
    return calls(*(("lookup_order", f'{{"order_number":"{4000 + n}"}}') for n in range(count)), then=SHIPPED)


def _table() -> list[Misbehaviour]:
    table: list[Misbehaviour] = []

    def way(name: str, behaviour: Behaviour, *hears: str, never: tuple[str, ...] = (), ends: bool = False) -> None:
        table.append(Misbehaviour(name, behaviour, hears or (APOLOGY,), never, ends))

    _notation(way)
    _time(way)
    _tools(way)
    _replies(way)
    return table


Way = Callable[..., None]


def _notation(way: Way) -> None:
    call, never = f"lookup_order({ORDER})", ("lookup", "order_number", "tool_call")
    way("a call beside its call", calls(LOOK, beside=call, then=SHIPPED), SHIPPED, never=never)
    way("a sentence and a call", calls(LOOK, beside=f"{MOMENT} {call}", then=SHIPPED), MOMENT, never=never)
    way("a call in tags", says(f"<tool_call>{ORDER}</tool_call>", 3), never=never)
    way("a call in tags once", after(says(f"<tool_call>{ORDER}</tool_call>"), says(SHIPPED)), SHIPPED, never=never)
    way("a sentence before tags", says(f"{MOMENT}\n<tool_call>{ORDER}", 1), MOMENT, never=never)
    way("a call in a fence", says(f'{SHIPPED}\n```json\n{{"name": "lookup_order"}}\n```', 2), SHIPPED, never=never)
    way("Mistral's mark", says(f'[TOOL_CALLS][{{"name": "lookup_order", "arguments": {ORDER}}}]', 5), never=never)
    way("Llama's mark", says('<|python_tag|>lookup_order.call(order_number="4571")<|eom_id|>'), never=never)
    way("a function in tags", says(f"<function=lookup_order>{ORDER}</function>", 2), never=never)
    way("steps in XML", says('<invoke name="lookup_order"><parameter name="n">4571</parameter></invoke>'), never=never)
    way("thoughts", says(f"<think>The caller wants it, secret plan.</think>{SHIPPED}", 2), SHIPPED, never=("secret",))
    way("other thoughts", says(f"<scratchpad>secret plan</scratchpad> {SHIPPED}", 3), SHIPPED, never=("secret",))
    way("the end's token", says(f"{SHIPPED}<|im_end|>\n<|im_start|>user\nThanks!"), SHIPPED, never=("im_", "Thanks"))
    way("channels", says(f"<|channel|>analysis<|message|>secret<|end|><|channel|>final<|message|>{SHIPPED}"), SHIPPED,
        never=("secret", "analysis", "final"))  # fmt: skip
    way("a role before it", says(f"Assistant: {SHIPPED}", 1), SHIPPED, never=("Assistant",))
    way("both roles", says(f"{SHIPPED}\nUser: And the other one?\nAssistant: That too."), SHIPPED, never=("other one",))
    way(
        "steps in words",
        says(f"Thought: secret\nAction: lookup_order\nAction Input: {ORDER}"),
        never=(*never, "secret"),
    )
    way("JSON", says(f'{{"text": "{SHIPPED}"}}', 3), never=("text", "{"))
    way("half a call", says('lookup_order({"order_number": "45', finish="length"), never=never)
    way("a placeholder", says("{{order_status}}"), never=("order_status",))
    way("control characters", says("Your order\x00 was\u202e shipped."), "Your order was shipped.", never=("\x00",))


def _time(way: Way) -> None:
    way("hangs", hangs, APOLOGY, APOLOGY, GOODBYE, ends=True)
    way("hangs behind the headers", hangs_in_headers)
    way("answers late", late, APOLOGY, APOLOGY, never=("late",))
    way("stalls", stalls, "shipped on Monday", never=("late",))
    way("dribbles", dribbles, APOLOGY)
    way("breaks off", breaks_off, "shipped on Monday")
    way("fails", fails(500), APOLOGY, APOLOGY, GOODBYE, ends=True)
    way("fails once", after(fails(503), says(SHIPPED)), SHIPPED)
    way("is too busy for long", fails(429, **{"Retry-After": "30"}), APOLOGY, APOLOGY)
    way("is too busy", fails(429))
    way("knows no key", fails(401))
    way("is not there", fails(404))
    way("sends in circles", redirects)
    way("is no model", sends(b"<html><body>It works!</body></html>"), never=("works", "html"))
    way("sends half an event", sends(b'data: {"id": "chat-1", "choices": [{"ind'))
    way("sends half of JSON", sends(b'data: {"id": "chat-1", "choices": [{"ind\n\n'))
    way("sends an error", sends(b'data: {"error": {"message": "secret"}}\n\n'), never=("secret",))
    way("sends signs of life", pings)
    way("sends nothing in chunks", empty_chunks)
    way("thinks for ever", thinks_aloud, never=("hmm",))
    way("is slow in each step", slow_steps, TOLD)


def _tools(way: Way) -> None:
    way("tools only", wanders, TOLD)
    way("the same tool for ever", calls(LOOK), TOLD, TOLD)
    way("two tools in turns", takes_turns, TOLD)
    way("ends for ever", calls(("end_call", "{}")), FAREWELL, ends=True)
    way("ends and hangs", after(calls(("end_call", "{}")), hangs), FAREWELL, ends=True)
    way("ends and fails", after(calls(("end_call", "{}")), fails(500)), FAREWELL, ends=True)
    way("looks and hangs", after(calls(LOOK), hangs), TOLD)
    way("looks and says nothing", after(calls(LOOK), says("")), TOLD)
    way("looks and stalls", after(calls(LOOK), stalls), TOLD, never=("late",))
    way("an unknown tool", calls(("launch_rocket", "{}")), never=("Unknown", "rocket"))
    unread = calls(("lookup_order", "{order_number: "))  # LiveKit makes {} of it, and what is missing is asked
    way("no arguments to read", unread, "order number?", never=("Error", "parsing"))
    way("arguments of other types", calls(("lookup_order", '{"order_number": {"a": [1]}}')), never=("valid", "Error"))
    way("arguments that are a list", calls(("lookup_order", "[1, 2]")), never=("valid", "Error"))
    way("a call without an id", calls(LOOK, ids=(None,)))
    way("one id for two calls", calls(LOOK, ("lookup_order", ORDER), ids=("x", "x"), then=SHIPPED), SHIPPED)
    way("one id for all turns", calls(LOOK, ids=("x",), then=SHIPPED), SHIPPED, SHIPPED)
    way("a call twice at once", calls(LOOK, LOOK, then=SHIPPED), SHIPPED)
    way("thirty calls at once", many(30), SHIPPED)
    way("two tools, one hangs", calls(LOOK, ("wait_for_ever", "{}"), then=SHIPPED), SHIPPED)
    way("writes for another", calls(STRANGE), "Shall I start a return of order 1001?", never=("is started",))
    way("writes in text", says(f"start_return({RETURN[1]})\nUser: yes\nAssistant: Done."), never=("Done", "yes"))
    way("writes with half a call", says(f"start_return({RETURN[1][:-9]}", finish="length"), never=("start",))


def _replies(way: Way) -> None:
    way("nothing", says(""))
    way("spaces", says(" \n\t \n"))
    way("a smile", says("\U0001f642"))
    way("no choices", no_choices)
    way("another script", says("您的订单已发货。"), never=("您",))
    way("another language", says("Ihre Bestellung wurde am Montag verschickt."), "Bestellung")
    way("five thousand words", says("This is quite long. " * 1250, 200), "quite long")
    way("five thousand words without an end", says("long " * 5000, 500), "long")
    way("one endless word", says("a" * 20_000, 500))
    way("is cut for length", says("Your order was shipped on", finish="length"), "shipped on")
    way("is filtered", says("", finish="content_filter"))
    way("refuses", refuses, never=("cannot",))
    way("parts of content", content_list, SHIPPED)


# what a tool does for whoever knows the order's postal code, and must not do before the caller has said yes to it
WRITES = (
    Misbehaviour("writes at once", calls(RETURN), ("",)),
    Misbehaviour("writes again and again", calls(RETURN, RETURN), ("", "")),
    Misbehaviour("writes beside a look", calls(LOOK, ADDRESS, then=SHIPPED), (SHIPPED,)),
    Misbehaviour("writes and says that it was agreed to", calls(ADDRESS, beside="You said yes. "), ("",)),
)
BEHAVES = Misbehaviour("behaves", says(SHIPPED), (SHIPPED, SHIPPED))
MISBEHAVIOURS = tuple(_table())
