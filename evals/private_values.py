"""Sixty private values of twelve kinds, and how a caller says each: plain, in words, or in pieces over turns."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.rules import readback

# Hashes, and ids of traces and spans: among some thousand of them any four digits stand by chance. In a database's file
# a long one has no gap to its neighbours.
_HASH = re.compile(r"(?=\d*[a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|\b[0-9a-f]{16}\b)", re.IGNORECASE)
# What was sealed, and what else is base64: what such a run says is looked at, if it says anything.
_SEALED = re.compile(r"(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{100,}", re.ASCII)


LONG = 8  # digits that are no port, time, count or part of another number by chance


@dataclass(frozen=True, slots=True)
class Canary:
    """A value, how it is said (a text for each turn), and in which forms nobody may find it."""

    kind: str
    said: tuple[str, ...]
    hidden: tuple[str, ...]


def _digits(kind: str, lead: str, *values: str) -> Iterator[Canary]:
    """Plain, in words, in two turns, in groups, and in words over two turns."""
    for index, value in enumerate(values):
        digits = re.sub(r"\D", "", value)
        half = len(digits) // 2
        words = readback.code(digits)
        first, second = readback.code(digits[:half]), readback.code(digits[half:])
        ways: tuple[tuple[str, ...], ...] = (
            (f"{lead} {value}",),
            (f"{lead} {words}",),
            (f"{lead} {digits[:half]}", digits[half:]),
            (f"{lead} {' '.join(readback.groups(digits))}",),
            (f"{lead} {first}", second),
        )
        yield Canary(kind, ways[index % len(ways)], (value, digits, *([digits[half:]] if half >= 4 else [])))


def _words(kind: str, *pairs: tuple[str, tuple[str, ...]]) -> Iterator[Canary]:
    for said, hidden in pairs:
        yield Canary(kind, tuple(said.split(" | ")), hidden)


CANARIES: tuple[Canary, ...] = (
    *_digits(
        "card", "my card number is", "4111 1111 1111 1111", "5555 5555 5555 4444", "4000-0566-5566-5556",
        "6011 0009 9013 9424", "3782 822463 10005",
    ),
    *_digits(
        "phone", "you can reach me at", "+1 202 555 0147", "(415) 555-0132", "646 555 0110", "+44 20 7946 0958",
        "713 555 0127",
    ),
    *_digits(
        "social security", "my social security number is", "078-05-1120", "219-09-9999", "536-90-4399", "457-55-5462",
        "212-09-7694",
    ),
    *_digits(
        "national id", "my Aadhaar number is", "2345 6789 1238", "9988 7766 5544", "3675 9834 6012", "4991 1866 5246",
        "2952 1874 3386",
    ),
    *_digits(
        "account", "my account number is", "00123456789", "31926819", "55779911", "70192248810", "88412207",
    ),
    *_digits("secret", "my pin is", "482193", "937164", "550281", "889104", "273914"),
    *_words(
        "iban",
        ("my IBAN is GB29 NWBK 6016 1331 9268 19", ("NWBK", "60161331926819")),
        ("the IBAN is DE89370400440532013000", ("DE89370400440532013000", "370400440532013000")),
        ("my IBAN is N L nine one A B N A zero four one seven one six four three zero zero", ("0417164300",)),
        ("IBAN FR14 2004 1010 0505 0001 3M02 606", ("3M02", "20041010")),
        ("my IBAN is ES91 2100 0418 4502 0005 1332", ("21000418450200051332",)),
    ),
    *_words(
        "e-mail",
        ("my email is quentin.osgood@example.com", ("quentin", "osgood")),
        ("my email is xanthe dot larkin at example dot org", ("xanthe", "larkin")),
        ("write to w i l b u r at hotmail dot com", ("w i l b u r", "wilbur")),
        ("it's thorvald_77+x@mail.example.net", ("thorvald",)),
        ("my email is perpetua dash finch at yahoo dot com", ("perpetua",)),
    ),
    *_words(
        "born",
        ("I was born on March 5th 1985", ("March 5th 1985", "1985-03-05", "March 5th")),
        ("my date of birth is 05/11/1972", ("05/11/1972", "1972-05-11")),
        ("born on the fourteenth of July nineteen ninety", ("fourteenth of July", "1990-07-14")),
        ("date of birth, twelve twelve nineteen seventy", ("twelve twelve nineteen seventy",)),
        ("my birthday is August twenty second", ("August twenty second",)),
    ),
    *_words(
        "address",
        ("I live at 4471 Larkspur Avenue", ("Larkspur", "4471")),
        ("send it to twelve Hollyhock Lane", ("Hollyhock",)),
        ("my new address is 88 Tamarind Street, apartment 4B", ("Tamarind",)),
        ("my zip code is nine four one zero seven", ("94107",)),
        ("ship it to 305 Bellwether Boulevard", ("Bellwether",)),
    ),
    *_words(
        "name",
        ("my name is Zephyrine Quackenbush", ("Zephyrine", "Quackenbush")),
        ("this is Thaddeus Featherstone speaking", ("Thaddeus", "Featherstone")),
        ("my name is Oluwaseun Adeyemi", ("Oluwaseun", "Adeyemi")),
        ("my last name is spelled V A N D E R M E E R", ("V A N D E R M E E R", "vandermeer")),
        ("I am Ingeborg Wolfhart and I want a person", ("Ingeborg", "Wolfhart")),
    ),
    *_words(
        "password and papers",
        ("my password is Grizzlybear77", ("Grizzlybear77",)),
        ("my passport number is X4471923", ("X4471923", "4471923")),
        ("my driver's license is MORGA657054SM9IJ", ("657054",)),
        ("my national insurance number is QQ 12 34 56 C", ("QQ 12 34 56 C",)),
        ("my PAN is ABCDE1234F", ("ABCDE1234F",)),
    ),
)  # fmt: skip


def found_in(text: str, canaries: Iterable[Canary] = CANARIES) -> list[str]:
    """Which values stand in a text: as they were said, their digits however parted, or digit by digit in words."""
    plain = _SEALED.sub(_read, _HASH.sub("", text)).casefold()
    searched = plain, re.sub(r"(?<=\d)[\s,/.()+-]{1,3}(?=\d)", "", plain), re.sub(r"\W+", " ", plain)
    return [f"{canary.kind}: {value}" for canary in canaries for value in canary.hidden if _stands(value, *searched)]


def _read(run: re.Match[str]) -> str:
    """What a run of base64 says; nothing where it is no text."""
    try:
        return urlsafe_b64decode(run[0][: len(run[0]) // 4 * 4]).decode()
    except ValueError:
        return ""


def _stands(value: str, plain: str, joined: str, words: str) -> bool:
    """`joined` has nothing between digits, `words` nothing but spaces between words."""
    # a point beside figures is a machine's: 0.6819 seconds are no 6819
    said = value.casefold()
    if said in plain and re.search(rf"(?<![^\W_])(?<!\d\.){re.escape(said)}(?![^\W_]|\.\d)", plain):
        return True
    digits = re.sub(r"\D", "", value)
    if not digits or re.search(r"[^\W\d_]", value):
        return False
    spoken = " ".join(re.findall(r"\w+", readback.code(digits)))
    if spoken in words:
        return True
    if len(digits) >= LONG:
        return digits in joined
    apart = r"[\s,/()+-]{0,3}".join(digits)
    return bool(re.search(rf"(?<![\d.]){apart}(?!\.?\d)", plain))
