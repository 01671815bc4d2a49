"""`python -m agent.forget NUMBER`: delete a caller everywhere: what is remembered of them in any profile, the records
of their calls, and what calls have left of them in the systems of record of the profiles served here. A customer's
id or a call's id does as well. `--certificate FILE` writes what went and what stays, and why."""

import argparse
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from agent import recording
from agent.config import Settings
from agent.errors import ConfigError, VoiceAgentError
from agent.held import look, plain
from agent.memory.callers import Callers
from agent.memory.dialled import Dialled
from agent.memory.held import Holder
from agent.memory.ledger import Ledger
from agent.observers.audit import Audit
from agent.observers.audit.spill import Spill
from agent.profile.profile import load_served
from agent.tooling.toolbox import forget_in_backends

STAYS = {
    "consent": "records of consent given, refused or taken back: they prove what was agreed to, and name nobody",
    "bookings to come": "a table or a time that is still to come is held, without name and number",
    "failed checks": "counts of failed identity checks at the bank, without a word: they protect the account",
    "no calls": "that a number wants no calls from us: without it, it would be called again",
    "books": "the house's own books, such as payments and returns: the law has them kept, without a call's words",
}


def main(arguments: list[str] | None = None) -> str:
    """Forget, and say what was done. Raises VoiceAgentError, a sentence for the operator."""
    parser = argparse.ArgumentParser(prog="python -m agent.forget", description=__doc__)
    parser.add_argument("caller", help="a telephone number such as +15550100199, a customer's id or a call's id")
    parser.add_argument("--certificate", type=Path, help="a file for the certificate of what was erased, as JSON")
    asked = parser.parse_args(arguments)
    known_by, settings = plain(asked.caller), Settings.load()
    profiles = load_served(settings)
    ledger = Ledger(settings.store, settings.audit_key)
    held = look(settings, known_by, profiles)
    Audit(ledger, Spill(settings.var_dir / "audit")).rest()  # what still waits on the disk must be there to be erased
    wishes = sum(forget_in_backends(profile, settings.backend(profile.name), known_by) for profile in profiles)
    count = Callers(settings.store).forget_everywhere(known_by)
    dialled = Dialled(settings.store)
    dialled.forget(known_by)
    dialled.close()
    recordings = recording.forget(recording.folder_of(settings), held.calls)
    holder = Holder(settings.store)
    holder.delete_calls(held.calls)
    audit = ledger.erase(held.calls, "forget")
    holder.settle()
    if asked.certificate:
        erased = {
            **{table: len(rows) for table, rows in held.store.items()},
            "systems of record": wishes,
            "recordings": recordings,
        }
        _write(asked.certificate, known_by, erased | {"audit_records": audit["erased"]}, audit["kept"])
    return f"forgotten: {_many(count, 'caller')} with their calls, and {_many(wishes, 'wish', 'es')}"


def _write(path: Path, known_by: str, erased: dict[str, int], consents: int) -> None:
    """The certificate names whoever it is about by a hash alone, so that it may be kept. Raises ConfigError."""
    certificate = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "of": hashlib.sha256(known_by.encode()).hexdigest(),
        "erased": {what: count for what, count in erased.items() if count},
        "stays": STAYS | {"records of consent": consents},
        "until": "PARLEY_RETENTION_DAYS and PARLEY_AUDIT_DAYS end what stays; the audit log tells of this as ERASED",
    }
    try:
        path.write_text(json.dumps(certificate, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: the certificate cannot be written there: {error.strerror}") from None


def _many(count: int, what: str, ending: str = "s") -> str:
    return f"{count} {what}{'' if count == 1 else ending}"


if __name__ == "__main__":
    try:
        print(main())  # noqa: T201  # an operator's command
    except VoiceAgentError as error:
        raise SystemExit(f"parley: {error}") from None
