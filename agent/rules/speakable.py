"""What of a model's text is meant for ears: its sentences, and none of the notation that a model writes for machines.

Models leak their formats into the text: calls, JSON, code, thoughts, special tokens, roles. Each is known by its shape,
so that a tool or a template that nobody here has seen is known as well. Nothing that is taken out is carried out.
"""

import re
from collections.abc import Callable, Collection
from typing import ClassVar

_MAX_WORD = 60  # letters; what is longer is no word
_MAX_TAG = 300  # characters between "<" and ">"

# the closed vocabularies of formatting, HTML's and SSML's: what stands inside of these is text, inside of others not
_FORMATTING = re.compile(
    r"a|abbr|b|big|blockquote|br|break|center|cite|code|dd|del|div|dl|dt|em|emphasis|font|h[1-6r]|i|ins|li|mark|ol|p|"
    r"paragraph|pause|phoneme|prosody|q|say-as|sentence|small|span|speak|strike|strong|sub|sup|table|tbody|td|th|thead|"
    r"tr|u|ul|voice",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"<[|\uff5c][^|\uff5c<>\n]{1,40}[|\uff5c]>|</?s>|<</?SYS>>"
    r"|\[(?:/[A-Z_]+|[A-Z]+_[A-Z_]+|INST|ARGS|IMG|THINK)\]"
)
_TAG = re.compile(rf"<(?P<end>/?)(?P<name>[A-Za-z][\w.:-]*)(?:[\s=][^<>]{{0,{_MAX_TAG}}})?(?P<alone>/?)>")
_MAYBE_TAG = re.compile(rf"<(?:<?/?S?Y?S?|[/|\uff5c]?[^\s<>][^<>\n]{{0,{_MAX_TAG}}}|/?)\Z")
_MAYBE_TOKEN = re.compile(r"\[/?[A-Z_]{0,31}\Z")
_OBJECT = re.compile(r"\{\s*(?:[\"'{}]|\w+\s*:)")
_ARRAY = re.compile(r"\[\s*[\[{\"']")
_MAYBE_JSON = re.compile(r"\{\s*\w*\s*\Z|\[\s*\Z")
_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+\Z")
_CODE = re.compile(rf"`([^`\n]{{0,{_MAX_WORD}}})`")
_MAYBE_CODE = re.compile(rf"`[^`\n]{{0,{_MAX_WORD}}}\Z")
_MACHINE = re.compile(r"[{}()=_]")

# the roles of chat formats and the steps of written-out reasoning, at the beginning of a line
_OURS = ("assistant", "ai", "agent", "bot", "answer", "final answer", "response", "reply")
_CALLERS = ("user", "human", "caller", "customer")
_ASIDES = (
    "thought", "thoughts", "thinking", "reasoning", "analysis", "plan", "action", "action input", "observation",
    "system", "tool", "tool call", "tool_call", "function", "function call", "function_call",
)  # fmt: skip
_LABEL = re.compile(rf"[\s*#]*({'|'.join(_OURS + _CALLERS + _ASIDES)})(?:[\s*]*[:\uff1a][\s*]*|\n+)", re.IGNORECASE)

Found = tuple[str, int]  # what may be said, and how much of the text that settles


