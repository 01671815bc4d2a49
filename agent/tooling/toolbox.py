"""Finds every tool in tools/ and every system of record in backends/, checks the profile's lists against them, and
wraps each tool in what all tools share: a time limit, events, and our errors as sentences for the LLM."""

import asyncio
import functools
import importlib
import inspect
import json
import logging
import pkgutil
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from livekit.agents import FunctionTool, RunContext, ToolError, function_tool, llm
from livekit.agents.llm.utils import parse_function_arguments, validated_arguments

from agent.answer import MEANING, NOTHING, asking, meaning_of
from agent.call.call import Call, Clock, Glimpse, utc_now
from agent.call.rehearsals import Found, Work, rehearsal_key
from agent.errors import Asked, BackendError, ConfigError, Refused
from agent.events import Outcome, ToolCalled, ToolReturned
from agent.intent import HUMANS, Intent, intent_of, localised, understood
from agent.profile.profile import Profile, place
from agent.rules.fillers import Filler, filler_of
from agent.tooling.changing import FIRST_ASKS, Change
from agent.tooling.hand_over import hand_overs
from agent.understanding.state import Proposed

logger = logging.getLogger("parley.toolbox")
Function = Callable[..., Awaitable[str]]

TIMED_OUT = "That is taking longer than it should. Please try again in a moment."
NOT_HERE = "I can't do that here."
FAILED = "Something went wrong while I looked that up. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class Toolbox:
    """A profile's tools, ready for AgentSession, with what callers say when they want each and what they hear while it
    works. `looking` are those that may be rehearsed, `people` those that tell a person of the call; both unguarded."""

    tools: tuple[FunctionTool[..., Any], ...]
    intents: Mapping[str, Intent]
    fillers: Mapping[str, Filler] = field(default_factory=dict)
    looking: Mapping[str, FunctionTool[..., Any]] = field(default_factory=dict)
    people: Mapping[str, FunctionTool[..., Any]] = field(default_factory=dict)


def load_toolbox(profile: Profile) -> Toolbox:
    """The tools that the profile lists. Raises ConfigError naming file, line and tool."""
    found = _discover("tools")
    for index, name in enumerate(profile.tools):
        if name not in found:
            raise ConfigError(
                f"{place(profile, 'tools', index)}: no tool {name!r} in tools/ (there are: {', '.join(sorted(found))})"
            )
    chosen = {name: found[name] for name in profile.tools}
    intents = {
        name: localised(intent, profile.locale)
        for name, tool in chosen.items()
        if (intent := intent_of(tool)) is not None
    }
    fillers = {name: filler for name, tool in chosen.items() if (filler := filler_of(tool)) is not None}
    given = hand_overs(profile, intents)
    tools = (*chosen.values(), *(hand_over.tool for hand_over in given.values()))
    intents |= {name: hand_over.intent for name, hand_over in given.items()}
    looking = {name: tool for name, tool in chosen.items() if name in intents and intents[name].only_looks}
    people = {name: chosen[name] for name in HUMANS if name in chosen}
    guarded = tuple(guard(tool, profile.limits.tool_timeout_s) for tool in tools)
    return Toolbox(guarded, intents, fillers, looking, people)


def module_names() -> list[str]:
    """Every module of tools/ and backends/, for a process that imports them once for all its children."""
    packages = ("tools", "backends")
    return [
        f"{package}.{entry.name}"
        for package in packages
        for entry in pkgutil.iter_modules(importlib.import_module(package).__path__)
    ]


def prepare_backends(profile: Profile, url: str, clock: Clock = utc_now) -> None:
    """Migrate and seed the profile's systems of record; days that a seed counts are counted from the clock's today.
    Blocking: once, in the worker's main process."""
    for module in _backend_modules(profile):
        module.prepare(url, clock)


def connect_backends(profile: Profile, url: str, clock: Clock) -> dict[type, object]:
    """The profile's systems of record by their Protocol, for `call.backend(Protocol)`."""
    return {module.KIND: module.connect(url, clock) for module in _backend_modules(profile)}


def forget_in_backends(profile: Profile, url: str, known_by: str) -> int:
    """Delete what calls have left in the profile's systems of record about whoever has this number, or is this
    customer: in those that have a `forget`. How many rows that were. Blocking. Raises Unavailable."""
    return sum(module.forget(url, known_by) for module in _backend_modules(profile) if hasattr(module, "forget"))


