"""What people said, cut for other people's wishes: templates by what is done with a sentence and which values it holds.

A file has a line a turn, with the columns dialogue, service, intent, acts, slots, utterance and system_before, parted
by tabs; the day of all of them is 1 March 2019. docs/strangers.md says where such a file comes from.
"""

import csv
import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

from agent.errors import ConfigError
from evals.strangers import surfaces

TODAY = date(2019, 3, 1)
COLUMNS = ("dialogue", "service", "intent", "acts", "slots", "utterance", "system_before")
# Which of their slots is which of a wish's values, and how it is written.
_SLOTS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("date", "appointment_date"), ("day", surfaces.DAY)),
    **dict.fromkeys(("time", "appointment_time"), ("at", surfaces.TIME)),
    **dict.fromkeys(("number_of_seats", "party_size"), ("party", surfaces.COUNT)),
    **dict.fromkeys(("recipient_account_name", "recipient_name"), ("payee", surfaces.TEXT)),
    **dict.fromkeys(("amount", "transfer_amount"), ("amount", surfaces.SUM)),
    "account_type": ("kind", surfaces.TEXT),
}
KINDS = dict(_SLOTS.values())
# Whom they called, and on what: the services of their data that are like one of ours, and what is put for theirs.
_HOUSES: Mapping[str, tuple[str, frozenset[str]]] = {
    "restaurant": ("Restaurants_", frozenset({"ReserveRestaurant"})),
    "dental": ("Services_", frozenset({"BookAppointment", "FindProvider"})),
    "bank": ("Banks_", frozenset({"CheckBalance", "TransferMoney"})),
}
_WHOM = re.compile(
    r"\b(?:family |general |hair |eye )?(?:psychologist|psychiatrist|therapist|doctor|physician|stylist|salon|"
    r"hairdresser|counsell?or|dermatologist|gynecologist|barber)\b",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:him|her|unisex|hair\w*|beard|movie|hotel|cab|emotional\w*|depress\w*|stress\w*|anxi\w*|therapy|cuisine|"
    r"food|recipient|their|another|other|instead|again|there|else|nearby|city|area|tickets?|ride|show|song|visit it|"
    r"once more|one more|try|retry|fail\w*|sorry|"
    r"next \{day\}|next week|this week|later)\b|next \{day\}",
    re.IGNORECASE,
)
_NAMES = re.compile(r"(?<=[a-z,;0-9}] )(?!I\b|I'|AM\b|PM\b|OK\b|Okay\b|Thanks?\b)[A-Z]\w+")
_OF_A_WISH = frozenset({"open", "tell", "correct"})
_ANY_HOUSE = re.compile(r"\b(?:restaurants?|therapists?|dentists?|providers?|stylists?|place|account)\b", re.IGNORECASE)
_LONGEST = 8  # words of what is said to any house; longer ones are about theirs
_PLACE = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with places for values, `{day}`, and the form of each."""

    text: str
    forms: Mapping[str, str] = field(default_factory=dict)

    @property
    def slots(self) -> frozenset[str]:
        """The values that it holds."""
        return frozenset(self.forms)

    def filled(self, values: Mapping[str, object], today: date) -> str:
        """The sentence with these values."""
        said = {
            slot: surfaces.said(KINDS.get(slot, ""), values[slot], today, form) for slot, form in self.forms.items()
        }
        return _PLACE.sub(lambda place: said[place[0][1:-1]], self.text)


Key = tuple[str, str, str]  # the house, what they wanted, what they did with the sentence


class Words:
    """Templates of a file. `used` counts those that were taken."""

    def __init__(self, found: Mapping[Key, Iterable[Template]]) -> None:
        self._found = {
            key: list({template.text: template for template in templates}.values()) for key, templates in found.items()
        }
        self.used: set[str] = set()

    def choose(
        self, rng: random.Random, house: str, wish: str, act: str, slots: Iterable[str] = (), most: Iterable[str] = ()
    ) -> Template | None:
        """One whose values are at least `slots` and at most those and `most`; None where nobody said such a thing."""
        least = frozenset(slots)
        all_of_them = least | frozenset(most)
        there = self._found.get((house, wish, act), [])
        fitting = [one for one in there if least <= one.slots <= all_of_them]
        if not fitting:
            return None
        chosen = rng.choice(fitting)
        self.used.add(chosen.text)
        return chosen

    def __len__(self) -> int:
        return sum(len(templates) for templates in self._found.values())


def read_words(path: Path) -> Words:
    """The templates of a file, plain or gzipped. Raises ConfigError."""
    found: dict[Key, list[Template]] = {}
    for key, template in _templates(_lines(path)):
        found.setdefault(key, []).append(template)
    if not found:
        raise ConfigError(f"{path}: no line of it is about a table, an appointment or an account")
    return Words(found)


def _lines(path: Path) -> Iterator[dict[str, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            rows = csv.DictReader(lines, delimiter="\t")
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
                raise ConfigError(
                    f"{path}: the first line needs a column {missing[0]!r}; docs/strangers.md has them all"
                )
            yield from rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: cannot be read ({type(error).__name__}); give a file with --words") from None


def _templates(lines: Iterable[Mapping[str, str]]) -> Iterator[tuple[Key, Template]]:
    for line in lines:
        house = next((name for name, (service, _) in _HOUSES.items() if line["service"].startswith(service)), "")
        act = _act(line["acts"] or "")
        if not house or not act or not line["utterance"]:
            continue
        template = cut(line["utterance"], _slots(line["slots"]), TODAY)
        if template is None:
            continue
        wish = {"FindProvider": "BookAppointment"}.get(line["intent"], line["intent"]) if act in _OF_A_WISH else ""
        if act == "open" and line["intent"] not in _HOUSES[house][1]:
            continue
        if house == "dental":
            template = Template(_WHOM.sub("dentist", template.text), template.forms)
        is_of_house = act in _OF_A_WISH or act == "ask"
        is_for_any = len(template.text.split()) <= _LONGEST and not _ANY_HOUSE.search(template.text)
        if (is_of_house or is_for_any) and not _OF_OTHERS.search(template.text):
            yield (house if is_of_house else "", wish, act), template


def _act(acts: str) -> str:
    """What we would do with the sentence; "" for nothing."""
    if "INFORM_INTENT" in acts:
        return "open" if acts in {"INFORM_INTENT", "INFORM+INFORM_INTENT"} else ""
    return {
        "INFORM": "tell",
        "INFORM+NEGATE": "correct",
        "AFFIRM": "agree",
        "SELECT": "take",
        "REQUEST": "ask",
        "REQUEST_ALTS": "others",
        "THANK_YOU": "thank",
        "NEGATE+THANK_YOU": "leave",
        "GOODBYE+THANK_YOU": "leave",
    }.get(acts, "")


def _slots(cell: str) -> dict[str, str]:
    try:
        found = json.loads(cell) if cell else {}
    except ValueError:
        return {"?": "?"}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {"?": "?"}


def cut(utterance: str, slots: Mapping[str, str], today: date) -> Template | None:
    """The sentence as a template; None when a value of it is not found, or something in it is only theirs."""
    text, forms = " ".join(utterance.split()), {}
    for name, value in slots.items():
        slot, kind = _SLOTS.get(name, ("", ""))
        meant = _value(kind, value)
        place = surfaces.find(kind, meant, today, text) if meant is not None else None
        if place is None or slot in forms:
            return None
        start, end, forms[slot] = place
        text = f"{text[:start]}{{{slot}}}{text[end:]}"
    rest = _PLACE.sub("", text)
    if re.search(r"\d|\"", rest) or _NAMES.search(text) or text.count("{") != len(forms):
        return None
    return Template(text, forms)


def _value(kind: str, value: str) -> object | None:
    try:
        match kind:
            case surfaces.DAY:
                return date.fromisoformat(value)
            case surfaces.TIME:
                return time.fromisoformat(value)
            case surfaces.COUNT | surfaces.SUM:
                return int(value)
            case surfaces.TEXT:
                return value
    except ValueError:
        return None
    return None
