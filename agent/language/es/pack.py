"""Spanish, as it is spoken to people whom one does not know: by "usted"."""

import re
from pathlib import Path

import yaml
from num2words import num2words

from agent.language.es.turn_words import SPANISH
from agent.language.pack import LanguagePack
from agent.language.reading import Reader
from agent.language.text import says, with_digits_of, word_set
from agent.language.writing import CalendarWriter
from agent.language.yes_or_no import Answers, any_of

_YES_NO = Answers(
    unsure=any_of(
        """no sé, no lo sé, no estoy segur[oa], quizás?, tal vez, a lo mejor, depende, puede ser, puede que"""
    ),
    no=any_of(
        """no(?! hay problema| pasa nada), nunca, jamás, negativo, qué va, para nada, en absoluto, tampoco, incorrecto,
        mal, cancele, cancela, déjelo"""
    ),
    # "si" without its accent is "if", unless nothing follows that it could be the condition of
    yes=any_of(
        r"""sí, si(?=\W*$|[^\w\s]| por favor| claro| gracias| señora?\b| eso| así| adelante), claro, vale, correcto,
        exacto, exactamente, eso es, así es, de acuerdo, está bien, por supuesto, desde luego, perfecto, adelante,
        hágalo, resérve[ln][oa]s?, confirmo, confirmado, afirmativo, bueno, bien, genial, ok, okay, okey, me viene bien,
        cómo no, me parece (?:bien|perfecto|estupendo), no hay problema, sin problema, por favor, ajá"""
    ),
    strong=any_of("sí, por supuesto, adelante, correcto, exacto"),
)
_CONDITIONS = re.compile(
    r"\b(?:pero|primero|antes|después|esper[ae]|salvo|excepto|menos|cuando|solo|sólo|mejor|en vez|en lugar|siempre que|"
    r"con tal|aunque)\b|\bsi (?!por favor|claro|gracias|señora?\b|eso|así|adelante)\w"
)
_DISCLOSES = re.compile(
    r"\b(?:asistente|agente|sistema|voz|recepcionista|operador[a]?)\s+(?:\w+\s+)?(?:automátic[oa]|virtual|digital|"
    r"artificial)\b|\binteligencia artificial\b|\b(?:una?\s)?ia\b|\brobot\b|\bno (?:soy|es|habla con) una persona\b"
)


def _clock(hour: int, minute: int) -> str:
    said = {1: "una", 21: "veintiuna"}.get(hour) or str(_number(hour))
    if not minute:
        return f"{said} {'hora' if hour == 1 else 'horas'}"
    return f"{said} {'cero ' if minute < 10 else ''}{_number(minute)}"


def _number(value: int) -> str:
    return str(num2words(value, lang="es"))


def _money(sign: str, whole: str, cents: int) -> str:
    one, many, part = {"€": ("euro", "euros", "céntimos"), "$": ("dólar", "dólares", "centavos")}.get(
        sign, ("libra", "libras", "peniques")
    )
    count = int(whole)
    said = f"un {one}" if count == 1 and sign != "£" else f"{_apocopated(_number(count))} {one if count == 1 else many}"
    return f"{said} con {_number(cents)} {part}" if cents else said


def _apocopated(said: str) -> str:
    """ "Veintiuno" in front of a noun."""
    return re.sub(r"uno$", "ún" if said.endswith("veintiuno") else "un", said)


_SAID = yaml.safe_load(Path(__file__).with_name("sentences.yaml").read_text("utf-8"))
PACK = LanguagePack(
    code="es",
    name="Spanish",
    called=word_set("spanish español espanol castellano spanisch"),
    spoken_in=word_set("ES MX AR CO CL PE VE EC GT CU BO DO HN PY SV NI CR PA UY"),
    turn_words=SPANISH,
    speaking=word_set("habla hablas hablan hablar hablamos hablemos hablo habláis hable seguir sigamos cambiar"),
    prepositions=word_set("en"),
    polite=word_set("por favor gracias sí si"),
    denying=word_set("no tampoco nunca"),
    openings=SPANISH.openers,
    conditions=_CONDITIONS,
    find_yes_no=_YES_NO,
    with_digits=with_digits_of("es"),
    to_words=re.compile(r"\b(?:a|al|hasta|y)\b|\d ?- ?\d"),
    asks_for_phone=re.compile(r"\btel[eé]fono\b|\bm[oó]vil\b|\bcelular\b|\bnúmero (?:de contacto|para llamar)"),
    asks_for_code=re.compile(r"\bnúmero\b|\bcódigo\b|\breferencia\b|\bdígitos\b|\bcifras\b"),
    discloses_ai=says(_DISCLOSES),
    writes=CalendarWriter(
        weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        months=(
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ),
        a_day="{weekday} {day} de {month}",
        a_birth="{day} de {month} de {year}",
        a_clock="{clock}",
        yes="sí",
        no="no",
    ),
    said=Reader(
        lang="es",
        coded=re.compile(
            r"\b((?:número|código|referencia|reserva|pedido|terminad[oa] en)(?: es)?:? )"
            r"(\d{3,}[A-Za-z\d]*)(?![ -]?\d)",
            re.IGNORECASE,
        ),
        clock=_clock,
        money=_money,
        signs={
            "%": "por ciento",
            "&": "y",
            "+": "más",
            "@": "arroba",
            "=": "igual a",
            "°": "grados",
            "€": "euros",
            "$": "dólares",
            "£": "libras",
        },
        one=lambda noun: "una" if noun.endswith("a") else "un",
    ),
    sentences=_SAID["sentences"],
    fillers=tuple(_SAID["fillers"]),
    distress=_SAID["distress"],
    instructions=_SAID["instructions"],
)
