"""Whether a turn of the caller's tells of frustration, and why. Knows English.

Words are signs by themselves; how they are said is one only beside another: some people talk fast. Each sign is about
this call or whoever speaks in it: a story about a broken lamp, however angry, is what the caller wants help with.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

FRUSTRATED = 3  # turns with a sign: then a person is offered
LIKELY = 0.3  # that a turn is said in frustration; little, for one turn is not what is decided by
FASTER = 1.5  # times the caller's own pace at the start
PACED_WORDS = 5  # a pace of fewer words is none


class Sign(StrEnum):
    """What a turn showed."""

    SWEARS = "swears"
    COMPLAINS = "complains"
    DEMANDS_HUMAN = "demands_human"
    SOUNDS_LIKE_IT = "sounds_like_it"
    REPEATS = "repeats"
    TOOL_FAILED = "tool_failed"
    HURRIES = "hurries"


_SWEARS = re.compile(
    r"\b(?:fuck(?:ing|ed|s)?|shit(?:ty)?|bullshit|crap|damn ?it|dammit|god ?damn|"
    r"for (?:god|christ|heaven|fuck|pete)'?s sake|what the (?:hell|heck|fuck)|"
    r"bloody (?:hell|useless|machine|thing|robot)|jesus(?: christ)?|screw (?:you|this))\b"
)
_HOW = r"(?:so |just |absolutely |completely |really |getting |very )*"
_COMPLAINS = re.compile(
    r"\b(?:"
    rf"(?:this|that|you|it)(?: is|'s| are|'re) {_HOW}(?:ridiculous|useless|hopeless|unbelievable|stupid|a joke|"
    r"terrible|awful|pathetic|infuriating|no help|not helping|a waste of (?:my )?time|driving me (?:mad|crazy|nuts)|"
    r"not listening|annoying)|"
    r"waste of (?:my )?time|stupid (?:machine|robot|bot|computer|thing|system)|"
    r"(?:i|i've|i have) (?:already |just )+(?:told|said|gave|given|answered|explained)|"
    r"(?:i )?(?:told|said) you (?:that )?(?:already|before|twice)|"
    r"how many times (?:do|must|should|have) i|for the (?:third|fourth|fifth|last|hundredth|umpteenth) time|"
    r"(?:that's|that is|it's) not what i (?:said|asked|meant|want(?:ed)?)|"
    r"i (?:never|didn't) (?:say|said|ask|asked) (?:for )?that|"
    r"you (?:don't|do not|didn't|never|can't|cannot|keep) (?:understand(?:ing)?|listen(?:ing)?|get(?:ting)? it|"
    r"hear me|help me|asking)|are you (?:even |deaf|listening)|(?:just )?listen to me|"
    rf"(?:i'm|i am) {_HOW}(?:sick of|fed up|tired of|annoyed|angry|frustrated|losing (?:my )?patience)|"
    r"(?:forget it|never mind)[ ,]+(?:this|you|it)(?:'s| is|'re| are)|what(?:'s| is) wrong with you|"
    r"(?:can't|cannot) you (?:just|people|understand|hear)|worst (?:service|support|company)"
    r")\b"
)
_DEMANDS = re.compile(
    r"^(?:(?:no|just|please|oh|ugh|come on|hello)\b[ ,.!]*)*(?:human|agent|person|representative|operator|real person|"
    r"human being)(?:[ ,.!]+(?:please|now|human|agent|person|representative|operator))*[ ,.!]*$|"
    r"\bgive me (?:a|an|your) (?:real |actual |damn )*(?:human|person|manager|supervisor)\b|"
    r"\b(?:stop|enough)\b.*\b(?:human|person|agent|manager|someone real)\b"
)
_SHOUTS_NO = re.compile(r"\bno(?:[ ,.!]+no){2,}\b")


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of a turn of the caller's. `words_per_s` is None where it was too short, or written; `usual` is
    that of the call's first turns; `likelihood` is the learned model's that it is said in frustration, None without
    one."""

    text: str
    likelihood: float | None = None
    is_repeat: bool = False
    words_per_s: float | None = None
    usual: float | None = None
    tool_failed: bool = False


def signs_of(turn: Turn) -> tuple[Sign, ...]:
    """All that it shows, strongest first; empty for a turn like any other."""
    text = " ".join(turn.text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    found = [
        sign
        for sign, is_there in (
            (Sign.SWEARS, bool(_SWEARS.search(text))),
            (Sign.COMPLAINS, bool(_COMPLAINS.search(text) or _SHOUTS_NO.search(text))),
            (Sign.DEMANDS_HUMAN, bool(_DEMANDS.search(text))),
            (Sign.SOUNDS_LIKE_IT, turn.likelihood is not None and turn.likelihood >= LIKELY),
            (Sign.REPEATS, turn.is_repeat),
            (Sign.TOOL_FAILED, turn.tool_failed),
        )
        if is_there
    ]
    hurries = turn.words_per_s is not None and turn.usual is not None and turn.words_per_s >= FASTER * turn.usual
    return (*found, Sign.HURRIES) if found and hurries else tuple(found)
