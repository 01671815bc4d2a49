"""Each tool says whether it changes something, or stands here with the reason why nobody is asked before it runs."""

from agent.config import ROOT
from agent.intent import HAND_OVER, intent_of
from agent.profile.profile import load_profile
from agent.tooling.toolbox import load_toolbox

PROFILES = ("shop", "restaurant", "dental", "bank")
LOOKS = {  # asks a system of record, and writes nowhere
    "lookup_order", "check_shipping", "find_tables", "check_booking", "find_appointment_times", "check_appointment",
    "find_times_to_move",
    "check_opening", "current_date_and_time", "get_weather", "recall_last_call", "check_balance", "recent_transactions",
    "check_deposits", "check_spending", "analyze", "largest_payments", "run_query",
}  # fmt: skip
AT_ONCE = {
    "end_call": "the caller has just said goodbye, and can call again",
    "transfer_to_human": "who needs a person should not have to say so twice; it notes a wish that people read",
    "request_human": "the same, and it keeps nothing",
    "verify_identity": "it compares what the caller says of themselves; each try is counted whoever asks",
}


def test_every_tool_asks_looks_or_has_its_reason() -> None:
    """A new one belongs to one of them."""
    tools = {
        tool.info.name: tool for name in PROFILES for tool in load_toolbox(load_profile(name, ROOT / "profiles")).tools
    }
    asking = {name for name, tool in tools.items() if (intent := intent_of(tool)) and intent.changes_something}
    assert asking.isdisjoint(LOOKS | AT_ONCE.keys())
    handing_over = {name for name in tools if name.startswith(HAND_OVER)}  # another persona speaks; nothing is written
    assert tools.keys() <= asking | LOOKS | AT_ONCE.keys() | handing_over


def test_what_may_be_rehearsed_is_known_to_look() -> None:
    """It runs on guesses."""
    for name in PROFILES:
        assert load_toolbox(load_profile(name, ROOT / "profiles")).looking.keys() <= LOOKS
