"""What may stand in a log line. Messages are static; attributes that can hold the caller's words have a dotted `pii`
segment and are dropped here, LiveKit's own too. A test holds every `extra=` key of ours against SAFE_KEYS."""

import logging

from agent import keys

SAFE_KEYS = frozenset(
    {
        "backend", "backoff_s", "call", "count", "error", "event", "exit_code", "kind", "line", "lived_s", "observer",
        "path", "pid", "profile", "reason", "role", "room", "seconds", "tool", "tools", "waiting", "witnesses", "words",
        "worker",
    }
)  # fmt: skip


class PiiFilter(logging.Filter):
    """Takes every attribute with a `pii` segment off a record, and the providers' keys out of it, whoever quotes them;
    always lets the record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record has changed."""
        for key in [key for key in record.__dict__ if "pii" in key.split(".")]:
            del record.__dict__[key]
        if keys.are_known():
            _hide_keys(record)
        return True


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


def configure(level: str) -> None:
    """Set the level of our loggers, and keep the caller's words out of ours, LiveKit's and the root's lines."""
    logging.getLogger("parley").setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it greets at every import
    for name in ["parley", *logging.root.manager.loggerDict]:
        if name.split(".")[0] in {"parley", "livekit"}:
            logging.getLogger(name).addFilter(_FILTER)
    for handler in logging.root.handlers:
        handler.addFilter(_FILTER)
