"""Who has picked up a call of ours: a person, a voicemail, a screener, a menu, a fax, or nobody that can be heard.

Decided from the words so far, from how long they took and how long it has been silent since, and from tones. In doubt
it is a person: a machine that is talked to loses a sentence, a person who is taken for a machine loses the call.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Who it is."""

    PERSON = "person"
    VOICEMAIL = "voicemail"
    SCREENER = "screener"
    MENU = "menu"
    FAX = "fax"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What there is to judge by. `words` as far as they are transcribed; `spoke_s` is how long somebody spoke,
    `silent_s` for how long nobody has since, `since_s` the time since the line was answered. `was_asked_to_wait` is
    true until whoever said so, or another, speaks again."""

    words: str = ""
    spoke_s: float = 0.0
    silent_s: float = 0.0
    since_s: float = 0.0
    has_beeped: bool = False
    has_fax: bool = False
    was_asked_to_wait: bool = False


PAUSE_S = 0.6  # behind a greeting
WORDS_LATE_S = 2.5  # after which words that have not come do not come
GREETING_S = 3.0  # a person's own "hello" is shorter
UNHEARD_S = 4.0
LISTENS_S = 4.0  # a person who says nothing waits for us
HELD_S = 45.0  # who asked us to wait for longer has forgotten us

# Each line is what only such a machine says, as a whole: single words ("message", "press") are people's, too.
_VOICEMAIL = r"""
    \bleave (?:me |us |him |her |them )?(?:a|your)(?: \w+){0,3} (?:message|name|voicemail|number|details)\b
    \b(?:after|at|wait for) the (?:tone|beep|signal)\b
    \breached\b(?=.*\b(?:not|can't|cannot|unable|away|leave|voice|mail|after|record)\b)
    \b<cannot> (?:\w+ )?(?:come to|get to|answer|take|pick up)(?: \w+){0,3} (?:phone|call)\b
    \b(?:not available|unavailable|away from)\b(?=.*\b(?:message|tone|beep|record|call (?:you )?back|return)\b)
    \b(?:voice ?mail|voice message|answering machine|mail ?box|message service|answering service)\b
    \brecord (?:your|a) message\b
    \b(?:return your call|get back to you|call you back) (?:as soon as|when|shortly|at (?:my|our))\b
    \b<subscriber> you (?:have |are )?(?:dial\w*|call\w*|trying)(?: \w+){0,4} (?:not|unavailable|switched|busy)\b
    \bforwarded to\b.*\b(?:system|mail|service)\b
    """
_SCREENER = r"""
    \byour name and(?: \w+){0,3} (?:reason|why|purpose|what)\b
    \bsay(?:ing)? (?:your name|who you are) and why\b
    \b(?:record|state|say) your name\b(?=.*\b(?:see if|available|connect|screen|person|put you through)\b)
    \b(?:screening|call screen|screens calls|call assistant|assistant from google)\b
    \b(?:see|check|find out) (?:if|whether) (?:this|the|that) <subscriber>(?:'s| is)\b
    \b(?:before|so) i (?:can )?(?:try to )?(?:connect|put) (?:you|your call)\b
    \b(?:wants|would like|need) to know who(?:'s| is) calling\b
    """
_MENU = r"""
    \b(?:press|dial|hit|push|enter)(?: the)?(?: number)? <key>\b
    \bsay ['"]?\w+['"]?,? (?:or (?:say|press)|for|to)\b
    \b(?:main menu|following options|menu options|options have changed|listen carefully)\b
    \b(?:extension of the <subscriber>|dial by name|company directory)\b
    \bin a few words\b.*\b(?:how|what|why|reason)\b|\b(?:tell me|say) in a few words\b
    """
_NAMED = {
    "cannot": "(?:can't|cannot|can not|unable to|not able to|couldn't)",
    "subscriber": "(?:subscriber|customer|person|party|number)",
    "key": r"(?:\d|zero|one|two|three|four|five|six|seven|eight|nine|star|pound|hash)",
}
# Offers that only a person makes, whatever else they say: "she's not available, can I take a message?"
_PERSON = re.compile(r"\b(?:can|may|could|shall|should) i (?:take|give|help|ask|tell|have|get)\b|\bwho is this\b")
_WAITS = re.compile(
    r"\b(?:please |just )?(?:hold(?: on| the line| please)?$|hold (?:on|the line|please|while)|stay on the line|"
    r"one (?:moment|second|minute)|just a (?:moment|second|minute|sec)|bear with|(?:connecting|transferring) you|"
    r"let me (?:see|check|get|find)|put(?:ting)? you through|please wait)\b"
)


def _any_of(lines: str) -> re.Pattern[str]:
    spelled = "|".join(line.strip() for line in lines.strip().splitlines())
    return re.compile(re.sub(r"<(\w+)>", lambda found: _NAMED[found[1]], spelled))


_MACHINES = ((Who.SCREENER, _any_of(_SCREENER)), (Who.VOICEMAIL, _any_of(_VOICEMAIL)), (Who.MENU, _any_of(_MENU)))


def machine(words: str) -> Who | None:
    """The machine that only says such words; None for what a person may say."""
    said = _plain(words)
    if _PERSON.search(said):
        return None
    return next((who for who, pattern in _MACHINES if pattern.search(said)), None)


def asks_to_wait(words: str) -> bool:
    """Whether somebody, or a machine, will be back."""
    return bool(_WAITS.search(_plain(words)))


def judge(heard: Heard) -> Who | None:
    """Who it is; None while it is too early to say."""
    if heard.has_fax:
        return Who.FAX
    found = machine(heard.words)
    if found is Who.VOICEMAIL or (heard.has_beeped and heard.spoke_s > GREETING_S):
        return Who.VOICEMAIL
    if found is not None:
        return found if heard.silent_s >= PAUSE_S else None  # it is heard out before it is answered
    if heard.was_asked_to_wait:
        return Who.NOBODY if heard.since_s >= HELD_S else None
    if not heard.spoke_s:
        return Who.NOBODY if heard.since_s >= LISTENS_S else None
    if heard.words:
        return Who.PERSON if heard.silent_s >= PAUSE_S else None
    is_greeting = heard.spoke_s <= GREETING_S and heard.silent_s >= WORDS_LATE_S
    return Who.PERSON if is_greeting or heard.silent_s >= UNHEARD_S else None


def _plain(words: str) -> str:
    return " ".join(words.replace("\u2019", "'").lower().split()).rstrip(".!?, ")
