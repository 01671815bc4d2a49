"""`python -m agent.held NUMBER`: all that is held on a caller, as JSON: what is remembered of them, their calls with
every record, and what calls have left in the systems of record of the profiles served here. A customer's id or a call's
id does as well."""

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.config import Settings
from agent.errors import VoiceAgentError
from agent.memory.held import Holder, Rows
from agent.memory.store import Store
from agent.profile.profile import Profile, load_served
from agent.tooling.toolbox import held_in_backends, prepare_backends


@dataclass(frozen=True, slots=True)
class Held:
    """What there is of somebody: in the store by table, in each profile's systems of record, and which calls were
    theirs."""

    known_by: str
    calls: tuple[str, ...]
    store: Rows
    backends: dict[str, Rows]


def look(settings: Settings, known_by: str, profiles: Sequence[Profile]) -> Held:
    """Look everywhere. Raises StoreError or Unavailable."""
    Store(settings.store).prepare()
    backends: dict[str, Rows] = {}
    for profile in profiles:
        url = settings.backend(profile.name)
        prepare_backends(profile, url)
        backends[profile.name] = held_in_backends(profile, url, known_by)
    left = [row for tables in backends.values() for rows in tables.values() for row in rows]
    noted = [str(row["call_id"]) for row in left if row.get("call_id")]
    holder = Holder(settings.store)
    calls = holder.calls_of(known_by, noted)
    return Held(known_by, tuple(calls), holder.rows(known_by, calls), {k: rows for k, rows in backends.items() if rows})


def plain(caller: str) -> str:
    """A number without the spaces and signs that people write into it; an id as it is."""
    return re.sub(r"[\s().-]", "", caller) if caller.strip().startswith("+") else caller.strip()


def main(arguments: list[str] | None = None) -> str:
    """Look, and say what there is. Raises VoiceAgentError, a sentence for the operator."""
    parser = argparse.ArgumentParser(prog="python -m agent.held", description=__doc__)
    parser.add_argument("caller", help="a telephone number such as +15550100199, a customer's id or a call's id")
    known_by = plain(parser.parse_args(arguments).caller)
    settings = Settings.load()
    held = look(settings, known_by, load_served(settings))
    told = {"of": held.known_by, "at": datetime.now(UTC).isoformat(), "store": held.store, "backends": held.backends}
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


if __name__ == "__main__":
    try:
        print(main())  # noqa: T201  # an operator's command
    except VoiceAgentError as error:
        raise SystemExit(f"parley: {error}") from None
