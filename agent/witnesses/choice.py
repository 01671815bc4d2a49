"""Which witnesses a call has: what the profile wants, its language has, and this machine can load."""

import logging
from functools import lru_cache

from agent.profile import Turns
from agent.providers.models.smart_turn import weights
from agent.witnesses import completeness
from agent.witnesses.multilingual import Multilingual
from agent.witnesses.smart_turn import Listen, SmartTurnWitness
from agent.witnesses.v1_mini import V1Mini
from agent.witnesses.witness import Witness
from agent.witnesses.words import Words

logger = logging.getLogger("parley.turns")


def witnesses(turns: Turns, language: str, listen: Listen) -> list[Witness]:
    """The words' one where somebody has trained it for the language, and the one that `turns.detector` names. Who is
    missing is told once, and the others decide."""
    found: list[Witness] = []
    if model := completeness.load(language):
        found.append(Words(model))
    elif turns.detector != "multilingual":
        _tell(f"no completeness model for language {language}: sound alone decides (training/completeness.py)")
    match turns.detector:
        case "local" if weights():
            found.append(SmartTurnWitness(listen))
        case "local":
            _tell("the wheel pipecat-ai is missing, and with it Smart Turn: v1-mini hears whether a turn is over")
            found.append(V1Mini())
        case "v1-mini":
            found.append(V1Mini())
        case "multilingual":
            found.append(_multilingual(language) or V1Mini())
    return found


def _multilingual(language: str) -> Multilingual | None:
    try:
        return Multilingual(language)
    except Exception:  # noqa: BLE001  # the plugin raises RuntimeError, hub and job-context errors alike
        _tell("turn detector `multilingual` cannot be loaded (run `python agent.py download-files`); using v1-mini")
        return None


@lru_cache
def _tell(missing: str) -> None:
    """Once in this process."""
    logger.warning(missing)
