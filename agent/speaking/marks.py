"""Written marks as words, or gone: Markdown, links, addresses, abbreviations, symbols. Numbers are amounts.py's."""

import re
import unicodedata
from re import Match

from agent.rules import readback

_MARKDOWN = (
    (re.compile(r"```[^\n]*\n?|</?[a-zA-Z][^<>\n]*>"), " "),
    (re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)"), r"\1"),
    (re.compile(r"^\s*(?:[-*_]\s?){3,}$|^\s*\|?(?:\s*:?-{3,}:?\s*\|)+\s*:?-*:?\s*$", re.MULTILINE), ""),
    (re.compile(r"^\s*(?:#{1,6}|>+|[-*+•])\s+", re.MULTILINE), ""),
    (re.compile(r"^\s*(\d{1,2})[.)]\s+", re.MULTILINE), r"\1, "),
    (re.compile(r"\*{1,3}|`+|~~|(?<!\w)_{1,3}|_{1,3}(?!\w)"), ""),
    (re.compile(r"\s*\|\s*"), ", "),
    (re.compile(r"(?<![.!?:;,\s])[ \t]*\n+\s*(?=\S)"), ". "),
)
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_DOMAINS = "com|org|net|edu|gov|io|info|biz|dev|app|co|uk|de|fr|es|eu|us|ca|au|in|example"
_LINK = re.compile(
    rf"\b(?:https?://|www\.)[^\s<>\"]+|(?<![\w.@-])(?:[A-Za-z][\w-]*\.)+(?:{_DOMAINS})\b(?:/[^\s<>\"]*)?(?![\w@])"
)
_PERIOD = r"\.?(?!\w)"
_ABBREVIATIONS: tuple[tuple[str, str], ...] = (
    (r"\be\.\s?g\.,?", "for example"),
    (r"\bi\.\s?e\.,?", "that is"),
    (r"\betc\.(?=\s+[A-Z])", "et cetera."),
    (r"\betc\b\.?", "et cetera"),
    (r"\b[Aa]pprox" + _PERIOD, "approximately"),
    (r"\bvs" + _PERIOD, "versus"),
    (r"\bMr\b\.?", "Mister"),
    (r"\bMrs\b\.?", "Missus"),
    (r"\bMs\.", "Ms"),
    (r"\bProf\.", "Professor"),
    (r"\bJr" + _PERIOD, "Junior"),
    (r"\bSr\.", "Senior"),
    (r"\bDr\b\.?(?=\s+[A-Z])", "Doctor"),
    (r"\bSt\.?(?=\s[A-Z])", "Saint"),
    (r"\bApt\.?(?=\s)", "Apartment"),
    (r"\bdept" + _PERIOD, "department"),
    (r"\bInc\.", "Incorporated"),
    (r"\bLtd" + _PERIOD, "Limited"),
    (r"\bCorp\.", "Corporation"),
    (r"\b[Ee]xt\.?(?=\s)", "extension"),
    (r"\b[Tt]el\.", "telephone"),
    (r"\bw/o\b", "without"),
    (r"\bw/(?=\s)", "with"),
    (r"\b24/7\b", "twenty four seven"),
    (r"©\s?", "copyright "),
)
_ABBREVIATED = tuple((re.compile(pattern), words) for pattern, words in _ABBREVIATIONS)
_LAST = re.compile(r"\b(?:Inc|Ltd|Corp|Jr|Sr|etc)\.(?=\s*$)")  # its dot is the sentence's as well
_PER = re.compile(r"\s?/\s?(?=(?:mo|month|yr|year|day|week|hour|hr|night|person|item|piece|unit|minute)\b)")
_AND_OR = re.compile(r"\band/or\b", re.IGNORECASE)
_EITHER = re.compile(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])")
_SYMBOLS = {
    "&": " and ", "+": " plus ", "=": " equals ", "<": " less than ", ">": " more than ", "≤": " at most ",
    "≥": " at least ", "±": " plus or minus ", "≈": " about ", "~": " about ", "%": " percent ", "°": " degrees ",
    "@": " at ", "$": " dollars ", "€": " euros ", "£": " pounds ", "₹": " rupees ", "→": " to ", "/": " slash ",
}  # fmt: skip
_PAUSES = dict.fromkeys(":;()[]{}\u2013\u2014…·•|\n", ", ")
_STRAIGHT = str.maketrans("\u2018\u2019\u02bc\u2032\u201c\u201d\u2033\u2212\u00a0\u202f", "''''\"\"\"-  ")
_PRIVATE = range(0xE000, 0xF900)  # characters of no meaning: a place kept for a word of the lexicon


