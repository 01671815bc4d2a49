"""The audit log of calls: who said and did what, why, and that nobody has changed it since (docs/audit.md)."""

from agent.memory.ledger import Ledger
from agent.observers.audit.spill import Spill
from agent.observers.audit.writer import Audit
from agent.observers.plugged import Given

__all__ = ["Audit", "observer"]


def observer(given: Given) -> Audit:
    """Always there."""
    settings = given.settings
    return Audit(Ledger(settings.store, settings.audit_key), Spill(settings.var_dir / "audit"))
