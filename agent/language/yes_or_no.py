"""Answers: yes, no and neither, by a language's own words."""

import re
from dataclasses import dataclass

from agent.language.text import plain


def any_of(patterns: str) -> re.Pattern[str]:
    """Any of these patterns, with commas between them, as whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(' '.join(one.split()) for one in patterns.split(','))})(?!\w)")


@dataclass(frozen=True, slots=True)
class Answers:
    """`strong` are yeses that a no beside them does not undo: "no, yes" is neither. What is unsure is neither, too."""

    unsure: re.Pattern[str]
    no: re.Pattern[str]
    yes: re.Pattern[str]
    strong: re.Pattern[str]

    def __call__(self, text: str) -> bool | None:
        """True, False, or None when it is neither or both."""
        said = plain(text)
        if self.unsure.search(said):
            return None
        is_no = bool(self.no.search(said))
        rest = self.no.sub(" ", said)
        if is_no:
            return None if self.strong.search(rest) else False
        return True if self.yes.search(rest) else None
