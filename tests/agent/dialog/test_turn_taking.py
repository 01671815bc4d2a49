"""One call's ears, put together: what the local STT is told, and no other."""

from pathlib import Path

import pytest
from livekit.agents import AgentSession, llm
from livekit.plugins import silero

from agent.call.call import Call
from agent.config import ROOT
from agent.dialog.turn_taking import TurnTaking
from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import load_profile
from agent.providers.chains import Chains
from agent.providers.local.speech_client import SpeechClient
from agent.rules.evidence import Meant
from tests.fakes.calls import recorded_call

ORDER = "What is your order number?"
NUMBER = Slot(name="order_number", kind=SlotKind.CODE, ask=ORDER, min_length=4, max_length=4)
INTENTS = {"lookup_order": Intent(examples=(), slots=(NUMBER,))}


async def nothing(_: llm.ChatContext, __: str) -> Meant | None:
    """No understanding."""
    return None


@pytest.mark.parametrize(
    ("agent_said", "text", "kind"),
    [
        (ORDER, "One's zero", SlotKind.CODE),
        ("May I have your name?", "Dee Miller.", SlotKind.NAME),
        ("We are open until six.", "Dee Miller.", None),
        ("We are open until six.", "Where is order one's zero", SlotKind.CODE),
    ],
)
async def test_moonshine_knows_what_value_the_caller_is_asked_for_or_announces(
    agent_said: str, text: str, kind: SlotKind | None, tmp_path: Path
) -> None:
    """By the agent's last words and the caller's: its slips in such a value can be told from what was said."""
    profile = load_profile("shop", ROOT / "profiles")
    chains = Chains(profile, tmp_path, recorded_call()[0].emit)
    taking = TurnTaking(profile, INTENTS, SpeechClient(Path("nowhere")), silero.VAD.load(), chains, nothing)
    persona = taking.persona(AgentSession[Call](), [], voice=None)
    persona.saying = agent_said
    wanted = taking.lent().around.wanted(text)
    assert (wanted.kind if wanted else None) is kind