def held_in_backends(profile: Profile, url: str, known_by: str) -> dict[str, list[dict[str, object]]]:
    """What `forget_in_backends` would delete, by table, from those that have a `held`. Blocking. Raises Unavailable."""
    found: dict[str, list[dict[str, object]]] = {}
    for module in _backend_modules(profile):
        if hasattr(module, "held"):
            found |= {table: rows for table, rows in module.held(url, known_by).items() if rows}
    return found


def expire_in_backends(profile: Profile, url: str, before: datetime) -> int:
    """Delete what calls have left there and was over before then: in those that have an `expire`. How many rows that
    were. Blocking. Raises Unavailable."""
    return sum(module.expire(url, before) for module in _backend_modules(profile) if hasattr(module, "expire"))


def guard(tool: FunctionTool[..., Any], limit_s: float) -> FunctionTool[..., Any]:
    """The same tool with a time limit, its two events, and errors that the LLM can say aloud."""
    intent = intent_of(tool)
    asks_first = FIRST_ASKS if intent is not None and intent.confirm else ""
    run = _function_of(tool)
    signature = inspect.signature(run)

    @functools.wraps(run)
    async def guarded(context: RunContext[Call], *args: object, **kwargs: object) -> str:
        given = _given(signature, args, kwargs)
        found: Found | None = None

        async def work() -> str:
            nonlocal found
            if intent is None or not intent.changes_something:
                found = await context.userdata.rehearsals.outcome(rehearsal_key(tool.info.name, given))
                return found.sentence if found else await run(context, *args, **kwargs)
            change = Change(tool.info.name, intent, given)
            change.weigh(context.userdata)
            if intent.reads_back:  # asks by itself, with figures of its backend's
                return await run(context, *args, **kwargs)
            return await change.once_agreed(context, lambda: run(context, *args, **kwargs))

        return await run_guarded(context, tool.info.name, given, work, limit_s, rehearsed=lambda: found)

    about = f"{tool.info.description or ''}{asks_first}"
    safe = function_tool(guarded, name=tool.info.name, description=about, flags=tool.info.flags)
    return understood(intent)(safe) if intent else safe


async def run_guarded(
    context: RunContext[Call],
    name: str,
    given: Mapping[str, object],
    work: Callable[[], Awaitable[str]],
    limit_s: float,
    *,
    rehearsed: Callable[[], Found | None] = lambda: None,
) -> str:
    """What every tool goes through, ours or another's: events, limit, sentence; the question of one that asks first is
    its sentence. Raises ToolError with a sentence."""
    call, tool_call = context.userdata, context.function_call.call_id
    call.emit(ToolCalled(tool_call=tool_call, tool=name, arguments=json.dumps(given, default=str)))
    started = time.perf_counter()
    outcome, sentence = Outcome.CANCELLED, ""
    try:
        outcome, sentence = await _attempt(work() if call.may_use(name) else _refuse(), name, limit_s)
    finally:
        found = rehearsed()
        took_s = found.took_s if found else time.perf_counter() - started
        returned = ToolReturned(
            tool_call=tool_call,
            tool=name,
            outcome=outcome,
            duration_ms=took_s * 1000,
            sentence=sentence,
            was_rehearsed=found is not None,
        )
        call.emit(returned)
    meaning = replace(meaning_of(sentence), wants_yes=outcome is Outcome.ASKED)
    if meaning != NOTHING:
        context.function_call.extra[MEANING] = meaning.as_json()
    if outcome not in {Outcome.OK, Outcome.ASKED}:
        raise ToolError(sentence)
    return sentence


def announce(call: Call, tools: Sequence[llm.Tool], proposed: Proposed) -> None:
    """The understanding is about to ask for the caller's yes by itself: the tool will know the question again."""
    tool = next((tool for tool in tools if tool.id == proposed.tool and isinstance(tool, FunctionTool)), None)
    intent = intent_of(tool)
    if not isinstance(tool, FunctionTool) or intent is None:
        return
    with suppress(ValueError, TypeError):  # what the tool itself will refuse, aloud
        given = _given(inspect.signature(_function_of(tool)), (), validated_arguments(tool, dict(proposed.arguments)))
        Change(proposed.tool, intent, given).announce(call, proposed.question)


