"""Written numbers as words: counts, ordinals, money, units, ranges, fractions, years. Codes are labels.py's.

Each function takes a text and gives it back with its own kind of number said; pronounce.py knows their order.
"""

import re
from re import Match

from num2words import num2words

from agent.rules import readback

_LAKHS = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}(?![\d,])")
_ONE = ("1", "01")
NUMBER = r"(?:\d{1,3}(?:,\d{2,3})+|\d+)(?:\.\d+)?"
_SCALES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion", "lakh": "lakh", "crore": "crore"}
_SCALE = r"(?:[kKmMbB]\b|bn\b|\s?(?:thousand|million|billion|trillion|lakhs?|crores?)\b)"
_CURRENCIES = {
    "USD": ("dollar", "dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "INR": ("rupee", "rupees", "paisa", "paise"),
    "JPY": ("yen", "yen", "sen", "sen"),
    "CHF": ("franc", "francs", "centime", "centimes"),
    "AUD": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "CAD": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
}
_SIGNS = {
    "$": "USD",
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "rs": "INR",
}
_SIGN = rf"(?:(?:\b(?:US|A|C))?\$|[€£¥₹]|\b(?:Rs\b\.?|{'|'.join(_CURRENCIES)}\b))"
_RANGE_OF_MONEY = re.compile(
    rf"(?P<between>\bbetween\s)?(?P<sign>{_SIGN})\s?(?P<low>{NUMBER})\s?[-\u2013\u2014]\s?(?:{_SIGN}\s?)?(?P<high>{NUMBER})",
    re.I,
)
_SIGN_FIRST = re.compile(rf"(?P<minus>(?<!\w)-)?(?P<sign>{_SIGN})\s?(?P<amount>{NUMBER})(?P<scale>{_SCALE})?", re.I)
_SIGN_LAST = re.compile(rf"\b(?P<minus>)(?P<amount>{NUMBER})(?P<scale>{_SCALE})?\s?(?P<sign>{_SIGN})(?!\w)")
_CENTS = re.compile(rf"\b(?P<amount>{NUMBER})\s?¢")
_UNITS = {
    "km/h": "kilometers per hour", "kmh": "kilometers per hour", "mph": "miles per hour", "m/s": "meters per second",
    "km²": "square kilometers", "m²": "square meters", "sq ft": "square feet", "sq. ft.": "square feet",
    "km": "kilometers", "m": "meters", "cm": "centimeters", "mm": "millimeters", "mi": "miles", "ft": "feet",
    "kg": "kilograms", "g": "grams", "mg": "milligrams", "lbs": "pounds", "lb": "pounds", "oz": "ounces",
    "l": "liters", "L": "liters", "ml": "milliliters", "mL": "milliliters", "gal": "gallons",
    "°C": "degrees Celsius", "°F": "degrees Fahrenheit", "°": "degrees", "%": "percent",
    "KB": "kilobytes", "kB": "kilobytes", "MB": "megabytes", "GB": "gigabytes", "TB": "terabytes",
    "Mbps": "megabits per second", "Gbps": "gigabits per second", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz",
    "GHz": "gigahertz", "W": "watts", "kW": "kilowatts", "kWh": "kilowatt hours", "V": "volts", "mAh": "milliamp hours",
    "ms": "milliseconds", "s": "seconds", "sec": "seconds", "secs": "seconds", "min": "minutes", "mins": "minutes",
    "h": "hours", "hr": "hours", "hrs": "hours",
}  # fmt: skip
_UNIT = re.compile(
    rf"(?<![\w.,])(?P<minus>-)?(?P<amount>{NUMBER})[\s-]?"
    rf"(?P<unit>{'|'.join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))})(?![\w/²])"
)
_FEET = re.compile(r"\b(\d{1,2})'\s?(\d{1,2})\"")
_FRACTIONS = {"1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter", "3/4": "three quarters"}
_VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4"}
_FRACTION = re.compile(r"(?<![\w/.])(?:(?P<whole>\d+)\s)?(?P<part>1/2|1/3|2/3|1/4|3/4)(?![\w/])")
_OUT_OF = re.compile(rf"(?<![\w/])(?P<a>{NUMBER})/(?P<b>\d+)(?![\w/])")
_RANGE = re.compile(rf"(?<![\w-])(?P<low>{NUMBER}(?:%|st|nd|rd|th)?)\s?[\u2013\u2014-]\s?(?=\d)")
_PER_UNIT = re.compile(r"(?<=\d)/(kg|km|lb|oz|GB|MB|kWh|g|l|L|m²)(?!\w)")
_ORDINAL = re.compile(r"\b(\d{1,3}(?:,\d{3})*|\d+)(?:st|nd|rd|th)\b", re.I)
_DECADE = re.compile(r"(?<!\w)(?:(?P<century>1[1-9]|20)|')(?P<tens>[1-9]0)'?s\b")
_YEAR_LEADS = (
    r"(?:in|since|of|from|until|till|by|before|after|early|late|year|spring|summer|autumn|fall|winter|to|copyright)"
)
_YEAR = re.compile(rf"(?<=\b)(?P<lead>{_YEAR_LEADS}\s|\()(?P<year>1[1-9]\d\d|20\d\d)\b(?![,.]?\d|\s?%)", re.I)
_BEGUN = (
    r"built|rebuilt|founded|established|est\.?|opened|born|died|created|launched|released|published|printed|renovated|"
    r"restored|completed|incorporated|dated|discovered|started|circa|ca\.|model|vintage|class of|anno|AD|FY"
)
_CLAUSE_END = r"(?=\s*(?:[.,;:!?)\]]|$|[-\u2013\u2014]\s|(?:and|as|at|by|for|in|is|on|or|to|was|with)\b))"
_YEAR_BEGUN = re.compile(rf"\b(?P<lead>(?:{_BEGUN})\s)(?P<year>1[1-9]\d\d|20\d\d)\b{_CLAUSE_END}(?!,\d)", re.I)
_YEAR_NAMED = re.compile(rf"(?<=[\w,]\s)(?P<lead>[A-Z][a-z]+\s)(?P<year>19\d\d|20\d\d)\b{_CLAUSE_END}(?![.,]\d)")
_YEARS = re.compile(r"\b(1[1-9]\d\d|20\d\d)\s?[-\u2013\u2014]\s?(1[1-9]\d\d|20\d\d)\b")
_TIMES = re.compile(rf"(?P<a>{NUMBER})\s?[x\u00d7]\s?(?=\d)|(?P<b>{NUMBER})x\b")
_PLAIN = re.compile(rf"(?<![\w.])(?P<minus>(?<!\w)-)?(?P<number>{NUMBER}|\.\d+)(?!\w)")
_LONGEST_COUNT = 6  # digits; nobody counts further without commas: it is a code


def cardinal(number: str, locale: str = "en-US") -> str:
    """1,299.5 is "one thousand two hundred and ninety nine point five"; in India, and where it is written in their
    groups, 3,76,000 is in lakhs."""
    is_in_lakhs = locale == "en-IN" or _LAKHS.match(number)
    whole, _, part = number.replace(",", "").partition(".")
    digits = whole.lstrip("0") or "0"
    if len(digits) > 18:
        said = readback.code(digits)
    else:
        said = str(num2words(int(digits), lang="en_IN" if is_in_lakhs else "en"))
    said = said.replace("-", " ").replace(",", "") if len(digits) <= 18 else said
    return f"{said} point {' '.join(readback.code(digit) for digit in part)}" if part else said


def ordinal(number: int) -> str:
    """21 is "twenty first"."""
    return str(num2words(number, to="ordinal")).replace("-", " ").replace(",", "")


def year(number: int) -> str:
    """2026 is "twenty twenty six"."""
    return str(num2words(number, to="year")).replace("-", " ")


def money(text: str, locale: str) -> str:
    """$19.99, 50 EUR, Rs. 3,76,000, $1.5M, $5-10."""
    text = _PER_UNIT.sub(lambda m: f" per {_one(_UNITS[m[1]])}", text)
    text = _RANGE_OF_MONEY.sub(_range_of_money, text)
    for pattern in (_SIGN_FIRST, _SIGN_LAST):
        text = pattern.sub(lambda m: _money(m, locale), text)
    return _CENTS.sub(lambda m: f"{cardinal(m['amount'], locale)} {'cent' if m['amount'] == '1' else 'cents'}", text)


def _range_of_money(match: Match[str]) -> str:
    to = (
        f"{match['between']}{match['sign']}{match['low']} and"
        if match["between"]
        else f"{match['sign']}{match['low']} to"
    )
    return f"{to} {match['sign']}{match['high']}"


def _money(match: Match[str], locale: str) -> str:
    sign = match["sign"].rstrip(".").upper()
    one, many, minor, minors = _CURRENCIES[_SIGNS.get(sign) or _SIGNS.get(sign.lower()) or sign]
    whole, _, part = match["amount"].partition(".")
    minus = "minus " if match["minus"] else ""
    if match["scale"] or len(part) > 2:
        scale = (match["scale"] or "").strip().lower()
        said = f"{cardinal(match['amount'], locale)} {_SCALES.get(scale.rstrip('s'), scale)}".rstrip()
        return f"{minus}{said} {many}"
    cents = int(part.ljust(2, "0")) if part else 0
    amounts = [f"{cardinal(whole, locale)} {one if whole in _ONE else many}"] if whole.strip("0,") or not cents else []
    amounts += [f"{cardinal(str(cents))} {minor if cents == 1 else minors}"] if cents else []
    return minus + " and ".join(amounts)


def endings(text: str) -> str:
    """Ranges, and numbers that letters belong to: 2019-2024, the 21st, the 1990s, 2x."""
    text = _YEARS.sub(lambda m: f"{year(int(m[1]))} to {year(int(m[2]))}", text)
    text = _ORDINAL.sub(lambda m: _ordinal(m[1]), _DECADE.sub(_decade, _RANGE.sub(r"\g<low> to ", text)))
    return _TIMES.sub(lambda m: f"{m['a']} by " if m["a"] else f"{m['b']} times", text)


def units(text: str, locale: str) -> str:
    """5 km, -3°C, 10%, 250MB, 5'10"."""
    text = _FEET.sub(lambda m: f"{cardinal(m[1])} foot {cardinal(m[2])}", text)
    return _UNIT.sub(lambda m: _unit(m, locale), text)


def _unit(match: Match[str], locale: str) -> str:
    name = _UNITS[match["unit"]]
    if match["amount"] == "1":
        name = _one(name)
    if locale != "en-US":
        name = re.sub(r"(met|lit)er", r"\1re", name)
    return f"{'minus ' if match['minus'] else ''}{cardinal(match['amount'], locale)} {name}"


def _one(unit: str) -> str:
    """ "Kilometers per hour" is "kilometer per hour", "square feet" is "square foot"."""
    square, name = ("square ", unit[7:]) if unit.startswith("square ") else ("", unit)
    first, *rest = name.split(" ")
    single = {"feet": "foot", "hertz": "hertz", "percent": "percent"}.get(first, first.removesuffix("s"))
    return square + " ".join([single, *rest])


def numbers(text: str, locale: str) -> str:
    """What is left: years, fractions, counts."""
    for pattern in (_YEAR, _YEAR_BEGUN, _YEAR_NAMED):
        text = pattern.sub(lambda m: f"{m['lead']}{year(int(m['year']))}", text)
    text = re.sub(f"[{''.join(_VULGAR)}]", lambda m: f" {_VULGAR[m[0]]}", text)
    text = _FRACTION.sub(_fraction, text)
    text = _OUT_OF.sub(lambda m: f"{m['a']} out of {m['b']}", text)
    return _PLAIN.sub(lambda m: _plain(m, locale), text)


def _ordinal(written: str) -> str:
    digits = written.replace(",", "")
    return ordinal(int(digits)) if len(digits) <= _LONGEST_COUNT else readback.code(digits)


def _decade(match: Match[str]) -> str:
    tens = cardinal(match["tens"])[:-1] + "ies" if match["tens"] != "10" else "tens"
    return f"{cardinal(match['century'])} {tens}" if match["century"] else tens


def _fraction(match: Match[str]) -> str:
    part = _FRACTIONS[match["part"]]
    return (
        f"{match['whole']} and {part.replace('one half', 'a half').replace('one ', 'a ')}" if match["whole"] else part
    )


def _plain(match: Match[str], locale: str) -> str:
    number = match["number"]
    is_code = number.isdigit() and (len(number) > _LONGEST_COUNT or (number.startswith("0") and len(number) > 1))
    said = readback.code(number) if is_code else cardinal(number, locale)
    return f"minus {said}" if match["minus"] else said
