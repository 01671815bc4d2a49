"""Whether an e-mail address or a spelled name was dictated to its end: an address ends with its domain, a spelling with
the name that was said before it."""

import re

from agent.understanding.dictation.expected import Expected
from agent.understanding.reading.addresses import dictated, find_email
from agent.understanding.reading.spelling import said_before, spelled
from agent.understanding.reading.trailing import (
    NONE,
    OPEN,
    UNFINISHED,
    WHOLE,
    Completeness,
    before_value,
    is_aside,
    promises,
)
from agent.understanding.reading.words import NOISES, word_set, words

_ADDRESS_HANGS = word_set("at dot underscore dash hyphen plus minus point sign and double is it's")
_USUAL_DOMAINS = re.compile(
    r"\.(?:com|org|net|edu|gov|io|info|biz|dev|app|me|eu|us|uk|de|fr|es|it|nl|ca|au|in|ie|ch|at|be|se|no|nz|za|jp|"
    r"example|test|email|online|shop)$"
)
_LONG_ADDRESS = 8  # words; whoever says more is telling a story


def judge_email(said: str) -> Completeness:
    """Whole with a domain that nothing follows: "dot co" may be "dot co dot uk"."""
    bare = re.sub(r"[\s,.]*\b(?:please|thanks|thank you)\b", "", said).rstrip(" .,!?-")
    last = (words(bare) or [""])[-1]
    if last in _ADDRESS_HANGS | NOISES and not is_aside(said):
        return UNFINISHED
    found = find_email(bare)
    if found and dictated(bare).rstrip(".").endswith(found):
        return WHOLE if _USUAL_DOMAINS.search(found) else OPEN
    if found or is_aside(said) or said.endswith("?"):
        return NONE
    if not spelled(bare) and before_value(said) is not NONE:
        return before_value(said)
    is_begun = "@" in dictated(bare) or len(words(bare)) <= _LONG_ADDRESS
    return UNFINISHED if is_begun else NONE


def judge_name(said: str, wanted: Expected) -> Completeness:
    """A spelling ends when it has spelled the name that was said before it; alone it may always go on."""
    signs, before = spelled(said), said_before(said)
    if signs and before and not is_aside(said):
        if before == signs:
            return WHOLE
        return UNFINISHED if before.startswith(signs) else OPEN
    if signs:
        return OPEN if len(signs) > 2 else UNFINISHED
    if promises(said):
        return UNFINISHED
    if wanted.is_spelled and re.fullmatch(r"[a-z]\W*", said):
        return UNFINISHED
    return before_value(said)
