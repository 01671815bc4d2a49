"""The RunContext that LiveKit gives a tool, around a call of ours."""

from livekit.agents import AgentSession, RunContext
from livekit.agents.llm import FunctionCall
from livekit.agents.voice import SpeechHandle

from agent.call.call import Call


def context_of(call: Call, tool: str = "tool") -> RunContext[Call]:
    """As if the LLM had asked for the tool in this call."""
    return RunContext(
        session=AgentSession(userdata=call),
        speech_handle=SpeechHandle.create(),
        function_call=FunctionCall(call_id="tool-call-1", name=tool, arguments="{}"),
    )
