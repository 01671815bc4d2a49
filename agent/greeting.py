"""The first words of a call: the greeting with the disclosure in it and what is due to be told, or, where a call is
taken up, that it goes on."""

import contextlib

from livekit.agents import AgentSession

from agent.call import Call
from agent.events import Greeted
from agent.reminding import tell_due
from agent.sayings import Sayings
from agent.taking_up import Carried


async def greet(call: Call, session: AgentSession[Call], sayings: Sayings, carried: Carried | None) -> None:
    """Returns when it is said. `carried` is what another job knew of the call."""
    with contextlib.suppress(RuntimeError):  # the caller has left meanwhile
        if carried:
            # outside of the history: the caller's last words are still those to be answered
            await sayings.fill(call.profile.sentences.taken_up)
            if carried.is_owed_an_answer:
                session.generate_reply()
            return
        handle = session.say(call.profile.sentences.greeting)
        await handle
        call.emit(Greeted(is_whole=not handle.interrupted))
        if not handle.interrupted:  # who has begun to talk hears it in another call
            await tell_due(call, session.say)
