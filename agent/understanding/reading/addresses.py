"""E-mail addresses as people dictate them: "j o h n dot smith at example dot com", spelled, whole or only begun."""

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from agent.rules import domains
from agent.understanding.reading.spelling import letters_apart
from agent.understanding.reading.words import with_digits, word_set

SIGNS = {
    "dot": ".",
    "period": ".",
    "point": ".",
    "underscore": "_",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "plus": "+",
}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LEADS = word_set("is it's its it email e-mail mail address my the yes sure at so okay uh um that's that would be")
_AT = re.compile(r"\bat (?:sign|symbol|the rate(?: of)?)\b|\s@\s?|\s?@\s")
_SPLIT_NAMES = {"g mail": "gmail", "hot mail": "hotmail", "out look": "outlook", "i cloud": "icloud"}


@lru_cache(maxsize=512)
def find_email(text: str) -> str | None:
    """The last whole address of a text in lower case, or None."""
    found = _EMAIL.findall(dictated(text))
    try:
        checked = validate_email(
            domains.as_meant(found[-1].strip(".")), check_deliverability=False, test_environment=True
        )
        return checked.normalized.lower()
    except (EmailNotValidError, IndexError):
        return None


@lru_cache(maxsize=512)
def dictated(text: str) -> str:
    """The text with its dictated address written: "it's john dot smith at example dot com please" ends on
    "john.smith@example.com"; an address that was written out stays as it is."""
    said = letters_apart(text)
    said = _AT.sub(" at ", re.sub(r"[,!?]|\.(?=\s|$)", " ", said))
    for apart, name in _SPLIT_NAMES.items():
        said = re.sub(rf"\b{apart}\b", name, said)
    if " at " not in f" {said} " or "@" in said:
        return said
    left, _, right = f" {said} ".rpartition(" at ")
    return domains.as_meant(f"{_local(left.split())}@{_domain(right.split())}")


def _domain(tokens: list[str]) -> str:
    """As long as words are joined by dots, or letters are said one by one; "please" after it is another word."""
    domain = ""
    last = ""
    for token in tokens:
        sign = SIGNS.get(token)
        if domain and not sign and domain[-1] not in ".-_" and not (len(token) == len(last) == 1):
            break
        domain += sign or token
        last = token
    return domain


def _local(tokens: list[str]) -> str:
    """Back from the "at" as long as words are joined by dots, or are letters and digits said one by one."""
    tokens = ["0" if token in {"oh", "zero"} else token for token in tokens]
    tokens = with_digits(" ".join(tokens)).split()
    local: list[str] = []
    for token in reversed(tokens):
        sign = SIGNS.get(token)
        is_first = not local
        is_joined = bool(local) and (local[0] in ".-_+" or token.isdigit() or local[0].isdigit() or len(token) == 1)
        if token in _LEADS and not is_first:
            break
        if not (is_first or sign or is_joined):
            break
        local.insert(0, sign or token)
    return "".join(local)