class Speakable:
    """One reply, in pieces of any size. `tools` are the names that the model may call by."""

    def __init__(self, tools: Collection[str] = ()) -> None:
        self._tools = frozenset(tools)
        self._text = ""  # came, not settled
        self._held = ""  # settled, and said as soon as there is a word with it
        self._last = " "
        self._is_line_start = True
        self._has_begun = False
        self._is_over = False
        self._segments: list[str] | None = None  # between special tokens that stand before the answer
        self.has_said = False

    def feed(self, piece: str) -> str:
        """What may be said now that this has come, too."""
        return self._advance(piece, is_final=False)

    def end(self) -> str:
        """What may be said of the rest: nothing more comes."""
        said = self._advance("", is_final=True)
        if self._segments is None or self._is_over:
            return said
        answers = [segment for segment in (*self._segments, self._text) if segment.strip()]
        self._segments, self._text = None, answers[-1] if answers else ""
        return said + self._advance("", is_final=True)

    def _advance(self, piece: str, *, is_final: bool) -> str:
        if self._is_over:
            return ""
        self._text += piece
        said = ""
        while self._text and not self._is_over:
            found = self._between_tokens() if self._segments is not None else self._next(is_final)
            if found is None:
                break
            text, settled = found
            self._has_begun = self._has_begun or bool(self._text[:settled].strip())
            self._text = self._text[settled:]
            said += self._told(text)
        return said

    def _told(self, text: str) -> str:
        """The text as it is said: no space twice, and nothing before the first letter or digit."""
        for char in text:
            if char.isspace() and self._last.isspace() and char != "\n":
                continue
            self._is_line_start = char == "\n" or (self._is_line_start and char.isspace())
            self._held += char
            self._last = char
        if not self.has_said and not any(char.isalnum() for char in self._held):
            return ""
        said, self._held = self._held, ""
        self.has_said = self.has_said or bool(said)
        return said

    def _next(self, is_final: bool) -> Found | None:
        """The text's beginning, settled; None while more has to come."""
        if self._is_line_start and (found := self._label(is_final)) is not _NO_LABEL:
            return found
        first = self._text[0]
        read = self._readers.get(first)
        if read is not None:
            return read(self, is_final)
        if first.isalpha() or first == "_":
            return self._word(is_final)
        is_odd = not first.isprintable() and not first.isspace()  # control characters, marks of direction
        return "" if is_odd else first, 1

    def _label(self, is_final: bool) -> Found | None:
        match = _LABEL.match(self._text)
        if match is None:
            begun = self._text.lstrip(" \t\n*#").lower()
            is_unsure = any(label.startswith(begun) or begun in (label, f"{label} ") for label in _LABELS)
            return None if is_unsure and not is_final else _NO_LABEL
        label = match[1].lower()
        if match[0].endswith("\n") and ":" not in match[0] and (label != "assistant" or self.has_said):
            return _NO_LABEL  # a line of one word
        if label in _OURS:
            return "", match.end()
        if label in _CALLERS and self._has_begun:
            return self._over()  # the model plays the caller
        end = self._text.find("\n", match.end())
        if end < 0:
            return ("", len(self._text)) if is_final else None
        return "", end + 1

    def _over(self) -> Found:
        self._is_over = True
        return "", len(self._text)

    def _between_tokens(self) -> Found | None:
        """Headers, channels, thoughts: of what special tokens frame before anything is said, the last is the answer."""
        assert self._segments is not None
        match = _TOKEN.search(self._text)
        if match is None:
            return None
        self._segments.append(self._text[: match.start()])
        return "", match.end()

    def _token(self, length: int) -> Found:
        if self.has_said:  # the reply's end, or what the model would be told next
            return self._over()
        self._segments = []
        return "", length

    def _angle(self, is_final: bool) -> Found | None:
        if token := _TOKEN.match(self._text):
            return self._token(token.end())
        tag = _TAG.match(self._text)
        if tag is None:
            return ("<", 1) if is_final or not _MAYBE_TAG.match(self._text) else None
        if tag["end"] or tag["alone"] or _FORMATTING.fullmatch(tag["name"]):
            return " ", tag.end()
        close = re.compile(rf"</\s*{re.escape(tag['name'])}\s*>", re.IGNORECASE).search(self._text, tag.end())
        if close:
            return " ", close.end()
        if not is_final:
            return None
        is_call = _OBJECT.match(self._text[tag.end() :].lstrip())  # a sentence may stand behind it
        return " ", tag.end() if is_call else len(self._text)

    def _bracket(self, is_final: bool) -> Found | None:
        if token := _TOKEN.match(self._text):
            return self._token(token.end())
        if _ARRAY.match(self._text):
            return self._balanced(0, is_final)
        may_be = _MAYBE_TOKEN.match(self._text) or _MAYBE_JSON.match(self._text)
        return None if may_be and not is_final else ("[", 1)

    def _brace(self, is_final: bool) -> Found | None:
        if _OBJECT.match(self._text):
            return self._balanced(0, is_final)
        return None if _MAYBE_JSON.match(self._text) and not is_final else ("{", 1)

    def _tick(self, is_final: bool) -> Found | None:
        if self._text.startswith("```") or (self._text in {"`", "``"} and not is_final):
            end = self._text.find("```", 3)
            settled = end + 3 if end >= 0 else len(self._text)
            return (" ", settled) if end >= 0 or is_final else None
        code = _CODE.match(self._text)
        if code is None:
            return None if _MAYBE_CODE.match(self._text) and not is_final else ("", 1)
        inside = code[1]
        return " " if _MACHINE.search(inside) or inside in self._tools else inside, code.end()

    def _star(self, is_final: bool) -> Found | None:
        if self._text == "*" and not is_final:
            return None
        return ("", 2) if self._text.startswith("**") else ("*", 1)

    def _word(self, is_final: bool) -> Found | None:
        match = _NAME.match(self._text)
        assert match is not None  # it begins with a letter or an underscore
        end, name = match.end(), match[0]
        if self._text[end:] in {"", "."} and not is_final:
            return None
        if len(name) > _MAX_WORD:
            return "", end
        behind = self._text[end : end + 1]
        if behind == "(":
            return self._called(name, end, is_final)
        if behind == "{" and _OBJECT.match(self._text, end):
            return self._balanced(end, is_final)
        is_machines = name in self._tools or not name.strip("_") or (_SNAKE.match(name) and behind != "@")
        return "" if is_machines else "".join(filter(_is_latin, name)), end

    def _called(self, name: str, end: int, is_final: bool) -> Found | None:
        """`name(...)`: a call, or a word with its plural in brackets."""
        found = self._balanced(end, is_final)
        if found is None:
            return None
        inside = self._text[end + 1 : found[1] - 1].strip()
        is_call = name in self._tools or "_" in name or "." in name or not inside or re.search(r"[{\"'=]", inside)
        return found if is_call else (name, end)

    def _balanced(self, start: int, is_final: bool) -> Found | None:
        """Nothing of what begins with a bracket at `start`, up to its partner or, without one, the end."""
        depth, is_quoted, is_escaped = 0, False, False
        for place, char in enumerate(self._text[start:], start=start + 1):
            if is_escaped or (is_quoted and char == "\\"):
                is_escaped = not is_escaped
            elif char == '"':
                is_quoted = not is_quoted
            elif not is_quoted:
                depth += (char in "([{") - (char in ")]}")
                if depth == 0:
                    return " ", place
        return (" ", len(self._text)) if is_final else None

    _readers: ClassVar[dict[str, Callable[["Speakable", bool], Found | None]]] = {
        "<": _angle,
        "[": _bracket,
        "{": _brace,
        "`": _tick,
        "*": _star,
    }


_LABELS = (*_OURS, *_CALLERS, *_ASIDES)
_NO_LABEL: Found = ("", 0)


def speakable(text: str, tools: Collection[str] = ()) -> str:
    """The same of a whole text."""
    reply = Speakable(tools)
    return (reply.feed(text) + reply.end()).strip()


def _is_latin(char: str) -> bool:
    """The voice reads no other letters: it would be silent."""
    return char.isdigit() or char == "_" or ord(char) < 0x250 or 0x1E00 <= ord(char) < 0x1F00
