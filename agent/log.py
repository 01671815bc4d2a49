"""What may stand in a log line. Messages are static; attributes that can hold the caller's words have a dotted `pii`
segment and are dropped here, LiveKit's own too. A test holds every `extra=` key of ours against SAFE_KEYS. What other
libraries write, tracebacks with it, loses what has the shape of a private value."""

import logging
import re
import traceback
from collections.abc import Callable

from agent.secrets import keys

SAFE_KEYS = frozenset(
    {
        "backend", "backoff_s", "by", "call", "count", "error", "event", "exit_code", "kind", "language", "line",
        "lived_s", "observer", "path", "pid", "profile", "reason", "role", "room", "seconds", "tool", "tools",
        "waiting", "witnesses", "words", "worker",
    }
)  # fmt: skip


_OURS = "parley"
_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) - {"msg", "exc_text"}
_NOT_TO_CLEAN = _STANDARD | {"sip_call_id"}  # a Call-ID has an @ and is no one's address; carriers are asked by it
_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
# a line that has nothing like it costs the loop that logs it no time
_MAY_BE_PRIVATE = re.compile(rf"\d{{4}}|@|{_WORD}(?:\W+{_WORD}){{2}}|\bat \w+ dot\b|password|passport", re.IGNORECASE)
LONGEST = 1000  # characters of a line that is not ours: a whole prompt is no line of a log


class PiiFilter(logging.Filter):
    """Takes every attribute with a `pii` segment off a record, lets `scrub` go over lines that are not ours, and hides
    the providers' keys, whoever quotes them; always lets the record through."""

    scrub: Callable[[str], str] = staticmethod(lambda text: text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record has changed."""
        for key in [key for key in record.__dict__ if "pii" in key.split(".")]:
            del record.__dict__[key]
        if record.name.split(".")[0] != _OURS:
            self._clean(record)
        if keys.are_known():
            _hide_keys(record)
        return True

    def _clean(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[0]:
            told = "".join(traceback.format_exception(*record.exc_info)).rstrip()
            record.exc_text, record.exc_info = told, None
        record.msg, record.args = record.getMessage(), None
        # LiveKit tells of a stalled loop with its stack: lines of code, which to go over would stall it once more
        record.__dict__.pop("stack", None)
        for key in [key for key in record.__dict__ if key not in _NOT_TO_CLEAN]:
            value = record.__dict__[key]
            if isinstance(value, dict | list | tuple):
                value = str(value)
            if isinstance(value, str) and _MAY_BE_PRIVATE.search(value):
                lines = _shortened(value).splitlines()
                clean = [self.scrub(line) if _MAY_BE_PRIVATE.search(line) else line for line in lines]
                record.__dict__[key] = "\n".join(clean)


def _shortened(text: str) -> str:
    """Its two ends: a traceback says most in its last line."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"


def _hide_keys(record: logging.LogRecord) -> None:
    said = record.getMessage()
    if (hidden := keys.hide(said)) != said:
        record.msg, record.args = hidden, ()
    if record.exc_info:
        trace = _PLAIN.formatException(record.exc_info)
        if (hidden := keys.hide(trace)) != trace:
            record.exc_info, record.exc_text = None, hidden
    for name, value in record.__dict__.items():
        if isinstance(value, str):
            record.__dict__[name] = keys.hide(value)


_PLAIN = logging.Formatter()


_FILTER = PiiFilter()


def configure(level: str, scrub: Callable[[str], str]) -> None:
    """Set the level of our loggers, and keep the caller's words out of ours, LiveKit's and the root's lines; `scrub`
    takes private values out of a line."""
    _FILTER.scrub = scrub  # that of the process
    logging.getLogger("parley").setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it greets at every import
    for name in ["parley", *logging.root.manager.loggerDict]:
        if name.split(".")[0] in {"parley", "livekit"}:
            logging.getLogger(name).addFilter(_FILTER)
    for handler in logging.root.handlers:
        handler.addFilter(_FILTER)
