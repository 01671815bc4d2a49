"""A store with a month of calls in it, made by the real observer out of events, as calls make them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.events import (
    AgentSpoke,
    CallEnded,
    CallerSpoke,
    CallJoined,
    CallScored,
    EndReason,
    Event,
    FlagRaised,
    IdentityChecked,
    Interrupted,
    Outcome,
    ToolCalled,
    ToolReturned,
    TurnEnded,
)
from agent.memory.ledger import Ledger
from agent.memory.results import Results
from agent.memory.store import Store
from agent.observers.audit import Audit
from agent.observers.audit.spill import Spill
from agent.observers.record import CallRecord

NOW = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)
ANSWER = "It was shipped on Friday & comes today."
TOOLS = ("check_shipping", "start_return", "get_order")


@dataclass(frozen=True, slots=True)
class Made:
    """A call: its id, when it began, and what happened in it, by seconds from then."""

    id: str
    began_at: datetime
    events: list[tuple[float, Event]]


def made_call(number: int, began_at: datetime, *, is_live: bool = False) -> Made:
    """The nth: some are escalated, some fail, most are plain."""
    dice = random.Random(number)
    escalated, failed = number % 7 == 0, number % 11 == 0
    events: list[tuple[float, Event]] = [
        (0.0, CallJoined(profile="shop", channel="phone" if number % 3 else "browser"))
    ]
    at = 6.0
    for turn in range(1, dice.randint(2, 6)):
        stt, llm, tts = dice.uniform(60, 200), dice.uniform(10, 300), dice.uniform(60, 190)
        end = dice.uniform(200, 700)
        e2e = max(end, stt) + tts + dice.uniform(0, llm)
        tool = TOOLS[turn % len(TOOLS)]
        outcome = Outcome.FAILED if failed and turn == 2 else Outcome.OK
        events += [
            (at, CallerSpoke(turn=turn, words=5, text=f"where is my order <ACCOUNT_{turn}>")),
            (at + 0.05, ToolCalled(tool_call=f"t{turn}", tool=tool, arguments="")),
            (at + 0.06, ToolReturned(tool_call=f"t{turn}", tool=tool, outcome=outcome, duration_ms=4.2, sentence="")),
            (at + 2.9, AgentSpoke(turn=turn, words=9, is_whole=turn != 2, text=ANSWER)),
            (at + 3.0, TurnEnded(
                turn=turn, endpointing_ms=end, stt_ms=stt, llm_ttft_ms=llm, tts_ttfb_ms=tts, e2e_ms=e2e,
                had_tools=True, was_prepared=turn % 2 == 0, prepared_ms=None if turn % 2 else 100.0, output_ms=30.0,
            )),
        ]  # fmt: skip
        if turn == 2:
            events.append((at + 3.1, Interrupted(turn=turn, words_heard=4)))
            events.append((at + 3.2, IdentityChecked(outcome="verified", tier="partial", failed=0, is_locked=False)))
        at += 8.0
    if escalated:
        events.append((at, FlagRaised(flag="wants_human", reason="asked")))
    if not is_live:
        scored = CallScored(
            wanted_task=True, completed_task=not failed, is_contained=not escalated, is_escalated=escalated,
            handle_s=at, interruption_rate=0.2, silence_ratio=dice.uniform(0, 0.3), repeat_rate=0.1,
            is_first_contact=number % 2 == 0, csat=dice.randint(3, 5) if number % 4 == 0 else None,
            cost_usd=dice.uniform(0.01, 0.04),
        )  # fmt: skip
        reason = EndReason.CRASHED if number % 23 == 0 else EndReason.CALLER_GOODBYE
        events += [(at, scored), (at + 0.1, CallEnded(reason=reason, duration_s=at, turns=2))]
    return Made(f"AJ_{number:04}", began_at, events)


def month() -> Iterator[Made]:
    """Four calls a day for thirty days, the last of them live."""
    for number in range(120):
        yield made_call(number, NOW - timedelta(days=29 - number // 4, hours=5 - number % 4))
    yield made_call(120, NOW - timedelta(seconds=90), is_live=True)


def fill(url: str, folder: Path) -> None:
    """Write it all, with the results and the audit log that calls leave; `folder` is the audit's."""
    store = Store(url)
    store.prepare()
    record, results = CallRecord(store), Results(url)
    audit = Audit(Ledger(url, "", lambda: NOW), Spill(folder))
    for call in month():
        for after, event in call.events:
            record.on_event(call.id, call.began_at + timedelta(seconds=after), event)
            audit.on_event(call.id, call.began_at + timedelta(seconds=after), event)
        audit.rest()
        if call.id != "AJ_0120":
            order = f"{4500 + int(call.id[3:])}"
            result: dict[str, object] = {
                "call": call.id, "outcome": "completed", "references": [{"of": "order", "id": order}],
                "summary": f"asked where order {order} is",
            }  # fmt: skip
            results.keep(call.id, "shop", result, NOW, is_due=False)
    record.on_event("AJ_0120", NOW, FlagRaised(flag="speaks_fast", reason="heard"))
    results.close()
    store.close()
