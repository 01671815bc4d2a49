"""Yes, no and neither, as people say them; "not sure" and "yes, no" are neither."""

import re
from functools import lru_cache

from agent.nlu.words import plain

_UNSURE = re.compile(r"\b(not sure|unsure|don't know|dunno|maybe|perhaps|possibly|not certain|let me think|depends)\b")
_NO = re.compile(
    r"\b(no|nope|nah|nay|negative|never|don't|do not|not really|not now|not yet|i don't think so|not correct|"
    r"not right|incorrect|wrong|stop|cancel that|rather not|not at all|absolutely not|of course not)\b"
)
_YES = re.compile(
    r"\b(yes|yeah|yep|yup|yea|ya|aye|sure|correct|right|exactly|affirmative|absolutely|definitely|certainly|of course|"
    r"go ahead|do it|do that|please do|that's it|that's fine|sounds good|fine|okay|ok|all right|alright|i do|i would|"
    r"i'd like that|i'd love|uh huh|mm hmm|mhm|why not|by all means|confirm|confirmed|perfect|please)\b"
)
_STRONG_YES = re.compile(r"\b(yes|yeah|yep|yup|sure|go ahead|correct|exactly|absolutely|definitely)\b")


_BARE = re.compile(
    r"(?:(?:yes|yeah|yep|yup|sure|no|nope|nah|okay|ok|please|thanks|thank you|not really|i do|of course|go ahead|do it|"
    r"that's right|correct|don't)[,. ]*)+"
)


def is_bare(text: str) -> bool:
    """True when nothing but yes or no, and please or thanks, was said."""
    return bool(_BARE.fullmatch(plain(text).strip(" .,!?")))


@lru_cache(maxsize=512)
def find_yes_no(text: str) -> bool | None:
    """True, False, or None when it is neither or both."""
    said = plain(text).replace("-", " ")
    if _UNSURE.search(said) or "no problem" in said:
        return None
    said = re.sub(r"\bwhy not\b", "yes", said)
    is_no, is_yes = bool(_NO.search(said)), bool(_YES.search(_NO.sub(" ", said)))
    if is_no and _STRONG_YES.search(said):
        return None
    if is_no:
        return False
    return True if is_yes else None
