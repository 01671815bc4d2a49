"""Whether a caller who has just fallen silent has dictated all of a number, in a language that has no more than its
LanguagePack; agent/understanding/dictation/dictation knows English better."""

import re

from agent.language.pack import LanguagePack
from agent.language.text import plain
from agent.rules.endpointing import Dictated

_PHONE, _LOCAL, _CODE = 9, 7, 4  # digits that such a number has at least
_GROUP = 2  # more than so many are no count
_TAIL = re.compile(r"\+?\d(?:[\s.,/-]*\d)*\W*$")


def dictated(text: str, asked: str, language: LanguagePack) -> Dictated:
    """By the digits at the end of the turn's text so far, and by what the agent's last words asked for."""
    found = _TAIL.search(language.with_digits(text))
    digits = re.sub(r"\D", "", found[0]) if found else ""
    if not digits:
        return Dictated.NONE
    if language.asks_for_phone.search(plain(asked)):
        return (
            Dictated.WHOLE if len(digits) >= _PHONE else Dictated.OPEN if len(digits) >= _LOCAL else Dictated.UNFINISHED
        )
    if language.asks_for_code.search(plain(asked)):
        return Dictated.WHOLE if len(digits) >= _CODE else Dictated.UNFINISHED
    is_alone = found is not None and found.start() == 0  # digits that nobody asked for: more may come
    return Dictated.UNFINISHED if is_alone and _GROUP < len(digits) < _PHONE else Dictated.NONE
