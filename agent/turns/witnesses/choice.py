"""Which witnesses a call has: what the profile wants, its language has, and this machine can load."""

import logging
from functools import lru_cache

from agent.profile.profile import Turns
from agent.turns.witnesses import completeness
from agent.turns.witnesses.multilingual import Multilingual, is_downloaded
from agent.turns.witnesses.smart_turn import Listen, SmartTurnWitness
from agent.turns.witnesses.v1_mini import V1Mini
from agent.turns.witnesses.witness import Witness
from agent.turns.witnesses.words import Words

logger = logging.getLogger("parley.turns")
NO_WEIGHTS = "turn detector `multilingual` cannot be loaded (run `python agent.py download-files`); using v1-mini"


def witnesses(turns: Turns, language: str, listen: Listen | None) -> list[Witness]:
    """The words' one where somebody has trained it for the language, and those that `turns.detector` names. `listen`
    asks Smart Turn, None where its wheel is not installed. Who is missing is told once, and the others decide."""
    found: list[Witness] = []
    if model := completeness.load(language):
        found.append(Words(model))
    elif turns.detector != "multilingual":
        tell_once(f"no completeness model for language {language}: sound alone decides (docs/turns.md)")
    if multilingual := _multilingual(language) if turns.detector == "multilingual" else None:
        found.append(multilingual)
    elif turns.detector == "local" and listen:
        found.append(SmartTurnWitness(listen))
    elif turns.detector != "words":
        found.append(V1Mini())
    if turns.detector == "local" and not listen:
        tell_once("the wheel pipecat-ai is missing, and with it Smart Turn: v1-mini hears whether a turn is over")
    return found


def _multilingual(language: str) -> Multilingual | None:
    try:
        return Multilingual(language)
    except Exception:  # noqa: BLE001  # the plugin raises RuntimeError, hub and job-context errors alike
        tell_once(NO_WEIGHTS)
        return None


def check(turns: Turns) -> None:
    """Tell the operator at the start what a call would miss."""
    if turns.detector == "multilingual" and not is_downloaded():
        tell_once(NO_WEIGHTS)


@lru_cache
def tell_once(missing: str) -> None:
    """Once in this process."""
    logger.warning("a witness of the turn's end is missing", extra={"reason": missing})
