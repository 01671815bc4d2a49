"""Capitals that are no words: Roman numerals ("World War II", "Henry VIII") and initials that are spelled ("UPS")."""

import re
from re import Match

from agent.speaking.amounts import cardinal, ordinal

_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_NUMERAL = r"(?=[IVXLC]+\b)(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_COUNTED = (
    r"[Cc]hapters?|[Pp]arts?|[Vv]olumes?|[Vv]ol\.?|[Bb]ooks?|[Aa]cts?|[Ss]cenes?|[Aa]rticles?|[Ss]ections?|[Tt]itles?|"
    r"[Pp]hases?|[Tt]ypes?|[Cc]lass|[Ss]tages?|[Gg]rades?|[Ll]evels?|[Tt]iers?|[Ff]igures?|[Tt]ables?|[Aa]ppendix|"
    r"[Cc]ategory|[Gg]roups?|[Ee]pisodes?|[Ss]easons?|[Rr]ounds?|[Uu]nits?|[Mm]ark|Wars?|Bowl|Games"
)
_AFTER_NOUN = re.compile(rf"\b(?P<before>(?:{_COUNTED})\s)(?P<numeral>{_NUMERAL})\b")
_TITLES = (
    r"King|Queen|Pope|Emperor|Empress|Tsar|Czar|Kaiser|Sultan|Prince|Princess|Duke|Saint|Sir|Lord|Mr\.?|Dr\.?|Prof\.?"
)
_CROWNED = (
    r"Henry|George|Charles|Edward|James|William|Richard|Louis|Elizabeth|Philip|Frederick|Napoleon|Alexander|Catherine|"
    r"Nicholas|Pius|Paul|Gregory|Benedict|Francis|Leo|Clement|Innocent|Leopold|Rameses|Ramses|Ptolemy|Wilhelm|Ivan"
)
_TITLED = re.compile(rf"\b(?P<before>(?:{_TITLES})\s(?:[A-Z][a-z]+\s){{1,2}})(?P<numeral>{_NUMERAL})\b")
_RULER = re.compile(rf"\b(?P<before>(?:{_CROWNED})\s)(?P<numeral>(?!I\b){_NUMERAL})\b")
_NO_NAMES = r"An?|The|Your|My|His|Her|Our|Their|This|That|No|Any|For|With|By|Via|In|On|And|Or|To|If|Is"
_AFTER_NAME = re.compile(rf"\b(?!(?:{_NO_NAMES})\s)(?P<before>[A-Z][a-z]+\s)(?P<numeral>[IVX]{{2,}})\b")
_WHOLE = re.compile(rf"{_NUMERAL}$")

# an apostrophe or a hyphen that no word follows is a mark, and part of nothing
_IN_WORD = r"[^\W_]"
_INITIALS = re.compile(rf"(?<!{_IN_WORD})(?<!{_IN_WORD}['-])[A-Z]{{2,4}}(?=(?:'?s)?(?!['-]?{_IN_WORD}))")
_JOINED = re.compile(r"\b[A-Z]{2}(?=\s?&\s?[A-Z]\b)|(?<=[A-Z]&)[A-Z]{2}\b")  # AT&T
_SHOUTED = re.compile(r"\b[A-Z]{5,}\b|\b[A-Z]{2,4}\s+[A-Z]{2,4}\s+[A-Z]{2,4}\b")
_FOR_WEIGHT = (
    "ALL ALSO AM AN AND ANY ARE AS ASK AT BE BEEN BEST BIG BOTH BUT BY CALL CAN DAY DID DO DONE DOWN EACH END EVEN "
    "EVER FIVE FOR FOUR FREE FROM FULL GET GO GOOD HAD HAS HAVE HE HER HERE HIM HIS HOW IF IN INTO IS ITS JUST KEEP "
    "KNOW LAST LESS LIKE LONG LOW MADE MAKE MANY MAY ME MORE MOST MUCH MUST MY NEED NEW NEXT NO NONE NOR NOT NOTE NOW "
    "OF OFF OH OLD ON ONCE ONE ONLY OPEN OR OUR OUT OVER OWN PAY PER PLUS REAL SAFE SALE SAME SAY SEE SHE SIX SO SOME "
    "STOP SUCH SURE TAKE TEN THAN THAT THE THEM THEN THEY THIS TO TOO TRUE TWO UP USE VERY WAIT WANT WAS WE WELL WERE "
    "WHAT WHEN WHO WHY WILL WITH YES YET YOU YOUR ZERO"
)
_ACRONYMS = "AIDS ASAP FIFA GIF IBAN IKEA JPEG LAN NASA NATO OPEC PAN PIN RAM ROM SEPA SIM SWAT UEFA VAT WAN ZIP"
_WORDS = frozenset(f"{_FOR_WEIGHT} {_ACRONYMS}".split())


def numerals(text: str) -> str:
    """Roman numerals: after a noun that is numbered or a name as a count, after a ruler's name "the second"."""
    text = _AFTER_NOUN.sub(lambda m: f"{m['before']}{cardinal(str(_value(m['numeral'])))}", text)
    for pattern in (_TITLED, _RULER):
        text = pattern.sub(lambda m: f"{m['before']}the {ordinal(_value(m['numeral']))}", text)
    return _AFTER_NAME.sub(_after_name, text)


def initials(text: str) -> str:
    """UPS is "U P S"; capitals that are shouted, and acronyms such as NASA, stay words."""
    if _SHOUTED.search(text):
        return text
    text = _JOINED.sub(lambda m: " ".join(m[0]), text)
    return _INITIALS.sub(lambda m: m[0] if m[0] in _WORDS else " ".join(m[0]), text)


def _after_name(match: Match[str]) -> str:
    numeral = match["numeral"]
    return f"{match['before']}{cardinal(str(_value(numeral)))}" if _WHOLE.match(numeral) else match[0]


def _value(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
