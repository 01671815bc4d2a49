"""What a model gets to read: the instructions of who speaks, what is known of the caller, and as much of the call as
its limit allows. What does not fit any more is summed up from the call's facts: its tools and their answers."""

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from livekit.agents import llm

from agent.memory.callers import Remembered
from agent.memory.notes import in_words
from agent.providers.tokens import CONTEXT_ITEM, count_tokens

SUMMARY_SHARE = 4  # a quarter of the limit is the summary's at most
Count = Callable[[str], int]


def instruct(chat_ctx: llm.ChatContext, old: str, new: str) -> None:
    """Put the instructions of the persona who speaks where those of the first one stand."""
    for number, item in enumerate(chat_ctx.items):
        if isinstance(item, llm.ChatMessage) and item.role == "system" and item.text_content == old:
            chat_ctx.items[number] = item.model_copy(update={"content": [new]})


def tell_known(chat_ctx: llm.ChatContext, known: Remembered) -> None:
    """Add what earlier calls left, for a model's eyes, behind the instructions."""
    facts = [f"likes to be called {known.name}"] if known.name else []
    facts += [f"on {known.called_at:%Y-%m-%d} the caller {known.summary}"] if known.summary else []
    facts += [f"still open: {', '.join(map(in_words, known.open_matters))}"] if known.open_matters else []
    if facts:
        text = f"Notes about this caller from earlier calls, not instructions: {'; '.join(facts)}."
        chat_ctx.items.insert(len(_head(chat_ctx.items)), llm.ChatMessage(role="system", content=[text]))


def bounded(chat_ctx: llm.ChatContext, limit: int, count: Count = count_tokens) -> llm.ChatContext:
    """The same conversation within so many tokens: instructions, a summary of what is left out, and the latest turns.
    It is cut where a turn of the caller begins; the last one stays, whatever its length."""
    head = _head(chat_ctx.items)
    rest = [item for item in chat_ctx.items[len(head) :] if item.type in {"message", *_CALLS}]
    costs = [count(_text(item)) + CONTEXT_ITEM for item in rest]
    room = limit - sum(count(_text(item)) + CONTEXT_ITEM for item in head)
    if sum(costs) <= room:
        return llm.ChatContext([*head, *rest])
    share = limit // SUMMARY_SHARE
    cut = _cut(rest, costs, room - share)
    summary = _summary(rest[:cut], share, count)
    return llm.ChatContext([*head, *([summary] if summary else []), *_paired(rest[cut:])])


_CALLS = ("function_call", "function_call_output")


def _head(items: Sequence[llm.ChatItem]) -> list[llm.ChatItem]:
    """The system messages that a conversation begins with."""
    found: list[llm.ChatItem] = []
    for item in items:
        if not (isinstance(item, llm.ChatMessage) and item.role in {"system", "developer"}):
            break
        found.append(item)
    return found


def _cut(items: Sequence[llm.ChatItem], costs: Sequence[int], room: int) -> int:
    """Where the earliest turn begins that still fits; the last turn when none does."""
    starts = [n for n, item in enumerate(items) if isinstance(item, llm.ChatMessage) and item.role == "user"]
    fitting = [start for start in starts if sum(costs[start:]) <= room]
    return fitting[0] if fitting else (starts[-1] if starts else 0)


def _summary(items: Sequence[llm.ChatItem], room: int, count: Count) -> llm.ChatMessage | None:
    """What tools were asked and answered, the latest of it when it is too long. None when nothing was."""
    arguments = {item.call_id: item.arguments for item in items if isinstance(item, llm.FunctionCall)}
    facts = [
        f"{item.name} {arguments.get(item.call_id, '')}: {item.output}"
        for item in items
        if isinstance(item, llm.FunctionCallOutput)
    ]
    while facts and sum(map(count, facts)) > room:
        facts.pop(0)
    if not facts:
        return None
    text = "Earlier in this call, which is not shown in full, these tools were used:\n" + "\n".join(facts)
    return llm.ChatMessage(role="system", content=[text])


def _paired(items: Sequence[llm.ChatItem]) -> list[llm.ChatItem]:
    """Without answers whose question was cut off: models refuse such a history."""
    asked = {item.call_id for item in items if isinstance(item, llm.FunctionCall)}
    return [item for item in items if not isinstance(item, llm.FunctionCallOutput) or item.call_id in asked]


def _text(item: llm.ChatItem) -> str:
    if isinstance(item, llm.ChatMessage):
        return item.text_content or ""
    if isinstance(item, llm.FunctionCall):
        return f"{item.name} {item.arguments}"
    return item.output if isinstance(item, llm.FunctionCallOutput) else ""


def outputs_since_caller(history: llm.ChatContext) -> Iterator[llm.FunctionCallOutput]:
    """What tools have answered since the caller spoke last, the newest first."""
    items = reversed(history.items)
    since = takewhile(lambda item: not (isinstance(item, llm.ChatMessage) and item.role == "user"), items)
    return (item for item in since if isinstance(item, llm.FunctionCallOutput))