def plain(text: str) -> str:
    """One form for quotes and spaces, and none of the private characters that pronounce.py keeps places with."""
    text = unicodedata.normalize("NFC", text).translate(_STRAIGHT)
    return "".join(c for c in text if ord(c) not in _PRIVATE)


def in_our_script(text: str) -> str:
    """Without the letters that the voice cannot say, before anything is read off what stands beside them."""
    return "".join(
        c if unicodedata.category(c)[0] not in "LM" or ord(c) in _PRIVATE or _is_said(c) else " " for c in text
    )


def without_markdown(text: str) -> str:
    """What a chatty LLM decorates with; a line's end becomes a sentence's."""
    for pattern, words in _MARKDOWN:
        text = pattern.sub(words, text)
    return text


def addresses(text: str) -> str:
    """E-mail and web addresses, without what nobody says of them."""
    return _LINK.sub(_link, _EMAIL.sub(lambda m: readback.address(m[0]), text))


def _link(match: Match[str]) -> str:
    written = match[0].rstrip(".,;:!?)'")
    tail = match[0][len(written) :]
    said = re.sub(r"^(?:https?://)?(?:www\.)?|[?#].*$|/$", "", written)
    return readback.address(said) + tail


def abbreviations(text: str) -> str:
    """Dr. Smith, Main St., approx., e.g., w/o, 24/7, per month."""
    text = _LAST.sub(r"\g<0>.", text)
    for pattern, words in _ABBREVIATED:
        text = pattern.sub(words, text)
    return _AND_OR.sub("and or", _PER.sub(" per ", text))


def symbols(text: str) -> str:
    """Words for the symbols that have some; anything else that is no letter, digit or pause is dropped."""
    text = _EITHER.sub(" or ", re.sub(r"\s-+\s|--+", ", ", text))
    said = "".join(_SYMBOLS.get(c) or _PAUSES.get(c) or (c if _is_said(c) else " ") for c in text)
    said = re.sub(
        r"(?<![\w\ue000-\uf8ff])['-]+|['-]+(?!\w)", lambda m: "'" if m[0] == "'" and _ends_word(m) else " ", said
    )
    said = re.sub(r"\s+(?=[.,!?])", "", " ".join(said.split()))
    said = re.sub(r"[,.]*([.!?])[,.!?]*|,{2,}", lambda m: m[1] or ",", said)
    return " ".join(re.sub(r"^[\s.,!?]+", "", re.sub(r"(?<=[,.!?])(?=\w)", " ", said)).split())


def _ends_word(match: Match[str]) -> bool:
    """ "the callers' orders" keeps its apostrophe."""
    before = match.string[: match.start()]
    return before.endswith("s")


def _is_said(character: str) -> bool:
    kind = unicodedata.category(character)
    if kind[0] == "L":  # an English voice says "Arabic letter" of each that is not Latin
        return unicodedata.name(character, "").startswith("LATIN")
    if kind[0] == "M":
        return unicodedata.name(character, "").startswith("COMBINING")  # those of other scripts go with their letters
    return kind == "Nd" or character in " .,?!'-" or ord(character) in _PRIVATE
