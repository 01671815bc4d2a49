"""Each language has all that the engine asks of one; Spanish and German say what their callers say."""

import re
from datetime import date, time

import pytest

from agent.language.asking import asked_for, is_all, surely_in
from agent.language.dictating import dictated
from agent.language.emergency import NUMBERS, told
from agent.language.moments import moments
from agent.language.packs import ENGLISH, known, language, pack
from agent.profile.profile import Sentences
from agent.rules.endpointing import Dictated, is_unfinished
from agent.rules.interruption import Overlap, Verdict, judge
from agent.understanding.consent import agrees

OTHERS = [code for code in known() if code != ENGLISH]
OWN = {"greeting", "help", "only_english", "other_languages", "distress"}  # a profile's, and those of English alone
SUNDAY = date(2026, 11, 29)


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_says_all_that_the_agent_says_by_itself(code: str) -> None:
    """With the places that the English sentence has, and that an AI speaks where the language changes."""
    said, english = pack(code).sentences, Sentences(greeting="", help="")
    assert set(said) == set(Sentences.model_fields) - OWN
    for name, sentence in said.items():
        assert re.findall(r"\{\w+\}", sentence) == re.findall(r"\{\w+\}", getattr(english, name)), name
    assert pack(code).discloses_ai(said["switched"]) and pack(code).discloses_ai(said["ai"])
    assert len(pack(code).fillers) > 1
    assert pack(code).name in pack(code).instructions


@pytest.mark.parametrize("code", known())
@pytest.mark.parametrize("country", NUMBERS)
def test_a_language_says_where_help_is_in_each_country(code: str, country: str) -> None:
    """Both numbers are in it."""
    assert all(number in told(pack(code).distress, country) for number in NUMBERS[country])


def test_an_unknown_language_has_english_turn_words_and_no_pack() -> None:
    """Whoever trains for another language begins there."""
    assert language("xx") is pack("en").turn_words
    with pytest.raises(KeyError):
        pack("xx")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "Sí."), ("es", "si"), ("es", "sí, por favor"), ("es", "Vale, perfecto."), ("es", "claro que sí"),
        ("es", "de acuerdo"), ("es", "no hay problema"), ("es", "así es, gracias"), ("de", "Ja."), ("de", "ja, genau"),
        ("de", "Passt."), ("de", "gerne"), ("de", "Kein Problem."), ("de", "in Ordnung, danke"), ("de", "das stimmt"),
    ],
)  # fmt: skip
def test_this_is_consent(code: str, text: str) -> None:
    """A yes and nothing but a yes."""
    assert agrees(text, code)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "no"), ("es", "sí, pero a las nueve"), ("es", "no sé"), ("es", "¿sí?"), ("es", "para cinco personas"),
        ("es", "si hay terraza, sí"), ("es", "no está bien"), ("es", "sí, cuando venga mi marido"), ("de", "nein"),
        ("de", "ja, aber um neun"), ("de", "das stimmt nicht"), ("de", "vielleicht"),
        ("de", "nein, ja"), ("de", "wie bitte?"),
        ("de", "ja, wenn es draußen ist"), ("de", "für fünf Personen"),
    ],
)  # fmt: skip
def test_this_is_no_consent(code: str, text: str) -> None:
    """A condition, a question, a doubt, a no, or something else."""
    assert not agrees(text, code)


@pytest.mark.parametrize(
    ("code", "text", "day", "at"),
    [
        ("es", "mañana a las ocho de la noche", date(2026, 11, 30), ("20:00",)),
        ("es", "el 3 de diciembre", date(2026, 12, 3), ()),
        ("es", "el viernes a las 20:30, por favor", date(2026, 12, 4), ("20:30",)),
        ("es", "pasado mañana", date(2026, 12, 1), ()),
        ("de", "morgen um acht Uhr abends", date(2026, 11, 30), ("20:00",)),
        ("de", "übermorgen um 20 Uhr", date(2026, 12, 1), ("20:00",)),
        ("de", "am dritten Dezember", date(2026, 12, 3), ()),
        ("de", "am Freitag um halb acht", date(2026, 12, 4), ("07:30", "19:30")),
    ],
)
def test_days_and_times_are_read(code: str, text: str, day: date, at: tuple[str, ...]) -> None:
    """By Duckling, with their places in the text, accents or not."""
    (found,) = moments(text, SUNDAY, language=code)
    assert (found.day, found.at) == (day, at)
    assert text.startswith(text[found.start : found.end].strip()[:2])


@pytest.mark.parametrize(
    ("code", "written", "said"),
    [
        ("es", "el viernes 27 de noviembre a las 20:30", "el viernes veintisiete de noviembre a las veinte treinta"),
        ("es", "Su referencia es 4571.", "Su referencia es cuatro cinco siete uno."),
        ("es", "Son 25,50 € por 1 persona", "Son veinticinco euros con cincuenta céntimos por una persona"),
        ("es", "con el número 555-0142", "con el número cinco cinco cinco, cero uno cuatro dos"),
        (
            "de",
            "am Freitag, den 27. November um 20:00 Uhr",
            "am Freitag, den siebenundzwanzigsten November um zwanzig Uhr",
        ),
        ("de", "Ihre Referenz ist 4571.", "Ihre Referenz ist vier fünf sieben eins."),
        ("de", "Das sind 25,50 € für 1 Person", "Das sind fünfundzwanzig Euro fünfzig für eine Person"),
        ("de", "unter 030 1234567", "unter null drei null, eins zwei drei, vier fünf sechs sieben"),
    ],
)
def test_what_is_written_is_said(code: str, written: str, said: str) -> None:
    """Days, times, money, codes and telephone numbers; no figure is left."""
    read = pack(code).said
    assert read is not None and not re.search(r"\d", read(written))
    assert read(written).replace(",", "") == said.replace(",", "")


