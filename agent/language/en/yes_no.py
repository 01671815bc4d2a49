"""Yes, no and neither, as people say them; "not sure" and "yes, no" are neither."""

import re
from functools import lru_cache

from agent.language.text import plain

_UNSURE = re.compile(r"\b(not sure|unsure|don't know|dunno|maybe|perhaps|possibly|not certain|let me think|depends)\b")
_NO = re.compile(
    r"\b(no|nope|nah|nay|negative|never|don't|do not|not really|not now|not yet|i don't think so|not correct|"
    r"not right|incorrect|wrong|(?:doesn't|does not|won't|will not|wouldn't) (?:work|suit|do|fit)|"
    r"none of (?:those|them|these)|stop|cancel that|rather not|not at all|absolutely not|of course not)\b"
)
_YES = re.compile(
    r"\b(yes|yeah|yep|yup|yea|ya|aye|sure|correct|right|exactly|affirmative|absolutely|definitely|certainly|of course|"
    r"go ahead|do it|do that|please do|that's it|that's fine|sounds good|fine|okay|ok|all right|alright|i do|i would|"
    r"i'd like that|i'd love|uh huh|mm hmm|mhm|why not|by all means|confirm|confirmed|perfect|please)\b"
)
# "That works for me", "sounds like a plan", "I'm happy with that": approval of what was just said is a yes to it.
_VERY = r"(?:(?:really|very|so|just|pretty|all|quite|also|totally|absolutely) )*"
_APPROVED = (
    rf"{_VERY}(?:an? )?(?:good|great|nice|perfect|fine|lovely|ideal|wonderful|excellent|fantastic|awesome|cool|okay|ok|"
    r"suitable|acceptable|amazing|right|correct)\b(?! (?:but|if|question|idea to))"
)
_IT = r"(?:that|this|it|which|everything|all|those|that one|this one)"
_APPROVES = re.compile(
    rf"\b{_IT}(?:'s| is|'ll be| will be| would be|'d be| sounds?| looks?| seems?) {_APPROVED}|^{_APPROVED}|"
    rf"^(?:it )?(?:sounds|looks|seems) (?:{_APPROVED}|like a plan)|"
    rf"\b{_IT} {_VERY}(?:works|suits|sounds like a plan|(?:will|would|should|'ll|'d) (?:do|work|suit))\b|"
    r"\bis (?:good|fine|great|perfect|okay) (?:for|with|by) me\b|"
    rf"\bi(?: am|'m)? {_VERY}(?:like|love|accept|agree(?: to| with)?|(?:happy|good|fine|okay) with) "
    r"(?:that|this|it)\b|"
    r"\b(?:go for it|let's (?:do|take) (?:it|that)|i'll take (?:it|that))\b"
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
    is_no, is_yes = bool(_NO.search(said)), _is_yes(_NO.sub(" ", said))
    if is_no and _STRONG_YES.search(said):
        return None
    if is_no:
        return False
    return True if is_yes else None


def _is_yes(said: str) -> bool:
    return bool(_YES.search(said) or _APPROVES.search(said))
