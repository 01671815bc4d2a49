"""`python -m agent.forget NUMBER`: delete a caller everywhere: what is remembered of them in any profile, the records
of their calls, and what calls have left of them in the systems of record of the profiles served here. A customer's id
does as well."""

import argparse
import re

from agent.config import Settings
from agent.errors import VoiceAgentError
from agent.memory.callers import Callers
from agent.memory.dialled import Dialled
from agent.memory.store import Store
from agent.profile import load_served
from agent.toolbox import forget_in_backends, prepare_backends


def main(arguments: list[str] | None = None) -> str:
    """Forget, and say what was done. Raises VoiceAgentError, a sentence for the operator."""
    parser = argparse.ArgumentParser(prog="python -m agent.forget", description=__doc__)
    parser.add_argument("caller", help="a telephone number such as +15550100199, or a customer's id")
    known_by = _plain(parser.parse_args(arguments).caller)
    settings = Settings.load()
    Store(settings.store).prepare()
    count = Callers(settings.store).forget_everywhere(known_by)
    Dialled(settings.store).forget(known_by)  # that they want no calls of ours stays
    wishes = _in_backends(settings, known_by)
    return f"forgotten: {_many(count, 'caller')} with their calls, and {_many(wishes, 'wish', 'es')}"


def _in_backends(settings: Settings, known_by: str) -> int:
    count = 0
    for profile in load_served(settings):
        url = settings.backend(profile.name)
        prepare_backends(profile, url)
        count += forget_in_backends(profile, url, known_by)
    return count


def _many(count: int, what: str, ending: str = "s") -> str:
    return f"{count} {what}{'' if count == 1 else ending}"


def _plain(caller: str) -> str:
    """A number without the spaces and signs that people write into it."""
    return re.sub(r"[\s().-]", "", caller) if caller.strip().startswith("+") else caller.strip()


if __name__ == "__main__":
    try:
        print(main())  # noqa: T201  # an operator's command
    except VoiceAgentError as error:
        raise SystemExit(f"parley: {error}") from None
