"""What a caller says of who they are, in any order and several at once: name, date of birth, last four digits of an
account or a card, city. Whether it is right, rules/identity decides; which is asked for next, identifying does.
"""

import re
from datetime import datetime

from agent.answer import Value
from agent.intent import Slot, SlotKind
from agent.language.en.calendar_words import MONTHS
from agent.understanding.reading.birthdays import find_birth_date, without_birth_dates
from agent.understanding.reading.codes import digits_only, sounds_as_digits
from agent.understanding.reading.slots import Heard, fill
from agent.understanding.reading.words import plain, with_digits, word_set, words

NAME, BORN, ACCOUNT, CARD, CITY = "name", "date_of_birth", "account_last_four", "card_last_four", "city"
FACTORS = (NAME, BORN, ACCOUNT, CARD, CITY)  # in the order in which they are asked for

_BORN = re.compile(rf"\b(?:born|birth(?:day|date)?|{MONTHS})\b")
_RUN = re.compile(r"\d(?:[\s-]*\d)*")
_PAUSE = re.compile(
    r"(?<=\d)(?<!\d{4})[,.]\s*(?=\d{1,3}\b)"
)  # "four, four, one, two" is one code, "4412, 7305" are two
_OF = re.compile(r"\b(card|account)\b")
_OF_AFTER = re.compile(r"^[\s,]*(?:(?:that's|is|are|on|for|of|from|my|the)\s+)*(?:debit |bank )?(card|account)\b")
_SURE_LEAD = r"\b(?:my (?:full )?name(?: is|'s)|(?:the )?name is|this is|i am called)\s+"
_LEAD = re.compile(rf"(?:{_SURE_LEAD}|\b(?:i am|i'm|it's|it is|that's)\s+)", re.IGNORECASE)
_YES = re.compile(r"^(?:(?:yes|sure|okay|ok|uh|um|well|hi|hello|no|sorry)\b[\s,.]*)+", re.IGNORECASE)
_SPELLED = re.compile(r"\b(?:[A-Za-z][\s.-]+){2,}[A-Za-z]\b")
_NAMED = re.compile(rf"{_SURE_LEAD}", re.IGNORECASE)
_I_AM = re.compile(r"\b(?:I am|I'm|i am|i'm) (?=[A-Z][\w'\u2019-]+ [A-Z])")
_END = re.compile(
    r"[,;!?]|\.(?=\s|$)|\s+(?:and|born|speaking|here|calling|from|in|of|with|my|but|so|i|i'd|can|could|who|please)\b",
    re.IGNORECASE,
)
_LIVES = re.compile(r"\b(?:i live in|living in|based in|(?:my |the )?city is|i(?:'m| am) from)\s+")
_CITY_LEAD = re.compile(r"^(?:(?:it's|it is|in|that's|yes|uh|um|i'm in)\b[\s,]*)+")
_CITY_END = re.compile(r"[,;!?.]|\s+(?:and|my|but|so|i|the|now|please|since|with|account|born)\b")
_NOBODY = word_set(
    "yes no not sure what why who when where how okay ok the a an i you we they my your it is was hello hi please "
    "don't can't know calling looking asking trying wondering account card number balance money bank born name done "
    "sorry need want would to of in one customer here already told said again nobody angry ready just really very"
)
_ASKED_NAME = Slot(name=NAME, kind=SlotKind.NAME, ask="")


def find_factors(text: str, now: datetime, asked: str = "", *, is_day_first: bool = False) -> dict[str, Value]:
    """The factors that were said; `asked` is the one that was asked for, whose answer may be terse."""
    found: dict[str, Value] = {}
    may_be_born = asked == BORN or bool(_BORN.search(plain(text)))  # "seven three oh five" alone is a card's, no day
    born = find_birth_date(text, now.date(), is_day_first=is_day_first) if may_be_born else None
    if born:
        found[BORN] = born.isoformat()
    spoken = without_birth_dates(text) if born else with_digits(text)
    fours = _last_fours(text, asked, spoken) or _last_fours(text, asked, sounds_as_digits(spoken, is_anywhere=True))
    found |= {factor: four for factor, four in fours.items() if not born or four != str(born.year)}
    if name := _name(text, asked):
        found[NAME] = name
    if city := _city(text, asked):
        found[CITY] = city
    return {factor: found[factor] for factor in FACTORS if factor in found}


