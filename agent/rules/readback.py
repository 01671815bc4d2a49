"""How a code, a telephone number or an address is said back: digit by digit, in groups that people can hold."""

import re

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIGNS = {"@": "at", ".": "dot", "_": "underscore", "-": "dash", "+": "plus", "/": "slash", "#": "number"}
LONGEST = 4
_COUNTRY = re.compile(r"\+(1|7|[2-69]\d)(?=\d{6})")  # the codes of two digits or one; of three, callers rarely say any
_COUNTRY_ENDING = re.compile(r"(?<=\.)[a-z]{2}(?=$|[/:])")
_PART = re.compile(r"[^\W\d_]+|\d+|[@._+/#-]")


def groups(code: str) -> tuple[str, ...]:
    """4571 stays one, 5550100 is 555 0100, a card's sixteen digits are four fours."""
    size = len(code)
    if size <= LONGEST:
        return (code,) if code else ()
    if size % 4 == 0:
        return _cut(code, [4] * (size // 4))
    if size % 3 == 0:
        return _cut(code, [3] * (size // 3))
    if size % 3 == 1:
        return _cut(code, [3] * (size // 3 - 1) + [4])
    return _cut(code, [3, 2] if size == 5 else [3] * (size // 3 - 2) + [4, 4])


def code(text: str) -> str:
    """ "5550100" is "five five five, zero one zero zero". Letters stay, anything else is dropped."""
    kept = "".join(c for c in text if c.isalpha() or c.isdecimal())
    return ", ".join(" ".join(_character(c) for c in group) for group in groups(kept))


def phone(number: str) -> str:
    """An E.164 number, or one as it was said: "+15550100199" begins with "plus one"."""
    country, parts = phone_groups(number)
    said = ", ".join(" ".join(map(_character, part)) for part in parts)
    if country:
        return f"plus {' '.join(map(_character, country))}, {said}"
    return f"plus {said}" if number.startswith("+") else said


def phone_groups(number: str) -> tuple[str, tuple[str, ...]]:
    """The country's code, "" where there is none, and the rest in groups: "+15550100199" is 1 and 555 010 0199."""
    country = _COUNTRY.match(number)
    rest = number[country.end() :] if country else number
    return country[1] if country else "", groups("".join(c for c in rest if c.isalpha() or c.isdecimal()))


def address(text: str) -> str:
    """An e-mail or web address: "jane_doe45@example.com" is "jane underscore doe four five at example dot com"; a
    country's ending is spelled."""
    text = _COUNTRY_ENDING.sub(lambda ending: " ".join(ending[0]), text)
    said = (
        SIGNS.get(part) or (" ".join(map(_character, part)) if part.isdecimal() else part)
        for part in _PART.findall(text)
    )
    return " ".join(said)


def _cut(code: str, sizes: list[int]) -> tuple[str, ...]:
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple(code[end - size : end] for size, end in zip(sizes, ends, strict=True))


def _character(character: str) -> str:
    return DIGITS[int(character)] if character.isdecimal() else character
