"""What any deployment's agent may do: tell the time, say goodbye."""

from livekit.agents import RunContext, function_tool

from agent.call.call import Call
from agent.events import EndReason
from agent.intent import Intent, understood
from tools import spoken


@understood(
    Intent(
        examples=(
            "what time is it",
            "what's the time right now",
            "what day is it today",
            "what is today's date",
            "what's the date",
            "can you tell me the time",
            "which day of the week is it",
            "do you know what time it is",
            "how late is it",
            "what year is it",
        ),
        only_looks=True,
    )
)
@function_tool
async def current_date_and_time(ctx: RunContext[Call]) -> str:
    """Tell the present date, day of the week and time at the shop. Use it for any question about now or today."""
    now = ctx.userdata.now()
    return f"It is {spoken.time(now)} on {now:%A}, {spoken.day(now, year=True)}."


@understood(
    Intent(
        examples=(
            "goodbye",
            "that's all, bye",
            "bye",
            "no thanks, that's everything",
            "that's all I needed, thank you",
            "nothing else, thanks",
            "I'm done, thank you",
            "have a nice day, bye bye",
            "you can hang up now",
            "no, that's it",
            "okay thanks, goodbye",
            "I'm all set, thanks",
            "I have everything I need",
            "that will be all",
        )
    )
)
@function_tool
async def end_call(ctx: RunContext[Call]) -> str:
    """Say goodbye and end the call. Use it only when the caller says goodbye or wants nothing more."""
    ctx.userdata.hang_up(EndReason.CALLER_GOODBYE)
    return ctx.userdata.profile.sentences.goodbye
