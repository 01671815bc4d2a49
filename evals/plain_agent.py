"""The baseline: an AgentSession as LiveKit's quickstart writes it, Silero's defaults, on the profile's providers.

`python -m evals.plain_agent dev`. Everything of Parley's that is not a provider is left out on purpose. Where the
profile names several providers of a role, livekit's FallbackAdapter has them, with its defaults.
"""

import asyncio
import os
import socket
from pathlib import Path

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobProcess, cli, llm, stt, tts
from livekit.plugins import silero

from agent.call.call import Call, utc_now
from agent.config import Settings
from agent.profile.profile import load_profile
from agent.providers import catalog
from agent.providers.local.speech_client import SpeechClient
from agent.thinking.llm_stack import build_understanding
from agent.tooling.toolbox import connect_backends, load_toolbox

SETTINGS = Settings.load()


def prewarm(process: JobProcess) -> None:
    """What the quickstart does: load the VAD."""
    process.userdata["vad"] = silero.VAD.load()


async def answer(context: JobContext) -> None:
    """One call, by the book."""
    profile = load_profile(SETTINGS.profile, SETTINGS.profiles_dir)
    toolbox = load_toolbox(profile)
    client = SpeechClient(Path(os.environ["PARLEY_SPEECH_SOCKET"]))
    vad = context.proc.userdata["vad"]
    call = Call(
        id=context.job.id,
        profile=profile,
        publish=lambda *_: None,
        hang_up=lambda _: context.shutdown(),
        backends=connect_backends(profile, SETTINGS.backend(profile.name), utc_now),
    )
    understanding = build_understanding(profile, toolbox, client, call.now)
    await understanding.warm()
    lent = catalog.Lent(client, vad=vad, understanding=lambda: understanding)
    hears = [catalog.build_stt(choice, lent) for choice in catalog.chain("stt", profile.providers)]
    thinks = [catalog.build_llm(choice, lent) for choice in catalog.chain("llm", profile.providers)]
    speaks = [catalog.build_tts(choice, lent) for choice in catalog.chain("tts", profile.providers)]
    session = AgentSession[Call](
        stt=stt.FallbackAdapter(hears, vad=vad) if hears[1:] else hears[0],
        llm=llm.FallbackAdapter(thinks) if thinks[1:] else thinks[0],
        tts=tts.FallbackAdapter(speaks) if speaks[1:] else speaks[0],
        vad=vad,
        userdata=call,
    )
    agent = Agent(instructions=profile.instructions, tools=list(toolbox.tools))
    await session.start(agent=agent, room=context.room, record=False)
    await session.say(profile.sentences.greeting)


def build() -> AgentServer:
    """A worker like Parley's in what is not the subject: dispatch by name, one idle process, no CPU limit."""
    server = AgentServer(
        ws_url=SETTINGS.livekit_url,
        api_key=SETTINGS.livekit_api_key,
        api_secret=SETTINGS.livekit_api_secret,
        port=SETTINGS.worker_port,
        host="127.0.0.1",
        setup_fnc=prewarm,
        num_idle_processes=1,
        load_fnc=lambda: 0.0,
    )
    server.rtc_session(answer, agent_name=SETTINGS.agent_name)
    server.on("worker_registered", lambda *_: asyncio.get_running_loop().call_later(3, _ready))
    return server


def _ready() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])


server = build()

if __name__ == "__main__":
    cli.run_app(server)
