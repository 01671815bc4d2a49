"""Where private values stand in a sentence, whoever said it, and what they are: written, spoken or spelled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.redaction import checks
from agent.redaction.cues import NUMBERS, Kind, asked_for, cue_at, cue_before
from agent.redaction.figures import NUMBER_WORD, Token, digits_of, is_sum, runs, tokens_of
from agent.redaction.mails import mails
from agent.understanding.reading.codes import sounds_as_digits
from agent.understanding.reading.words import FILLERS, with_digits, word_set, words

_DOTTED = re.compile(r"\b(?:at|dot|underscore|dash|hyphen)\b|@", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:(?:it'?s|it is|that'?s|yes|sure|okay|ok|uh|um|er|well|the|my|new|one|is|address|e-?mail|name|please|so)\b"
    r"[\s,]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,.!]*(?:\b(?:please|thanks|thank you|if you need it)\b)?[\s,.!]*$", re.IGNORECASE)
_NO_ANSWER = word_set("yes no not don't i what why who when how you sorry wait hang hold same it that this moment know")

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){3,9}\b", re.IGNORECASE)
# the same misheard: no checksum holds, and still it is somebody's
_LIKE_IBAN = re.compile(r"(?<![\w-])[A-Z]{2}-?\d{2}[A-Z\d]*(?:[ -](?=[A-Z]*\d)[A-Z\d]+)*(?![\w-])", re.IGNORECASE)
_IBAN_DIGITS, _IBAN_LETTERS = 10, 8  # at least, and at most; other machines' ids have more letters
# "my … number is": whatever a word was misheard for, what follows is the caller's own
_OWN = re.compile(r"\bmy\b(?:[ ,-]+[^\W\d_]+){1,4}[\s,:]*$", re.IGNORECASE)
_OWN_ENDS = re.compile(r"\b(?:is|was|number|code|it's|are)[\s,:]*$", re.IGNORECASE)
_NINO = re.compile(
    r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b|\b[A-Z]{2} \d{2} \d{2} \d{2} [A-D]\b"
)
_PAN = re.compile(r"\b[A-Z]{5}\d{4}[A-Z]\b")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_ID_CUE = re.compile(
    r"\b(?:passport|licen[cs]e|aadha+r|nhs|medicare|pan|ni number|national insurance|tax id|"
    r"member(?:ship)?(?: id| number)?|insurance(?: member)?(?: number)?|id)(?: number| no\.?| id)?(?: is|:|,|'s|\s)*\s",
    re.IGNORECASE,
)
_ID_VALUE = re.compile(
    r"(?=[A-Z0-9 -]*\d)(?:[A-Z0-9]*\d[A-Z0-9]*|[A-Z]{1,2}\b)(?:[ -](?:[A-Z0-9]*\d[A-Z0-9]*|[A-Z]{1,2}\b))*"
)
_PASSWORD = re.compile(
    r"\b(?:password|passphrase|passcode|secret word)(?:\s+(?:is|was)|:|,)\s+(?P<value>\S+)", re.IGNORECASE
)
_NO_PASSWORD = word_set("wrong right not too lost forgotten the a an my expired old new what that correct incorrect no")
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Mister|mr|mrs|ms|miss)\.?\s+[A-Z][\w'\u2019-]+")

_NO_STREET = (
    "down|up|the|on|in|of|a|an|to|and|at|for|from|is|are|my|your|block|blocks|more|long|other|same|this|that|next|"
    "minutes?|miles?|hours?|days?|ways?|people|times?|or|with|by|square|feet|off|away|along"
)
_STREET = re.compile(
    rf"(?<![\w$#.-])(?:\d{{1,5}}[A-Za-z]?|{NUMBER_WORD}(?:[ -]{NUMBER_WORD})*)\s+"
    rf"(?:(?!(?:{_NO_STREET})\b)[^\W_][\w'.]*\s+){{1,3}}?"
    r"(?:(?:street|avenue|ave|road|rd|lane|ln|boulevard|blvd|terrace|crescent|parkway|highway|st)\b|"
    r"(?:Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Close|Row|Gardens|Mews|Grove|Hill)\b)\.?"
    r"(?:,?\s*(?:apartment|apt|unit|flat|suite|number|#)\.?\s*\w+)?",
)
_STREET_ANY_CASE = re.compile(_STREET.pattern.replace(r"|(?:Drive", r"|(?!)(?:Drive"), re.IGNORECASE)
# what figures.py leaves to whoever reads digit by digit
_ZEROS_BEFORE = re.compile(r"(?<!['\u2019\w])(?:(?:oh|o|double|triple)[\s,-]+)+$", re.IGNORECASE)
_ZEROS_BEHIND = re.compile(r"(?:[\s,-]+(?:double |triple )?(?:oh|o)\b(?!['\u2019]))+", re.IGNORECASE)
_THE_BEFORE = re.compile(r"\bthe\s+$", re.IGNORECASE)
_SIGNS_BEFORE = re.compile(r"(?:\+|\(|\bplus\s|#)\s*$", re.IGNORECASE)
_IN_AN_ID = re.compile(r"[^\W\d_]\d|\d(?!st|nd|rd|th)[^\W\d_]")  # AJ_4hG7k22
_QUANTITY = re.compile(r"\b(?:hundred|thousand|million|billion|lakhs?|crores?|k|percent|dozen)\b|%", re.IGNORECASE)
_AREA = re.compile(r"\b(?:area|country) code\b[^.]{0,12}$|\bext(?:ension)?\.?(?: number)?\s*$", re.IGNORECASE)
_SPELLS = re.compile(r"\b(?:spell(?:ed|t|s|ing)?|name|names|e-?mail)\b", re.IGNORECASE)
_BARE = FILLERS | word_set("and then next it's is that's the it are they space dash hyphen so okay ok yes sure")
_LEAST = {Kind.CARD: 3, Kind.SECRET: 3, Kind.PHONE: 7, Kind.ACCOUNT: 3, Kind.ID: 4, Kind.IBAN: 4, Kind.ADDRESS: 3}
_LONG, _SHORT, _ROW = 7, 3, 10
_PIECE = 150  # characters; the patterns below take time that grows with the square of it
_CUT = re.compile(rf"(?<=[^\W\d_][^\W\d_])(?<!\boh)\s(?=[^\W\d_]{{2}})(?!{NUMBER_WORD}\b)", re.IGNORECASE)
_LETTERED = frozenset({Kind.ID, Kind.IBAN, Kind.ACCOUNT, Kind.SECRET, Kind.NUMBER, Kind.ADDRESS})
_LETTERED_FROM = 4  # digits for each letter
_LETTERS = 5  # so many spelled in a row are a name or an address, not the U.S.A.


@dataclass(frozen=True, slots=True)
class Found:
    """A private value: where it stands, and what it is."""

    start: int
    end: int
    kind: Kind


def find(text: str, question: str = "", going_on: Kind | None = None) -> list[Found]:
    """Every private value of a sentence, in its order, none over another. `question` is what it answers; `going_on` is
    what the turn before it had begun to dictate, if it did."""
    asked, is_asked = asked_for(question) if question else (None, False)
    if going_on is not None and is_piece(text):
        asked, is_asked = going_on, True
    found: list[Found] = []
    for start, end in _pieces(text):
        piece = _find(text[start:end], asked, is_asked=is_asked)
        found += [Found(start + one.start, start + one.end, one.kind) for one in piece]
    return found


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where a long text is cut, so that none takes long: where it can be between two words that are no figures."""
    start = 0
    while len(text) - start > 2 * _PIECE:
        window = text[start : start + 2 * _PIECE]
        cuts = [cut.start() for cut in _CUT.finditer(window) if cut.start() >= _PIECE // 2]
        end = start + (cuts[-1] if cuts else len(window))
        yield start, end
        start = end
    yield start, len(text)


def _find(text: str, asked: Kind | None, *, is_asked: bool) -> list[Found]:
    found: list[Found] = []
    for look in (_written, _addresses, _answers, _spelled, _numbers):
        for one in look(text, asked, is_asked):
            if all(one.end <= other.start or one.start >= other.end for other in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def is_piece(text: str) -> bool:
    """Whether it can be the next piece of a number that is being dictated: figures, and no word of what they are of."""
    return is_bare(text) and not cue_before(text)[1]


def is_bare(text: str) -> bool:
    """Whether nothing but figures was said, and what people say between them."""
    said = words(sounds_as_digits(with_digits(text)))
    return any(word.isdigit() for word in said) and all(word.isdigit() or word in _BARE for word in said)


def _written(text: str, *_: object) -> Iterator[Found]:
    """What has a shape of its own."""
    yield from (Found(start, end, Kind.EMAIL) for start, end in mails(text))
    yield from _ibans(text)
    for pattern, kind in ((checks.SSN, Kind.ID), (_NINO, Kind.ID), (_PAN, Kind.ID), (_POSTCODE, Kind.ADDRESS)):
        yield from (_of(match, kind) for match in pattern.finditer(text))
    for cue in _ID_CUE.finditer(text):
        value = _ID_VALUE.match(text, cue.end())
        if value and len(re.sub(r"\W", "", value[0])) >= _SHORT + 1:
            yield _of(value, Kind.ID)
    for match in _PASSWORD.finditer(text):
        if words(match["value"]) and words(match["value"])[0] not in _NO_PASSWORD:
            yield Found(match.start("value"), match.end("value"), Kind.SECRET)
    yield from (_of(match, Kind.NAME) for match in _TITLE.finditer(text))


def _ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        groups = match[0].split(" ")
        ends = [len(" ".join(groups[:count])) for count in range(len(groups), 0, -1)]
        length = next((end for end in ends if checks.is_iban(match[0][:end])), 0)  # "NL91… instead": the rest is a word
        if length:
            yield Found(match.start(), match.start() + length, Kind.IBAN)
    for match in _LIKE_IBAN.finditer(text):
        digits, letters = sum(c.isdigit() for c in match[0]), sum(c.isalpha() for c in match[0])
        if digits >= _IBAN_DIGITS and letters <= _IBAN_LETTERS and cue_at(text, *match.span()) != (None, True):
            yield _of(match, Kind.IBAN)


def _addresses(text: str, *_: object) -> Iterator[Found]:
    for pattern in (_STREET, _STREET_ANY_CASE):
        yield from (_of(match, Kind.ADDRESS) for match in pattern.finditer(text))


def _answers(text: str, asked: Kind | None, *_: object) -> Iterator[Found]:
    """What was asked for and has no shape: an address, or the beginning of an e-mail address."""
    lead = _LEAD.match(text)
    start, end = lead.end() if lead else 0, len(_TAIL.sub("", text))
    said = words(text[start:end])
    if not said or (set(said) & _NO_ANSWER and not digits_of(text)) or end <= start:
        return
    is_dictated = bool(_DOTTED.search(text)) or (len(said) <= 2 or all(len(word) == 1 for word in said))
    if asked is Kind.EMAIL and is_dictated:
        yield Found(start, end, Kind.EMAIL)
    elif asked is Kind.ADDRESS and digits_of(text):
        yield Found(start, end, Kind.ADDRESS)


def _spelled(text: str, asked: Kind | None, is_asked: bool) -> Iterator[Found]:
    """Rows of single letters, and of letters and digits."""
    for start, end, letters, digits in _rows(text):
        kind, is_cued = cue_at(text, start, end)
        private = kind if is_cued else asked
        if digits and (
            (private in _LETTERED and letters + digits > _SHORT)
            or (letters + digits >= _ROW and not (is_cued and kind is None))
        ):
            yield Found(start, end, private or Kind.NUMBER)
        elif not digits and letters >= _SHORT:
            is_name = asked in {Kind.NAME, Kind.EMAIL} or _SPELLS.search(text[:start])
            if is_name or (letters >= _LETTERS and not (is_cued and kind is None) and not (is_asked and asked is None)):
                yield Found(start, end, Kind.EMAIL if asked is Kind.EMAIL else Kind.NAME)


_SIGN = re.compile(rf"\d+|(?<!['\u2019])\b(?:[A-Za-z]|{NUMBER_WORD}|double|triple)\b", re.IGNORECASE)


def _rows(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Where letters, and digits among them, are said one after the other: start, end, how many letters and digits."""
    row: list[re.Match[str]] = []
    for sign in [*_SIGN.finditer(text), None]:
        if sign is not None and (not row or not re.search(r"[^\s,.-]", text[row[-1].end() : sign.start()])):
            row.append(sign)
            continue
        if row:
            letters = sum(len(one[0]) == 1 and one[0].isalpha() for one in row)
            digits = sum(max(1, len(digits_of(one[0]))) for one in row) - letters
            while row and row[0][0] in {"a", "I"} and len(row) > 1 and not letters > 2:  # words, in front of a letter
                row.pop(0)
                letters -= 1
            if letters >= 1 and letters + digits >= _SHORT:
                yield row[0].start(), row[-1].end(), letters, digits
        row = [sign] if sign is not None else []


def _numbers(text: str, asked: Kind | None, is_asked: bool) -> Iterator[Found]:
    is_alone = is_bare(text)
    machines = [match.span() for match in checks.MACHINE.finditer(text)]
    for run in runs(tokens_of(text), between=_BETWEEN):
        start, end = run[0].start, run[-1].end
        if any(first <= start < last for first, last in machines):
            continue
        if before := _ZEROS_BEFORE.search(text[:start]):
            start = before.start()
        if behind := _ZEROS_BEHIND.match(text[end:]):
            end += behind.end()
        kind = _kind_of_number(text, (start, end), run, asked, is_asked=is_asked, is_alone=is_alone)
        if kind is not None:
            sign = (_SIGNS_BEFORE if kind is not Kind.BORN else _THE_BEFORE).search(text[:start])
            yield Found(sign.start() if sign else start, end, kind)


_BETWEEN = word_set("uh um er hmm then for to too won ate plus")


def _kind_of_number(
    text: str, span: tuple[int, int], run: list[Token], asked: Kind | None, *, is_asked: bool, is_alone: bool
) -> Kind | None:
    start, end = span
    said = text[start:end]
    digits = "".join(c for c in with_digits(said) if c.isdecimal())
    if checks.is_card(digits):
        return Kind.CARD
    cued, is_cued = cue_at(text, start, end)
    is_day = any(token.is_month for token in run) or bool(checks.DATE.fullmatch(said))
    kind = cued if is_cued else asked
    if kind is Kind.BORN and (is_day or len(digits) >= _SHORT):
        return kind
    if kind in NUMBERS and not any(token.is_month for token in run) and "/" not in said:
        is_day = False  # "sort code 20-00-00"
    if is_day or checks.TIME.fullmatch(said) or is_sum(text, start, end):
        return None
    if is_cued and cued is Kind.PHONE and _AREA.search(text[:start]):
        return cued
    if kind is Kind.PHONE and len(digits) > _SHORT + 1 and not any(c.isalnum() for c in text[end:]):
        return kind  # the beginning of one, and no time of day: the rest comes in the next turn
    least = _SHORT - 1 if not is_cued and is_asked else _LEAST.get(kind, _LONG) if kind else _LONG
    is_answer = is_alone and is_asked and not is_cued  # "two hundred and eighty one", to "What is your code?"
    is_quantity = not is_answer and _is_quantity(text, run)
    if kind in NUMBERS | {Kind.ADDRESS} and len(digits) >= least and not is_quantity:
        return kind
    # with a cue or a question that is nobody's it is an order's, a time, how many
    is_nobodys = (is_cued or is_asked) and kind is None
    if is_nobodys or is_quantity:
        return None
    is_own = not is_cued and bool(_OWN.search(text[:start]) and _OWN_ENDS.search(text[:start]))
    one_by_one = sum(len(token.digits) == 1 for token in run)  # as nobody says how many
    return _unnamed(said, digits, is_alone=is_alone, is_code=is_own or one_by_one > _SHORT)


def _unnamed(said: str, digits: str, *, is_alone: bool, is_code: bool) -> Kind | None:
    """What a number is that no word tells of: by its length, which need not be great where it is dictated, or follows
    "my"."""
    if len(digits) >= _LONG and not (_IN_AN_ID.search(said) and _is_lettered(said)):
        return Kind.PHONE if checks.is_phone(digits) else Kind.NUMBER
    return Kind.NUMBER if (is_alone and len(digits) >= _SHORT) or (is_code and len(digits) > _SHORT) else None


def _is_lettered(said: str) -> bool:
    """Whether an id, as machines give them, has so many letters that it is no number with one misheard in it."""
    letters, digits = sum(c.isalpha() for c in said), sum(c.isdecimal() for c in said)
    return letters * _LETTERED_FROM > digits


def _is_quantity(text: str, run: list[Token]) -> bool:
    """Whether it says how many: with "hundred" or "thousand" in it, and not dictated digit by digit."""
    behind = " ".join(text[run[-1].end :].split()[:1])
    is_named = bool(_QUANTITY.search(f"{text[run[0].start : run[-1].end]} {behind}"))
    return is_named and len([token for token in run if token.digits]) < _SHORT + 2


def _of(match: re.Match[str], kind: Kind) -> Found:
    return Found(match.start(), match.end(), kind)
