"""What a person whom we have dialled makes of being asked to take a call: by a key, or by the words. A rule: no sound,
no line."""

import re
from enum import StrEnum

ACCEPT_KEY, DECLINE_KEY = "1", "2"
LONG_S = 5.0  # who picks up says a name and a greeting in less
_MACHINE = re.compile(
    r"\b(leave (me |us )?(a|your) (message|name)|after the (tone|beep)|at the (tone|beep)|voice ?mail|mailbox|"
    r"not available|unavailable|can(no|')t (take|come|get) (your call|to the phone)|reached the (desk|phone|mailbox)|"
    r"away from (my|the) (desk|phone)|get back to you|(is|are) (currently )?closed|office hours|record your message)\b"
)
_ACCEPTS = re.compile(
    r"\b(put (them|him|her|the caller|it) (through|on)|i('ll| will| can)? ?take (it|them|him|her|the call|this)|"
    r"connect (us|them|me|him|her)|send (them|him|her|it) (over|through)|go ahead|i accept|accept(ed)?|let's do it)\b"
)
_DECLINES = re.compile(
    r"\b(can(no|')t|cannot|not (now|possible|for me|my|right now|today)|busy|wrong (person|department|number)|"
    r"call (me )?back|later|somebody else|someone else|decline|no time|in a meeting|on (my )?lunch)\b"
)
_ASKS = re.compile(
    r"(\?|^(who|what|why|which|how|where|when|is it|is this|is that|does|did|do|can you|could you|say that|sorry|"
    r"pardon)\b)"
)


class Reply(StrEnum):
    """What it comes to."""

    ACCEPTS = "accepts"
    DECLINES = "declines"
    ASKS = "asks"
    MACHINE = "machine"
    NONE = "none"


def is_machine(said: str, lasted_s: float) -> bool:
    """Whether what was said at pick-up is a recording's greeting: by its words, or because nobody greets so long."""
    return bool(_MACHINE.search(_plain(said))) or lasted_s > LONG_S


def reply_of(said: str, yes_no: bool | None) -> Reply:
    """What the words mean, after the question whether they take the call; `yes_no` is what the language makes of them.
    A word that declines weighs more than one that accepts: nobody is joined by a guess."""
    words = _plain(said)
    if not words:
        return Reply.NONE
    if _MACHINE.search(words):
        return Reply.MACHINE
    if yes_no is False or _DECLINES.search(words):
        return Reply.DECLINES
    if _ASKS.search(words):
        return Reply.ASKS
    if yes_no or _ACCEPTS.search(words):
        return Reply.ACCEPTS
    return Reply.NONE


def key_reply(key: str) -> Reply:
    """What a key means."""
    return {ACCEPT_KEY: Reply.ACCEPTS, DECLINE_KEY: Reply.DECLINES}.get(key, Reply.NONE)


def _plain(said: str) -> str:
    return " ".join(said.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
