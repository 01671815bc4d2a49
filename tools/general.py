"""What any deployment's agent may do: tell the time, note the wish for a person, say goodbye."""

from livekit.agents import RunContext, function_tool

from agent.call import Call
from agent.events import EndReason
from agent.nlu.intent import Intent, understood
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
        )
    )
)
@function_tool
async def current_date_and_time(ctx: RunContext[Call]) -> str:
    """Tell the present date, day of the week and time at the shop. Use it for any question about now or today."""
    now = ctx.userdata.now()
    return f"It is {spoken.time(now)} on {now:%A}, {now:%B} {spoken.ordinal(now.day)}, {spoken.year(now)}."


@understood(
    Intent(
        examples=(
            "I want to talk to a person",
            "can I speak to a human",
            "get me a real person please",
            "transfer me to an agent",
            "please transfer me",
            "can I speak to someone about my order",
            "I want to speak with someone",
            "let me talk to customer service",
            "can I talk to your supervisor",
            "operator",
            "representative please",
            "I don't want to talk to a machine",
            "connect me with your staff",
            "put me through to a colleague",
            "I want a human",
            "give me your manager",
            "can someone call me back",
        )
    )
)
@function_tool
async def request_human(ctx: RunContext[Call]) -> str:
    """Note that the caller wants a person, and say how to reach one.

    Use it when the caller asks for a person, is upset, or has asked twice for something you cannot do.
    """
    ctx.userdata.flag("wants_human", "the caller asked for a person")
    return ctx.userdata.profile.sentences.human


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
