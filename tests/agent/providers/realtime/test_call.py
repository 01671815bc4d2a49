"""A call's mind and voice in realtime mode, without a room: what is said, done, and by whom, when it works and when
it does not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from livekit import rtc
from livekit.agents import AgentSession, io
from livekit.agents.voice.run_result import RunResult

from agent.call.call import Call
from agent.config import ROOT
from agent.dialog.persona import Persona
from agent.events import ProviderFailed, ProviderReplaced, TurnEnded
from agent.profile.profile import Profile, load_profile
from agent.providers import catalog
from agent.providers.chains import Chains
from agent.providers.realtime.answer import letters
from agent.tap import Tap
from agent.thinking.llm_stack import build_around, build_understanding
from agent.tooling.toolbox import connect_backends, load_toolbox, prepare_backends
from agent.turns.options import PATIENCE, turn_handling
from evals.records import snapshot
from tests.agent.providers.realtime.conftest import Connect
from tests.fakes.calls import NOON, Recorded, recorded_call
from tests.fakes.embedder import WordEmbedder
from tests.fakes.providers import Talker
from tests.rig.content import Rules, Wish
from tests.rig.faults import Fault
from tests.rig.rig import Rig

RETURN = Wish("start_return", '{"order_number": "4573", "postal_code": "80203"}')
MIND = Rules(
    [
        ("return|yes", RETURN),
        ("order", Wish("lookup_order", '{"order_number": "4573", "email": ""}')),
        ("hours", "We are open from nine to five."),
    ]
)


class Ear(io.AudioOutput):
    """Who listens: a reply is heard the moment that it is whole."""

    def __init__(self) -> None:
        super().__init__(label="ear", capabilities=io.AudioOutputCapabilities(pause=False), sample_rate=24_000)
        self.heard_s: list[float] = []
        self._now_s = 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """More of it."""
        await super().capture_frame(frame)
        if not self._now_s:
            self.on_playback_started(created_at=0.0)
        self._now_s += frame.duration

    def flush(self) -> None:
        """It is whole."""
        super().flush()
        if self._now_s:
            heard, self._now_s = self._now_s, 0.0
            self.heard_s.append(heard)
            self.on_playback_finished(playback_position=heard, interrupted=False)

    def clear_buffer(self) -> None:
        """It is cut."""
        self.flush()


@dataclass
class Talk:
    """A call that has begun."""

    session: AgentSession[Call]
    record: Recorded
    rig: Rig
    chains: Chains
    behind: Talker
    url: str

    async def says(self, words: str) -> str:
        """What the agent answers to it."""
        result: RunResult[None] = await self.session.run(user_input=words)
        items = [event.item for event in result.events if event.type == "message"]
        return " ".join(item.text_content or "" for item in items if item.role == "assistant").strip()

    @property
    def spoken_behind(self) -> str:
        """All that the voice of the pipeline has said."""
        return letters(" ".join(self.behind.said))


def realtime_shop(rig: Rig) -> Profile:
    """The shop, with everything by the model and local ones behind."""
    shop = load_profile("shop", ROOT / "profiles").model_dump(exclude={"folder"})
    chosen = {"providers": {"realtime": rig.choice("realtime", "openai").model_dump()}, "mode": "realtime"}
    return Profile.model_validate({**shop, **chosen, "folder": ROOT / "profiles" / "shop"})


@pytest.fixture
async def talk(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    """The real mind, guards and tools of the shop on its real orders, with a voice of a test behind the model's."""
    rig, behind = connect().rig, Talker(1)
    rig.openai.mind = MIND
    profile, url = realtime_shop(rig), f"sqlite:///{tmp_path / 'shop.db'}"
    prepare_backends(profile, url, lambda: NOON)
    call, record = recorded_call(profile, backends=connect_backends(profile, url, lambda: NOON))
    toolbox, embedder = load_toolbox(profile), WordEmbedder()
    monkeypatch.setattr(catalog, "build_tts", lambda *_: behind)
    chains = Chains(profile, tmp_path, call.emit)
    understanding = build_understanding(profile, toolbox, embedder, call.now, lambda: call.speaker)
    mind = chains.with_realtime(chains.build_mind(catalog.Lent(None, understanding=lambda: understanding)))  # type: ignore[arg-type]  # nobody asks the speech process
    around = build_around(profile, toolbox, embedder, tmp_path, lambda: call.speaker)
    session: AgentSession[Call] = AgentSession(
        llm=around.llm(mind, call),
        tts=chains.build_voice(catalog.Lent(None)),  # type: ignore[arg-type]
        turn_handling=turn_handling(profile.turns),
        userdata=call,
        conn_options=PATIENCE,
    )
    Tap(call, on_busy=lambda _: None, on_close=lambda _: None).attach(session)
    session.output.audio = Ear()
    async with session:
        await session.start(Persona(profile, toolbox.tools))
        yield Talk(session, record, rig, chains, behind, url)
    assert chains.wire
    await chains.wire.aclose()


