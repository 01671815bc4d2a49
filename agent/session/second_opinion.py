"""Second opinion: what a large model makes of whoever picked up a call of ours, by LiveKit's answering machine
detection. The first opinion is rules/answering.py's."""

from typing import Any

from livekit.agents import AgentSession, llm
from livekit.agents.voice.amd import AMD, AMDCategory

from agent.call.call import Call
from agent.rules.answering import Who

_WHO = {
    AMDCategory.HUMAN: Who.PERSON,
    AMDCategory.MACHINE_VM: Who.VOICEMAIL,
    AMDCategory.MACHINE_UNAVAILABLE: Who.VOICEMAIL,
    AMDCategory.MACHINE_IVR: Who.MENU,
}


async def second_opinion(session: AgentSession[Call], model: llm.LLM[Any]) -> Who | None:
    """Who it is, as soon as the model is sure; None when it is not. Nothing can be said meanwhile: cancel it first."""
    async with AMD(
        session,
        llm=model,
        stt=None,  # the words are those of the session's own ears
        interrupt_on_machine=False,
        ivr_detection=False,  # outgoing.py finds its way through menus
        suppress_compatibility_warning=True,
        wait_until_finished=False,
    ) as detector:
        verdict = await detector.execute()
    return _WHO.get(verdict.category)
