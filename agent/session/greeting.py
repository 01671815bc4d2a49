"""The first words of a call: the greeting with the disclosure in it and what is due to be told, or, where a call is
taken up, that it goes on."""

import contextlib

from livekit.agents import AgentSession

from agent.afterwards.reminding import tell_due
from agent.call.call import Call
from agent.dialog.sayings import Sayings
from agent.events import Greeted
from agent.rescue.taking_up import Carried, Keeper


async def greet(
    call: Call, session: AgentSession[Call], sayings: Sayings, carried: Carried | None, keeper: Keeper
) -> None:
    """Returns when it is said. `carried` is what another job knew of the call; `keeper` knows whether this caller's
    last call broke off a moment ago."""
    with contextlib.suppress(RuntimeError):  # the caller has left meanwhile
        if carried:
            # outside of the history: the caller's last words are still those to be answered
            await sayings.fill(call.profile.sentences.taken_up)
            if carried.is_owed_an_answer:
                session.generate_reply()
            return
        if before := await keeper.take_up_again(call.profile.name, call.number):
            await _offer_to_go_on(call, session, sayings, before)
            return
        handle = session.say(call.profile.sentences.greeting)
        await handle
        call.emit(Greeted(is_whole=not handle.interrupted))
        if not handle.interrupted:  # who has begun to talk hears it in another call
            await tell_due(call, session.say)


async def _offer_to_go_on(call: Call, session: AgentSession[Call], sayings: Sayings, before: Carried) -> None:
    """Outside of the history: what was asked last is what is asked now. Whoever wants something else says so."""
    says = call.profile.sentences
    await session.current_agent.update_chat_ctx(before.context)
    is_whole = await sayings.fill(f"{says.greeting} {says.cut_off.format(last=before.last_words)}")
    call.emit(Greeted(is_whole=is_whole))
