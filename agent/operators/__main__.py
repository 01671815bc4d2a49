"""`python -m agent.operators` serves the operator's pages; `add NAME ROLE`, `remove NAME`, `list` see to accounts."""

import argparse
import asyncio
import getpass
import os

from agent.config import Settings
from agent.errors import ConfigError, VoiceAgentError
from agent.memory.store import Store
from agent.operators.accounts import LEAST_PASSWORD, Accounts, Role
from agent.operators.pages import Pages
from agent.profile.profile import load_served
from agent.servers import serving
from agent.servers.admission import is_loopback
from agent.servers.ports import operators_port

PASSWORD_VARIABLE = "PARLEY_OPERATOR_PASSWORD"  # noqa: S105  # the variable's name


def main(arguments: list[str] | None = None) -> None:
    """Do what is asked. Raises VoiceAgentError, a sentence for the operator."""
    parser = argparse.ArgumentParser(prog="python -m agent.operators", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    adding = commands.add_parser("add", help=f"asks for a password, or takes it from {PASSWORD_VARIABLE}")
    adding.add_argument("name")
    adding.add_argument("role", choices=[role.value for role in Role])
    commands.add_parser("remove").add_argument("name")
    commands.add_parser("list")
    asked = parser.parse_args(arguments)
    settings = Settings.load()
    Store(settings.store).prepare()
    accounts = Accounts(settings.store)
    match asked.command:
        case "add":
            accounts.put(asked.name[:40], Role(asked.role), _password())
            serving.say(f"{asked.name} may log in as {asked.role}")
        case "remove":
            serving.say(f"{asked.name} is removed" if accounts.remove(asked.name) else f"there is no {asked.name}")
        case "list":
            serving.say("\n".join(f"{name}: {role}" for name, role in accounts.names()) or "there are no accounts")
        case _:
            refuse_unsafe(settings)
            asyncio.run(serve(settings, has_accounts=bool(accounts.names())))


def refuse_unsafe(settings: Settings) -> None:
    """Raises ConfigError when other machines could reach what nobody opened to them."""
    if not is_loopback(settings.operators_host) and not settings.operators_is_open:
        raise ConfigError(
            f"PARLEY_OPERATORS_HOST={settings.operators_host} is open to other machines, and these pages show calls; "
            "set PARLEY_OPERATORS_IS_OPEN=true if that is meant and TLS stands before it, or "
            "PARLEY_OPERATORS_HOST=127.0.0.1"
        )


async def serve(settings: Settings, *, has_accounts: bool) -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigError."""
    pages = Pages(settings, load_served(settings)[0].zone)
    stop = serving.stop_asked()
    runner = await serving.listen(pages.app(), operators_port(settings))
    try:
        serving.say(f"The operator's pages are at {serving.address_of(runner)}/")
        if not has_accounts:
            serving.say("Nobody may log in yet: `python -m agent.operators add NAME admin`")
        await stop.wait()
    finally:
        await runner.cleanup()


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE) or getpass.getpass("Password: ")
    if len(given) < LEAST_PASSWORD:
        raise ConfigError(f"the password must have {LEAST_PASSWORD} characters or more")
    return given


if __name__ == "__main__":
    serving.log_to_stderr("INFO")
    try:
        main()
    except VoiceAgentError as error:
        raise SystemExit(f"parley: {error}") from None
