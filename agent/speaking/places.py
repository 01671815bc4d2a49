"""Written places as words: "12 St. James St.", "500 5th Ave NW", "Albany, NY 12207"."""

import re
from re import Match

from agent.rules import readback
from agent.speaking.amounts import cardinal

_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "D C", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii",
    "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
_ALSO_WORDS = {"HI", "ID", "IN", "MD", "ME", "OK", "OR", "PR"}  # after a comma they need a ZIP code to be a state
_NAMED_STATES = "|".join([*_STATES, *_STATES.values()])
_ZIP = re.compile(rf"\b(?P<state>{_NAMED_STATES})\b,?\s+(?P<zip>\d{{5}})\b(?:-(?P<more>\d{{4}})\b)?")
_LONG_ZIP = re.compile(r"(?<![\w-])(\d{5})-(\d{4})(?![\w-])")
_LAST_ZIP = re.compile(r"(?<=[A-Za-z],\s)(\d{5})(?=\s*(?:[.,;:!?]\s|[.,;:!?]?$))")
_STATE = re.compile(rf"(?<=[a-z],\s)(?P<state>{'|'.join(_STATES.keys() - _ALSO_WORDS)})\b(?=\s*(?:[.,;:!?)]|$))")
_STREETS = {
    "St": "Street", "Ave": "Avenue", "Av": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Dr": "Drive", "Ln": "Lane",
    "Ct": "Court", "Pl": "Place", "Sq": "Square", "Hwy": "Highway", "Pkwy": "Parkway", "Cir": "Circle",
    "Terr": "Terrace", "Expy": "Expressway",
}  # fmt: skip
_WINDS = {"N": "North", "S": "South", "E": "East", "W": "West"} | {
    "NE": "Northeast", "NW": "Northwest", "SE": "Southeast", "SW": "Southwest",
}  # fmt: skip
_WIND = rf"(?:{'|'.join(sorted(_WINDS, key=len, reverse=True))})"
_NAME = r"(?:[A-Z][a-z'\w-]+|\d+(?:st|nd|rd|th))"
_STREET = rf"(?P<street>{'|'.join([*_STREETS.values(), *_STREETS])})\b(?P<dot>\.?)(?P<side>\s{_WIND}\b\.?)?"
_HOUSE = re.compile(
    rf"\b(?P<house>\d{{1,5}})(?P<letter>[A-Z]?)\s(?P<wind>{_WIND}\b\.?\s)?"
    rf"(?P<name>(?:(?:St\.|{_NAME})\s){{1,4}}?){_STREET}"
)
_NO_HOUSE = re.compile(
    rf"(?P<before>\b\w+\s)?(?P<wind>\b{_WIND}\.\s)?(?P<saint>\bSt\.\s)?\b(?P<name>{_NAME}\s)(?!Street|Drive){_STREET}"
)
_ON = {"on", "off", "down", "along", "at", "to", "of", "near", "from", "in", "past", "up", "and", "between"}
_BEFORE_SAINT = {"Port", "Fort", "Mount", "Mt", "Lake", "Sault", "Cape", "Bay", "Point", "Isle", "New", "Old"}
_TWICE_A_TITLE = {"St", "Dr"}  # a saint or doctor where a name follows
_NEXT_NAME = re.compile(r"\s+[A-Z][a-z]")
_PARTS = ((re.compile(r"\b(?:Ste|STE)\.?(?=\s\d)"), "Suite"), (re.compile(r"\b[Bb]ldg\.?(?=\s)"), "Building"))
_LONGEST_PAIRED = 4  # digits of a house number; five are said one by one


def places(text: str) -> str:
    """Streets with their house numbers, directions, states and ZIP codes. Names of persons are marks.py's."""
    text = _ZIP.sub(lambda m: f"{_STATES.get(m['state'], m['state'])} {_zip(m['zip'], m['more'])}", text)
    text = _LONG_ZIP.sub(lambda m: _zip(m[1], m[2]), text)
    text = _LAST_ZIP.sub(lambda m: _zip(m[1], None), text)
    text = _STATE.sub(lambda m: _STATES[m["state"]], text)
    for pattern, words in _PARTS:
        text = pattern.sub(words, text)
    return _NO_HOUSE.sub(_unnumbered, _HOUSE.sub(_numbered, text))


def _zip(code: str, more: str | None) -> str:
    return ", ".join(" ".join(readback.DIGITS[int(digit)] for digit in part) for part in (code, more) if part)


def _numbered(match: Match[str]) -> str:
    house = match["house"] + match["letter"] if match["letter"] else _house(match["house"])
    name = match["name"].replace("St. ", "Saint ")
    return f"{house} {_wind(match['wind'])}{name}{_street(match)}"


def _unnumbered(match: Match[str]) -> str:
    before, name = match["before"] or "", match["name"].strip()
    is_title = match["street"] in _TWICE_A_TITLE and _NEXT_NAME.match(match.string, match.end())
    if is_title and (name in _BEFORE_SAINT or (before.strip().lower() not in _ON and not match["saint"])):
        return match[0]
    return f"{before}{_wind(match['wind'])}{'Saint ' if match['saint'] else ''}{name} {_street(match)}"


def _street(match: Match[str]) -> str:
    """Its dot is the sentence's as well, where a new one begins."""
    is_end = match["dot"] and not match["side"] and re.match(r"\s*$|\s+[A-Z]", match.string[match.end() :])
    side = f" {_WINDS[match['side'].strip().rstrip('.')]}" if match["side"] else ""
    return f"{_STREETS.get(match['street'], match['street'])}{side}{'.' if is_end else ''}"


def _wind(written: str | None) -> str:
    return f"{_WINDS[written.strip().rstrip('.')]} " if written else ""


def _house(number: str) -> str:
    """221 is "two twenty one", 1600 "sixteen hundred", 12345 is said digit by digit."""
    if len(number) > _LONGEST_PAIRED or number.startswith("0"):
        return " ".join(readback.DIGITS[int(digit)] for digit in number)
    head, tail = number[:-2], number[-2:]
    if not head or number.endswith("000"):
        return cardinal(number)
    if tail == "00":
        return f"{cardinal(head)} hundred"
    return f"{cardinal(head)} {'oh ' if tail[0] == '0' else ''}{cardinal(tail)}"