def rehearse(
    toolbox: Toolbox,
    call: Call,
    wished: Sequence[llm.FunctionToolCall],
    tell: Callable[[str], None] | None = None,
) -> None:
    """Let those of the tools that only look find out now what they will say, for a guess that may be wrong: no event
    tells of it, and the call cannot be changed by it. `tell` hears the first one's sentence."""
    works: dict[str, Work] = {}
    for one in wished:
        tool = toolbox.looking.get(one.name)
        if tool is None or not call.may_use(one.name):
            continue
        with suppress(ValueError, TypeError):  # what the tool itself will refuse, aloud
            fields = validated_arguments(tool, parse_function_arguments(one.arguments))
            run = _function_of(tool)
            given = _given(inspect.signature(run), (), fields)
            work = functools.partial(run, _Unasked(Glimpse(call)), **given)
            heard = None if works else tell
            name = rehearsal_key(one.name, given)
            works[name] = functools.partial(_found_out, work, one.name, call.profile.limits.tool_timeout_s, heard)
    if works:
        call.rehearsals.begin(works)


async def note_for_people(toolbox: Toolbox, call: Call) -> bool:
    """Have a person told of the call, though no model is there to ask for it; false where no tool of the profile does
    that, or it fails."""
    for name, tool in toolbox.people.items():
        if call.may_use(name):
            outcome, _ = await _attempt(_function_of(tool)(_Unasked(call)), name, call.profile.limits.tool_timeout_s)
            return outcome is Outcome.OK
    return False


@dataclass(frozen=True, slots=True)
class _Unasked:
    """In place of LiveKit's RunContext, where no model has asked for the tool."""

    userdata: Glimpse | Call


async def _found_out(
    work: Callable[[], Awaitable[str]], name: str, limit_s: float, heard: Callable[[str], None] | None
) -> Found | None:
    """What the tool says; None when it is better asked again, in earnest."""
    started = time.perf_counter()
    outcome, sentence = await _attempt(work(), name, limit_s)
    if outcome is not Outcome.OK:
        return None
    if heard:
        heard(sentence)
    return Found(sentence, time.perf_counter() - started)


def _function_of(tool: FunctionTool[..., Any]) -> Function:
    return cast(Function, tool.__wrapped__)  # type: ignore[attr-defined]  # set by functools.update_wrapper


def _given(signature: inspect.Signature, args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, object]:
    """A tool's arguments by name, without the context that comes first."""
    bound = signature.bind(None, *args, **kwargs)
    bound.apply_defaults()
    return dict(list(bound.arguments.items())[1:])


async def _refuse() -> str:
    """A model may ask for what it was not offered: a tool of another persona."""
    raise Refused(NOT_HERE)


async def _attempt(work: Awaitable[str], name: str, limit_s: float) -> tuple[Outcome, str]:
    try:
        async with asyncio.timeout(limit_s):
            return Outcome.OK, await work
    except TimeoutError:
        return Outcome.TIMED_OUT, TIMED_OUT
    except Asked as asked:
        return Outcome.ASKED, asked.question
    except Refused as refused:
        return Outcome.REFUSED, asking(refused.statement, refused.question)
    except BackendError as error:
        return Outcome.FAILED, error.sentence
    except Exception as error:  # noqa: BLE001  # whatever a tool does, the caller hears a sentence
        # type and place only: the message may quote the caller
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"
        logger.error("tool raised", extra={"tool": name, "error": type(error).__name__, "path": where})
        return Outcome.FAILED, FAILED


def _backend_modules(profile: Profile) -> list[ModuleType]:
    known = {module.name for module in pkgutil.iter_modules(importlib.import_module("backends").__path__)}
    for index, name in enumerate(profile.backends):
        if name not in known:
            raise ConfigError(
                f"{place(profile, 'backends', index)}: no module {name!r} in backends/ "
                f"(there are: {', '.join(sorted(known))})"
            )
    return [importlib.import_module(f"backends.{name}") for name in profile.backends]


def _discover(package: str) -> dict[str, FunctionTool[..., Any]]:
    """Every FunctionTool that a module of the package defines, by name. Raises ConfigError on a doubled name."""
    found: dict[str, FunctionTool[..., Any]] = {}
    for entry in pkgutil.iter_modules(importlib.import_module(package).__path__):
        module = importlib.import_module(f"{package}.{entry.name}")
        for value in vars(module).values():
            if not isinstance(value, FunctionTool) or value.__module__ != module.__name__:
                continue
            if value.info.name in found:
                raise ConfigError(f"{package}/{entry.name}.py: a tool named {value.info.name!r} is already there")
            found[value.info.name] = value
    return found
