"""Figures in a text: which digits and number words are one number, however they are parted, and where an e-mail address
stands. What they are of is left to cues.py and finding.py."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.language.en.calendar_words import MONTHS
from agent.language.en.sums import MAJOR, has_sum
from agent.understanding.reading.addresses import SIGNS
from agent.understanding.reading.words import with_digits, word_set

LONGEST_SUM = 80  # characters: nobody owns more
SMALL = 12  # "asked for two people twice": a lone number up to here says how many, and names nothing

NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|oh|zero|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|hundred)"
)
_MONEY = [*(re.escape(word) for words in MAJOR.values() for word in words), "lakh", "lac", "crore"]
_CURRENCY = re.compile("|".join(_MONEY), re.IGNORECASE)
_SIGN = rf"(?:{'|'.join(SIGNS)})"
EMAIL = re.compile(
    rf"[\w.+-]+\s*@\s*[\w-]+(?:\.[\w-]+)*|"
    rf"(?:(?<!['\u2019])\b\w(?: as in \w+)?[\s,]+)*(?<!['\u2019])\b[\w+-]+"
    rf"(?:[\s,]+(?:{_SIGN}\s+[\w+-]+|{NUMBER_WORD}\b))*[\s,]+at\s+[\w-]+(?:\s+(?:dot|point|period)\s+[\w-]+)+",
    re.IGNORECASE,
)
TOKEN = re.compile(r"\d+(?:st|nd|rd|th)?\b|(?:[^\W\d_][ .-]){2,}[^\W\d_]\b|[^\W_]+(?:['\u2019-][^\W_]+)*")
_MONTH = re.compile(rf"(?:{MONTHS})", re.IGNORECASE)
_WITHIN = word_set("oh o double triple point dot dash hyphen slash and")  # between a number's words
_IN_DATE = word_set("of the in")  # and only beside its month: "one of the two" is no number
_LARGE = word_set("lakh lakhs lac crore crores k m bn grand")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or figure of a text: where it stands, and its digits if it is part of a number."""

    start: int
    end: int
    text: str
    digits: str = ""
    is_month: bool = False
    is_large: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is more than what may stand between a number's words."""
        return bool(self.digits) or self.is_month or self.is_large


def tokens_of(text: str) -> list[Token]:
    """The words and figures of a text, in order."""
    return [_token(match) for match in TOKEN.finditer(text)]


def _token(match: re.Match[str]) -> Token:
    text = match[0]
    is_month, is_large = bool(_MONTH.fullmatch(text)), text.lower() in _LARGE
    return Token(match.start(), match.end(), text, digits_of(text), is_month=is_month, is_large=is_large)


def digits_of(text: str) -> str:
    """The digits of a text, those said in words too."""
    return "".join(c for c in with_digits(text) if c.isdecimal())


def figures(text: str, tokens: list[Token]) -> Iterator[tuple[tuple[int, int], str, set[str]]]:
    """Where numbers stand that are more than a small count: a run of digits or of number words, a date, a sum. With
    the digits of each, all together and part by part."""
    for run in runs(tokens):
        counted = [token for token in run if token.counts]
        digits, span = "".join(token.digits for token in counted), (run[0].start, run[-1].end)
        is_small = len(digits) <= len(str(SMALL)) and int(digits or 0) <= SMALL
        if len(counted) > 1 or not is_small or is_sum(text, *span):
            yield span, digits, {token.digits for token in counted}


def runs(tokens: list[Token], between: frozenset[str] = frozenset()) -> Iterator[list[Token]]:
    """Tokens of one number, with what stands between its words: `between`, too."""
    inside = _WITHIN | _IN_DATE | between
    run: list[Token] = []
    waiting: list[Token] = []
    for token in [*tokens, Token(0, 0, "")]:
        if not token.counts and run and token.text.lower() in inside:
            waiting.append(token)
            continue
        if run and not (token.counts and _is_one_number(run[-1], waiting, token)):
            if any(part.digits or part.is_month for part in run):
                yield run
            run = []
        run += [*waiting, token] if run else [token] * token.counts
        waiting = []


def _is_one_number(before: Token, between: list[Token], after: Token) -> bool:
    is_date = before.is_month or after.is_month
    return is_date or not any(token.text.lower() in _IN_DATE for token in between)


def is_sum(text: str, start: int, end: int) -> bool:
    """Whether a currency stands before or behind."""
    behind = " ".join(text[end:].split()[:1])
    said = f"{text[max(0, start - 2) : start].strip()}{text[start:end]} {behind}"
    return end - start <= LONGEST_SUM and bool(_CURRENCY.search(said)) and has_sum(said)
