"""Dashboard and alerts name what is exported, each alert has a runbook, and a real Prometheus finds data behind all."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from agent.call.call import utc_now
from agent.config import ROOT, Settings
from agent.events import Event
from agent.observers.counting import counting
from agent.observers.metrics import METRICS
from agent.observers.prometheus import prometheus_name
from agent.observers.telling import TALLY_VARIABLE, Telling
from agent.profile.profile import load_profile
from agent.providers import catalog
from evals.prometheus import prometheus
from evals.servers import LiveKit, end, free_port, start_worker
from tests.agent.calls import ANSWER_S, greeted
from tests.agent.observers.test_metrics import EVENTS
from tests.agent.test_telling import answered

FOLDER = ROOT / "deploy" / "prometheus"
CALLS = 5
UNSEEN = tuple(  # of written calls in which nothing goes wrong
    f"voice_{family}"
    for family in (
        "csat", "endpointing_latency_ms", "fillers", "flags", "handovers", "loop_stalled_ms", "observers_",
        "provider_breakers", "provider_hedges", "provider_replacements", "routes", "stt_latency_ms", "transfers",
        "turn_latency_ms",
    )
)  # fmt: skip
DASHBOARD = ROOT / "deploy" / "grafana" / "parley.json"


def queries() -> list[str]:
    """Every query of the dashboard, with what Grafana puts into it."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    found = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    return [query.replace("$__rate_interval", "1m").replace("$profile", ".*") for query in found]


def rules() -> dict[str, dict[str, object]]:
    """Our alerts by name."""
    groups = yaml.safe_load((FOLDER / "parley.rules.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def exported() -> set[str]:
    """Every name that GET /metrics can have."""
    names: set[str] = set()
    for metric in METRICS:
        is_counter = not metric.buckets and not metric.is_gauge
        name = prometheus_name(metric.name, metric.unit, is_counter=is_counter)
        names |= {f"{name}_{ending}" for ending in ("bucket", "sum", "count")} if metric.buckets else {name}
    return names


@pytest.mark.parametrize("source", [*queries(), *(str(rule["expr"]) for rule in rules().values())])
def test_dashboard_and_alerts_name_only_what_is_exported(source: str) -> None:
    """A metric that was renamed would leave an empty panel, and an alert that never fires."""
    assert set(re.findall(r"\bvoice_\w+", source)) <= exported()


def test_every_alert_has_its_runbook_and_no_runbook_is_left_over() -> None:
    """It names the alerts that it is for."""
    pages = {page.relative_to(ROOT).as_posix(): page.read_text() for page in (ROOT / "docs" / "runbooks").glob("*.md")}
    named = {name: str(rule["annotations"]["runbook"]) for name, rule in rules().items()}  # type: ignore[index]
    assert set(named.values()) == set(pages)
    assert all(name in pages[page].splitlines()[0] for name, page in named.items())


def test_every_alert_is_shown_to_fire_and_to_clear() -> None:
    """By the file that promtool plays."""
    played = yaml.safe_load((FOLDER / "parley.rules.test.yml").read_text())["tests"]
    checks = [check for case in played for check in case["alert_rule_test"]]
    assert {check["alertname"] for check in checks if check["exp_alerts"]} == set(rules())
    assert {check["alertname"] for check in checks if not check["exp_alerts"]} == set(rules())


@pytest.mark.needs("promtool")
@pytest.mark.parametrize(
    "arguments",
    [
        ("test", "rules", "parley.rules.test.yml"),
        ("check", "rules", "parley.rules.yml"),
        ("check", "config", "prometheus.yml"),
    ],
)
def test_promtool_agrees(arguments: Sequence[str]) -> None:
    """Each alert fires when it should, and clears."""
    run = subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def tell(telling: Telling, events: Sequence[Event], calls: int, first: int) -> None:
    """So many calls, one event after another."""
    for number in range(first, first + calls):
        for event in events:
            telling.on_event(f"call-{number}", datetime.now(UTC), event)


@pytest.mark.needs("prometheus")
async def test_every_metric_and_every_panel_has_data_in_a_real_prometheus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever can happen in calls has happened in some, and in others again while Prometheus looked."""
    settings = Settings.model_validate({"metrics_port": free_port()})
    named = {"shop": catalog.first_names(load_profile("shop", ROOT / "profiles").providers)}
    monkeypatch.setenv(TALLY_VARIABLE, "")  # set by the worker, and gone again after the test
    async with (
        counting(settings, named, utc_now),
        prometheus(tmp_path, f"127.0.0.1:{settings.metrics_port}") as asked,
    ):
        telling = Telling(os.environ[TALLY_VARIABLE])
        await asyncio.to_thread(tell, telling, EVENTS, 5, 0)
        await asked.until("voice_calls_total > 0")
        await asyncio.to_thread(tell, telling, EVENTS, 5, 5)
        await asyncio.to_thread(tell, telling, EVENTS[:1], 1, 10)
        await asked.until('sum(increase(voice_calls_total{reason="connection_lost"}[1m])) > 0')
        names = {str(series["metric"]["__name__"]) for series in await asked.query('{__name__=~"voice_.+"}')}  # type: ignore[index]
        empty = [query for query in queries() if not await asked.query(query)]
        telling.close()
    assert names == exported()
    assert not empty


@pytest.mark.needs("prometheus", "livekit-server")
@pytest.mark.timeout(180)
async def test_a_real_worker_is_read_during_its_calls(livekit_server: LiveKit, tmp_path: Path) -> None:
    """Job processes included: five calls are active while they run, and their turns, tools and end are counted; every
    metric is there but those of sound and of what did not happen."""
    port = free_port()
    worker = await asyncio.to_thread(
        lambda: start_worker(livekit_server, tmp_path, agent_name="scraped", PARLEY_METRICS_PORT=str(port))
    )
    try:
        async with prometheus(tmp_path, f"127.0.0.1:{port}") as asked:
            done = 0
            for at_once in (3, CALLS - 3):
                done += at_once
                async with AsyncExitStack() as stack:
                    joining = (worker.join(f"caller {number}") for number in range(at_once))
                    callers = [await stack.enter_async_context(one) for one in joining]
                    await asyncio.gather(*(greeted(caller) for caller in callers))
                    await asked.until(f"sum(voice_calls_active) == {at_once}", ANSWER_S)
                    for caller in callers:
                        await answered(caller, "where is my order 4571")
                    await asked.until(f"sum(voice_turns_total) == {done}", ANSWER_S)
                await asked.until(f"sum(voice_calls_total) == {done} and sum(voice_calls_active) == 0", ANSWER_S)
            assert await asked.query(f'sum(voice_tools_total{{tool="check_shipping", outcome="ok"}}) == {CALLS}')
            both = f"sum(voice_task_wanted_total) == {CALLS} and sum(voice_task_completed_total) == {CALLS}"
            assert await asked.query(both)
            found = await asked.query('{__name__=~"voice_.+"}')
            names = {str(series["metric"]["__name__"]) for series in found}  # type: ignore[index]
            assert not [name for name in exported() - names if not name.startswith(UNSEEN)], sorted(exported() - names)
            assert await asked.query("voice_calls_capacity == 5")
            assert not await asked.query("sum(voice_calls_dropped_total) > 0")
            assert await asked.query("process_resident_memory_bytes > 0")
    finally:
        await asyncio.to_thread(end, worker.process)
