"""Checking: all that can be wrong before the first call is found here, when a worker starts, and said in a sentence."""

import logging

from agent import lineup, mcp_tools, ports, recording
from agent.admission import is_loopback
from agent.call import utc_now
from agent.config import Settings
from agent.errors import ConfigError
from agent.memory.store import Store
from agent.observers.telemetry import check as check_telemetry
from agent.profile import Profile, load_served, place
from agent.providers import catalog
from agent.rules.disclosure import discloses_ai
from agent.sealed_file import master_key
from agent.sending import invitation_hook_of, result_sender_of, sender_of
from agent.telephony.trunks import load_lines
from agent.toolbox import load_toolbox, prepare_backends
from agent.witnesses import choice

logger = logging.getLogger("parley.worker")


def check(settings: Settings) -> tuple[Profile, ...]:
    """All that can be wrong before the first call: profiles, tools, providers, databases. Blocking.
    Raises ConfigError, StoreError or Unavailable."""
    ports.refuse_busy(ports.worker_port(settings), *ports.metrics_ports(settings))
    check_telemetry()
    profiles = load_served(settings)
    load_lines(settings.sip_dir)
    for profile in profiles:
        load_toolbox(profile)
        _check_providers(profile)
        choice.check(profile.turns)
        mcp_tools.check(profile)
        sender_of(profile, utc_now)
        result_sender_of(profile, utc_now)
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
    except ConfigError as error:  # it says which provider; the file and the line are the profile's
        raise ConfigError(f"{place(profile, 'providers').removesuffix('providers')}{error}") from None


def _check_invitations(profile: Profile, settings: Settings) -> None:
    if invitation_hook_of(profile, utc_now) and not settings.page_url and not is_loopback(settings.web_host):
        cure = "set PARLEY_PAGE_URL to where people's browsers reach the page"
        raise ConfigError(f"{place(profile, 'transfers', 'webhook')}: links need the page's address; {cure}")


def _check_privacy(profile: Profile, settings: Settings) -> None:
    if not discloses_ai(profile.sentences.greeting):
        logger.warning("the greeting does not say that an AI speaks", extra={"profile": profile.name})
    if profile.privacy.words == "keep" and not settings.privacy_key:
        cure = "set PARLEY_PRIVACY_KEY, or use mask"
        raise ConfigError(f"{place(profile, 'privacy', 'words')}: keep needs a key to seal what is kept; {cure}")