@pytest.mark.parametrize("code", OTHERS)
def test_values_are_written_with_their_day(code: str) -> None:
    """The weekday of a day, the year of a birth, an hour to 24."""
    writes = pack(code).writes
    assert "27" in writes.day(date(2026, 11, 27)) and "2026" not in writes.day(date(2026, 11, 27))
    assert "1990" in writes.birth(date(1990, 5, 3)) and "20:30" in writes.clock(time(20, 30))


@pytest.mark.parametrize(
    ("spoken", "text", "wanted", "is_everything"),
    [
        ("en", "Do you speak Spanish?", "es", True),
        ("en", "¿habla español?", "es", True),
        ("en", "Sprechen Sie Deutsch?", "de", True),
        ("en", "auf Deutsch, bitte", "de", True),
        ("en", "Spanish please", "es", True),
        ("en", "Hola, ¿habla español? Quiero reservar una mesa para cuatro.", "es", False),
        ("es", "No hablo español, ¿habla inglés?", "en", True),
        ("de", "können wir Englisch sprechen?", "en", True),
        ("en", "I don't speak Spanish", "", True),
        ("en", "Is there a Spanish restaurant in town?", "", False),
        ("en", "I'd like the Spanish omelette", "", False),
        ("en", "do you have a German menu", "", False),
        ("es", "¿habla español?", "", True),
        ("en", "Do you speak French?", "", False),
    ],
)
def test_a_language_is_asked_for(spoken: str, text: str, wanted: str, *, is_everything: bool) -> None:
    """By its name and a word of speaking; a dish, a restaurant and a denial ask for none."""
    assert asked_for(text, known(), spoken) == wanted
    if wanted:
        assert is_all(text, known()) is is_everything


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Quiero reservar una mesa para cuatro", "es"), ("Hola buenas tardes", "es"), ("I would like a table", "en"),
        ("Ich hätte gern einen Tisch", "de"),
        ("Guten Tag, ich möchte reservieren", "de"), ("Buenos días", ""),
        ("une table pour deux personnes s'il vous plaît", ""),
    ],
)  # fmt: skip
def test_first_words_tell_a_language(text: str, code: str) -> None:
    """Of those offered; two words, and another language, tell none."""
    assert surely_in(text, frozenset(known()), 0.4) == code


@pytest.mark.parametrize(
    ("code", "said", "asked", "found"),
    [
        ("es", "seis uno dos tres", "¿Cuál es su número de teléfono?", Dictated.UNFINISHED),
        ("es", "seis uno dos tres cuatro cinco seis siete ocho", "¿Cuál es su número de teléfono?", Dictated.WHOLE),
        ("es", "cuatro cinco", "¿Cuál es el número de la reserva?", Dictated.UNFINISHED),
        ("es", "para cuatro personas", "¿Para cuántas personas?", Dictated.NONE),
        ("de", "null eins fünf zwo", "Wie ist Ihre Telefonnummer?", Dictated.UNFINISHED),
        ("de", "null drei null eins zwei drei vier fünf sechs sieben", "Ihre Telefonnummer, bitte?", Dictated.WHOLE),
        ("de", "für vier Personen", "Für wie viele Personen?", Dictated.NONE),
    ],
)
def test_a_dictated_number_is_waited_for(code: str, said: str, asked: str, found: Dictated) -> None:
    """By its digits and by what was asked."""
    assert dictated(said, asked, pack(code)) is found


@pytest.mark.parametrize(
    ("code", "said", "verdict"),
    [
        ("es", "ajá, ya", Verdict.GO_ON), ("es", "sí, sí", Verdict.GO_ON),
        ("es", "espere un momento", Verdict.STOP),
        ("es", "perdone, quiero otra cosa", Verdict.STOP),
        ("de", "mhm, genau", Verdict.GO_ON), ("de", "ach so", Verdict.GO_ON),

        ("de", "Moment mal bitte", Verdict.STOP), ("de", "nein, um neun", Verdict.STOP),
    ],
)  # fmt: skip
def test_turn_words_hold_or_stop_the_agent(code: str, said: str, verdict: Verdict) -> None:
    """A listener's noises let it go on, whoever wants the floor gets it."""
    overlap = Overlap(said, agent_says="...")
    assert judge(overlap, language(code)).verdict is verdict


@pytest.mark.parametrize(
    ("code", "text", "is_open"),
    [
        ("es", "Quiero una mesa para", True), ("es", "Me gustaría", True), ("es", "Quiero una mesa para cuatro", False),
        ("es", "¿Dónde está?", False), ("de", "Ich hätte gern einen Tisch für", True), ("de", "und dann", False),
        ("de", "Ich hätte gern einen Tisch für vier", False), ("de", "weil", True),
    ],
)  # fmt: skip
def test_nobody_ends_on_these_words(code: str, text: str, *, is_open: bool) -> None:
    """Articles, prepositions and beginnings."""
    assert is_unfinished(text, language(code)) is is_open