def _last_fours(text: str, asked: str, spoken: str) -> dict[str, Value]:
    """Four digits with what they are of: said before them, after them, or asked for. `spoken` has no date in it."""
    if digits_only(text):
        spoken = sounds_as_digits(spoken)
    spoken = _PAUSE.sub(" ", spoken)
    found: dict[str, Value] = {}
    end = 0
    for run in _RUN.finditer(spoken):
        before, after, end_before = spoken[end : run.start()], spoken[run.end() :], end
        end = run.end()
        digits = re.sub(r"\D", "", run[0])
        if len(digits) != 4 and not 10 <= len(digits) <= 19:
            end = end_before
            continue
        named = _OF.findall(before)
        behind = _OF_AFTER.match(after)
        kind = named[-1] if named else (behind[1] if behind else "")
        factor = {"card": CARD, "account": ACCOUNT}.get(kind, asked if asked in {ACCOUNT, CARD} else "")
        if factor:
            found[factor] = digits[-4:]
    return found


def begun_name(text: str) -> str:
    """A given name alone, when a full one was asked for; empty when it is anything else."""
    said = _YES.sub("", text.strip(" .,!?"))
    lead = _LEAD.match(said)
    word = said[lead.end() :] if lead else said
    is_one = len(word.split()) == 1 and word.isalpha() and not any(one in _NOBODY for one in words(word))
    return plain(word) if is_one else ""


def _name(text: str, asked: str) -> str | None:
    """Given and family name: after "my name is", or alone when it was asked for."""
    said = _SPELLED.sub(lambda match: re.sub(r"\W", "", match[0]), text.strip().replace("\u2019", "'"))
    leads = [*_NAMED.finditer(said), *_I_AM.finditer(said)]
    if asked == NAME:
        leads += _LEAD.finditer(said)
    for lead in sorted(leads, key=lambda match: match.start(), reverse=True):
        if name := _named(said[lead.end() :]):
            return name
    if asked != NAME:
        return None
    return _named(_YES.sub("", said))


def _named(said: str) -> str | None:
    """The words up to where something else begins; "Sharma. Priya Sharma" and "Priya. Sharma." have a pause within."""
    first, *rest = _END.split(said, maxsplit=2)
    if name := _whole_name(first):
        return name
    second = rest[0] if rest else ""
    is_repeated = bool(set(words(first)) & set(words(second)))
    is_paused = len(words(first)) == len(words(second)) == 1 and len(words(said)) == 2
    return _whole_name(second if is_repeated else f"{first} {second}") if is_repeated or is_paused else None


def _whole_name(part: str) -> str | None:
    """Two words or more, or letters spelled: half a name verifies nobody."""
    if any(word in _NOBODY for word in words(part)) or any(c.isdigit() for c in with_digits(part)):
        return None
    values = fill(Heard(_ASKED_NAME, part, datetime.min, is_answer=True))  # noqa: DTZ901  # a name has no time
    return str(values[0]) if values and len(str(values[0]).split()) >= 2 else None


def _city(text: str, asked: str) -> str | None:
    said = plain(text)
    lead = list(_LIVES.finditer(said))
    if not lead and asked != CITY:
        return None
    rest = said[lead[-1].end() :] if lead else _CITY_LEAD.sub("", said)
    place = [word for word in _CITY_END.split(rest, maxsplit=1)[0].split() if word]
    is_place = 1 <= len(place) <= 3 and not any(word in _NOBODY or any(map(str.isdigit, word)) for word in place)
    return " ".join(word.capitalize() for word in place) if is_place else None
