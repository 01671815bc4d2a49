"""What is kept for how long: the retention rules of what is served here. memory/retention.py keeps to them."""

from collections.abc import Sequence
from functools import partial

from agent import recording
from agent.config import Settings
from agent.memory.callers import Callers
from agent.memory.dialled import Dialled
from agent.memory.ledger import Ledger
from agent.memory.retention import Rule
from agent.observers.audit.records import WORDY
from agent.profile.profile import Profile
from agent.tooling.toolbox import expire_in_backends


def rules(settings: Settings, profiles: Sequence[Profile]) -> list[Rule]:
    """A rule for each kind: in the store, in the systems of record of each profile, and in the audit log, whose
    words go before its facts."""
    days, ledger = settings.retention_days, Ledger(settings.store, settings.audit_key)
    backends = [
        Rule(
            f"{profile.name}: left by calls", days, partial(expire_in_backends, profile, settings.backend(profile.name))
        )
        for profile in profiles
    ]
    return [
        Rule("callers and calls", days, Callers(settings.store).expire),
        Rule("recordings", days, partial(recording.expire, recording.folder_of(settings))),
        Rule("calls that we made", days, Dialled(settings.store).expire),
        *backends,
        Rule("audit: words", days, partial(ledger.expire, kinds=WORDY)),
        Rule("audit: facts", settings.audit_days, ledger.expire),
    ]