async def test_a_tool_is_asked_and_told_of_in_the_models_voice(talk: Talk) -> None:
    """The same persona, tools and events; nothing of the answer is said by another voice, and it has its price."""
    assert "Order 4573" in await talk.says("Where is my order?")
    assert not talk.behind.said and len(talk.record.of(TurnEnded)) == 1
    sessions = [event.get("session", {}) for event in talk.rig.openai.realtime.events]
    assert "start_return" in [tool["name"] for session in sessions for tool in session.get("tools", ())]
    costed = await talk.chains.aclose()
    assert costed.llm_cents > 0 and not costed.unpriced


async def test_what_changes_something_is_read_back_and_done_once_after_the_yes(talk: Talk) -> None:
    """Whatever the model says: its own "Done!" is not heard, the question is, in the voice behind it."""
    question = "Shall I start a return of order 4573?"
    rules = MIND

    def hasty(heard: object) -> str | Wish:
        found = rules(heard)  # type: ignore[arg-type]
        return "Done! It is on its way." if found == question else found

    talk.rig.openai.mind = hasty
    assert question in await talk.says("I want to return it.")
    assert letters(question) in talk.spoken_behind and "done" not in talk.spoken_behind
    assert not rows_of(talk)
    assert "is started" in await talk.says("Yes, please.")
    assert [row["order_number"] for row in rows_of(talk)] == ["4573"]


async def test_who_is_in_danger_hears_where_help_is(talk: Talk) -> None:
    """Nobody asks the model."""
    assert "nine one one" in await talk.says("I want to kill myself")
    assert not [event for event in talk.rig.openai.realtime.events if event["type"] == "response.create"]
    assert "nineoneone" in talk.spoken_behind


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.RESET, Fault.HALF_OPEN, Fault.UNAUTHORIZED, Fault.LIMITED])
async def test_a_pipeline_goes_on_in_the_same_call_with_its_history(talk: Talk, fault: Fault) -> None:
    """The local mind is asked when the model is not there, knows what was said, and is heard."""
    await talk.says("Where is my order 4573?")
    await talk.rig.openai.fail(fault)
    answer = await talk.says("start a return for it, the ZIP code is 80203")
    assert "Shall I start a return of order 4573" in answer
    assert letters(answer) in talk.spoken_behind
    replaced = [(event.provider, event.by) for event in talk.record.of(ProviderReplaced)]  # type: ignore[attr-defined]
    assert replaced == [("openai/gpt-realtime", "pipeline")] and talk.record.of(ProviderFailed)


async def test_the_model_is_asked_again_when_it_works_again(talk: Talk) -> None:
    """And learns in words what was said without it."""
    await talk.says("Where is my order 4573?")
    await talk.rig.openai.fail(Fault.RESET)
    assert await talk.says("Hello") == talk.session.userdata.profile.sentences.hello
    await talk.rig.openai.fail(None)
    assert await talk.says("Your hours?") == "We are open from nine to five."
    items = [item.text.strip() for item in talk.rig.openai.realtime.conversations[-1].items]
    assert items[0] == "Where is my order 4573?" and "Hello" in items


def rows_of(talk: Talk) -> list[dict[str, object]]:
    """The returns that were started."""
    return [dict(row) for row in snapshot(talk.url, ["order_returns"])["order_returns"]]
