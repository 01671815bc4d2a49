"""`python -m agent.forget NUMBER`: delete a caller everywhere, in every profile: what is remembered of them, and the
records of their calls. A customer's id does as well."""

import argparse
import re

from agent.config import Settings
from agent.errors import VoiceAgentError
from agent.memory.callers import Callers
from agent.memory.store import Store


def main(arguments: list[str] | None = None) -> str:
    """Forget, and say what was done. Raises VoiceAgentError, a sentence for the operator."""
    parser = argparse.ArgumentParser(prog="python -m agent.forget", description=__doc__)
    parser.add_argument("caller", help="a telephone number such as +15550100199, or a customer's id")
    known_by = _plain(parser.parse_args(arguments).caller)
    settings = Settings.load()
    Store(settings.store).prepare()
    count = Callers(settings.store).forget_everywhere(known_by)
    return f"forgotten: {count} caller{'' if count == 1 else 's'}, with the records of their calls"


def _plain(caller: str) -> str:
    """A number without the spaces and signs that people write into it."""
    return re.sub(r"[\s().-]", "", caller) if caller.strip().startswith("+") else caller.strip()


if __name__ == "__main__":
    try:
        print(main())  # noqa: T201  # an operator's command
    except VoiceAgentError as error:
        raise SystemExit(f"parley: {error}") from None
