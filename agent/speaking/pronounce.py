"""Written English into words that any TTS reads as a person would: no markup, no symbol, no digit is left.

The profile's lexicon has the last word. Captions and history keep the written form.
"""

import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping

from agent.speaking import amounts, capitals, labels, marks, places
from agent.speaking import dates as moments
from agent.speaking.clauses import is_shortened

_FIRST_PLACE = 0xE000
_CUT = re.compile(r"[.!?;:,][\"')\]]*\s+(?=\S)|\n+(?=\S)")
_MAY_GO_ON = re.compile(r"(?:\b[A-Za-z]|\d)\.$")
_LONGEST_WAIT = 160  # characters without any mark in them
_ANYWHERE = re.compile(r"(?<=[a-z]{3}) (?=[a-z]{3})")


class Pronunciation:
    """How one profile's texts are said: `locale` decides the order of "5/3/2026", `lexicon` single words.

    A key of the lexicon in lower case is meant in any case, one with capitals exactly as it is written. `other` reads a
    language that is not English.
    """

    def __init__(
        self,
        locale: str = "en-US",
        lexicon: Mapping[str, str] | None = None,
        other: Callable[[str], str] | None = None,
    ) -> None:
        self._locale = locale
        self._other = other
        self._entries = sorted((lexicon or {}).items(), key=lambda entry: -len(entry[0]))
        self._patterns = [_word(written) for written, _ in self._entries]

    def spoken(self, text: str) -> str:
        """The text as it should be said: letters, spaces and .,?!'- only."""
        if self._other:
            return self._restored(self._other(self._placed(text)))
        text = marks.in_our_script(self._placed(marks.plain(text)))
        text = self._placed(marks.addresses(marks.without_markdown(text)))
        text = moments.times(moments.dates(text, self._locale))
        text = labels.codes(marks.abbreviations(capitals.numerals(places.places(text))))
        text = amounts.endings(amounts.money(text, self._locale))
        text = amounts.units(text, self._locale)
        text = amounts.numbers(labels.mixed(text), self._locale)
        text = marks.symbols(capitals.initials(_undigited(text)))
        return self._restored(self._placed(capitals.initials(text)))  # what stood beside a mark that is gone, too

    async def transform(self, text: AsyncIterable[str]) -> AsyncIterator[str]:
        """A text that is still being written, clause by clause: for AgentSession's `tts_text_transforms`."""
        written = ""
        async for piece in text:
            ready, written = split(written + piece)
            if said := self.spoken(ready):
                yield f"{said} "
        if said := self.spoken(written):
            yield said

    def _placed(self, text: str) -> str:
        """A place for each word of the lexicon, so that no other rule touches what stands there."""
        for index, pattern in enumerate(self._patterns):
            text = pattern.sub(chr(_FIRST_PLACE + index), text)
        return text

    def _restored(self, text: str) -> str:
        for index, (_, said) in enumerate(self._entries):
            text = text.replace(chr(_FIRST_PLACE + index), said)
        return text


def split(written: str) -> tuple[str, str]:
    """What can be said already, up to its last mark, and what must wait: "March 5, 20" may go on."""
    cuts = [m.end() for m in _CUT.finditer(written) if _is_cut(written, m)]
    if not cuts and len(written) > _LONGEST_WAIT:
        cuts = [m.end() for m in _ANYWHERE.finditer(written)]
    at = cuts[-1] if cuts else 0
    return written[:at], written[at:]


def _is_cut(written: str, match: re.Match[str]) -> bool:
    before = written[: match.end()]
    if before.count("[") > before.count("]") or before.count("```") % 2:
        return False
    is_number = match[0][0] in ",:." and written[match.start() - 1 : match.start()].isdigit()
    before = before.rstrip()
    return not (is_number and match[0][0] != ".") and not (
        _MAY_GO_ON.search(before) or is_shortened(before, written[match.end() :])
    )


def _word(written: str) -> re.Pattern[str]:
    flags = re.IGNORECASE if written == written.lower() else re.NOFLAG
    return re.compile(rf"(?<![^\W_]){re.escape(written)}(?![^\W_])", flags)


def _undigited(text: str) -> str:
    """Digits that no rule knew, one by one: whatever stands around them must not reach the voice as a symbol."""
    return re.sub(
        r"\d+",
        lambda m: f" {amounts.cardinal(m[0]) if len(m[0]) <= 2 else ' '.join(map(amounts.cardinal, m[0]))} ",
        text,
    )


_DEFAULT = Pronunciation()


def spoken(text: str) -> str:
    """The text as a profile without settings would say it."""
    return _DEFAULT.spoken(text)
