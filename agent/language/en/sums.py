"""Sums of money as people say them: "five hundred rupees", "two oh five", "half a lakh", "twelve dollars fifty".

One sum, said as a sum, or none: no part of a number, no range, no share of something. Which currency an account has is
not known here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from agent.language.en.numerals import DIGITS, is_numeral, value_of
from agent.language.moments import ANY_DAY, Moment, moments

MAJOR = {
    "INR": ("rupee", "rupees", "rs", "inr", "₹"),
    "USD": ("dollar", "dollars", "buck", "bucks", "usd", "$"),
    "EUR": ("euro", "euros", "eur", "€"),
    "GBP": ("pound", "pounds", "quid", "gbp", "£"),
}
_CURRENCIES = {word: code for code, words in MAJOR.items() for word in words}
_MINOR = frozenset({"p", "cent", "cents", "paisa", "paise", "pence", "penny", "pennies"})
_OF_ELSE = re.compile(
    r"\b(?:account|card|deposit|order|invoice|bill number|reference|ending|ends|last|number|no\.|digits?|pin|code|id|"
    r"room|zip|phone)(?: number| no)?(?: is| in| with| ending in| ending with| four| digits)*[\s:#]*$"
)
_DENIED = re.compile(r"\b(?:not|instead of|rather than)\s*$")
_CORRECTS = re.compile(
    r"\b(?:i mean|i meant|make that|make it|scratch that|correction|rather|actually|sorry|wait|no|nope)\b"
    r"(?! more| less)"
)
# a share, a multiple, a bound or a guess: what it comes to was not said
_BEFORE = re.compile(
    r"(?:\b(?:minus|negative|twice|thrice|times|half of|half the|half my|third of|quarter of|percent of|up to|at least|"
    r"at most|more than|less than|above|below|between|double|triple|all but|except|few|several|some|couple(?: of)?|"
    r"about|around|roughly|approximately|almost|nearly|"
    r"(?:bit|little|just|slightly|well) (?:over|under))|(?<!\w)-)(?: the| my| a| an)?\s*$"
)
_AFTER = re.compile(r"^\s*(?:%|percent|times|each|a piece|apiece|per\b|or (?:so|more|less)\b|and a bit|something|odd)")
_SHARE = re.compile(
    r"\b(?:half|halves|thirds?|quarters?|part|rest|percent|portion|share) (?:of|the|my|that|what)\b|\btwice\b"
)
_OF_A_SCALE = re.compile(r"\b(half|quarter) of a (?=(?:thousand|lakh|million|crore|billion)\b)")
_UNSURE = re.compile(r"\b(?:maybe|perhaps|not sure|unsure|i guess|don't know|can't remember|or so)\b")
_RANGE = re.compile(r"^[\s,]*(?:to|or|-|\u2013|until|till|and|through)[\s,]*$")
_TOKEN = re.compile(r"[$€£₹%]|\d(?:[\d.,]*\d)?[a-z][a-z\d]*|\d(?:[\d.,]*\d)?|[a-z]+(?:'[a-z]+)?|[,;.!?+-]")
_GLUED = re.compile(r"(?<=\d)(?=(?:rs|inr|usd|eur|gbp|rupees?|dollars?|euros?|pounds?|lakhs?|crores?|p)\b)")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount in major units with two decimals at most; `currency` is an ISO code, "" where none was said."""

    amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class _Run:
    """Numbers and currencies in a row; `sum` is None where they make no sum."""

    start: int
    end: int
    sum: Sum | None
    is_marked: bool


@lru_cache(maxsize=1024)
def find_sum(text: str) -> Sum | None:
    """The one sum that was said, more than zero; None when none was, or more than one, or not exactly."""
    lower = _OF_A_SCALE.sub(r"\1 a ", text.lower())
    if _SHARE.search(lower) or _UNSURE.search(lower):
        return None
    said = _plain(text)
    runs = _meant(_runs(said), said)
    marked = [run for run in runs if run.is_marked]
    chosen = marked or runs
    if not chosen or any(_is_bounded(run, said) for run in chosen):
        return None
    if any(_RANGE.match(said[one.end : other.start]) for one, other in pairwise(runs)):
        return None
    sums = {run.sum for run in chosen}
    found = next(iter(sums))
    return found if len(sums) == 1 and found and found.amount > 0 else None


def _meant(runs: Sequence[_Run], said: str) -> list[_Run]:
    """Those that were neither denied nor taken back: "three hundred, no, four hundred"."""
    kept: list[_Run] = []
    for run in runs:
        if _DENIED.search(said[: run.start]):
            continue
        if kept and _CORRECTS.search(said[kept[-1].end : run.start]):
            kept.clear()
        kept.append(run)
    return kept


def has_sum(text: str) -> bool:
    """True when an amount was said with its currency, or as a lakh or crore."""
    return any(run.is_marked for run in _runs(_plain(text)))


