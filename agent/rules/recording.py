"""Whether a call may be recorded after it was announced, or only after everybody in it has agreed: by where they are.

Where one party's knowledge is enough, everybody else is told all the same. Where nobody knows the place, all agree.
This is what the law of each place asks at the least as we understand it; a lawyer's word about yours goes before it.
"""

import re
from enum import StrEnum

import phonenumbers
from phonenumbers import geocoder


class Asks(StrEnum):
    """What must be done before a recording begins."""

    TELL = "tell"
    AGREE = "agree"


# Countries in which it is enough to be told; the United States go by state. Everywhere else all parties agree.
_TOLD = frozenset({"GB", "IE", "NZ", "IN", "JP"})
_ALL_PARTY_STATES = frozenset(
    ["CA", "CT", "DE", "FL", "IL", "MD", "MA", "MI", "MT", "NV", "NH", "OR", "PA", "VT", "WA"]
)
_STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA", "Colorado": "CO",
    "Connecticut": "CT", "Delaware": "DE", "Florida": "FL", "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID",
    "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA",
    "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN", "Mississippi": "MS",
    "Missouri": "MO", "Montana": "MT", "Nebraska": "NE", "Nevada": "NV", "New Hampshire": "NH", "New Jersey": "NJ",
    "New Mexico": "NM", "New York": "NY", "North Carolina": "NC", "North Dakota": "ND", "Ohio": "OH",
    "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA", "Rhode Island": "RI", "South Carolina": "SC",
    "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX", "Utah": "UT", "Vermont": "VT", "Virginia": "VA",
    "Washington": "WA", "Washington D.C.": "DC", "West Virginia": "WV", "Wisconsin": "WI", "Wyoming": "WY",
}  # fmt: skip
PLACE = re.compile(r"(?:[A-Z]{2}|US-[A-Z]{2})")


def place_of(number: str) -> str:
    """Where a number, E.164, was given out: "US-NY", "GB"; empty when nobody knows. Telephones travel: a place that
    asks for more than this one is not ruled out by it."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(parsed) or ""
    if region != "US":
        return region
    described = geocoder.description_for_number(parsed, "en", region="US")
    state = _STATES.get(described) or described.rpartition(", ")[2]
    return f"US-{state}" if state in _STATES.values() else ""


def asks(company: str, caller: str) -> Asks:
    """What recording a call between these two places needs."""
    return Asks.TELL if _is_told(company) and _is_told(caller) else Asks.AGREE


def _is_told(place: str) -> bool:
    country, _, state = place.partition("-")
    return bool(state) and state not in _ALL_PARTY_STATES if country == "US" else country in _TOLD


_NOT = r"(?:don't|do not|stop|not|never|without|quit|no|turn off|switch off|end|delete|rather you didn't|pause)"
_RECORD = r"(?:record(?:ed|ing|s|ings)?|tap(?:ed|ing))\b"
_REFUSES = re.compile(rf"\b{_NOT}\b(?: \w+){{0,6}} ?\b{_RECORD}")
# "don't you record the meter reading", "no record of my order", "is this not recorded?"
_OTHERWISE = re.compile(
    r"\b(?:no|not a|any) records? (?:of|for|that|on)\b"
    r"|\brecord(?:s|ed)? (?:my|the|a|that|an) (?!call|conversation|voice)"
    r"|\b(?:off|in) the records?\b|\bbroken record\b|\b(?:medical|dental|my|your|our) records\b"
)


def refuses_recording(text: str) -> bool:
    """Whether the words, at any time of a call, ask that it be not recorded. Knows English."""
    said = " ".join(text.replace("\u2019", "'").lower().split())
    return bool(_REFUSES.search(said)) and not _OTHERWISE.search(said)
