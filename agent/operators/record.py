"""One call as it is shown: its row, its events, its result, and what was said in it, as far as that is kept."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent.memory.ledger import Ledger
from agent.memory.results import Results
from agent.memory.store import Store, StoredCall, StoredEvent
from agent.operators.shown import figure, known, since, waterfall

SPEAKERS = {"caller_spoke": "caller", "agent_spoke": "agent"}  # events, by their names in JSON
QUIET = frozenset({"ToolCalled", "TurnEnded"})  # shown elsewhere on the page


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said: by whom, how long after the call's start, and what, without what is private."""

    who: str
    after: str
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """All that there is of a call."""

    call: StoredCall
    events: list[StoredEvent]
    result: dict[str, object] | None
    lines: list[Line]
    now: datetime

    def shown(self, local: Callable[[datetime], str], *, words: bool) -> dict[str, object]:
        """What the page's template asks for; the words only where they may be read."""
        return {
            "call": self.call,
            "facts": self._facts(local),
            "turns": waterfall(self.events),
            "tools": [self._tool(event) for event in self.events if event.kind == "ToolReturned"],
            "events": [self._event(event) for event in self.events if event.kind not in QUIET],
            "lines": self.lines if words else [],
            "result": json.dumps(self.result, indent=2) if self.result and words else "",
        }

    def _facts(self, local: Callable[[datetime], str]) -> list[tuple[str, object]]:
        call, kpis = self.call, self._kpis()
        identity = [event.fields for event in self.events if event.kind == "IdentityChecked"]
        last = identity[-1] if identity else {"tier": "none", "failed": 0}
        return [
            ("Profile", call.profile),
            ("Channel", call.channel),
            ("Began", local(call.started_at)),
            ("Length", since(call.started_at, call.ended_at or self.now)),
            ("Ended by", call.end_reason or "live"),
            ("Outcome", self.result["outcome"] if self.result else "-"),
            ("Turns", call.turns),
            ("Latency p50, p95", f"{figure(call.e2e_p50_ms, 'ms')}, {figure(call.e2e_p95_ms, 'ms')}"),
            ("Interruptions", call.interruptions),
            ("Identity", f"{last['tier']}, {last['failed']} failed"),
            ("Provider failures", call.provider_failures),
            ("Connection losses", call.connection_losses),
            ("Silence", figure(known(kpis.get("silence_ratio")), "%")),
            ("CSAT", figure(known(kpis.get("csat")), "")),
            ("Cost", figure(known(kpis.get("cost_usd")), "$")),
        ]

    def _kpis(self) -> dict[str, object]:
        return next((dict(event.fields) for event in self.events if event.kind == "CallScored"), {})

    def _tool(self, event: StoredEvent) -> dict[str, object]:
        said = event.fields
        return {
            "after": self._after(event),
            "tool": said["tool"],
            "outcome": said["outcome"],
            "ms": said["duration_ms"],
        }

    def _event(self, event: StoredEvent) -> dict[str, str]:
        known = {name: value for name, value in event.fields.items() if value is not None and value != ""}
        said = (f"{name} {round(value, 3) if isinstance(value, float) else value}" for name, value in known.items())
        text = ", ".join(said)
        return {"after": self._after(event), "kind": event.kind, "text": text}

    def _after(self, event: StoredEvent) -> str:
        return since(self.call.started_at, event.at)


class Records:
    """Finds calls in the store. Blocks, and may raise StoreError."""

    def __init__(self, store: Store, url: str, now: Callable[[], datetime]) -> None:
        self._store, self._results, self._now = store, Results(url), now
        self._ledger = Ledger(url, key="", clock=now)  # without a key: it is read only

    def find(self, call_id: str) -> Record | None:
        """The call; None when there is none of that id."""
        call = self._store.call(call_id)
        if call is None:
            return None
        lines = self.lines(call_id, call.started_at)
        return Record(call, self._store.events(call_id), self._results.find(call_id), lines, self._now())

    def lines(self, call_id: str, began_at: datetime) -> list[Line]:
        """What was said in it, as the audit log has it: with placeholders for all that is private."""
        found = []
        for link in self._ledger.of(call_id):
            said = json.loads(link.body or "{}")
            if (who := SPEAKERS.get(said.get("event", ""))) and said.get("text"):
                found.append(Line(who, since(began_at, link.at or began_at), said["text"]))
        return found
