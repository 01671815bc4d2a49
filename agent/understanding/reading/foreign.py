"""Which language a text is in that is not spoken here. Its script alone tells most; of those that are written in Latin
letters a detector tells, which is asked only when nothing was understood. What is said then is the profile's."""

import unicodedata
from collections import Counter
from functools import lru_cache

from agent.language.asking import surely_in

UNNAMED = "und"  # a script of which we know no language; ISO 639-2's word for it
_BY_SCRIPT = {
    "ARABIC": "ar", "BENGALI": "bn", "CYRILLIC": "ru", "CJK": "zh", "DEVANAGARI": "hi", "GREEK": "el", "HANGUL": "ko",
    "HEBREW": "he", "HIRAGANA": "ja", "KATAKANA": "ja", "TAMIL": "ta", "THAI": "th",
}  # fmt: skip
_BY_LETTER = {"fa": frozenset("پچژگک"), "ur": frozenset("ٹڈڑںے"), "uk": frozenset("іїєґІЇЄҐ")}
_LATIN = "LATIN"


def by_script(text: str) -> str:
    """The language of a text most of whose letters are not Latin; "" for any other, and for one without letters."""
    scripts = Counter(_script(character) for character in text if character.isalpha())
    if 2 * scripts[_LATIN] >= scripts.total():
        return ""
    letters = frozenset(text)
    if named := next((code for code, own in reversed(_BY_LETTER.items()) if letters & own), ""):
        return named
    del scripts[_LATIN]
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]  # with them, Chinese characters are Japanese
    return "ja" if kana else _BY_SCRIPT.get(scripts.most_common(1)[0][0], UNNAMED)


@lru_cache(maxsize=256)
def by_words(text: str, known: frozenset[str]) -> str:
    """Which of the `known` languages a text of three words or more surely is in; "" when it may be English."""
    found = surely_in(text, known | {"en"})
    return "" if found == "en" else found


@lru_cache(maxsize=1024)
def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0].split("-")[0]