def _plain(text: str) -> str:
    """In lower case, without hyphens between words and without the days in it."""
    said = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text.lower().replace("\u2019", "'"))
    said = _GLUED.sub(" ", re.sub(r"\brs\.", "rs ", _OF_A_SCALE.sub(r"\1 a ", said)))
    for moment in reversed(moments(said, ANY_DAY)):
        start = _day_of(moment, said)
        if moment.day and re.search(r"[a-z]", said[start : moment.end]) and not _has_money(said, start):
            said = f"{said[:start]}; {said[moment.end :]}"
    return said


def _day_of(moment: Moment, said: str) -> int:
    """Where the day begins: "one twenty today" may be a sum and a day, not a time of one."""
    words = list(re.finditer(r"\S+", said[moment.start : moment.end]))
    for word in reversed(words if moment.at else ()):
        rest = moments(said[moment.start + word.start() : moment.end], ANY_DAY)
        if len(rest) == 1 and rest[0].day == moment.day and not rest[0].at:
            return moment.start + word.start()
    return moment.start


def _has_money(said: str, start: int) -> bool:
    return bool(re.search(r"[$€£₹]\s*$", said[:start]))


def _is_bounded(run: _Run, said: str) -> bool:
    return bool(_BEFORE.search(said[: run.start]) or _AFTER.match(said[run.end :]))


def _runs(said: str) -> list[_Run]:
    """The rows of numbers in the order said, without those that are of something else."""
    tokens = list(_TOKEN.finditer(said))
    runs: list[_Run] = []
    at = 0
    while at < len(tokens):
        end = _end_of_run(tokens, at)
        if end > at:
            row = tokens[at:end]
            is_pronoun = end == at + 1 and row[0][0] == "one" and at > 0  # "this one"
            if not is_pronoun and not _OF_ELSE.search(said[: row[0].start()]):
                runs.append(_run([token[0] for token in row], row[0].start(), row[-1].end()))
            at = end
        at += 1
    return runs


def _end_of_run(tokens: Sequence[re.Match[str]], at: int) -> int:
    """Behind the last token of the row that begins here; the same place when none does."""
    end = at
    for number in range(at, len(tokens)):
        word = tokens[number][0]
        following = tokens[number + 1][0] if number + 1 < len(tokens) else ""
        if _is_of_run(word):
            end = number + 1
        elif not (end == number and _joins(word, tokens[number - 1][0] if number > at else "", following)):
            break
    row = [token[0] for token in tokens[at:end]]
    return end if any(is_numeral(word) and word not in {"a", "an", "oh", "o"} for word in row) else at


def _is_of_run(word: str) -> bool:
    return is_numeral(word) or word in _CURRENCIES or word in _MINOR


def _joins(word: str, before: str, after: str) -> bool:
    """ "And" inside a number, and a comma between digits that are said one by one."""
    if word == "and":
        return _is_of_run(before) and is_numeral(after) and (before not in DIGITS or after == "a")
    return word == "," and before in DIGITS and after in DIGITS


def _run(row: Sequence[str], start: int, end: int) -> _Run:
    words = [word for word in row if word != ","]
    is_marked = any(
        word in _CURRENCIES or word in _MINOR or word in {"lakh", "lakhs", "crore", "crores"} for word in words
    )
    return _Run(start, end, _sum(words), is_marked)


def _sum(words: Sequence[str]) -> Sum | None:
    """Major units, then minor ones: "twelve dollars and fifty cents", "$12 50", "fifty paise"."""
    codes = {_CURRENCIES[word] for word in words if word in _CURRENCIES}
    if len(codes) > 1:
        return None
    currency = next(iter(codes), "")
    parts = _parts(_sign_behind(words))
    if parts is None:
        return None
    major, minor = parts
    whole = value_of(major) if major else Decimal(0)
    cents = value_of(minor) if minor else Decimal(0)
    if whole is None or cents is None or (minor and (cents >= 100 or cents != int(cents) or whole != int(whole))):
        return None
    amount = whole + cents / 100
    return Sum(amount, currency) if amount == round(amount, 2) else None


def _sign_behind(words: Sequence[str]) -> list[str]:
    """ "$ 19 and 99 cents" as "19 $ and 99 cents"; else a sign says no more than which currency it is."""
    signs = {"$", "€", "£", "₹"}
    if len(words) > 2 and words[0] in signs and words[-1] in _MINOR:
        return [words[1], words[0], *words[2:]]
    return [word for word in words if word not in signs]


def _parts(words: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """What is said in major and in minor units; None when it is said twice."""
    names = [at for at, word in enumerate(words) if word in _CURRENCIES]
    cents = [at for at, word in enumerate(words) if word in _MINOR]
    if len(names) > 1 or len(cents) > 1 or (cents and cents[0] != len(words) - 1):
        return None
    body = list(words[: cents[0]] if cents else words)
    if not names:
        return ([], body) if cents else (body, [])
    before, after = body[: names[0]], [word for word in body[names[0] + 1 :] if word != "and"]
    if not before:  # "rs 500"
        return (after, []) if not cents else None
    is_minor = bool(after) and (bool(cents) or 10 <= (value_of(after) or 0) < 100)  # "twelve dollars fifty"
    return (before, after) if is_minor or not after else None
