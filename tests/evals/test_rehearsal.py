"""Scenarios played for real: one that passes, one that fails, silence, a cut reply, another LLM, the report."""

import json
from pathlib import Path

import pytest

from agent.config import ROOT
from agent.profile.choices import ProviderChoice
from agent.profile.profile import Profile, load_profile
from evals.embedding import RealEmbedder
from evals.rehearsal import Rehearsal, Result, rehearse
from evals.text_report import figures, write
from tests.fakes.openai_server import OpenAIServer, serving

HEAD = "clock: 2026-11-20T12:00:00\nscenarios:\n"


async def play(folder: Path, embedder: RealEmbedder, text: str, profile: Profile | None = None) -> list[Result]:
    """Every scenario of the text, on the shop."""
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "one.yaml").write_text(HEAD + text, encoding="utf-8")
    for part in ("knowledge", "personas"):
        (folder / part).symlink_to(ROOT / "profiles" / "shop" / part)
    profile = profile or load_profile("shop", ROOT / "profiles")
    return await rehearse([Rehearsal(profile.model_copy(update={"folder": folder}), embedder, folder)])


async def test_a_call_is_played_from_the_greeting_to_the_goodbye(tmp_path: Path, real_embedder: RealEmbedder) -> None:
    """Tools, words, the end and the database, in both wordings; who goes on after a goodbye keeps the line."""
    results = await play(
        tmp_path,
        real_embedder,
        """\
  - name: asks and says goodbye
    turns:
      - {say: goodbye, calls: [end_call]}
      - say: ["where is order 4572", "where's order four five seven two"]
        cut: true
      - say: no, I meant 4571
        calls: [{tool: check_shipping, arguments: {order_number: "4571"}}]
        said: [sentences.corrected, U P S]
      - {say: bye, said: [sentences.goodbye]}
    ends: caller_goodbye
    database: [{table: orders, where: {number: "4571"}, values: {status: shipped}}]
""",
    )
    assert [result.failures for result in results] == [(), ()]


async def test_a_call_that_goes_otherwise_fails_with_reasons(tmp_path: Path, real_embedder: RealEmbedder) -> None:
    """And whoever talks on after the line is closed hears nothing."""
    results = await play(
        tmp_path,
        real_embedder,
        """\
  - name: expects too much
    turns:
      - {say: where is order 4571, calls: [lookup_order], said: [FedEx]}
      - {silence: true, said: [sentences.idle_prompt]}
      - silence: true
      - {silence: true, said: [sentences.idle_goodbye]}
      - say: hello
    ends: caller_goodbye
    database: [{table: order_returns, where: {order_number: "4571"}}]
""",
    )
    assert results[0].failures == (
        "turn 5: the call had ended",
        "turn 1: “FedEx” was not said",
        "turn 1: lookup_order() was not called",
        "turn 1: check_shipping(order_number=4571, email=) was called",
        "the call ended as caller_silent",
        "order_returns where order_number 4571: 0 rows instead of 1",
    )


async def test_who_calls_again_gets_a_new_call_on_the_same_records(tmp_path: Path, real_embedder: RealEmbedder) -> None:
    """What the first has noted is there, and the second notes its own."""
    results = await play(
        tmp_path,
        real_embedder,
        """\
  - name: calls twice
    turns:
      - {say: where is my order, said: [What is your order number]}
      - {say: operator, calls: [transfer_to_human]}
      - {again: true, said: [sentences.greeting], calls: []}
      - {say: operator, calls: [transfer_to_human]}
    database:
      - {table: follow_ups, where: {call_id: scenario}}
      - {table: follow_ups, where: {call_id: scenario-2}}
""",
    )
    assert [result.failures for result in results] == [()]


async def test_another_llm_of_the_catalog_can_be_judged(
    tmp_path: Path, real_embedder: RealEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, with its options; it gets the persona and the caller's words."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    async with serving(OpenAIServer(reply="It is on its way.")) as server:
        shop = load_profile("shop", ROOT / "profiles")
        choice = ProviderChoice(name="openai", options={"base_url": server.base_url, "model": "fake"})
        asking = shop.model_copy(update={"providers": shop.providers.model_copy(update={"llm": (choice,)})})
        text = "  - {name: asks it, turns: [{say: where is my lamp, said: [on its way], calls: []}]}\n"
        results = await play(tmp_path, real_embedder, text, asking)
    assert results[0].failures == ()
    assert "where is my lamp" in json.dumps(server.asked[0][2]["messages"])


async def test_the_report_tells_what_was_said_and_what_failed(tmp_path: Path, real_embedder: RealEmbedder) -> None:
    """A scenario has passed when all its wordings have."""
    text = "  - {name: greets, unhappy: true, turns: [{say: [hello, where is order 4571], calls: []}]}\n"
    results = await play(tmp_path, real_embedder, text)
    found = figures(results, seconds=1.0, llm="understanding")
    assert (found["scenarios"], found["passed"], found["unhappy"], found["calls"]) == (1, 0, 1, 2)
    write(tmp_path / "report", found, results)
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "Scenarios: 0 of 1 passed" in page and "check_shipping(order_number=4571, email=) was called" in page
    told = json.loads((tmp_path / "report" / "text.json").read_text(encoding="utf-8"))
    assert [call["failures"] == [] for call in told["calls"]] == [True, False]
