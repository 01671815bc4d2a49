"""Checking: all that can be wrong before the first call is found here, when a worker starts, and said in a sentence."""

import logging
from collections.abc import Mapping

from agent import recording
from agent.call.call import utc_now
from agent.config import Settings
from agent.errors import ConfigError
from agent.intent import Intent
from agent.language.packs import pack
from agent.memory.store import Store
from agent.observers.telemetry import check as check_telemetry
from agent.profile.languages import check_texts, offered_by, spoken_in
from agent.profile.profile import Profile, load_served, place
from agent.providers import catalog, lineup
from agent.providers.chains import check_hard_turns
from agent.secrets.sealed_file import master_key
from agent.sending import confirmation_sender_of, invitation_hook_of, result_sender_of, sender_of
from agent.servers import ports
from agent.servers.admission import is_loopback
from agent.telephony.trunks import load_lines
from agent.tooling import mcp_tools
from agent.tooling.toolbox import load_toolbox, prepare_backends
from agent.turns.witnesses import choice

logger = logging.getLogger("parley.worker")


def check(settings: Settings) -> tuple[Profile, ...]:
    """All that can be wrong before the first call: profiles, tools, providers, databases. Blocking.
    Raises ConfigError, StoreError or Unavailable."""
    ports.refuse_busy(ports.worker_port(settings), *ports.metrics_ports(settings))
    check_telemetry()
    profiles = load_served(settings)
    load_lines(settings.sip_dir)
    for profile in profiles:
        intents = load_toolbox(profile).intents
        _check_providers(profile)
        _check_languages(profile, intents)
        choice.check(profile.turns)
        mcp_tools.check(profile)
        sender_of(profile, utc_now)
        result_sender_of(profile, utc_now)
        confirmation_sender_of(profile, utc_now)
        _check_invitations(profile, settings)
        _check_privacy(profile, settings)
    catalog.shared_arguments(profiles)
    try:
        lineup.write(settings.var_dir, {profile.name: catalog.told(profile.providers) for profile in profiles})
    except OSError as error:
        cure = "name a folder that the worker may write to"
        raise ConfigError(f"PARLEY_VAR_DIR={settings.var_dir}: cannot write there: {error.strerror}; {cure}") from None
    if any(profile.recording.enabled for profile in profiles):
        master_key(settings.recording_key, recording.KEY)
    Store(settings.store).prepare()
    for profile in profiles:
        prepare_backends(profile, settings.backend(profile.name))
    return profiles


def _check_providers(profile: Profile) -> None:
    try:
        catalog.check(profile.providers)
        check_hard_turns(profile)
    except ConfigError as error:  # it says which provider; the file and the line are the profile's
        raise ConfigError(f"{place(profile, 'providers').removesuffix('providers')}{error}") from None


def _check_languages(profile: Profile, intents: Mapping[str, Intent]) -> None:
    """In each of them somebody hears, thinks and speaks, and each tool that asks before it acts can ask."""
    catalog.check_languages(profile)
    asking = {
        name: (intent.confirm, frozenset(slot.name for slot in intent.slots if slot.is_written))
        for name, intent in intents.items()
        if intent.changes_something
    }
    for code in offered_by(profile):
        spoken = spoken_in(profile, code)
        check_texts(spoken, asking)
        if not pack(code).discloses_ai(spoken.sentences.greeting):
            logger.warning(
                "the greeting does not say that an AI speaks", extra={"profile": profile.name, "language": code}
            )


def _check_invitations(profile: Profile, settings: Settings) -> None:
    if invitation_hook_of(profile, utc_now) and not settings.page_url and not is_loopback(settings.web_host):
        cure = "set PARLEY_PAGE_URL to where people's browsers reach the page"
        raise ConfigError(f"{place(profile, 'transfers', 'webhook')}: links need the page's address; {cure}")


def _check_privacy(profile: Profile, settings: Settings) -> None:
    if profile.privacy.words == "keep" and not settings.privacy_key:
        cure = "set PARLEY_PRIVACY_KEY, or use mask"
        raise ConfigError(f"{place(profile, 'privacy', 'words')}: keep needs a key to seal what is kept; {cure}")
