"""German, as it is spoken to people whom one does not know: by "Sie"."""

import re
from pathlib import Path

import yaml
from num2words import num2words

from agent.language.de.turn_words import GERMAN
from agent.language.pack import LanguagePack
from agent.language.reading import Reader
from agent.language.text import says, with_digits_of, word_set
from agent.language.writing import CalendarWriter
from agent.language.yes_or_no import Answers, any_of

_MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
_YES_NO = Answers(
    unsure=any_of(
        """weiß (?:ich )?nicht, keine ahnung, nicht sicher, unsicher, vielleicht, eventuell, kommt dar?auf an,
        mal sehen, möglicherweise"""
    ),
    no=any_of(
        """nein, nee, nö, nicht, nie, niemals, kein(?:e|en|esfalls)?(?! problem), falsch, stornieren, abbrechen,
        lassen sie (?:es|das)"""
    ),
    yes=any_of(
        """ja, jawohl, jap, jo, doch, klar, genau, richtig, korrekt, stimmt, natürlich, selbstverständlich, gerne?,
        in ordnung, okay, ok, einverstanden, gut, passt, perfekt, prima, super, machen sie das, tun sie das,
        das (?:passt|geht|wäre gut|ist gut), alles klar, auf jeden fall, bitte, kein problem, mhm"""
    ),
    strong=any_of("ja, jawohl, auf jeden fall, natürlich, klar, genau"),
)
_CONDITIONS = re.compile(
    r"\b(?:aber|zuerst|erst|vorher|warte[n]?|moment|außer|wenn|falls|nur|sondern|lieber|statt|stattdessen|bevor|nachdem|"
    r"sobald|allerdings|jedoch)\b"
)
_DISCLOSES = re.compile(
    r"\b(?:automatische[rsn]?|virtuelle[rsn]?|digitale[rsn]?|künstliche[rsn]?)\s+(?:\w+\s+)?(?:assistent\w*|agent\w*|system|"
    r"stimme|telefonassistent\w*|intelligenz|rezeption\w*)\b|\bki\b|\bki-\w+|\bkünstliche intelligenz\b|\broboter\b|"
    r"\b(?:sprach|telefon)computer\b|\bkein(?:e)? (?:mensch|person)\b"
)
_DATE = re.compile(
    rf"(?P<before>\b\w+,?\s)?\b(?P<day>[12]?\d|3[01])\. (?P<month>{'|'.join(_MONTHS)})\b(?: (?P<year>\d{{4}}))?"
)
_DATIVE = ("am ", "dem ", "den ", "vom ", "zum ", "bis ", "ab ")


def _number(value: int) -> str:
    return str(num2words(value, lang="de"))


def _clock(hour: int, minute: int) -> str:
    said = "ein" if hour == 1 else _number(hour)
    return f"{said} Uhr {_number(minute)}" if minute else f"{said} Uhr"


def _money(sign: str, whole: str, cents: int) -> str:
    name, part = {"€": ("Euro", ""), "$": ("Dollar", "")}.get(sign, ("Pfund", ""))
    count = int(whole)
    said = f"{'ein' if count == 1 else _number(count)} {name}"
    return f"{said} {_number(cents)}{part}" if cents else said


def _dates(text: str) -> str:
    return _DATE.sub(_date, text)


def _date(match: re.Match[str]) -> str:
    before = match["before"] or ""
    nth = str(num2words(int(match["day"]), lang="de", to="ordinal"))
    nth += "n" if before.lower().replace(",", "").startswith(_DATIVE) else "r"
    year = f" {num2words(int(match['year']), lang='de', to='year')}" if match["year"] else ""
    return f"{before}{nth} {match['month']}{year}"


_SAID = yaml.safe_load(Path(__file__).with_name("sentences.yaml").read_text("utf-8"))
PACK = LanguagePack(
    code="de",
    name="German",
    called=word_set("german deutsch deutsche deutschen alemán aleman"),
    spoken_in=word_set("DE AT LI"),
    turn_words=GERMAN,
    speaking=word_set("sprechen spricht sprichst sprecht spreche reden redet weitersprechen wechseln können"),
    prepositions=word_set("auf in"),
    polite=word_set("bitte danke ja"),
    denying=word_set("nicht kein keine keinen nein nie"),
    openings=GERMAN.openers - word_set("ob wenn dass weil die der das"),
    conditions=_CONDITIONS,
    find_yes_no=_YES_NO,
    with_digits=with_digits_of("de"),
    to_words=re.compile(r"\b(?:bis|und)\b|\d ?- ?\d"),
    asks_for_phone=re.compile(
        r"\btelefon\w*\b|\bhandy\w*\b|\brufnummer\b|\bmobilnummer\b|\bnummer .*erreichen\b|\bvorwahl\b"
    ),
    asks_for_code=re.compile(r"\w*nummer\b|\bcode\b|\breferenz\b|\bziffern\b|\bstellen\b"),
    discloses_ai=says(_DISCLOSES),
    writes=CalendarWriter(
        weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        months=_MONTHS,
        a_day="{weekday}, den {day}. {month}",
        a_birth="{day}. {month} {year}",
        a_clock="{clock} Uhr",
        yes="ja",
        no="nein",
    ),
    said=Reader(
        lang="de",
        coded=re.compile(
            r"\b((?:\w*nummer|code|referenz|reservierung|endziffern)(?: (?:ist|lautet))?:? )"
            r"(\d{3,}[A-Za-z\d]*)(?![ -]?\d)",
            re.IGNORECASE,
        ),
        clock=_clock,
        money=_money,
        signs={
            "%": "Prozent",
            "&": "und",
            "+": "plus",
            "@": "at",
            "=": "gleich",
            "°": "Grad",
            "€": "Euro",
            "$": "Dollar",
            "£": "Pfund",
        },
        dates=_dates,
        one=lambda noun: "eine" if noun.endswith(("e", "ung", "heit", "keit")) or noun == "Person" else "ein",
    ),
    sentences=_SAID["sentences"],
    fillers=tuple(_SAID["fillers"]),
    distress=_SAID["distress"],
    instructions=_SAID["instructions"],
)
